"""Errors in units in the last place (ulp), against the exact value."""

from typing import Any

import numpy as np

from actcli.numerics.dtypes import Format


def errors(reference: np.ndarray, exact: np.ndarray, format: Format, low: np.ndarray | float = 0.0) -> np.ndarray:
    """Return how far results are from exact values, in ulp of the format at the exact value; NaN for a wrong NaN.

    An exact value is a float64 number, to which ``low`` may add what it lacks. An infinite result is infinitely wrong,
    unless the exact value rounds to it.
    """
    exponent = np.clip(np.frexp(exact)[1] - 1, format.min_exponent, np.frexp(format.largest)[1] - 1)
    with np.errstate(all="ignore"):
        off = np.abs(reference.astype(np.float64) - exact - low) / np.ldexp(1.0, exponent - (format.precision - 1))
    ends = format.largest * (1 + 2.0**-format.precision)  # half a step beyond the largest number
    beyond = np.isinf(reference) & (np.sign(reference) == np.sign(exact)) & (np.abs(exact) >= ends)
    return np.where(beyond, 0.0, off)


def largest(off: np.ndarray, x: np.ndarray) -> tuple[float, float] | None:
    """Return the largest error, where NaN is more than anything, and where it is; None if there is no error at all."""
    if not off.size:
        return None
    worst = np.argmax(off)  # the first NaN, if there is one
    return float(off[worst]), float(x[worst])


def text(error: float) -> str:
    """Return an error as the tables show it."""
    if error < 10:
        return f"{error:.3f}"
    return f"{error:.0f}" if error < 1e4 else f"{error:.1e}".replace("e+0", "e").replace("e+", "e")


def normal(x: np.ndarray, exact: np.ndarray, format: Format) -> Any:
    """Tell where neither the input nor the result is below the normal range, where frameworks may take 0 instead."""
    smallest = 2.0**format.min_exponent
    return ((x == 0) | (np.abs(x) >= smallest)) & ((exact == 0) | (np.abs(exact) >= smallest))
