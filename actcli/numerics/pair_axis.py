"""Functions of pairs of float64 along the last axis."""

import numpy as np

from actcli.backend import AxisBackend, Excess
from actcli.numerics.dtypes import BoolArray, Float64Array
from actcli.numerics.newton import find_start
from actcli.numerics.pairs import Decision, DoubleDouble, as_decision


def max_last(x: DoubleDouble) -> DoubleDouble:
    """Return the largest number along the last axis, which is kept with length 1."""
    high = np.max(x.high, axis=-1, keepdims=True)
    if x.is_single:
        return DoubleDouble(high)
    low = np.where(x.high == high, x.low, -np.inf).max(axis=-1, keepdims=True)
    return DoubleDouble(high, np.where(np.isfinite(low), low, 0.0), x.is_exact)


def sum_last(x: DoubleDouble) -> DoubleDouble:
    """Return the sum along the last axis, which is kept with length 1; halves are added to halves."""
    while (length := x.high.shape[-1]) > 1:
        half = length // 2
        total = _slice(x, 0, half) + _slice(x, half, 2 * half)
        if length % 2:
            total = _concatenate(total, _slice(x, length - 1, length))
        x = total
    return x


def sort_descending(x: DoubleDouble) -> DoubleDouble:
    """Return the numbers along the last axis from the largest to the smallest."""
    order = np.argsort(-x.high, axis=-1, kind="stable")
    high, low = (np.take_along_axis(part, order, -1) for part in _arrays(x))
    return DoubleDouble(high, low, x.is_exact).collapse()


def positions(x: DoubleDouble) -> DoubleDouble:
    """Return 1, 2, 3 ... along the last axis."""
    return DoubleDouble(np.arange(1.0, x.high.shape[-1] + 1.0))


def count_last(condition: Decision | BoolArray) -> DoubleDouble:
    """Return at how many places along the last axis a condition holds; NaN where one is in doubt."""
    decision = as_decision(condition)
    count = np.sum(decision.holds, axis=-1, keepdims=True).astype(np.float64)
    return DoubleDouble(np.where(decision.doubt.any(axis=-1, keepdims=True), np.nan, count))


def cumsum(x: DoubleDouble) -> DoubleDouble:
    """Return the sums of the numbers up to each place along the last axis, doubling the reach in each step."""
    length, reach = x.high.shape[-1], 1
    while reach < length:
        moved = _slice(x, reach, length) + _slice(x, 0, length - reach)
        x = _concatenate(_slice(x, 0, reach), moved)
        reach *= 2
    return x


def _concatenate(first: DoubleDouble, second: DoubleDouble) -> DoubleDouble:
    high, low = (np.concatenate(parts, -1) for parts in zip(_arrays(first), _arrays(second), strict=True))
    return DoubleDouble(high, low, first.is_exact and second.is_exact).collapse()


def _arrays(x: DoubleDouble) -> tuple[Float64Array, Float64Array]:
    return x.high, np.broadcast_to(np.asarray(x.low), np.shape(x.high))


def _slice(x: DoubleDouble, start: int, stop: int) -> DoubleDouble:
    high, low = (part[..., start:stop] for part in _arrays(x))
    return DoubleDouble(high, low, x.is_exact).collapse()


def distrust(condition: Decision | BoolArray, x: DoubleDouble) -> DoubleDouble:
    """Return x with NaN where the condition holds: there too few of its digits are right."""
    decision = as_decision(condition)
    lost = decision.holds | decision.doubt
    return DoubleDouble(np.where(lost, np.nan, x.high), x.low) if lost.any() else x


def root_last(m: AxisBackend[DoubleDouble], excess: Excess[DoubleDouble], x: DoubleDouble) -> DoubleDouble:
    """Return where the excess is 0, one number for each row: the step of Newton's method after those in float64."""
    start = DoubleDouble(find_start(excess, x.high))
    value, slope = excess(m, x, start)
    root: DoubleDouble = start + value / slope
    return root
