"""Compare the tensorflow2 numerics of tanh and sigmoid with Eigen's compiled kernels on every float32 input.

Run: python tests/reference/sweep_tensorflow2.py [--every N]
Needs g++, a processor with AVX-512 and Eigen 3.4 (Debian: libeigen3-dev). Takes some minutes for all 2**32 inputs.
Two NaN are equal whatever their payload. Exits 1 if any result differs.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import actcli

SOURCE = Path(__file__).with_name("eigen_kernels.cpp")
CHUNK = 2**24


def compiled(folder: str) -> Path:
    """Return the path of the compiled reference."""
    program = Path(folder, "eigen_kernels")
    include = "-I/usr/include/eigen3"
    subprocess.run(["g++", "-O2", "-mavx512f", "-mavx512dq", "-mfma", include, str(SOURCE), "-o", str(program)], check=True)
    return program


def main() -> int:
    """Sweep both functions and print how many results differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="take every Nth bit pattern only")
    every = parser.parse_args().every
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder)
        for name, kernel in (("tanh", "tanh"), ("sigmoid", "logistic")):
            checked = differing = 0
            for start in range(0, 2**32, CHUNK):
                x = np.arange(start, start + CHUNK, every, dtype=np.uint64).astype(np.uint32).view(np.float32)
                run = subprocess.run([str(program), kernel], input=x.tobytes(), stdout=subprocess.PIPE, check=True)
                theirs = np.frombuffer(run.stdout, np.float32)
                ours = actcli.evaluate(name, x, numerics="tensorflow2")
                wrong = (ours.view(np.uint32) != theirs.view(np.uint32)) & ~(np.isnan(ours) & np.isnan(theirs))
                for i in np.flatnonzero(wrong)[: max(0, 5 - differing)]:
                    print(f"  {name}({x[i]!r}) = {ours[i]!r}, Eigen: {theirs[i]!r}")
                checked, differing = checked + x.size, differing + int(wrong.sum())
            print(f"{name}: {checked:,} float32 inputs, {differing:,} differ from Eigen", flush=True)
            failures += differing
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
