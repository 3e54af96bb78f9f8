"""Measure the errors of actcli, PyTorch, JAX and ONNX Runtime in float32, against MPFR.

Run: python tests/reference/measure_errors.py [FUNCTION ...] --sweep sweep.jsonl --results errors.jsonl [--spread N]
For each function and kind in the file of sweep_float32.py: MPFR evaluates the formula at the hard inputs found there
and at a spread over all bit patterns. Every result of actcli has to be the exact value, rounded; its largest error in
ulp, and those of the frameworks that are installed, go into a line of JSON. What the file has already is not done
again. Exits 1 if a result is wrong.
"""

import argparse
import datetime
import importlib.metadata
import json
import sys
import time
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import gmpy2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import actcli
from actcli.numerics import dtypes
from tests.reference import compared, many, ulp
from tests.reference.sweep_float32 import done, usual_parameters

FORMAT = dtypes.FORMATS["float32"]


def spread(count: int) -> np.ndarray:
    """Return float32 numbers spread over all finite bit patterns, a hundredth of them over those from 2**28 up.

    There the referee needs half a millisecond for each, and the functions are straight lines or constants.
    """
    edge, end = (int(np.float32(number).view(np.uint32)) for number in (2.0**28, np.inf))
    low, high = np.linspace(0, edge - 1, count // 2), np.linspace(edge, end - 1, count // 200)
    positive = np.concatenate([low, high]).astype(np.uint32)
    return np.concatenate([positive, positive | np.uint32(2**31)]).view(np.float32)


def refereed(task: tuple[str, str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return the inputs without kinks, what actcli gives, the exact values in two parts, and the same rounded."""
    name, kind, x = task
    ours = (actcli.evaluate if kind == "value" else actcli.derivative)(name, x, **usual_parameters(name))
    high, low, rounded = many.exact(actcli.get(name), kind, x, usual_parameters(name))
    smooth = ~np.isnan(rounded)
    return x[smooth], ours[smooth], high[smooth], low[smooth], rounded[smooth]


def measured(pool: Any, frameworks: dict[str, Any], line: dict[str, Any], count: int) -> dict[str, Any]:
    """Return what is found for one line of the sweep."""
    began = time.time()
    name, kind, parameters = line["function"], line["kind"], usual_parameters(line["function"])
    x = np.concatenate([np.array(line["hard"], np.uint32).view(np.float32), spread(count)])
    x = x[np.isfinite(x)]
    pieces = pool.map(refereed, [(name, kind, x[i::128]) for i in range(128)], chunksize=1)
    x, ours, exact, low, rounded = (np.concatenate(part) for part in zip(*pieces, strict=True))
    wrong = x[ours.astype(np.float64) != rounded]
    errors = {"actcli": ulp.largest(ulp.errors(ours, exact, FORMAT, low), x)}
    normal = ulp.normal(x, exact, FORMAT)
    for framework, calls in frameworks.items():
        theirs = compared.results(calls, actcli.get(name), parameters, kind, x[normal])
        if theirs is not None:
            errors[framework] = ulp.largest(ulp.errors(theirs, exact[normal], FORMAT, low[normal]), x[normal])
    return {
        "function": name,
        "kind": kind,
        "checked": int(x.size),
        "hard": len(line["hard"]),
        "wrong": int(wrong.size),
        "wrong_at": [float(number) for number in wrong[:5]],
        "errors": errors,
        "versions": versions(frameworks),
        "date": str(datetime.date.today()),
        "seconds": round(time.time() - began, 1),
    }


def versions(frameworks: dict[str, Any]) -> dict[str, str]:
    """Return the versions of all that takes part."""
    packages = {"numpy": "NumPy", **{name: compared.NAMES[name] for name in frameworks}}
    found = {shown: importlib.metadata.version(name) for name, shown in packages.items()}
    return {"MPFR": gmpy2.mpfr_version().removeprefix("MPFR "), "gmpy2": gmpy2.version(), **found}


def main() -> int:
    """Read the command line, measure what is not done, and tell whether a result is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all that were swept")
    parser.add_argument("--sweep", type=Path, required=True, help="what sweep_float32.py wrote")
    parser.add_argument("--results", type=Path, required=True, help="file that lines of JSON are added to")
    parser.add_argument("--spread", type=int, default=500_000, help="inputs spread over all bit patterns, of each kind")
    given = parser.parse_args()
    known, failures = done(given.results), 0
    with Pool() as pool, given.results.open("a") as file:  # the frameworks start threads, so the processes come first
        frameworks = compared.installed()
        for key, swept in done(given.sweep).items():
            if key in known or (given.functions and key[0] not in given.functions):
                continue
            line = measured(pool, frameworks, swept, given.spread)
            print(json.dumps(line), file=file, flush=True)
            shown = {name: ulp.text(worst[0]) for name, worst in line["errors"].items()}
            print(*key, f"{line['checked']:,} checked, {line['wrong']} wrong, {shown}, {line['seconds']} s", flush=True)
            failures += line["wrong"]
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
