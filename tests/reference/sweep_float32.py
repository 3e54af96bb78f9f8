"""Sweep all float32 inputs through the exact path and check the hard ones, and a spread of the others, against MPFR.

Run: python tests/reference/sweep_float32.py [FUNCTION ...] [--spread N] [--nearest N]
For the value and the derivative of each function: all 2**32 inputs go through the float64 path; those whose rounding
it cannot decide, those whose result lies nearest to a rounding boundary, and a spread over all bit patterns are
evaluated by the library and by MPFR from the function's formula. Prints a table; exits 1 if a result differs.
"""

import argparse
import sys
import time
from multiprocessing import Pool
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import actcli
from actcli.activation import Elementwise, registered
from actcli.numerics import dtypes, elementwise, vector
from tests.reference import mpfr

CHUNK = 2**20
FORMAT = dtypes.FORMATS["float32"]


def swept(part: tuple[str, str, int, int, int]) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Return how many inputs of a part are undecided, some of them, and the nearest to a boundary with distances."""
    name, kind, start, stop, nearest = part
    block = actcli.get(name)()
    undecided, hard, near, distances = 0, [], [], []
    with np.errstate(all="ignore"):
        for first in range(start, stop, CHUNK):
            x = np.arange(first, first + CHUNK, dtype=np.uint64).astype(np.uint32).view(np.float32)
            y = np.broadcast_to(getattr(block, kind)(vector, x.astype(np.float64)), x.shape)
            if block.error:
                function = elementwise.Function(getattr(block, kind), block.error, getattr(block, kind + "_terms"))
                unsure = elementwise.undecided(function, x.astype(np.float64), y, FORMAT)
                undecided += int(unsure.sum())
                hard.append(x[unsure][:nearest])
            distance = np.abs((np.ascontiguousarray(y).view(np.int64) & 0x1FFFFFFF) - 0x10000000)
            distance[~np.isfinite(y) | (y == 0)] = 2**60
            chosen = np.argpartition(distance, 32)[:32]
            near.append(x[chosen])
            distances.append(distance[chosen])
    return undecided, np.concatenate(hard) if hard else x[:0], np.concatenate(near), np.concatenate(distances)


def checked(task: tuple[str, str, np.ndarray]) -> list[float]:
    """Return the inputs on which the library and MPFR differ."""
    name, kind, x = task
    block = actcli.get(name)
    ours = (actcli.evaluate if kind == "value" else actcli.derivative)(name, x)
    parameters = {key: parameter.default for key, parameter in block.parameters.items()}
    expected = [getattr(mpfr, kind)(block, float(number), "float32", **parameters) for number in x]
    return [float(number) for number in x[ours.astype(np.float64) != np.array(expected)]]


def sweep(pool: Pool, name: str, kind: str, spread: int, nearest: int) -> int:
    """Print one row of the table and return how many results are wrong."""
    began = time.time()
    step = 2**27
    parts = [(name, kind, start, start + step, nearest) for start in range(0, 2**32, step)]
    found = pool.map(swept, parts, chunksize=1)
    undecided = sum(part[0] for part in found)
    hard = np.concatenate([part[1] for part in found])[: 20 * nearest]
    distances = np.concatenate([part[3] for part in found])
    near = np.concatenate([part[2] for part in found])[np.argsort(distances, kind="stable")[:nearest]]
    even = np.linspace(0, 2**32 - 1, spread).astype(np.uint32).view(np.float32)
    x = np.concatenate([hard, near, even])
    x = x[np.isfinite(x) & ((x != 0) | (kind == "value"))]  # zero is a kink of some, and tested by itself
    tasks = [(name, kind, piece) for piece in np.array_split(x, 200)]
    wrong = [number for part in pool.map(checked, tasks) for number in part]
    for number in wrong[:5]:
        print(f"  {name} {kind}({number!r}) is not what MPFR gives")
    minutes = (time.time() - began) / 60
    print(f"| {name} | {kind} | {2**32:,} | {undecided:,} | {x.size:,} | {len(wrong)} | {minutes:.1f} |", flush=True)
    return len(wrong)


def main() -> int:
    """Read the command line and print the table."""
    elementwise = [block.name for block in registered() if issubclass(block, Elementwise)]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all elementwise ones")
    parser.add_argument("--spread", type=int, default=1_000_000, help="inputs spread over all bit patterns")
    parser.add_argument("--nearest", type=int, default=10_000, help="inputs nearest to a rounding boundary")
    given = parser.parse_args()
    print("| function | kind | inputs swept | undecided in float64 | checked with MPFR | wrong | minutes |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    with Pool() as pool:
        failures = [
            sweep(pool, name, kind, given.spread, given.nearest)
            for name in given.functions or elementwise
            for kind in ("value", "derivative")
        ]
    return 1 if sum(failures) else 0


if __name__ == "__main__":
    sys.exit(main())
