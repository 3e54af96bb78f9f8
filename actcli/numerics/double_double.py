"""Mathematics on pairs of float64 arrays: for float64 results, sums along an axis, and what float64 cannot decide.

A number is the unevaluated sum of two float64 numbers, good for about 100 bits in the four operations (Dekker 1971,
Knuth) and for 60 bits and more in the functions below. Only operations that IEEE 754 defines to the bit are used,
so the results are the same on every machine.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.numerics.dtypes import Float64Array
from actcli.numerics.pairs import DoubleDouble, Operand, as_double_double, renormalize, two_sum


@cache
def constant(decimal: str) -> DoubleDouble:
    """Return the pair nearest to a decimal."""
    from decimal import Context, Decimal, localcontext

    with localcontext(Context(prec=60)):
        return DoubleDouble(float(decimal), float(Decimal(decimal) - Decimal(float(decimal))))


pi = DoubleDouble(math.pi, 1.2246467991473532e-16)
ln2 = DoubleDouble(math.log(2), 2.3190468138462996e-17)


def abs(x: DoubleDouble) -> DoubleDouble:
    """Return the absolute value."""
    return x.__abs__()


_STEPS = 64  # per factor of 2 in the table of powers


@cache
def _constants() -> tuple[Float64Array, Float64Array, tuple[float, float, float]]:
    """Return 2**(j/64) as high and low parts, and ln 2 / 64 in three parts of which two multiply exactly."""
    from decimal import Context, Decimal, localcontext

    with localcontext(Context(prec=60)):
        powers = [Decimal(2) ** (Decimal(j) / _STEPS) for j in range(_STEPS)]
        high = [float(power) for power in powers]
        low = [float(power - Decimal(part)) for power, part in zip(powers, high, strict=True)]
        step = Decimal(2).ln() / _STEPS
        first = round(step * 2**40) / Decimal(2**40)
        second = round((step - first) * 2**76) / Decimal(2**76)
        return np.array(high), np.array(low), (float(first), float(second), float(step - first - second))


def _reduce(x: DoubleDouble) -> tuple[NDArray[np.int64], NDArray[np.int64], DoubleDouble]:
    """Return powers of 2, table positions and expm1(remainder), for x = (64 * power + position) * step + remainder."""
    _, _, (first, second, third) = _constants()
    high = np.clip(x.high, -800.0, 800.0)
    low = np.where(high == x.high, x.low, 0.0)
    count = np.rint(np.where(np.isnan(high), 0.0, high) * (_STEPS * 1.4426950408889634))
    remainder, error = two_sum(high - count * first, -count * second)
    error = error + (low - count * third)
    series = np.full_like(remainder, 1 / 5040)
    for coefficient in (1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2):
        series = series * remainder + coefficient
    steps = count.astype(np.int64)
    return (
        steps // _STEPS,
        steps % _STEPS,
        renormalize(remainder, series * remainder * remainder + (error + error * remainder)),
    )


def exp(x: DoubleDouble) -> DoubleDouble:
    """Return e**x."""
    power, position, remainder = _reduce(x)
    table_high, table_low, _ = _constants()
    scale = DoubleDouble(table_high[position], table_low[position])
    mantissa = scale + scale * remainder
    high = np.ldexp(mantissa.high, power)
    return DoubleDouble(high, np.where(np.isfinite(high), np.ldexp(mantissa.low, power), 0.0))


def expm1(x: DoubleDouble) -> DoubleDouble:
    """Return e**x - 1, accurate near 0 too."""
    power, position, remainder = _reduce(x)
    near = (power == 0) & (position == 0)
    return where(near, where(x == 0, x, remainder), exp(x) - 1.0)


def log1p(x: DoubleDouble) -> DoubleDouble:
    """Return ln(1 + x), accurate near 0 too: one step of Newton's method from 24 bits."""
    # Cut to float32, the start is the same on every machine, whatever the last bits of its logarithm.
    start = DoubleDouble(np.log1p(x.high).astype(np.float32).astype(np.float64))
    start = where(np.isfinite(start.high), start, 0.0)
    inverse = exp(-start)
    remainder = x * inverse + expm1(-start)
    r = remainder.high
    result = start + remainder + DoubleDouble(r * r * (r * (1 / 3 - r / 4) - 0.5))
    return where(np.isinf(x.high), x, where(x == 0, x, result))


def sqrt(x: Operand) -> DoubleDouble:
    """Return the square root."""
    x = as_double_double(x)
    root = np.sqrt(x.high)
    remainder = x - DoubleDouble(root) * DoubleDouble(root)
    return renormalize(root, remainder.high / (2.0 * root))


_CENTRES = 4  # per unit, for the Taylor series of exp(z**2) * erfc(z)
_TERMS = 22


@cache
def _erfcx_series() -> tuple[Float64Array, Float64Array]:
    """Return the Taylor coefficients of exp(z**2) * erfc(z) about 0, 1/4 ... 28: high and low parts, a row each."""
    from mpmath import MPContext

    mp = MPContext()  # the precision of mpmath's own context is the user's
    mp.prec = 200
    rows = []
    for i in range(28 * _CENTRES + 1):
        centre = mp.mpf(i) / _CENTRES
        # y' = 2 z y - 2 / sqrt(pi) gives each coefficient from the two before it.
        row = [mp.exp(centre**2) * mp.erfc(centre)]
        row.append(2 * centre * row[0] - 2 / mp.sqrt(mp.pi))
        for n in range(1, _TERMS - 1):
            row.append(2 * (centre * row[n] + row[n - 1]) / (n + 1))
        rows.append([(high := float(c), float(c - high)) for c in row])
    table = np.array(rows)
    return table[..., 0], table[..., 1]


