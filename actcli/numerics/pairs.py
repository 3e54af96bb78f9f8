"""Pairs of float64 arrays and their four operations: the arithmetic under ``double_double``.

A number is the unevaluated sum of two float64 numbers, good for about 100 bits (Dekker 1971, Knuth). Only operations
that IEEE 754 defines to the bit are used, so the results are the same on every machine.
"""

from typing import Any, TypeAlias, Union

import numpy as np

from actcli.numerics.dtypes import BoolArray, Float64Array

Operand: TypeAlias = Union["DoubleDouble", Float64Array, float]


class DoubleDouble:
    """Pairs ``high + low`` of float64 arrays of one shape, with ``abs(low)`` at most half an ulp of ``high``."""

    def __init__(self, high: Float64Array | float, low: Float64Array | float = 0.0) -> None:
        self.high = np.asarray(high, dtype=np.float64)
        self.low = np.broadcast_to(np.asarray(low, dtype=np.float64), self.high.shape)

    def __neg__(self) -> "DoubleDouble":
        return DoubleDouble(-self.high, -self.low)

    def __abs__(self) -> "DoubleDouble":
        negative = np.signbit(self.high)
        return DoubleDouble(np.abs(self.high), np.where(negative, -self.low, self.low))

    def __add__(self, other: Operand) -> "DoubleDouble":
        other = as_double_double(other)
        high, low = two_sum(self.high, other.high)
        return renormalize(high, low + (self.low + other.low))

    def __sub__(self, other: Operand) -> "DoubleDouble":
        return self + -as_double_double(other)

    def __mul__(self, other: Operand) -> "DoubleDouble":
        other = as_double_double(other)
        high, low = two_product(self.high, other.high)
        return renormalize(high, low + (self.high * other.low + self.low * other.high))

    def __truediv__(self, other: Operand) -> "DoubleDouble":
        other = as_double_double(other)
        quotient = self.high / other.high
        remainder = self - other * DoubleDouble(quotient)
        return renormalize(quotient, np.where(np.abs(self.high) > _MIN_EXACT_PRODUCT, remainder.high / other.high, 0.0))

    def __rsub__(self, other: Operand) -> "DoubleDouble":
        return as_double_double(other) - self

    def __rtruediv__(self, other: Operand) -> "DoubleDouble":
        return as_double_double(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    # The sign of the pair is that of its high part, and activations compare x itself, whose low part is 0.
    def __lt__(self, other: Operand) -> BoolArray:
        return self.high < as_double_double(other).high

    def __le__(self, other: Operand) -> BoolArray:
        return self.high <= as_double_double(other).high

    def __gt__(self, other: Operand) -> BoolArray:
        return self.high > as_double_double(other).high

    def __ge__(self, other: Operand) -> BoolArray:
        return self.high >= as_double_double(other).high

    def __eq__(self, other: Any) -> BoolArray:  # type: ignore[override]
        return np.equal(self.high, as_double_double(other).high)

    __hash__ = None  # type: ignore[assignment]  # compared element by element, as arrays are


_MIN_EXACT_PRODUCT = 2.0**-960  # below it, what a product's or quotient's rounding cut off underflows


def as_double_double(x: Operand) -> DoubleDouble:
    """Return x, be it a pair, an array or a number, as a pair."""
    return x if isinstance(x, DoubleDouble) else DoubleDouble(x)


def broadcast_pairs(x: Operand, shape: tuple[int, ...]) -> DoubleDouble:
    """Return x, be it a pair, an array or a number, as pairs of that shape."""
    x = as_double_double(x)
    return DoubleDouble(np.broadcast_to(x.high, shape), np.broadcast_to(x.low, shape))


def renormalize(high: Float64Array, low: Float64Array) -> DoubleDouble:
    """Return the sum of a number and a much smaller one as a pair."""
    low = np.where(np.isfinite(low), low, 0.0)  # beside an infinity, and where splitting overflowed
    total = high + low
    return DoubleDouble(np.where(low == 0, high, total), np.where(np.isinf(total), 0.0, low - (total - high)))


def two_sum(a: Float64Array, b: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the rounded sum and what the rounding cut off."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def two_product(a: Float64Array, b: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the rounded product and what the rounding cut off."""
    product = a * b
    exact = np.abs(product) > _MIN_EXACT_PRODUCT
    (a_high, a_low), (b_high, b_low) = _split(a), _split(b)
    error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)
    return product, np.where(exact, error, 0.0)


def _split(a: Float64Array) -> tuple[Float64Array, Float64Array]:
    scaled = 134217729.0 * a  # 2**27 + 1
    high = scaled - (scaled - a)
    return high, a - high
