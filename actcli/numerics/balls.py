"""Balls with an exponent: numbers (high + low +- radius) * 2**exponent of arrays, for what pairs cannot decide.

The radius bounds the error that was made so far. It is measured step by step with error-free transformations (Knuth's
two-sum, Dekker's product; Joldes, Muller & Popescu 2017), so it stays exactly 0 while every step is exact: exact ties
are recognised. The exponent is an integer of its own, so nothing overflows or underflows inside.

What a ball can be is listed in ``ball_parts``.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from actcli.numerics import ball_exceptions
from actcli.numerics.ball_parts import (
    LEAST_EXACT,
    ROUND_OFF,
    SCALE,
    SEPARATE,
    TOP,
    UNDERFLOW,
    UP,
    ZERO_EXPONENT,
    Exponents,
    Parts,
    contains_zero,
    power_of_two,
)
from actcli.numerics.dtypes import BoolArray, Float64Array, Positions
from actcli.numerics.pairs import Decision, two_product, two_sum

Exceptional: TypeAlias = Callable[[Parts, Parts, Parts], Parts]
Operand: TypeAlias = Union["Ball", Float64Array, float]


class Ball(Parts):
    """Numbers ``(high + low +- radius) * 2**exponent``: the operators of a number."""

    __slots__ = ()
    __array_ufunc__ = None  # NumPy's numbers and arrays leave the operators to this class

    def __neg__(self) -> "Ball":
        return Ball(-self.high, -self.low, self.radius, self.exponent)

    def __abs__(self) -> "Ball":
        return Ball(np.abs(self.high), np.copysign(1.0, self.high) * self.low, self.radius, self.exponent)

    def __add__(self, other: Operand) -> "Ball":
        return _add(self, as_ball(other))

    def __sub__(self, other: Operand) -> "Ball":
        return _add(self, -as_ball(other))

    def __rsub__(self, other: Operand) -> "Ball":
        return _add(as_ball(other), -self)

    def __mul__(self, other: Operand) -> "Ball":
        return _multiply(self, as_ball(other))

    def __truediv__(self, other: Operand) -> "Ball":
        return _divide(self, as_ball(other))

    def __rtruediv__(self, other: Operand) -> "Ball":
        return _divide(as_ball(other), self)

    __radd__ = __add__
    __rmul__ = __mul__

    def __lt__(self, other: Operand) -> Decision:
        return self._compare(other, np.less)

    def __le__(self, other: Operand) -> Decision:
        return self._compare(other, np.less_equal)

    def __gt__(self, other: Operand) -> Decision:
        return self._compare(other, np.greater)

    def __ge__(self, other: Operand) -> Decision:
        return self._compare(other, np.greater_equal)

    def __eq__(self, other: object) -> Decision:  # type: ignore[override]
        return self._compare(other, np.equal)  # type: ignore[arg-type]

    __hash__ = None  # type: ignore[assignment]  # compared element by element, as arrays are

    def _compare(self, other: Operand, relation: Callable[..., BoolArray]) -> Decision:
        """Compare by the difference; infinities and NaN as IEEE 754 does."""
        other = as_ball(other)
        difference = difference_of(self, other)
        holds = relation(difference.high, 0.0)
        finite = np.isfinite(difference.high)
        if not finite.all():
            holds = np.where(finite, holds, relation(self.high, other.high))
        return Decision(holds, contains_zero(difference))


def difference_of(x: Ball, y: Ball) -> Ball:
    """Return x - y, for comparisons: x itself where y is the number 0."""
    return x if y.shape == () and not y.high and not y.radius else x - y


def nudge(x: "Ball", direction: Float64Array) -> "Ball":
    """Return numbers to which too little is added to see, with the sign of the direction.

    An exact number moves by more than that, though by less than any boundary but its own is away: what counts is only
    on which side of it the sum lies, so nothing may be taken off afterwards that leaves the addend alone.
    """
    trace = np.where(x.low == 0, np.abs(x.high) * 2.0**-200, np.abs(x.low) * 2.0**-50)
    low = x.low + np.copysign(trace, direction)
    moved = np.abs(low - x.low)
    return Ball(x.high, low, np.where(x.radius == 0, 0.5 * moved, x.radius + 2.0 * moved), x.exponent)


def as_ball(x: Operand) -> Ball:
    """Return x, be it a ball, an array or a number, as a ball."""
    if isinstance(x, Ball):
        return x
    mantissa, power = np.frexp(np.asarray(x, np.float64))
    high = mantissa * (2.0 * SCALE)
    exponent = np.where(mantissa == 0, ZERO_EXPONENT, power.astype(np.int64) - (TOP + 1))
    zero = np.zeros_like(high)
    return Ball(high, zero, zero, exponent)


def shift(x: Ball, power: int) -> Ball:
    """Return x * 2**power."""
    return Ball(x.high, x.low, x.radius, x.exponent + power)


def _add(x: Ball, y: Ball) -> Ball:
    exponent = np.maximum(x.exponent, y.exponent)
    x_high, x_low, x_radius = _align(x, exponent)
    y_high, y_low, y_radius = _align(y, exponent)
    first, a = two_sum(x_high, y_high)
    t, b = two_sum(x_low, y_low)
    c, d = two_sum(a, t)
    s, c = two_sum(first, c)
    q, f = two_sum(c, d + b)
    radius = x_radius + y_radius + np.abs(f) + np.abs(two_sum(d, b)[1])
    high, low = two_sum(s, q)
    return normalize(x, y, ball_exceptions.add, Parts(high, low, radius, exponent))


def _align(x: Ball, exponent: Exponents) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return high, low and radius of x as multiples of 2**exponent, which is at least its own."""
    down = np.maximum(x.exponent - exponent, -2000)
    if np.min(down, initial=0) == 0:
        return x.high, x.low, x.radius
    first, second = np.maximum(down, -1000), np.minimum(down + 1000, 0)
    factor = power_of_two(first)
    high, low, radius = x.high * factor, x.low * factor, x.radius * factor
    if np.min(second) < 0:
        factor = power_of_two(second)
        high, low, radius = high * factor, low * factor, radius * factor
    # High parts are multiples of 2**(TOP - 52), and lose nothing until they are shifted below 2**-1074.
    lost = (x.radius > 0) | ((x.low != 0) & (np.abs(low) < LEAST_EXACT))
    lost |= (down < -1074 - (TOP - 52)) & (x.high != 0)
    return high, low, radius + lost * (3 * UNDERFLOW)


