"""Choices between pairs, number by number: what depends on a comparison in doubt becomes NaN."""

import math
from typing import Any

import numpy as np

from actcli.numerics.pairs import Decision, DoubleDouble, Operand, as_double_double, outcome


def maximum(x: DoubleDouble, y: Operand) -> DoubleDouble:
    """Return the larger of the two, x if they are equal; where that is in doubt, either is as near."""
    return where(outcome(x >= y), x, y)


def minimum(x: DoubleDouble, y: Operand) -> DoubleDouble:
    """Return the smaller of the two, x if they are equal; where that is in doubt, either is as near."""
    return where(outcome(x <= y), x, y)


def where(condition: Any, chosen: Operand, other: Operand) -> DoubleDouble:
    """Return one of the two, element by element; NaN where the condition is in doubt."""
    chosen, other = as_double_double(chosen), as_double_double(other)
    holds = outcome(condition)
    high = np.where(holds, chosen.high, other.high)
    if isinstance(condition, Decision) and condition.doubt.any():
        high = np.where(condition.doubt, math.nan, high)
    if chosen.is_single and other.is_single:
        return DoubleDouble(high)
    low = np.where(holds, chosen.low, other.low)
    return DoubleDouble(high, low, chosen.is_exact and other.is_exact)


def copysign(size: Operand, sign: DoubleDouble) -> DoubleDouble:
    """Return the size with the sign of the other number."""
    size = abs(as_double_double(size))
    factor = np.copysign(1.0, sign.high)
    return DoubleDouble(size.high * factor, size.low if size.is_single else size.low * factor, size.is_exact)
