"""Measure values and derivatives in float32 and float64: nanoseconds a number, beside other versions of actcli.

Run: python tests/benchmarks/dtypes.py [FUNCTION ...] [--pythons PYTHON ...] [--numbers N] [--rounds N]
Each Python named has a version of actcli installed; they run in turn, round after round, each on one core with the
same normal(0, 3) numbers, and the best round counts. Without any it is this one. The last column is the time of
float64 in that of float32, in the last of the Pythons. Parameters that are required are 0.5.
"""

import argparse
import json
import os
import subprocess
import sys

KINDS, DTYPES = ("value", "derivative"), ("float32", "float64")
CHILD = """
import json, os, sys, time
import numpy as np
import actcli
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
names, numbers = json.loads(sys.argv[1]), int(sys.argv[2])
found = {}
for name in names:
    needed = {key: 0.5 for key, value in actcli.get(name).parameters.items() if value.default == "required"}
    for dtype in ("float32", "float64"):
        x = np.random.default_rng(0).normal(0, 3, numbers).astype(dtype)
        for kind, call in (("value", actcli.evaluate), ("derivative", actcli.derivative)):
            call(name, x[:2**15], **needed)
            start = time.perf_counter()
            call(name, x, **needed)
            found[f"{name} {kind} {dtype}"] = (time.perf_counter() - start) / numbers * 1e9
print(json.dumps(found))
"""


def run(python: str, names: list[str], numbers: int) -> dict[str, float]:
    """Return the times of one run of one Python, from a folder that holds no actcli."""
    child = [python, "-c", CHILD, json.dumps(names), str(numbers)]
    found: dict[str, float] = json.loads(
        subprocess.run(child, capture_output=True, text=True, check=True, cwd="/").stdout
    )
    return found


def main() -> None:
    """Print a row for each function and kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all elementwise ones")
    parser.add_argument("--pythons", nargs="+", default=[sys.executable])
    parser.add_argument("--numbers", type=int, default=2**20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    names = given.functions or elementwise(given.pythons[-1])
    best: list[dict[str, float]] = [{} for _ in given.pythons]
    for _ in range(given.rounds):
        for times, python in zip(best, given.pythons, strict=True):
            for key, time in run(python, names, given.numbers).items():
                times[key] = min(times.get(key, time), time)
    print("| function | kind |", *(f"{dtype} | " * len(best) for dtype in DTYPES), "float64 / float32 |")
    print("| --- | --- |", "---: | " * (2 * len(best) + 1))
    for name in names:
        for kind in KINDS:
            cells = [times[f"{name} {kind} {dtype}"] for dtype in DTYPES for times in best]
            ratio = best[-1][f"{name} {kind} float64"] / best[-1][f"{name} {kind} float32"]
            print(f"| {name} | {kind} |", *(f"{cell:.1f} |" for cell in [*cells, ratio]), flush=True)


def elementwise(python: str) -> list[str]:
    """Return the names of the elementwise functions of a version."""
    code = "import actcli; print(*(n for n in actcli.activations() if hasattr(actcli.get(n), 'derivative')))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd="/").stdout.split()


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    main()
