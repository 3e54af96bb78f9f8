"""Mathematics on balls: what pairs of float64 cannot decide, near-ties and numbers of any size, on whole arrays."""

from functools import cache

import numpy as np

from actcli.numerics import ball_exceptions, double_double
from actcli.numerics.ball_angles import cos, cospi, pi, sin, sin_shrink, sinpi
from actcli.numerics.ball_axis import (
    count_last,
    cumsum,
    distrust,
    max_last,
    positions,
    root_last,
    sort_descending,
    sum_last,
)
from actcli.numerics.ball_choices import copysign, maximum, minimum, where
from actcli.numerics.ball_exponentials import (
    SMALL,
    about_one,
    as_pair,
    constant,
    exp,
    expm1,
    from_pair,
    ln,
    ln2,
    log1p,
    piecewise,
)
from actcli.numerics.ball_parts import ROUND_OFF, TOP, Parts, contains_zero, power_of_two
from actcli.numerics.balls import Ball, Operand, as_ball, normalize, nudge, shift, widen
from actcli.numerics.pairs import two_product, two_sum

__all__ = [
    "abs",
    "constant",
    "copysign",
    "cos",
    "cospi",
    "count_last",
    "cumsum",
    "distrust",
    "erf",
    "erfcx",
    "exp",
    "expm1",
    "ln",
    "ln2",
    "log1p",
    "logistic",
    "max_last",
    "maximum",
    "minimum",
    "normal_cdf",
    "pi",
    "positions",
    "root_last",
    "sin",
    "sin_shrink",
    "sinpi",
    "sort_descending",
    "sqrt",
    "sum_last",
    "tanh",
    "tanh_shrink",
    "where",
]

_two_over_root_pi = constant("1.128379167095512573896158903121545171688101258657997713688171443421284936882986828973")


def abs(x: Ball) -> Ball:
    """Return the absolute value."""
    return x.__abs__()


