"""Measure how long a short call takes, side by side with what a user would run instead.

Run: python tests/benchmarks/startup.py [--runs N] [--markdown]
Every command is run in turn, round after round, and compared with the import of NumPy in the same round: the ratios
hold when the machine's speed drifts. Programs that are not installed are left out. Run it with the Python of an
environment that holds actcli installed from its wheel.
"""

import argparse
import importlib.metadata
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ACTCLI = [str(Path(sys.executable).with_name("actcli")), *["relu", "-5", "-8", "0", "3", "9", "--threshold", "7"]]
KERAS = """
import keras, numpy
print(keras.activations.relu(numpy.array([-5, -8, 0, 3, 9], "float32"), threshold=7))
"""
TORCH = """
import torch
x = torch.tensor([-5, -8, 0, 3, 9], dtype=torch.float32)
print(torch.nn.functional.threshold(x, 7, 0))
"""
MILLER = ["mlr", "-n", "put", "end { for (x in [-5, -8, 0, 3, 9]) { print x > 7 ? x : 0 } }"]
FLOOR = 'python -c "import numpy"'


def commands() -> dict[str, list[str]]:
    """Return what can be run here, by name."""
    found = {FLOOR: [sys.executable, "-c", "import numpy"], "actcli relu -5 -8 0 3 9 --threshold 7": ACTCLI}
    if shutil.which("mlr"):
        version = subprocess.run(["mlr", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
        found[f"Miller {version}"] = MILLER
    for package, code in (("torch", TORCH), ("keras", KERAS)):
        try:
            found[f"{package} {importlib.metadata.version(package)}"] = [sys.executable, "-c", code]
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def seconds(command: list[str]) -> float:
    """Return the wall time of one run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    """Run everything in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30, help="rounds to count, after two that are not")
    runs = parser.parse_args().runs
    wanted = commands()
    times = {name: [seconds(command) for _ in range(2)][:0] for name, command in wanted.items()}
    for _ in range(runs):
        for name, command in wanted.items():
            times[name].append(seconds(command))
    print("| command | seconds (median) | times NumPy's import (median) |")
    print("| --- | ---: | ---: |")
    for name, measured in times.items():
        ratio = statistics.median(a / b for a, b in zip(measured, times[FLOOR], strict=True))
        print(f"| `{name}` | {statistics.median(measured):.3f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
