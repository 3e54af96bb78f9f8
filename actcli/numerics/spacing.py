"""Evenly spaced numbers, each the exact one rounded once."""

from fractions import Fraction

import numpy as np

from actcli.numerics import held, rounding
from actcli.numerics.double_double import FUNCTION_ERROR
from actcli.numerics.dtypes import FloatArray, Format
from actcli.numerics.pairs import DoubleDouble, as_double_double, strict


def evenly_spaced(first: Fraction, last: Fraction, count: int, format: Format) -> FloatArray:
    """Return that many numbers (1-D) from the first to the last, both included; of one the first.

    The format may be one that saturates.
    """
    steps = max(count - 1, 1)
    places = np.arange(float(count))
    undecided = np.ones(count, np.bool_)
    working = held.hold(format)
    result = np.empty(count, working.dtype)
    try:
        with strict():
            start, stop = (as_double_double(float(end)) + float(end - Fraction(float(end))) for end in (first, last))
            ahead, behind = DoubleDouble(places), DoubleDouble(steps - places)
            y = (start * behind + stop * ahead) / float(steps)
            size = (np.abs(start.high) + np.abs(stop.high)) * FUNCTION_ERROR
            low, error = np.broadcast_to(y.low, count), np.full(count, size)
            result, undecided = rounding.round_pair(y.high, low, error, working)
    except (FloatingPointError, OverflowError):
        pass
    for i in np.flatnonzero(undecided).tolist():
        result[i] = rounding.nearest_fraction(first + (last - first) * i / steps, working)
    return held.release(result, format, str)
