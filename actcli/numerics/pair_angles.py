"""Sines and cosines of pairs: the angle less the nearest quarter turns, then a table and Taylor's series."""

import math

import numpy as np
from numpy.typing import NDArray

from actcli.numerics import pair_tables, quarter_turns
from actcli.numerics.dtypes import BoolArray
from actcli.numerics.pairs import DoubleDouble, renormalize, two_sum

Counts = NDArray[np.int64]
_MAX_ANGLE = 2.0**20  # below it a count of quarter turns has 20 bits, so its product with one of 33 is exact
_MIN_REST = 2.0**-20  # of fewer, the three parts of a quarter turn leave too few digits


def sin(x: DoubleDouble) -> DoubleDouble:
    """Return sin(x)."""
    return sine_of(*_reduce_angle(x))


def cos(x: DoubleDouble) -> DoubleDouble:
    """Return cos(x)."""
    count, rest = _reduce_angle(x)
    return sine_of(count + 1, rest)


def sinpi(x: DoubleDouble) -> DoubleDouble:
    """Return sin(pi * x), exactly 0 at integers."""
    return sine_of(*_reduce_half_turns(x))


def cospi(x: DoubleDouble) -> DoubleDouble:
    """Return cos(pi * x), exactly 0 halfway between integers."""
    count, rest = _reduce_half_turns(x)
    return sine_of(count + 1, rest)


def _reduce_angle(x: DoubleDouble) -> tuple[Counts, DoubleDouble]:
    """Return a count of quarter turns, and what the angle exceeds them by: at most half of one."""
    first, second, third = pair_tables.half_pi_steps()
    count = np.rint(np.clip(x.high, -_MAX_ANGLE, _MAX_ANGLE) * (2 / math.pi))
    rest = DoubleDouble(*two_sum(x.high - count * first, -count * second)) + x.low - count * third
    hard = (np.abs(x.high) >= _MAX_ANGLE) | ((np.abs(rest.high) < _MIN_REST) & (count != 0))
    turns = count.astype(np.int64)
    if not np.any(hard):
        return turns, rest
    high, low = np.broadcast_arrays(x.high, x.low)
    chosen = np.flatnonzero(hard & np.isfinite(high) & np.isfinite(low))
    zeros = np.zeros(chosen.size, np.int64)
    counts, *parts = quarter_turns.reduce_exactly(high.reshape(-1)[chosen], low.reshape(-1)[chosen], zeros)
    turns, rest_high, rest_low = (np.array(part) for part in np.broadcast_arrays(turns, rest.high, rest.low))
    turns.reshape(-1)[chosen] = counts
    rest_high.reshape(-1)[chosen], rest_low.reshape(-1)[chosen] = parts
    return turns, DoubleDouble(rest_high, rest_low)


def _reduce_half_turns(x: DoubleDouble) -> tuple[Counts, DoubleDouble]:
    """Return the same of pi * x; the angle is exactly 0 where x is a multiple of 1/2."""
    part = x.high - 2.0 * np.rint(0.5 * x.high)
    count = np.rint(2.0 * part)
    rest = DoubleDouble(part - 0.5 * count) + x.low
    return count.astype(np.int64), rest * _PI


_PI = DoubleDouble(math.pi, 1.2246467991473532e-16)  # type: ignore[arg-type]  # one number for all


def sine_of(count: Counts, rest: DoubleDouble) -> DoubleDouble:
    """Return the sine of so many quarter turns and a rest of at most half a one."""
    table = pair_tables.sines()
    place = np.rint(rest.high * pair_tables.SINES)
    step = renormalize(rest.high - place / pair_tables.SINES, rest.low)
    index = place.astype(np.int64) + pair_tables.LAST_SINE
    sine = DoubleDouble(table.sine_high.take(index), table.sine_low.take(index))
    cosine = DoubleDouble(table.cosine_high.take(index), table.cosine_low.take(index))
    is_odd = (count & 1).astype(np.bool_)
    at, beside = _select(is_odd, cosine, sine), _select(is_odd, -sine, cosine)
    square = step.high * step.high
    less_1 = square * (square / 24.0 * (1.0 - square / 30.0) - 0.5) - step.high * step.low
    cubic = -step.high * square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)) - 0.5 * square * step.low
    y = at + (at * less_1 + beside * renormalize(step.high, step.low + cubic))
    sign = np.where(count & 2, -1.0, 1.0)
    return DoubleDouble(y.high * sign, y.low * sign)


_SERIES_TERMS, _SERIES_PAIRS = 16, 6
_MAX_SERIES = 2.0


def sin_shrink(x: DoubleDouble) -> DoubleDouble:
    """Return x - sin(x); near 0 by its Taylor series, where the difference would cancel."""
    small = np.abs(x.high) < _MAX_SERIES
    far = _select(small, DoubleDouble(np.full_like(x.high, _MAX_SERIES)), x)
    result = far - sin(far)
    if not np.any(small):
        return result
    near = _select(small, x, DoubleDouble(np.full_like(x.high, 0.5)))
    square = near * near
    high, low = (part.tolist() for part in pair_tables.sine_series(_SERIES_TERMS))
    tail = np.full_like(square.high, high[-1])
    for coefficient in high[-2 : _SERIES_PAIRS - 1 : -1]:
        tail = tail * square.high + coefficient
    series = DoubleDouble(tail)
    for term in zip(high[_SERIES_PAIRS - 1 :: -1], low[_SERIES_PAIRS - 1 :: -1], strict=True):
        series = DoubleDouble(*term) + square * series
    return _select(small, near * square * series, result)


def _select(condition: BoolArray, x: DoubleDouble, y: DoubleDouble) -> DoubleDouble:
    if x.is_single and y.is_single:
        return DoubleDouble(np.where(condition, x.high, y.high))
    return DoubleDouble(np.where(condition, x.high, y.high), np.where(condition, x.low, y.low))
