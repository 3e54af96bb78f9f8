"""Measure what measure_errors.py leaves out: the other dtypes, and the functions along an axis.

Run: python tests/reference/measure_other_dtypes.py --results others.jsonl
The small formats: every case of the tests at every finite input, by the digests that make_golden.py took from MPFR.
float64: the largest error of each function over a spread. Along an axis, in float32: the largest error over random
rows, beside the frameworks that are installed. Writes lines of JSON.
"""

import argparse
import json
import os
import platform
import re
import sys
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import gmpy2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import actcli
from actcli.activation import AlongAxis
from actcli.numerics import dtypes
from actcli.parameters import REQUIRED
from actcli.registry import registered
from tests.blocks import CASES, ELEMENTWISE, IDS
from tests.reference import compared, many, mpfr, ulp
from tests.reference.make_golden import FORMATS, GOLDEN, digest, finite
from tests.reference.record_frameworks import vector_instructions
from tests.reference.sweep_float32 import KINDS, usual_parameters

SMALL = 1e-289  # below it the digits that a pair keeps behind float64 underflow
LENGTHS, SPREADS, ROWS = (2, 4, 10, 24), (0.1, 3.0, 30.0), 60


def call(kind: str) -> Any:
    """Return the library's function of a kind."""
    return actcli.evaluate if kind == "value" else actcli.derivative


def exhaustive(format: str) -> dict[str, Any]:
    """Hold every case at every finite input of a small format against the golden digests."""
    golden, x, wrong = json.loads(GOLDEN.read_text())["cases"], finite(format), 0
    for (block, parameters), name in zip(CASES, IDS, strict=True):
        for kind in KINDS:
            results = call(kind)(block.name, x, dtype=format, **parameters).astype(np.float64)
            if kind == "derivative":
                results[np.isin(x, golden[name][format]["kinks"])] = 0
            wrong += digest(results) != golden[name][format][kind]
    return {"dtype": format, "cases": len(CASES), "inputs": x.size, "wrong": wrong}


def double(task: tuple[str, str]) -> dict[str, Any]:
    """Measure the largest error of a function in float64."""
    name, kind = task
    generator = np.random.default_rng(64)
    sizes = generator.choice([-1.0, 1.0], 1000) * 2.0 ** generator.uniform(-300, 28, 1000)
    x = np.concatenate([sizes, generator.uniform(-40, 40, 1000), generator.uniform(-750, 750, 1000)])
    high, low, rounded = many.exact(actcli.get(name), kind, x, usual_parameters(name), "float64")
    ours = call(kind)(name, x, **usual_parameters(name))
    off, smooth = ulp.errors(ours, high, dtypes.FORMATS["float64"], low), ~np.isnan(rounded)
    small = (np.abs(high) < SMALL) & (high != 0)
    worst = [ulp.largest(off[smooth & part], x[smooth & part]) for part in (~small, small)]
    return {"dtype": "float64", "function": name, "kind": kind, "checked": int(smooth.sum()), "worst": worst}


def along_axis(frameworks: dict[str, Any], block: type[AlongAxis]) -> dict[str, Any]:
    """Measure the largest errors of a function along an axis, in float32."""
    generator, format = np.random.default_rng(32), dtypes.FORMATS["float32"]
    parameters = {name: parameter.default for name, parameter in block.parameters.items() if name != "axis"}
    found: dict[str, list[np.ndarray]] = {}
    for length in LENGTHS:
        for spread in SPREADS:
            x = (spread * generator.standard_normal((ROWS, length))).astype(np.float32)
            exact = [mpfr.along_axis(block, row.tolist(), **parameters) for row in x]
            high = np.array([[float(y) for y in row] for row in exact])
            with gmpy2.context(precision=200):
                low = np.array([[float(gmpy2.mpfr(y) - float(y)) for y in row] for row in exact])
            results = {"actcli": actcli.evaluate(block.name, x)}
            for name, framework in frameworks.items():
                results[name] = compared.results(framework, block, parameters, "value", x)
            for name, theirs in results.items():
                if theirs is not None:
                    counted = ulp.normal(high, high, format) | (name == "actcli")
                    found.setdefault(name, []).append(ulp.errors(theirs, high, format, low)[counted])
    off = {name: np.concatenate(parts) for name, parts in found.items()}
    errors = {name: ulp.largest(part, part) for name, part in off.items()}
    return {"dtype": "float32", "function": block.name, "checked": off["actcli"].size, "errors": errors}


def machine() -> str:
    """Return the processor, where Linux tells, and the interpreter."""
    cpu = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpu.read_text() if cpu.exists() else "")
    processor = " ".join([model[1] if model else platform.machine(), *vector_instructions()])
    return f"{os.cpu_count()} cores of {processor}, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, required=True, help="file to write")
    results = parser.parse_args().results
    with Pool() as pool:
        lines = pool.map(exhaustive, FORMATS, chunksize=1)
        lines += pool.map(double, [(block.name, kind) for block in ELEMENTWISE for kind in KINDS], chunksize=1)
    lines.insert(0, {"machine": machine()})
    frameworks = compared.installed()
    for block in registered():
        required = any(parameter.default is REQUIRED for parameter in block.parameters.values())
        if issubclass(block, AlongAxis) and not required:
            lines.append(along_axis(frameworks, block))
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()
