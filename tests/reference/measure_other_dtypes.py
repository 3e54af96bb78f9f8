"""Measure what measure_errors.py leaves out: the other dtypes, and the functions along an axis.

The small formats: every case of the tests at every finite input, by the digests that make_golden.py took from MPFR.
Along an axis, in float32: the largest error over random rows.
"""

import json
from typing import Any

import gmpy2
import numpy as np

import actcli
from actcli.activation import AlongAxis
from actcli.numerics import dtypes
from tests.activations import CASES, label
from tests.reference import evidence, mpfr, ulp
from tests.reference.make_golden import FORMATS, GOLDEN, digest, finite
from tests.reference.sweep_float32 import KINDS

LENGTHS, SPREADS, ROWS = (2, 4, 10, 24), (0.1, 3.0, 30.0), 60


def call(kind: str) -> Any:
    """Return the library's function of a kind."""
    return actcli.evaluate if kind == "value" else actcli.derivative


def small_formats(name: str) -> dict[str, Any]:
    """Hold every case of a function at every finite input of the small formats against the golden digests."""
    golden = json.loads(GOLDEN.read_text())["cases"]
    cases = {label((activation, parameters)): parameters for activation, parameters in CASES if activation.name == name}
    found: dict[str, Any] = {"cases": list(cases)}
    for format in FORMATS:
        x, wrong = finite(format), 0
        for case, parameters in cases.items():
            for kind in KINDS:
                results = call(kind)(name, x, dtype=format, **parameters).astype(np.float64)
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
