"""Sines and cosines of balls: the middle range comes from ``pair_angles``, near 0 the first terms of a series."""

from collections.abc import Callable

import numpy as np

from actcli.numerics import pair_angles, quarter_turns
from actcli.numerics.ball_choices import where
from actcli.numerics.ball_exponentials import SMALL, about_one, as_pair, constant, from_pair, piecewise
from actcli.numerics.ball_parts import SCALE, TOP
from actcli.numerics.balls import Ball, put, shift
from actcli.numerics.double_double import FUNCTION_ERROR
from actcli.numerics.dtypes import Float64Array
from actcli.numerics.pairs import DoubleDouble

pi = constant("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899863")
_PAIR_LIMIT = 900  # of exponents: beyond, pairs come to the end of their range
_LAST_EXPONENT = 2**14  # beyond, nobody waits for the digits of pi


def sin(x: Ball) -> Ball:
    """Return sin(x)."""
    return piecewise(x, (SMALL, _PAIR_LIMIT), (_sin_small, lambda x: _by_pairs(pair_angles.sin, x), _sin_far))


def cos(x: Ball) -> Ball:
    """Return cos(x)."""
    return piecewise(x, (SMALL, _PAIR_LIMIT), (_cos_small, lambda x: _by_pairs(pair_angles.cos, x), _cos_far))


def _sin_small(x: Ball) -> Ball:
    return x * (1.0 - x * x / 6.0 * about_one(2.0**-100))


def _cos_small(x: Ball) -> Ball:
    return 1.0 - shift(x * x, -1) * about_one(2.0**-100)


def _by_pairs(function: Callable[[DoubleDouble], DoubleDouble], x: Ball) -> Ball:
    """Return a function whose slope lies between -1 and 1."""
    pair, error = as_pair(x)
    return _around(function(pair), error)


def _around(y: DoubleDouble, error: Float64Array) -> Ball:
    return from_pair(y, np.abs(y.high) * FUNCTION_ERROR + np.minimum(error, 2.0))


def _sin_far(x: Ball) -> Ball:
    return _far(x, 0)


def _cos_far(x: Ball) -> Ball:
    return _far(x, 1)


def _far(x: Ball, quarter_turn: int) -> Ball:
    """Return the sine of large numbers; of those of which little is known, a ball from -1 to 1."""
    zero = np.zeros_like(x.high)
    y = Ball(np.where(np.isfinite(x.high), zero, np.nan), zero, zero + SCALE, np.full(zero.shape, -TOP))
    error = np.ldexp(x.radius, x.exponent)
    places = np.flatnonzero((x.high != 0) & (error < 1.0) & (x.exponent < _LAST_EXPONENT) & np.isfinite(x.high))
    if not places.size:
        return y
    chosen = x.map(lambda part: part.reshape(-1)[places])
    count, high, low = quarter_turns.reduce_exactly(chosen.high, chosen.low, chosen.exponent)
    sine = pair_angles.sine_of(count + quarter_turn, DoubleDouble(high, low))
    return put(y, places, _around(sine, error.reshape(-1)[places]))


def sinpi(x: Ball) -> Ball:
    """Return sin(pi * x), exactly 0 at integers."""
    return _of_half_turns(x, 0)


def cospi(x: Ball) -> Ball:
    """Return cos(pi * x), exactly 0 halfway between integers."""
    return _of_half_turns(x, 1)


def _of_half_turns(x: Ball, quarter_turn: int) -> Ball:
    whole = 2.0 * np.rint(0.5 * _high_of(x))
    part = x - whole
    count = np.rint(2.0 * _high_of(part))
    angle = pi * (part - 0.5 * count)
    turns = count.astype(np.int64) + quarter_turn
    y = where((turns & 1).astype(np.bool_), cos(angle), sin(angle))
    sign = 1.0 - (turns & 2)
    high = np.where(y.high == 0, 0.0, y.high * sign)  # all zeros are positive
    return Ball(high, y.low * sign, y.radius, y.exponent)


def _high_of(x: Ball) -> Float64Array:
    """Return the high part as a float64 number, 0 if it is too large for one."""
    high = np.ldexp(x.high, x.exponent)
    return np.where(np.isfinite(high), high, 0.0)


def sin_shrink(x: Ball) -> Ball:
    """Return x - sin(x), accurate near 0."""
    return piecewise(x, (SMALL, 8), (_sin_shrink_small, _sin_shrink_middle, lambda x: x - sin(x)))


def _sin_shrink_small(x: Ball) -> Ball:
    square = x * x
    return x * square / 6.0 * (1.0 - square / 20.0 * about_one(2.0**-50))


def _sin_shrink_middle(x: Ball) -> Ball:
    pair, error = as_pair(x)
    y = pair_angles.sin_shrink(pair)
    size = np.abs(pair.high) + error
    slope = np.minimum(2.0, 0.51 * size * size)  # 1 - cos(x)
    return from_pair(y, np.abs(y.high) * FUNCTION_ERROR + slope * error)