def _multiply(x: Ball, y: Ball) -> Ball:
    for one, other in ((x, y), (y, x)):
        if _is_power_of_two(other):
            product = Ball(one.high, one.low, one.radius, one.exponent + (other.exponent + TOP))
            return product if other.high > 0 else -product
    high, a = two_product(x.high, y.high)
    c, d = x.high * y.low, x.low * y.high
    w, f = two_sum(c, d)
    low, g = two_sum(a, w)
    # Twice, because the product of the low parts, which is left out, is at most ROUND_OFF of either.
    radius = np.abs(f) + np.abs(g) + (2.0 * ROUND_OFF) * (np.abs(c) + np.abs(d))
    radius = radius + (np.abs(x.high) * y.radius + (np.abs(y.high) + y.radius) * x.radius)
    return normalize(x, y, ball_exceptions.multiply, Parts(high, low, radius, x.exponent + y.exponent))


def _is_power_of_two(x: Ball) -> bool:
    """Tell whether it is one number, and a power of two but for its sign: an exact and cheap factor."""
    return bool(x.shape == () and np.abs(x.high) == SCALE and not x.low and not x.radius)


def _divide(x: Ball, y: Ball) -> Ball:
    if _is_power_of_two(y):
        quotient = Ball(x.high, x.low, x.radius, x.exponent - (y.exponent + TOP))
        return quotient if y.high > 0 else -quotient
    q = x.high / y.high
    product, a = two_product(q, y.high)
    remainder, b = two_sum((x.high - product) - a, x.low)  # a remainder of a quotient is a float64 number
    c = q * y.low
    remainder, d = two_sum(remainder, -c)
    scaled = remainder * SCALE
    low = scaled / y.high
    product, a = two_product(low, y.high)
    # By how much (q * SCALE + low) * y misses x * SCALE.
    missing = np.abs((scaled - product) - a) + np.abs(low * y.low) + np.abs(q) * SCALE * y.radius
    lost = ROUND_OFF * np.abs(c) + (y.low != 0) * UNDERFLOW
    missing = missing + SCALE * (np.abs(b) + np.abs(d) + lost + x.radius)
    radius = missing / np.maximum(np.abs(y.high) * (1.0 - 4 * ROUND_OFF) - y.radius, 0.0)
    exponent = x.exponent - y.exponent - TOP
    return normalize(x, y, ball_exceptions.divide, Parts(q * SCALE, low, radius, exponent))


def normalize(x: Parts, y: Parts, exceptional: Exceptional, raw: Parts) -> Ball:
    """Return regular balls of an operation's results; those that cannot be regular are made by ``exceptional``."""
    total = raw.high + raw.low
    low = raw.low - (total - raw.high)
    size = np.abs(total)
    bits = np.maximum(size.view(np.int64) >> 52, TOP)  # one factor brings up to 2**TOP what is above 2**(TOP - 1023)
    factor = ((TOP + 2046 - bits) << 52).view(np.float64)
    scaled = low * factor
    lost = (raw.radius > 0) | ((low != 0) & (np.abs(scaled) < LEAST_EXACT))
    radius = raw.radius * factor * UP + lost * UNDERFLOW
    result = Ball(total * factor, scaled, radius, raw.exponent + (bits - (TOP + 1023)))
    regular = (raw.radius < size * SEPARATE) & (bits > TOP)
    if regular.all():
        return result
    places = np.flatnonzero(~regular)
    raw = Parts(total, low, raw.radius * UP, raw.exponent)

    def pick(part: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(part, total.shape).reshape(-1)[places]

    return put(result, places, exceptional(x.map(pick), y.map(pick), raw.map(pick)))


def widen(x: Ball, error: float) -> Ball:
    """Return x with that relative error more."""
    return Ball(x.high, x.low, (x.radius + np.abs(x.high) * error) * UP, x.exponent)


def put(x: Ball, places: Positions, parts: Parts) -> Ball:
    """Return x with other numbers at some places of its flattened parts."""

    def replace(part: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        part = np.array(part)
        part.reshape(-1)[places] = new
        return part

    return Ball(*(replace(*pair) for pair in zip(x.parts, parts.parts, strict=True)))
