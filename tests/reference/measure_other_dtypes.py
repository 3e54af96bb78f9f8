"""Measure what measure_errors.py leaves out: the other dtypes, and the functions along an axis.

The formats of 16 bits and fewer: every case of the tests at every finite input, by the digests that make_golden.py took
from MPFR.
Along an axis, in float32: the largest error over random rows.
"""

import json
from pathlib import Path
from typing import Any

import gmpy2
import numpy as np

import actcli
from actcli.activation import AlongAxis
from actcli.numerics import dtypes
from tests.activations import CASES, label
from tests.reference import evidence, mpfr, ulp
from tests.reference.make_golden import FORMATS, GOLDEN, TINY, digest, finite
from tests.reference.sweep_float32 import KINDS

LENGTHS, SPREADS, ROWS = (2, 4, 10, 24), (0.1, 3.0, 30.0), 60


def call(kind: str) -> Any:
    """Return the library's function of a kind."""
    return actcli.evaluate if kind == "value" else actcli.derivative


def results_at(kind: str, name: str, x: np.ndarray, format: str, **parameters: Any) -> np.ndarray:
    """Return a function at numbers of a format, as float64; NaN where float32 has it and the format has not."""
    results, numbers = np.full(x.shape, np.nan), np.ones(x.shape, np.bool_)
    if not dtypes.has_nan(dtypes.FORMATS[format]):
        numbers = ~np.isnan(call(kind)(name, x, dtype="float32", **parameters))
    results[numbers] = call(kind)(name, x[numbers], dtype=format, **parameters)
    return results


def small_formats(name: str, path: Path = GOLDEN) -> dict[str, Any]:
    """Hold every case of a function at every finite input of the formats of a golden file against its digests."""
    golden = json.loads(path.read_text())["cases"]
    cases = {label((activation, parameters)): parameters for activation, parameters in CASES if activation.name == name}
    found: dict[str, Any] = {"cases": list(cases)}
    for format in FORMATS if path == GOLDEN else TINY:
        x, wrong = finite(format), 0
        for case, parameters in cases.items():
            for kind in KINDS:
                results = results_at(kind, name, x, format, **parameters)
                if kind == "derivative":
                    results[np.isin(x, golden[case][format]["kinks"])] = 0
                wrong += digest(results) != golden[case][format][kind]
        found[format] = {"inputs": x.size, "wrong": wrong}
    return found


def along_axis(activation: type[AlongAxis]) -> dict[str, Any]:
    """Return the largest error of a function along an axis, in float32."""
    generator, format = np.random.default_rng(32), dtypes.FORMATS["float32"]
    parameters = {name: parameter.default for name, parameter in activation.parameters.items() if name != "axis"}
    found: list[np.ndarray] = []
    for length in LENGTHS:
        for spread in SPREADS:
            x = (spread * generator.standard_normal((ROWS, length))).astype(np.float32)
            exact = [mpfr.along_axis(activation, row.tolist(), **parameters) for row in x]
            high = np.array([[float(y) for y in row] for row in exact])
            with gmpy2.context(precision=200):
                low = np.array([[float(gmpy2.mpfr(y) - float(y)) for y in row] for row in exact])
            found.append(ulp.errors(actcli.evaluate(activation.name, x), high, format, low).reshape(-1))
    off = np.concatenate(found)
    error = evidence.as_json(ulp.largest(off, off))
    assert error is not None
    return {"value": {"inputs": off.size, "error": [error[0], None]}}
