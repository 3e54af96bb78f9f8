"""The exponential functions of balls and their inverse, and what functions of balls are made with.

The middle range comes from ``double_double``; near 0 short series, and far out what exponents without limits allow.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np

from actcli.numerics import ball_exceptions, double_double
from actcli.numerics.ball_choices import forget, minimum, where
from actcli.numerics.ball_parts import (
    SCALE,
    SEPARATE,
    TOP,
    UNDERFLOW,
    UP,
    Parts,
    contains_zero,
    is_beyond,
    power_of_two,
)
from actcli.numerics.balls import Ball, as_ball, normalize, put, shift, widen
from actcli.numerics.dtypes import Float64Array
from actcli.numerics.pairs import DoubleDouble

Piece: TypeAlias = Callable[[Ball], Ball]

_LN2 = "0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863"
SMALL = -50  # below 2**SMALL the first terms of a series are all that counts


@cache
def constant(decimal: str) -> Ball:
    """Return the ball around a decimal."""
    from decimal import Context, Decimal, localcontext

    with localcontext(Context(prec=80)):
        high = float(decimal)
        low = float(Decimal(decimal) - Decimal(high))
    return as_ball(high) + widen(as_ball(low), 2.0**-52)


ln2 = constant(_LN2)


def about_one(error: float) -> Ball:
    """Return the ball around 1 with that radius."""
    return widen(as_ball(1.0), error)


def piecewise(x: Ball, limits: Sequence[int], pieces: Sequence[Piece]) -> Ball:
    """Return the first piece of numbers below 2**limits[0], the second of those up to 2**limits[1], and so on.

    The last one gets what has no size too: infinities, NaN, and balls of which little or nothing is known.
    """
    power = x.exponent + TOP
    vague = (contains_zero(x) & (power >= 0)) | np.isinf(x.radius) | ~np.isfinite(x.high)
    power = np.where(vague, limits[-1], power)
    index = np.searchsorted(limits, power, side="right")
    if (first := int(np.min(index, initial=len(limits)))) == np.max(index, initial=0):
        return pieces[first](x)
    result = x
    for i, piece in enumerate(pieces):
        places = np.flatnonzero(index == i)
        if places.size:
            result = put(result, places, piece(x.map(lambda part: part.reshape(-1)[places])))  # noqa: B023
    return result


def as_pair(x: Ball) -> tuple[DoubleDouble, Float64Array]:
    """Return numbers of ordinary size as pairs, with a bound on their absolute error."""
    factor = power_of_two(x.exponent)
    return DoubleDouble(x.high * factor, x.low * factor), x.radius * factor * UP + UNDERFLOW


def from_pair(y: DoubleDouble, error: Float64Array) -> Ball:
    """Return pairs as balls with that bound on their absolute error."""
    raw = Parts(y.high, y.low + np.zeros_like(y.high), error, np.zeros_like(y.high, np.int64))
    return normalize(raw, raw, ball_exceptions.settle, raw)


def exp(x: Ball) -> Ball:
    """Return e**x."""
    return piecewise(x, (SMALL, 11, 50), (_exp_small, _exp_middle, _exp_reduced, _exp_far))


def _exp_small(x: Ball) -> Ball:
    return 1.0 + _expm1_small(x)


def _exp_middle(x: Ball) -> Ball:
    pair, error = as_pair(x)
    mantissa, power = double_double.scaled_exp(pair)
    y = from_pair(mantissa, mantissa.high * (double_double.FUNCTION_ERROR + _growth(error)))
    return Ball(y.high, y.low, y.radius, y.exponent + power)


def _growth(error: Float64Array) -> Float64Array:
    """Return a bound on e**error - 1."""
    return np.where(error < 1.0, 1.75 * error, np.inf)


def _exp_reduced(x: Ball) -> Ball:
    """Return e**x by x = n ln 2 + rest, the first part of whose product with n is exact."""
    n = np.rint(x.high * power_of_two(x.exponent) * 1.4426950408889634)
    first, second = _parts_of_ln2()
    y = exp((x - as_ball(n) * first) - as_ball(n) * second)
    return Ball(y.high, y.low, y.radius, y.exponent + n.astype(np.int64))


@cache
def _parts_of_ln2() -> tuple[float, Ball]:
    """Return the nearest float64 number, and the rest as a ball."""
    from decimal import Context, Decimal, localcontext

    first = math.log(2)
    with localcontext(Context(prec=80)):
        return first, constant(str(Decimal(_LN2) - Decimal(first)))


def _exp_far(x: Ball) -> Ball:
    """Return e**x of numbers from 2**50 on: what it exceeds, or what exceeds it."""
    bound = 2**49
    known = (x.exponent + TOP > 49) & ((x.radius < 0.25 * np.abs(x.high)) | is_beyond(x)) & np.isfinite(x.high)
    is_low = x.high < 0
    zero = np.zeros_like(x.high)
    y = Ball(zero + SCALE, zero, np.where(is_low, SCALE, np.inf), np.where(is_low, -bound - TOP, bound - TOP))
    y = forget(y, ~known)
    return where(np.isfinite(x.high), y, as_ball(np.exp(x.high)))


def expm1(x: Ball) -> Ball:
    """Return e**x - 1."""
    return piecewise(x, (SMALL, 9), (_expm1_small, _expm1_middle, lambda x: exp(x) - 1.0))


def _expm1_small(x: Ball) -> Ball:
    u = 1.0 + x / 3.0 * about_one(2.0**-51)
    return x * (1.0 + shift(x, -1) * u)


def _expm1_middle(x: Ball) -> Ball:
    pair, error = as_pair(x)
    y = double_double.expm1(pair)
    size = np.abs(y.high)
    return from_pair(y, size * double_double.FUNCTION_ERROR + (1.0 + size) * _growth(error))


def log1p(x: Ball) -> Ball:
    """Return ln(1 + x) for x from -1/2 to 2**900."""
    return piecewise(x, (SMALL, 900), (_log1p_small, _log1p_middle, _log1p_far))


def _log1p_small(x: Ball) -> Ball:
    u = 1.0 - shift(x, 1) / 3.0 * about_one(2.0**-50)
    return x * (1.0 - shift(x, -1) * u)


def _log1p_middle(x: Ball) -> Ball:
    pair, error = as_pair(x)
    y = double_double.log1p(pair)
    slope = 1.0 + pair.high - 2.0 * error
    error = np.where(slope >= 0.25, error / slope, np.inf)
    return from_pair(y, np.abs(y.high) * double_double.FUNCTION_ERROR + error)


def ln(x: Ball) -> Ball:
    """Return the natural logarithm for x > 0: of a number next to 1, plus as many times ln 2."""
    known = (x.high > 0) & (x.high < np.inf) & (x.radius < SEPARATE * x.high)
    number = where(known, x, 1.0)
    power = number.exponent + (TOP + (number.high > math.sqrt(2.0) * SCALE))
    number = Ball(number.high, number.low, number.radius, number.exponent - power)
    offset = number - 1.0
    y = log1p(abs(offset) / minimum(number, 1.0))
    sign = np.where(np.signbit(offset.high), -1.0, 1.0)  # of no account where the ball is around 0
    y = Ball(sign * y.high, sign * y.low, y.radius, y.exponent) + as_ball(power.astype(np.float64)) * ln2
    return where(known, y, forget(as_ball(np.log(x.high)), x.radius > 0))


def _log1p_far(x: Ball) -> Ball:
    return where(np.isfinite(x.high), forget(x, np.isfinite(x.high)), as_ball(np.log1p(x.high)))
