"""Pairs of float64 arrays and their four operations: the arithmetic under ``double_double``.

A number is the unevaluated sum of two float64 numbers, good for about 104 bits (Dekker 1971; Joldes, Muller & Popescu
2017, ACM TOMS 44(2), whose bounds are quoted). Only operations that IEEE 754 defines to the bit are used, so the
results are the same on every machine. A Python float stands for an array of any shape.

Nothing here guards against overflow, underflow and the like: callers run it under ``strict``, and take what it raises
as the sign that these numbers need another arithmetic. What is out of reach for another reason, or depends on a
comparison that the digits cannot decide, becomes NaN.
"""

import math
from typing import Any, TypeAlias, Union, cast

import numpy as np

from actcli.numerics.dtypes import BoolArray, Float64Array

Operand: TypeAlias = Union["DoubleDouble", Float64Array, float]

COMPARISON_ERROR = 2.0**-70  # how far off a number may be, relative to those that were compared


def strict() -> np.errstate:
    """Return the context in which a step that loses more than a rounding raises FloatingPointError."""
    return np.errstate(all="raise")


class Decision:
    """The outcome of a comparison: where it ``holds``, as far as is known, and where that is in ``doubt``."""

    __slots__ = ("doubt", "holds")
    __array_ufunc__ = None  # NumPy's arrays leave the operators to this class

    def __init__(self, holds: BoolArray, doubt: BoolArray) -> None:
        self.holds, self.doubt = holds, doubt

    def __and__(self, other: "Decision | BoolArray") -> "Decision":
        other = as_decision(other)
        possible = (self.holds | self.doubt) & (other.holds | other.doubt)
        return Decision(self.holds & other.holds, possible & (self.doubt | other.doubt))

    def __or__(self, other: "Decision | BoolArray") -> "Decision":
        other = as_decision(other)
        certain = (self.holds & ~self.doubt) | (other.holds & ~other.doubt)
        return Decision(self.holds | other.holds, ~certain & (self.doubt | other.doubt))

    __rand__ = __and__
    __ror__ = __or__


def as_decision(condition: Any) -> Decision:
    """Return a condition, be it plain truth values or a decision, as a decision."""
    if isinstance(condition, Decision):
        return condition
    holds = np.asarray(condition)
    return Decision(holds, np.zeros_like(holds))


_NONE = cast("Float64Array", 0.0)


def outcome(condition: Any) -> Any:
    """Return where a condition holds, be it plain truth values or a decision."""
    return condition.holds if isinstance(condition, Decision) else condition


