"""Measure the core: nanoseconds a value on one float32 array, beside the kernels of PyTorch and JAX.

Run: python tests/benchmarks/core.py [FUNCTION ...] [--numbers N] [--rounds N] [--threads N ...]
All run in turn in one process, round after round, on the same normal(0, 4) numbers; the best round counts. JAX's
kernels are compiled before. The table ends with a plain copy of the array, the floor. What is not installed is left
out. Functions with required parameters take 0.5 for each.
"""

import argparse
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import actcli
from tests.activations import ELEMENTWISE, NEEDED
from tests.reference import record_frameworks

NAMES = [activation.name for activation in ELEMENTWISE]


def torch_calls(x: np.ndarray, threads: int) -> dict[str, Callable[[], Any]]:
    """Return what PyTorch has, ready to run on the numbers."""
    import torch

    torch.set_num_threads(threads)
    tensor = torch.from_numpy(x)
    entries = record_frameworks.FRAMEWORKS["torch"]().elementwise
    given = {name: settings(name) if entry.defaults is None else () for name, entry in entries.items()}
    calls = {name: lambda entry=entry, name=name: entry.call(tensor, *given[name]) for name, entry in entries.items()}
    return {"exponential": lambda: torch.exp(tensor), **calls}


def settings(name: str) -> list[float]:
    """Return a function's parameters, in order."""
    return [NEEDED[name].get(key, parameter.default) for key, parameter in actcli.get(name).parameters.items()]


def jax_calls(x: np.ndarray, threads: int) -> dict[str, Callable[[], Any]]:
    """Return what JAX has, compiled; it takes its number of threads from the cores of the process."""
    import jax

    array = jax.numpy.asarray(x)
    entries = record_frameworks.FRAMEWORKS["jax"]().elementwise
    compiled = {name: jax.jit(entry.call) for name, entry in entries.items()}
    compiled.setdefault("exponential", jax.jit(jax.numpy.exp))
    return {name: lambda call=call: call(array).block_until_ready() for name, call in compiled.items()}


def measure(names: list[str], numbers: int, rounds: int, threads: int) -> None:
    """Print the rows for one number of threads."""
    x = np.random.default_rng(0).normal(0, 4, numbers).astype(np.float32)
    x.flags.writeable = False
    tools: dict[str, dict[str, Callable[[], Any]]] = {
        "actcli": {name: lambda name=name: actcli.evaluate(name, x, **NEEDED[name]) for name in names},
    }
    for tool, calls in (("PyTorch", torch_calls), ("JAX", jax_calls)):
        try:
            tools[tool] = calls(x, threads)
        except ImportError:
            tools[tool] = {}
    print("| function | threads | actcli | PyTorch | JAX | actcli / PyTorch |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in names:
        calls = {tool: known[name] for tool, known in tools.items() if name in known}
        best = fastest(calls, rounds)
        times = [f"{best[tool] / numbers * 1e9:.2f}" if tool in best else "" for tool in tools]
        ratio = f"{best['actcli'] / best['PyTorch']:.2f}" if "PyTorch" in best else ""
        print(f"| {name} | {threads} | {' | '.join(times)} | {ratio} |", flush=True)
    copy = fastest({"copy": x.copy}, rounds)["copy"]
    print(f"| numpy.copy | {threads} | {copy / numbers * 1e9:.2f} | | | |")


def fastest(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the best time of each call in seconds, after one round that does not count."""
    best = dict.fromkeys(calls, float("inf"))
    for round in range(rounds + 1):
        for tool, call in calls.items():
            start = time.perf_counter()
            call()
            best[tool] = min(best[tool], time.perf_counter() - start) if round else best[tool]
    return best


def main() -> None:
    """Run each number of threads in a process of its own, bound to as many cores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all elementwise ones")
    parser.add_argument("--numbers", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(given.threads) > 1:
        for threads in given.threads:
            subprocess.run([sys.executable, *sys.argv, "--threads", str(threads)], check=True)
        return
    os.environ.update(JAX_PLATFORMS="cpu", CUDA_VISIBLE_DEVICES="-1")
    warnings.simplefilter("ignore")
    os.sched_setaffinity(0, cores[: given.threads[0]])
    measure(given.functions or NAMES, given.numbers, given.rounds, given.threads[0])


if __name__ == "__main__":
    main()
