"""Measure the errors of actcli in float32, against MPFR.

For a function and a kind, MPFR evaluates the formula at a spread over all bit patterns and at the hard inputs that
sweep_float32.py found. Every result has to be the exact value, rounded; its largest error in ulp is what is found.
"""

from typing import Any

import numpy as np

import actcli
from actcli.numerics import dtypes
from tests.reference import evidence, many, ulp
from tests.reference.sweep_float32 import usual_parameters

FORMAT = dtypes.FORMATS["float32"]
SPREAD = 500_000


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
    actual = (actcli.evaluate if kind == "value" else actcli.derivative)(name, x, **usual_parameters(name))
    case = many.Case(actcli.get(name), kind, usual_parameters(name), FORMAT.name)
    found = actual.astype(np.float64)
    high, low, rounded = many.confirm(case, x, found)
    smooth = ~np.isnan(rounded) & ~many.find_open_ties(case.activation, x, found, (high, low, rounded))
    return x[smooth], actual[smooth], high[smooth], low[smooth], rounded[smooth]


def measure(pool: Any, name: str, kind: str, hard: np.ndarray) -> dict[str, Any]:
    """Return what is found."""
    x = np.concatenate([hard, spread(SPREAD)])
    x = x[np.isfinite(x)]
    pieces = pool.map(refereed, [(name, kind, x[i::128]) for i in range(128)], chunksize=1)
    x, actual, exact, low, rounded = (np.concatenate(part) for part in zip(*pieces, strict=True))
    wrong = x[actual.astype(np.float64) != rounded]
    if wrong.size:
        print(f"{name} {kind}: wrong at {wrong[:5].tolist()}", flush=True)
    error = ulp.largest(ulp.errors(actual, exact, FORMAT, low), x)
    return {"inputs": int(x.size), "wrong": int(wrong.size), "error": evidence.as_json(error)}
