"""Mathematics on pairs of float64 arrays: for float64 results and for sums along an axis.

A number is the unevaluated sum of two float64 numbers, good for about 100 bits in the four operations (Dekker 1971,
Knuth) and for 60 bits and more in the functions below. Only operations that IEEE 754 defines to the bit are used,
so the results are the same on every machine.
"""

from functools import cache
from typing import Any

import numpy as np

from actcli.numerics.rounding import Float64Array


class DoubleDouble:
    """Pairs ``high + low`` of float64 arrays of one shape, with ``abs(low)`` at most half an ulp of ``high``."""

    def __init__(self, high: Any, low: Any = 0.0) -> None:
        self.high = np.asarray(high, dtype=np.float64)
        self.low = np.broadcast_to(np.asarray(low, dtype=np.float64), self.high.shape)

    def __neg__(self) -> "DoubleDouble":
        return DoubleDouble(-self.high, -self.low)

    def __abs__(self) -> "DoubleDouble":
        negative = np.signbit(self.high)
        return DoubleDouble(np.abs(self.high), np.where(negative, -self.low, self.low))

    def __add__(self, other: Any) -> "DoubleDouble":
        other = _pair(other)
        high, low = _two_sum(self.high, other.high)
        return _normal(high, low + (self.low + other.low))

    def __sub__(self, other: Any) -> "DoubleDouble":
        return self + -_pair(other)

    def __mul__(self, other: Any) -> "DoubleDouble":
        other = _pair(other)
        high, low = _two_product(self.high, other.high)
        return _normal(high, low + (self.high * other.low + self.low * other.high))

    def __truediv__(self, other: Any) -> "DoubleDouble":
        other = _pair(other)
        quotient = self.high / other.high
        rest = self - other * DoubleDouble(quotient)
        return _normal(quotient, rest.high / other.high)

    def __rsub__(self, other: Any) -> "DoubleDouble":
        return _pair(other) - self

    def __rtruediv__(self, other: Any) -> "DoubleDouble":
        return _pair(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    # The sign of the pair is that of its high part, and blocks compare x itself, whose low part is 0.
    def __lt__(self, other: Any) -> Any:
        return self.high < _pair(other).high

    def __le__(self, other: Any) -> Any:
        return self.high <= _pair(other).high

    def __gt__(self, other: Any) -> Any:
        return self.high > _pair(other).high

    def __ge__(self, other: Any) -> Any:
        return self.high >= _pair(other).high

    def __eq__(self, other: object) -> Any:
        return self.high == _pair(other).high

    __hash__ = None  # type: ignore[assignment]  # compared element by element, as arrays are


def _pair(x: Any) -> DoubleDouble:
    return x if isinstance(x, DoubleDouble) else DoubleDouble(x)


def _normal(high: Float64Array, low: Float64Array) -> DoubleDouble:
    low = np.where(np.isfinite(low), low, 0.0)  # beside an infinity, and where splitting overflowed
    total = high + low
    return DoubleDouble(np.where(low == 0, high, total), low - (total - high))


def _two_sum(a: Float64Array, b: Float64Array) -> tuple[Float64Array, Float64Array]:
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def _two_product(a: Float64Array, b: Float64Array) -> tuple[Float64Array, Float64Array]:
    product = a * b
    (a_high, a_low), (b_high, b_low) = _split(a), _split(b)
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _split(a: Float64Array) -> tuple[Float64Array, Float64Array]:
    scaled = 134217729.0 * a  # 2**27 + 1
    high = scaled - (scaled - a)
    return high, a - high


_STEPS = 64  # per factor of 2 in the table of powers


@cache
def _constants() -> tuple[Float64Array, Float64Array, tuple[float, float, float]]:
    """Return 2**(j/64) as high and low parts, and ln 2 / 64 in three parts of which two multiply exactly."""
    from decimal import Decimal, localcontext

    with localcontext(prec=60):
        powers = [Decimal(2) ** (Decimal(j) / _STEPS) for j in range(_STEPS)]
        high = [float(power) for power in powers]
        low = [float(power - Decimal(part)) for power, part in zip(powers, high, strict=True)]
        step = Decimal(2).ln() / _STEPS
        first = round(step * 2**40) / Decimal(2**40)
        second = round((step - first) * 2**76) / Decimal(2**76)
        return np.array(high), np.array(low), (float(first), float(second), float(step - first - second))


def _reduced(x: DoubleDouble) -> tuple[Any, Any, DoubleDouble]:
    """Return powers of 2, table positions and expm1(rest), for x = (64 * power + position) * step + rest."""
    _, _, (first, second, third) = _constants()
    high = np.clip(x.high, -800.0, 800.0)
    low = np.where(high == x.high, x.low, 0.0)
    count = np.rint(np.where(np.isnan(high), 0.0, high) * (_STEPS * 1.4426950408889634))
    rest, error = _two_sum(high - count * first, -count * second)
    error = error + (low - count * third)
    series = np.full_like(rest, 1 / 5040)
    for coefficient in (1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2):
        series = series * rest + coefficient
    steps = count.astype(np.int64)
    return steps // _STEPS, steps % _STEPS, _normal(rest, series * rest * rest + (error + error * rest))


def exp(x: DoubleDouble) -> DoubleDouble:
    """Return e**x."""
    power, position, rest = _reduced(x)
    table_high, table_low, _ = _constants()
    scale = DoubleDouble(table_high[position], table_low[position])
    mantissa = scale + scale * rest
    high = np.ldexp(mantissa.high, power)
    return DoubleDouble(high, np.where(np.isfinite(high), np.ldexp(mantissa.low, power), 0.0))


def expm1(x: DoubleDouble) -> DoubleDouble:
    """Return e**x - 1, accurate near 0 too."""
    power, position, rest = _reduced(x)
    near = (power == 0) & (position == 0)
    return where(near, where(x == 0, x, rest), exp(x) - 1.0)


def tanh(x: DoubleDouble) -> DoubleDouble:
    """Return tanh(x)."""
    t = expm1(-2.0 * abs(x))
    return copysign(-t / (t + 2.0), x)


def where(condition: Any, chosen: Any, other: Any) -> DoubleDouble:
    """Return one of the two, element by element."""
    chosen, other = _pair(chosen), _pair(other)
    return DoubleDouble(np.where(condition, chosen.high, other.high), np.where(condition, chosen.low, other.low))


def copysign(size: Any, sign: DoubleDouble) -> DoubleDouble:
    """Return the size with the sign of the other number."""
    size = abs(_pair(size))
    return DoubleDouble(np.copysign(size.high, sign.high), np.where(np.signbit(sign.high), -size.low, size.low))


def maximum_of(x: DoubleDouble) -> DoubleDouble:
    """Return the largest number along the last axis, which is kept with length 1; NaN if there is one."""
    return DoubleDouble(np.max(x.high, axis=-1, keepdims=True))


def sum_of(x: DoubleDouble) -> DoubleDouble:
    """Return the sum along the last axis, which is kept with length 1; halves are added to halves."""
    while (length := x.high.shape[-1]) > 1:
        half = length // 2
        total = _slice(x, 0, half) + _slice(x, half, 2 * half)
        if length % 2:
            last = _slice(x, length - 1, length)
            total = DoubleDouble(np.concatenate([total.high, last.high], -1), np.concatenate([total.low, last.low], -1))
        x = total
    return x


def _slice(x: DoubleDouble, start: int, stop: int) -> DoubleDouble:
    return DoubleDouble(x.high[..., start:stop], x.low[..., start:stop])