class DoubleDouble:
    """Pairs ``high + low`` of float64 arrays, with ``abs(low)`` at most half an ulp of ``high``.

    A ``low`` that is 0.0, no array, says that ``high`` is all there is. ``is_exact`` tells that no step has rounded.
    """

    __slots__ = ("high", "is_exact", "low")
    __array_priority__ = 1000  # an array beside it leaves the operation to it

    def __init__(self, high: Float64Array, low: Float64Array = _NONE, is_exact: bool = False) -> None:
        self.high = high
        self.low = low
        self.is_exact = is_exact or self.is_single

    @property
    def is_single(self) -> bool:
        """Whether the low half is known to be zero throughout."""
        return isinstance(self.low, float) and not self.low

    def __neg__(self) -> "DoubleDouble":
        return DoubleDouble(-self.high, -self.low, self.is_exact)

    def __abs__(self) -> "DoubleDouble":
        if self.is_single:
            return DoubleDouble(np.abs(self.high))
        sign = np.copysign(1.0, self.high)
        return DoubleDouble(self.high * sign, self.low * sign, self.is_exact)

    def __add__(self, other: Operand) -> "DoubleDouble":
        other = as_double_double(other)
        if isinstance(other.high, float) and not other.high:
            return self
        high, error = two_sum(self.high, other.high)
        if self.is_single and other.is_single:
            return DoubleDouble(high, error, is_exact=True)
        if self.is_single or other.is_single:
            return renormalize(high, error + (other.low if self.is_single else self.low))  # 2 * 2**-106
        low, low_error = two_sum(self.low, other.low)
        high, error = fast_two_sum(high, error + low)
        return renormalize(high, error + low_error)  # 3 * 2**-106

    def __sub__(self, other: Operand) -> "DoubleDouble":
        return self + -as_double_double(other)

    def __mul__(self, other: Operand) -> "DoubleDouble":
        other = as_double_double(other)
        if (factor := other.power_of_2) is not None:
            return DoubleDouble(self.high * factor, self.low * factor, self.is_exact)
        product, error = two_product(self.high, other.high)
        if self.is_single and other.is_single:
            return DoubleDouble(product, error, is_exact=True)
        if other.is_single:
            return renormalize(product, error + self.low * other.high)
        if self.is_single:
            return renormalize(product, error + self.high * other.low)
        return renormalize(product, error + (self.high * other.low + self.low * other.high))  # 5 * 2**-106

    def __truediv__(self, other: Operand) -> "DoubleDouble":
        other = as_double_double(other)
        if (divisor := other.power_of_2) is not None:
            return DoubleDouble(self.high / divisor, self.low / divisor, self.is_exact)
        quotient = self.high / other.high
        product, error = two_product(quotient, other.high)
        remainder = (self.high - product) - error
        if not self.is_single:
            remainder = remainder + self.low
        if not other.is_single:
            remainder = remainder - quotient * other.low
        return renormalize(quotient, remainder / other.high)  # 10 * 2**-106

    def __rsub__(self, other: Operand) -> "DoubleDouble":
        return as_double_double(other) - self

    def __rtruediv__(self, other: Operand) -> "DoubleDouble":
        return as_double_double(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __lt__(self, other: Operand) -> Decision | BoolArray:
        return self._compare(np.less, other)

    def __le__(self, other: Operand) -> Decision | BoolArray:
        return self._compare(np.less_equal, other)

    def __gt__(self, other: Operand) -> Decision | BoolArray:
        return self._compare(np.greater, other)

    def __ge__(self, other: Operand) -> Decision | BoolArray:
        return self._compare(np.greater_equal, other)

    def __eq__(self, other: Any) -> Decision | BoolArray:  # type: ignore[override]
        return self._compare(np.equal, other)

    __hash__ = None  # type: ignore[assignment]  # compared element by element, as arrays are

    @property
    def power_of_2(self) -> float | None:
        """The number if it is one power of 2, by which everything multiplies exactly; else None."""
        if isinstance(self.high, float) and self.is_single and abs(math.frexp(self.high)[0]) == 0.5:
            return self.high
        return None

    def collapse(self) -> "DoubleDouble":
        """Return the same as a single number, if it is exact and its low half zero."""
        return DoubleDouble(self.high) if self.is_exact and not np.any(self.low) else self

    def _compare(self, relation: np.ufunc, other: Operand) -> Decision | BoolArray:
        one, two = self.collapse(), as_double_double(other).collapse()
        if (one.is_single and two.is_single) or (isinstance(two.high, float) and math.isinf(two.high)):
            return cast("BoolArray", relation(one.high, two.high))
        difference = one - two
        if difference.is_exact:
            return cast("BoolArray", relation(difference.high, 0.0))
        reach = COMPARISON_ERROR * (np.abs(one.high) + np.abs(two.high))
        return Decision(relation(difference.high, 0.0), ~(np.abs(difference.high) > reach))


def as_double_double(x: Operand) -> DoubleDouble:
    """Return x, be it a pair, an array or a number, as a pair."""
    if isinstance(x, DoubleDouble):
        return x
    return DoubleDouble(x if isinstance(x, np.ndarray) else cast("Float64Array", float(x)))


def renormalize(high: Float64Array, low: Float64Array) -> DoubleDouble:
    """Return the sum of a number and a much smaller one as a pair."""
    return DoubleDouble(*fast_two_sum(high, low))


def fast_two_sum(a: Float64Array, b: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the rounded sum, and what the rounding cut off, of a number and a smaller one."""
    total = a + b
    return total, b - (total - a)


def two_sum(a: Float64Array, b: Float64Array | float) -> tuple[Float64Array, Float64Array]:
    """Return the rounded sum and what the rounding cut off."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def two_product(a: Float64Array, b: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the rounded product and what the rounding cut off."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = split(a), split(b)
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def split(a: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return a number as a sum of two of at most 26 bits each, sign apart."""
    scaled = 134217729.0 * a  # 2**27 + 1
    high = scaled - (scaled - a)
    return high, a - high
