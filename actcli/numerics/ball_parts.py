"""What balls are made of: four arrays.

Between operations a ball is one of these, and it always encloses the true value:

- regular: ``abs(high)`` from 2**300 up to 2**301, ``abs(low)`` at most 2**-53 of it, the radius below it. Kept that
  high, the low part may be 2**-1320 of the high one before it underflows;
- exactly zero, with the sign that IEEE 754 gives it: all parts 0;
- around zero: high and low 0, a radius; if that is infinite, nothing is known;
- between 0 and 2 * high, 0 itself excluded: the radius equals high. What exp gives far below 0;
- beyond high, with its sign: high not 0, the radius infinite. What exp gives far above 0;
- infinite or NaN: high says so, low and radius are 0. Such numbers come from the input and follow IEEE 754.
"""

from collections.abc import Callable
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.numerics.dtypes import BoolArray, Float64Array

Exponents: TypeAlias = NDArray[np.int64]

TOP = 300  # high parts of regular balls lie from 2**TOP up to 2**(TOP + 1)
SCALE = 2.0**TOP
ZERO_EXPONENT = -(2**60)  # of zero, so that any other number decides the exponent of a sum
ROUND_OFF = 2.0**-53  # largest relative error of an operation of IEEE 754
UP = 1.0 + 2.0**-40  # more than the rounding errors of the few operations that make up a radius
UNDERFLOW = 2.0**-1022  # more than underflow can lose; normal, for operations on subnormal numbers are slow
LEAST_EXACT = 2.0**-1020  # a scaled low part below this may have lost bits
SEPARATE = 1.0 - 2.0**-50  # a radius below this part of a number leaves no doubt about its sign


class Parts:
    """The parts of numbers ``(high + low +- radius) * 2**exponent``, all of one shape."""

    __slots__ = ("exponent", "high", "low", "radius")

    def __init__(self, high: Float64Array, low: Float64Array, radius: Float64Array, exponent: Exponents) -> None:
        self.high, self.low, self.radius, self.exponent = high, low, radius, exponent

    @property
    def parts(self) -> tuple[NDArray[Any], ...]:
        """All four, in the order of the constructor."""
        return self.high, self.low, self.radius, self.exponent

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array of numbers."""
        return np.shape(self.high)

    def map(self, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Self:
        """Return the function of each part."""
        return self.__class__(*map(function, self.parts))


def power_of_two(exponent: Exponents) -> Float64Array:
    """Return 2**exponent for exponents from -1022 to 1023."""
    power: Float64Array = ((exponent + 1023) << 52).view(np.float64)
    return power


def contains_zero(x: Parts) -> BoolArray:
    """Tell where a ball is around zero, so that its sign is not known."""
    mask: BoolArray = (x.high == 0) & (x.radius > 0)
    return mask


def is_zero(x: Parts) -> BoolArray:
    """Tell where a ball is exactly zero."""
    mask: BoolArray = (x.high == 0) & (x.radius == 0)
    return mask


def is_beyond(x: Parts) -> BoolArray:
    """Tell where only a bound is known below which the size does not lie, and the sign."""
    mask: BoolArray = (x.high != 0) & np.isinf(x.radius)
    return mask


def is_between(x: Parts) -> BoolArray:
    """Tell where only a bound is known above which the size does not lie, and the sign; it is not zero."""
    mask: BoolArray = (x.high != 0) & (x.radius == np.abs(x.high))
    return mask


def choose(condition: BoolArray, x: Parts, y: Parts) -> Parts:
    """Return one of the two, element by element."""
    return Parts(*(np.where(condition, one, other) for one, other in zip(x.parts, y.parts, strict=True)))
