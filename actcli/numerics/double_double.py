"""Mathematics on pairs of float64 arrays: for float64 results, sums along an axis, and what float64 cannot decide.

A number is the unevaluated sum of two float64 numbers, good for 100 bits in the four operations (``pairs``) and to a
relative error of ``FUNCTION_ERROR`` in the functions below. As those operations, they run under ``pairs.strict``: a
result in the range of exponents where a digit could be lost raises FloatingPointError.
"""

import math
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from actcli.numerics import pair_tables
from actcli.numerics.double_double_choices import copysign, maximum, minimum, where
from actcli.numerics.dtypes import Float64Array
from actcli.numerics.pair_angles import cos, cospi, sin, sin_shrink, sinpi
from actcli.numerics.pair_axis import (
    count_last,
    cumsum,
    distrust,
    max_last,
    positions,
    root_last,
    sort_descending,
    sum_last,
)
from actcli.numerics.pairs import (
    DoubleDouble,
    Operand,
    as_double_double,
    fast_two_sum,
    renormalize,
    split,
    two_product,
    two_sum,
)

# Of the functions of this backend, those that other modules define.
__all__ = [
    "copysign",
    "cos",
    "cospi",
    "count_last",
    "cumsum",
    "distrust",
    "max_last",
    "maximum",
    "minimum",
    "positions",
    "root_last",
    "sin",
    "sin_shrink",
    "sinpi",
    "sort_descending",
    "sum_last",
    "where",
]

FUNCTION_ERROR = 2.0**-74


@cache
def constant(decimal: str) -> DoubleDouble:
    """Return the pair nearest to a decimal."""
    from decimal import Context, Decimal, localcontext

    with localcontext(Context(prec=60)):
        return _constant(float(decimal), float(Decimal(decimal) - Decimal(float(decimal))))


def _constant(high: float, low: float) -> DoubleDouble:
    return DoubleDouble(cast("Float64Array", high), cast("Float64Array", low))


pi = _constant(math.pi, 1.2246467991473532e-16)
ln2 = _constant(math.log(2), 2.3190468138462996e-17)
_half_root = _constant(0.7071067811865476, -4.833646656726457e-17)


def abs(x: DoubleDouble) -> DoubleDouble:
    """Return the absolute value."""
    return x.__abs__()


def _reduce(x: DoubleDouble) -> tuple[NDArray[np.int64], Float64Array, Float64Array]:
    """Return a count of steps of ln 2 / POWERS and the rest, at most half a step, in two parts: x is their sum."""
    first, second, third = pair_tables.ln2_steps()
    count = np.rint(x.high * (pair_tables.POWERS / math.log(2)))
    rest, error = two_sum(x.high - count * first, -count * second)
    rest, error = fast_two_sum(rest, error + (x.low - count * third))
    return count.astype(np.int64), rest, error


