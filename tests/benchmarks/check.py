"""Measure what a check takes beside what its user waits for anyway: the import of a framework, and the kernel itself.

Run: python tests/benchmarks/check.py [FUNCTION] [--runs N] [--all]
Rows are medians of runs in turn, beside the import of torch, where it is installed. With --all, the
kernel of docs/kernels/silu.c is checked at all 2**32 float32 inputs; its own time, measured alone, is taken off.
"""

import argparse
import ctypes
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

SOURCE = Path(__file__).parents[2] / "docs" / "kernels" / "silu.c"
CHECK = [str(Path(sys.executable).with_name("actcli")), "check", "silu"]
BLOCK, EVERY = 2**20, 33  # of the kernel alone, one block in so many


def seconds(command: list[str]) -> float:
    """Return the wall time of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure_beside_torch(runs: int) -> None:
    """Print what checks of torch's silu take, in seconds and beside the import of torch."""
    torch = [*CHECK, "torch.nn.functional:silu", "--dtype"]
    commands = {
        "import torch": [sys.executable, "-c", "import torch"],
        "torch silu, bfloat16, all inputs": [*torch, "bfloat16"],
        "torch silu, float32, strata": [*torch, "float32"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        seconds(command)
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    print("| check | seconds | times the import | beside the import, seconds |")
    print("| --- | ---: | ---: | ---: |")
    pairs = {name: list(zip(found, times["import torch"], strict=True)) for name, found in times.items()}
    for name, found in pairs.items():
        whole = statistics.median(own for own, _ in found)
        ratio = statistics.median(own / beside for own, beside in found)
        rest = statistics.median(own - beside for own, beside in found)
        print(f"| {name} | {whole:.2f} | {ratio:.2f} | {rest:.2f} |")


def measure_all(function: str) -> None:
    """Print what the check of a kernel in C takes at all float32 inputs, and the kernel of it."""
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "libsilu.so")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", SOURCE, "-o", library, "-lm"], check=True)
        before = os.times()
        whole = seconds([*CHECK, f"{library}:{function}", "--inputs", "all"])
        after = os.times()
        processor = sum(after[2:4]) - sum(before[2:4])
        alone = time_kernel(ctypes.CDLL(library)[function])
    print(f"\n{function} in C at 2**32 inputs: {whole:.0f} s; {alone:.0f} s of them are the kernel's, ", end="")
    print(f"{whole - alone:.0f} s our own ({processor - alone:.0f} s of processor time)")


def time_kernel(kernel: Any) -> float:
    """Return how long a kernel takes for all float32 inputs, from one block in so many."""
    kernel.restype, kernel.argtypes = None, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    y, total = np.empty(BLOCK, np.float32), 0.0
    starts = range(0, 2**32, BLOCK * EVERY)
    for start in starts:
        x = np.arange(start, start + BLOCK, dtype=np.uint32).view(np.float32)
        begun = time.perf_counter()
        kernel(x.ctypes.data, y.ctypes.data, BLOCK)
        total += time.perf_counter() - begun
    return total * (2**32 // BLOCK) / len(starts)


def main() -> None:
    """Print a table, and on demand a line on all inputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("function", nargs="?", default="silu_mended", help="of docs/kernels/silu.c, for --all")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    if importlib.util.find_spec("torch"):
        measure_beside_torch(given.runs)
    if given.all:
        measure_all(given.function)


if __name__ == "__main__":
    main()
