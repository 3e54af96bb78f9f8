"""Compare the tensorflow2 numerics of tanh and sigmoid with Eigen's compiled kernels on every float32 input.

Run: python tests/reference/sweep_tensorflow2.py [--every N] [--record]
Needs g++, a processor with AVX-512 and Eigen 3.4 (Debian: libeigen3-dev). Takes some minutes for all 2**32 inputs.
Two NaN are equal whatever their payload. Exits 1 if any result differs. With --record, writes what Eigen gives on a
few thousand inputs to golden/tensorflow2.csv instead.
"""

import argparse
import datetime
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import actcli

SOURCE = Path(__file__).with_name("eigen_kernels.cpp")
GOLDEN = Path(__file__).parents[1] / "golden" / "tensorflow2.csv"
KERNELS = {"tanh": "tanh", "sigmoid": "logistic"}
FLAGS = ["-O2", "-mavx512f", "-mavx512dq", "-mfma", "-I/usr/include/eigen3"]
CHUNK = 2**24


def compiled(folder: str) -> Path:
    """Return the path of the compiled reference."""
    program = Path(folder, "eigen_kernels")
    subprocess.run(["g++", *FLAGS, str(SOURCE), "-o", str(program)], check=True)
    return program


def eigen(program: Path, name: str, x: np.ndarray) -> np.ndarray:
    """Return what Eigen's kernel gives for float32 numbers."""
    run = subprocess.run([str(program), KERNELS[name]], input=x.tobytes(), stdout=subprocess.PIPE, check=True)
    return np.frombuffer(run.stdout, np.float32)


def sweep(program: Path, every: int) -> int:
    """Print how many results differ, and return their number."""
    failures = 0
    for name in KERNELS:
        checked = differing = 0
        for start in range(0, 2**32, CHUNK):
            x = np.arange(start, start + CHUNK, every, dtype=np.uint64).astype(np.uint32).view(np.float32)
            actual, reference = actcli.evaluate(name, x, numerics="tensorflow2"), eigen(program, name, x)
            wrong = (actual.view(np.uint32) != reference.view(np.uint32)) & ~(np.isnan(actual) & np.isnan(reference))
            for i in np.flatnonzero(wrong)[: max(0, 5 - differing)]:
                print(f"  {name}({x[i]!r}) = {actual[i]!r}, Eigen: {reference[i]!r}")
            checked, differing = checked + x.size, differing + int(wrong.sum())
        print(f"{name}: {checked:,} float32 inputs, {differing:,} differ from Eigen", flush=True)
        failures += differing
    return failures


def record(program: Path) -> None:
    """Write Eigen's results as bit patterns, with how they were made."""
    spread = np.arange(0, 2**32, 2**32 // 1500, dtype=np.uint64).astype(np.uint32).view(np.float32)
    edges = np.array(
        [-35, -5, 0, 6, 25, 5, -1, 3, 4e-4, 7.9988117, -87.3, -87.4, -88.3, -9, 15.724383, -0.0], np.float32
    )
    beside = np.concatenate([np.nextafter(edges, np.float32(end)) for end in (-np.inf, np.inf)])
    x = np.concatenate([edges, beside, np.linspace(-100, 20, 1500, dtype=np.float32), spread[~np.isnan(spread)]])
    lines = [
        f"# Eigen 3.4.0 (Debian 3.4.0-4), g++ {' '.join(FLAGS[:-1])}, recorded {datetime.date.today()}",
        "# by tests/reference/sweep_tensorflow2.py --record; bits of float32 input and output in hexadecimal",
        "function,x,y",
    ]
    for name in KERNELS:
        pairs = zip(x.view(np.uint32), eigen(program, name, x).view(np.uint32), strict=True)
        lines += [f"{name},{bits:08x},{result:08x}" for bits, result in pairs]
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text("\n".join(lines) + "\n")


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="take every Nth bit pattern only")
    parser.add_argument("--record", action="store_true", help="write golden/tensorflow2.csv")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder)
        if given.record:
            record(program)
            return 0
        return 1 if sweep(program, given.every) else 0


if __name__ == "__main__":
    sys.exit(main())