def _locate(count: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the powers of 2 and the places in the table that a count of steps stands for."""
    half = pair_tables.POWERS // 2
    power = (count + half) >> (pair_tables.POWERS.bit_length() - 1)
    return power, count + half - power * pair_tables.POWERS


def _times_table(
    place: NDArray[np.int64], y: Float64Array, y_low: Float64Array
) -> tuple[Float64Array, Float64Array, Float64Array, Float64Array]:
    """Return the powers in the table, and their product with a number below 2**-11, each in two parts."""
    table = pair_tables.powers()
    high, low = table.high.take(place), table.low.take(place)
    head, tail = split(y)
    tail = tail + y_low
    return high, low, high * head, high * tail + low * (head + tail)


def scaled_exp(x: DoubleDouble) -> tuple[DoubleDouble, NDArray[np.int64]]:
    """Return e**x as a number between 1/2 and 2, and the power of 2 to multiply it with; for abs(x) below 2**11."""
    count, r, error = _reduce(x)
    power, place = _locate(count)
    series = r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720)))))
    high, low, product, product_low = _times_table(place, r, series + (error + error * r))
    total, rest = fast_two_sum(high, product)
    return renormalize(total, rest + (low + product_low)), power


def _two_to(power: NDArray[np.int64]) -> Float64Array:
    if power.size and power.min() >= -1022 and power.max() <= 1023:
        return ((power + 1023) << 52).view(np.float64)
    return np.ldexp(1.0, power)


def exp(x: DoubleDouble) -> DoubleDouble:
    """Return e**x."""
    mantissa, power = scaled_exp(x)
    scale = _two_to(power)
    return DoubleDouble(mantissa.high * scale, mantissa.low * scale)


def expm1(x: DoubleDouble) -> DoubleDouble:
    """Return e**x - 1, accurate near 0 too."""
    x = where(x.high > _MIN_EXPM1, x, _MIN_EXPM1)
    count, r, error = _reduce(x)
    power, place = _locate(count)
    square, square_low = two_product(r, r)
    series = r * square * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720))))
    y, y_low = fast_two_sum(r, 0.5 * square)
    y_low = y_low + (series + (error + error * r + 0.5 * square_low))
    table = pair_tables.powers()
    _, _, product, product_low = _times_table(place, y, y_low)
    total, rest = fast_two_sum(table.less_1_high.take(place), product)
    total, rest = fast_two_sum(total, rest + (table.less_1_low.take(place) + product_low))
    scale = _two_to(power)
    less_1, less_1_low = two_sum(scale, -1.0)
    total, carry = two_sum(total * scale, less_1)
    return renormalize(total, carry + (rest * scale + less_1_low))


_MIN_EXPM1 = -100.0  # below it, the distance from -1 is too small to count


def log1p(x: DoubleDouble) -> DoubleDouble:
    """Return ln(1 + x) for x >= 0, accurate near 0 too."""
    table = pair_tables.logarithms()
    one_more, rest = two_sum(x.high, 1.0)
    rest = rest + x.low
    large = x.high.max(initial=0.0) >= 1.0
    if large:
        fraction, exponent = np.frexp(one_more)
        scale = np.ldexp(2.0, -exponent)
        one_more, rest = 2.0 * fraction, rest * scale
    place = np.rint((one_more - 1.0) * pair_tables.LOGARITHMS).astype(np.int64)
    reciprocal = table.reciprocal.take(place)
    head, tail = split(one_more)
    r, r_low = two_sum(head * reciprocal - 1.0, tail * reciprocal)
    r_low = r_low + rest * reciprocal
    tiny = (place == 0) & (x.high < 0.5)
    r, r_low = fast_two_sum(np.where(tiny, x.high, r), np.where(tiny, x.low, r_low))
    square, square_low = two_product(r, r)
    series = r * square * (1 / 3 - r * (1 / 4 - r * (1 / 5 - r * (1 / 6 - r * (1 / 7 - r / 8)))))
    y, y_low = fast_two_sum(r, -0.5 * square)
    y_low = y_low + (series + (r_low - r * r_low - 0.5 * square_low))
    total, carry = fast_two_sum(table.high.take(place), y)
    result = renormalize(total, carry + (table.low.take(place) + y_low))
    if not large:
        return result
    high, low = pair_tables.ln2_pair()
    return result + DoubleDouble(*fast_two_sum((exponent - 1) * high, (exponent - 1) * low))


def ln(x: DoubleDouble) -> DoubleDouble:
    """Return the natural logarithm for x > 0, accurate near 1 too."""
    offset = x - 1.0
    return copysign(log1p(abs(offset) / minimum(x, 1.0)), offset)


def sqrt(x: Operand) -> DoubleDouble:
    """Return the square root."""
    x = as_double_double(x)
    root = np.sqrt(x.high)
    square, error = two_product(root, root)
    remainder = (x.high - square) - error
    return renormalize(root, (remainder + x.low) / (2.0 * root))


def erfcx(x: DoubleDouble) -> DoubleDouble:
    """Return exp(x**2) * erfc(x) for x >= 0, NaN beyond 28."""
    table = pair_tables.erfcx_series()
    beyond = x.high > 28.0
    high = np.minimum(x.high, 28.0)
    place = np.rint(high * pair_tables.ERFCX_CENTRES).astype(np.int64)
    step = renormalize(high - place / pair_tables.ERFCX_CENTRES, x.low)
    pairs = pair_tables.ERFCX_PAIRS
    tail = table.high[-1].take(place)
    for row in table.high[-2 : pairs - 1 : -1]:
        tail = tail * step.high + row.take(place)
    coefficient, low = table.high[pairs - 1].take(place), table.low[pairs - 1].take(place)
    total, rest = fast_two_sum(coefficient, tail * step.high)
    y = renormalize(total, rest + low)
    for n in range(pairs - 2, -1, -1):
        y = y * step
        total, rest = two_sum(table.high[n].take(place), y.high)
        y = renormalize(total, rest + (table.low[n].take(place) + y.low))
    return where(beyond, math.nan, y) if beyond.any() else y


def erf(x: DoubleDouble) -> DoubleDouble:
    """Return the error function for x >= 0, as long as exp(-x**2) is in range."""
    far = where(x.high > 0.5, x, 0.5)
    result = 1.0 - erfcx(far) * exp(-(far * far))
    is_near = x.high <= 0.5
    if not is_near.any():
        return result
    table = pair_tables.erf_series()
    near = where(is_near, x, 0.5)
    square = near * near
    tail = np.full_like(square.high, table.high[-1])
    for coefficient in table.high[-2 : pair_tables.ERF_PAIRS - 1 : -1]:
        tail = tail * square.high + coefficient
    series = DoubleDouble(tail)
    for n in range(pair_tables.ERF_PAIRS - 1, -1, -1):
        series = _constant(table.high[n], table.low[n]) + square * series
    return where(is_near, near * series, result)


def tanh(x: DoubleDouble) -> DoubleDouble:
    """Return tanh(x)."""
    t = expm1(-2.0 * abs(x))
    return copysign(-t / (t + 2.0), x)


_TANH_SHRINK_HEAD = (  # 1/3, -2/15, 17/315
    _constant(0.3333333333333333, 1.850371707708594e-17),
    _constant(-0.13333333333333333, -1.8503717077085942e-18),
    _constant(0.05396825396825397, -2.5552752154071065e-18),
)
_TANH_SHRINK_TAIL = (
    -62 / 2835,
    1382 / 155925,
    -21844 / 6081075,
    929569 / 638512875,
    -6404582 / 10854718875,
    443861162 / 1856156927625,
    -18888466084 / 194896477400625,
    113927491862 / 2900518163668125,
    -58870668456604 / 3698160658676859375,
)


def tanh_shrink(x: DoubleDouble) -> DoubleDouble:
    """Return x - tanh(x); near 0 by its Taylor series, where the difference would cancel."""
    small = np.abs(x.high) < _MAX_TANH_SHRINK_SERIES
    far = where(small, _MAX_TANH_SHRINK_SERIES, x)
    result = far - tanh(far)
    if not np.any(small):
        return result
    near = where(small, x, 0.25)
    square = near * near
    s = square.high
    tail = np.full_like(s, _TANH_SHRINK_TAIL[-1])
    for coefficient in _TANH_SHRINK_TAIL[-2::-1]:
        tail = tail * s + coefficient
    series = DoubleDouble(tail)
    for term in reversed(_TANH_SHRINK_HEAD):
        series = term + square * series
    return where(small, near * square * series, result)


_MAX_TANH_SHRINK_SERIES = 0.125


def logistic(x: DoubleDouble, factor: Operand = 1.0) -> DoubleDouble:
    """Return factor / (1 + exp(-x))."""
    e = exp(-abs(x))
    return where(x >= 0, factor, e * factor) / (1.0 + e)


def normal_cdf(x: DoubleDouble, factor: Operand = 1.0) -> DoubleDouble:
    """Return factor times the standard normal distribution function of x."""
    tail = 0.5 * (erfcx(abs(x) * _half_root) * exp(-0.5 * (x * x)))
    return as_double_double(factor) * where(x < 0, tail, 1.0 - tail)