def erfcx(x: DoubleDouble) -> DoubleDouble:
    """Return exp(x**2) * erfc(x) for x >= 0; beyond 28 that of 28, where erfc is 0 in float64."""
    high, low = _erfcx_series()
    x = where(x > 28.0, 28.0, where(np.isnan(x.high), 0.0, x))
    centre = np.rint(x.high * _CENTRES).astype(np.int64)
    step = x - DoubleDouble(centre / _CENTRES)
    total = DoubleDouble(high[centre, -1], low[centre, -1])
    for n in range(_TERMS - 2, -1, -1):
        total = total * step + DoubleDouble(high[centre, n], low[centre, n])
    return total


def tanh(x: DoubleDouble) -> DoubleDouble:
    """Return tanh(x)."""
    t = expm1(-2.0 * abs(x))
    return copysign(-t / (t + 2.0), x)


def tanh_shrink(x: DoubleDouble) -> DoubleDouble:
    """Return x - tanh(x); near 0 by Lambert's continued fraction, where the difference would cancel."""
    small = abs(x) < 1.5
    near = where(small, x, 0.0)
    square = near * near
    fraction = square / 35.0
    for odd in range(33, 1, -2):
        fraction = square / (fraction + odd)
    return where(small, near * fraction / (1.0 + fraction), x - tanh(x))


def logistic(x: DoubleDouble, factor: Operand = 1.0) -> DoubleDouble:
    """Return factor / (1 + exp(-x)); the exponential in two halves, so that neither underflows first."""
    half = exp(-0.5 * abs(x))
    return where(x >= 0, factor, half * factor * half) / (1.0 + half * half)


def normal_cdf(x: DoubleDouble, factor: Operand = 1.0) -> DoubleDouble:
    """Return factor times the standard normal distribution function of x, in the same way."""
    half = exp(-0.25 * (x * x))
    tail = 0.5 * erfcx(abs(x) / sqrt(2.0)) * half
    return where(x < 0, half * factor * tail, as_double_double(factor) * (1.0 - half * tail))


def maximum(x: DoubleDouble, y: Operand) -> DoubleDouble:
    """Return the larger of the two, x if they are equal."""
    return where(x >= y, x, y)


def minimum(x: DoubleDouble, y: Operand) -> DoubleDouble:
    """Return the smaller of the two, x if they are equal."""
    return where(x <= y, x, y)


def where(condition: Any, chosen: Operand, other: Operand) -> DoubleDouble:
    """Return one of the two, element by element."""
    chosen, other = as_double_double(chosen), as_double_double(other)
    return DoubleDouble(np.where(condition, chosen.high, other.high), np.where(condition, chosen.low, other.low))


def copysign(size: Operand, sign: DoubleDouble) -> DoubleDouble:
    """Return the size with the sign of the other number."""
    size = abs(as_double_double(size))
    return DoubleDouble(np.copysign(size.high, sign.high), np.where(np.signbit(sign.high), -size.low, size.low))


def max_last(x: DoubleDouble) -> DoubleDouble:
    """Return the largest number along the last axis, which is kept with length 1; NaN if there is one."""
    return DoubleDouble(np.max(x.high, axis=-1, keepdims=True))


def sum_last(x: DoubleDouble) -> DoubleDouble:
    """Return the sum along the last axis, which is kept with length 1; halves are added to halves."""
    while (length := x.high.shape[-1]) > 1:
        half = length // 2
        total = _slice(x, 0, half) + _slice(x, half, 2 * half)
        if length % 2:
            total = concatenate(total, _slice(x, length - 1, length))
        x = total
    return x


def sort_descending(x: DoubleDouble) -> DoubleDouble:
    """Return the numbers along the last axis from the largest to the smallest."""
    order = np.argsort(-x.high, axis=-1, kind="stable")
    return DoubleDouble(np.take_along_axis(x.high, order, -1), np.take_along_axis(x.low, order, -1))


def positions(x: DoubleDouble) -> DoubleDouble:
    """Return 1, 2, 3 ... along the last axis."""
    return DoubleDouble(np.arange(1.0, x.high.shape[-1] + 1.0))


def cumsum(x: DoubleDouble) -> DoubleDouble:
    """Return the sums of the numbers up to each place along the last axis, doubling the reach in each step."""
    length, reach = x.high.shape[-1], 1
    while reach < length:
        moved = _slice(x, reach, length) + _slice(x, 0, length - reach)
        x = concatenate(_slice(x, 0, reach), moved)
        reach *= 2
    return x


def split_halves(x: DoubleDouble) -> tuple[DoubleDouble, DoubleDouble]:
    """Return the first and the second half along the last axis."""
    length = x.high.shape[-1]
    return _slice(x, 0, length // 2), _slice(x, length // 2, length)


def concatenate(first: DoubleDouble, second: DoubleDouble) -> DoubleDouble:
    """Return the numbers of both along the last axis."""
    return DoubleDouble(np.concatenate([first.high, second.high], -1), np.concatenate([first.low, second.low], -1))


def _slice(x: DoubleDouble, start: int, stop: int) -> DoubleDouble:
    return DoubleDouble(x.high[..., start:stop], x.low[..., start:stop])