def sqrt(x: Operand) -> Ball:
    """Return the square root; of a ball that reaches 0, a ball around 0."""
    x = as_ball(x)
    odd = x.exponent & 1
    high, low, radius = (part * (1.0 + odd) for part in (x.high, x.low, x.radius))
    root = np.sqrt(high)
    square, a = two_product(root, root)
    remainder, b = two_sum((high - square) - a, low)  # the remainder of a root is a float64 number
    scale = 2.0 ** (TOP // 2) / root
    correction = 0.5 * remainder * scale
    scaled = root * 2.0 ** (TOP // 2)
    error = (np.abs(b) + radius) * scale + np.abs(correction) * (np.abs(correction) / scaled + 4.0 * ROUND_OFF)
    error = np.where(radius <= 0.5 * high, error, np.nan)
    raw = Parts(scaled, correction, error, ((x.exponent - odd) >> 1) - TOP // 2)
    return normalize(x, x, ball_exceptions.square_root, raw)


def tanh(x: Ball) -> Ball:
    """Return tanh(x)."""
    return piecewise(x, (SMALL,), (_tanh_small, _tanh_large))


def _tanh_small(x: Ball) -> Ball:
    return x * (1.0 - x * x / 3.0 * about_one(2.0**-100))


def _tanh_large(x: Ball) -> Ball:
    t = expm1(-shift(abs(x), 1))
    return copysign(t / (t + 2.0), x)


def tanh_shrink(x: Ball) -> Ball:
    """Return x - tanh(x); near 0 by Lambert's continued fraction, where the difference would cancel."""
    return piecewise(x, (SMALL, -3, 8), (_tanh_shrink_small, _tanh_shrink_near, _tanh_shrink_middle, _tanh_shrink_far))


def _tanh_shrink_small(x: Ball) -> Ball:
    square = x * x
    return x * square / 3.0 * (1.0 - 0.4 * square * about_one(2.0**-50))


def _tanh_shrink_near(x: Ball) -> Ball:
    """Return it for abs(x) < 1/8. An error in the level of ``odd`` counts square / odd**2 times in the one above."""
    square = x * x
    rough = square.high * power_of_two(square.exponent)
    tail = rough / 31.0
    for odd in range(29, 11, -2):
        tail = rough / (odd + tail)
    fraction = widen(as_ball(tail), 2.0**-49)
    for odd in range(11, 1, -2):
        fraction = square / (float(odd) + fraction)
    return x * fraction / (1.0 + fraction)


def _tanh_shrink_middle(x: Ball) -> Ball:
    return x - tanh(x)


def _tanh_shrink_far(x: Ball) -> Ball:
    """Return x - 1 for a large x, or x + 1 for its negative, and a trace more away from zero.

    Half of the results are ties that the trace decides, however small it is.
    """
    if contains_zero(x).any() or not np.isfinite(x.high).all():
        return x - tanh(x)
    return nudge(x - copysign(1.0, x), x.high)


def erf(x: Ball) -> Ball:
    """Return the error function for x >= 0."""
    return piecewise(x, (SMALL, -1), (_erf_small, _erf_middle, lambda x: 1.0 - erfcx(x) * exp(-(x * x))))


def _erf_small(x: Ball) -> Ball:
    return x * _two_over_root_pi * (1.0 - x * x / 3.0 * about_one(2.0**-100))


def _erf_middle(x: Ball) -> Ball:
    pair, error = as_pair(x)
    y = double_double.erf(pair)
    return from_pair(y, y.high * double_double.FUNCTION_ERROR + 1.2 * error)  # its slope is below 1.13


def erfcx(x: Ball) -> Ball:
    """Return exp(x**2) * erfc(x) for x >= 0."""
    return piecewise(x, (SMALL, 4), (_erfcx_small, _erfcx_middle, _erfcx_far))


def _erfcx_small(x: Ball) -> Ball:
    return 1.0 - x * (_two_over_root_pi - x * about_one(2.0**-50))


def _erfcx_middle(x: Ball) -> Ball:
    pair, error = as_pair(x)
    y = double_double.erfcx(pair)
    slope = np.where(error < 2.0**-6, 1.2 * error, np.inf)  # its slope lies between -1.13 and 0 for x >= 0
    return from_pair(y, y.high * double_double.FUNCTION_ERROR + slope)


_TERMS, _ROUGH_TERMS = 20, 12


def _erfcx_far(x: Ball) -> Ball:
    """Return it for x >= 16 by its asymptotic series, whose error is below the first term left out (DLMF 7.12(i)).

    Of the 20 terms the last 12 are summed in float64: what they lack counts less than 2**-50 in the sum.
    """
    inverse = shift(1.0 / (x * x), -1)
    rough = inverse.high * power_of_two(np.maximum(inverse.exponent, -1000))
    tail = np.ones_like(rough)
    for n in range(_TERMS, _TERMS - _ROUGH_TERMS, -1):
        tail = 1.0 - (2 * n - 1) * rough * tail
    total = widen(as_ball(tail), 2.0**-49)
    for n in range(_TERMS - _ROUGH_TERMS, 0, -1):
        total = 1.0 - (2.0 * n - 1.0) * inverse * total
    return shift(total * _two_over_root_pi / x, -1)


def logistic(x: Ball, factor: Operand = 1.0) -> Ball:
    """Return factor / (1 + exp(-x))."""
    e = exp(-abs(x))
    return where(x >= 0, factor, e * factor) / (1.0 + e)


def normal_cdf(x: Ball, factor: Operand = 1.0) -> Ball:
    """Return factor times the standard normal distribution function of x."""
    tail = shift(erfcx(abs(x) * _root_half()) * exp(-shift(x * x, -1)), -1)
    return where(x < 0, tail, 1.0 - tail) * factor


@cache
def _root_half() -> Ball:
    return sqrt(0.5)
