"""Measure how long all 2**32 float32 inputs of a function take: seconds, with one process on each core.

Run: python -m tests.benchmarks.all_float32 [FUNCTION ...] [--kind derivative] [--every N]
The parameters are the usual ones of the tests. With --every N one block of 2**22 in N is evaluated beside the
subnormal numbers, and its time counted N times: an estimate. N should be odd, so that all mantissas take part.
"""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Queue

import numpy as np

from actcli.api import prepare
from actcli.compute import compute_derivatives, compute_values
from tests.activations import ELEMENTWISE, parameters_of

BLOCK = 2**22
COMPUTE = {"value": compute_values, "derivative": compute_derivatives}


def run(name: str, kind: str, blocks: list[int]) -> float:
    """Evaluate blocks of inputs, and return the seconds that they took."""
    known = next(activation for activation in ELEMENTWISE if activation.name == name)
    activation = prepare(name, parameters_of(known)[0], np.float32)
    start = time.perf_counter()
    for block in blocks:
        x = np.arange(block * BLOCK, (block + 1) * BLOCK, dtype=np.uint32).view(np.float32)
        COMPUTE[kind](activation, x, "exact")
    return time.perf_counter() - start


def measure(pool: ProcessPoolExecutor, cores: int, name: str, kind: str, every: int) -> tuple[float, float]:
    """Return the seconds of all inputs, and of those of them that are subnormal."""
    blocks = range(2**32 // BLOCK)
    subnormal = [block for block in blocks if block % 512 < 2**23 // BLOCK]
    others = [block for block in blocks if not block % every and block not in subnormal]
    list(pool.map(run, [name] * cores, [kind] * cores, [[254]] * cores))  # makes tables

    def seconds(blocks: list[int]) -> float:
        parts = [blocks[i::cores] for i in range(cores)]
        return max(pool.map(run, [name] * cores, [kind] * cores, parts))

    of_subnormal = seconds(subnormal)
    return of_subnormal + seconds(others) * every, of_subnormal


def pin(cores: "Queue[int]") -> None:
    """Bind a process to a core of its own."""
    os.sched_setaffinity(0, [cores.get()])


def main() -> None:
    """Print a row for each function."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all elementwise ones")
    parser.add_argument("--kind", choices=COMPUTE, default="value")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    given = parser.parse_args()
    names = given.functions or [activation.name for activation in ELEMENTWISE]
    cores = sorted(os.sched_getaffinity(0))
    free: Queue[int] = Queue()
    for core in cores:
        free.put(core)
    print(f"| function | seconds, {len(cores)} cores | of these for subnormal inputs |")
    print("| --- | ---: | ---: |")
    with ProcessPoolExecutor(len(cores), initializer=pin, initargs=(free,)) as pool:
        for name in names:
            total, subnormal = measure(pool, len(cores), name, given.kind, given.every)
            print(f"| {name} {given.kind} | {total:.0f} | {subnormal:.1f} |", flush=True)


if __name__ == "__main__":
    main()
