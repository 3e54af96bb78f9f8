"""Axes of a drawing: which dot stands for which number, and the round numbers written beside the axis."""

import math
import sys
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T", float, "NDArray[np.float64]")

_HEADROOM = 1.03
"""How far an axis goes beyond a curve, so that sigmoid, which only comes near 1, has a 1 beside it."""


class Scale(NamedTuple):
    """A linear scale of dots, given by two numbers and their dots, which are counted from 0."""

    start: float
    start_dot: float
    stop: float
    stop_dot: float
    dots: int
    """How many there are."""

    def dot(self, values: T) -> T:
        """Return the dots of numbers, not rounded."""
        return self.start_dot + (values - self.start) / (self.stop - self.start) * (self.stop_dot - self.start_dot)

    def value(self, dot: float) -> float:
        """Return the number of a dot."""
        share = (dot - self.start_dot) / (self.stop_dot - self.start_dot)
        return self.start + share * (self.stop - self.start)

    def span(self) -> tuple[float, float]:
        """Return the lowest and highest number that have a dot."""
        first, last = self.value(-0.49), self.value(self.dots - 0.51)
        return min(first, last), max(first, last)

    def cell(self, value: float, dots_per_cell: int) -> int:
        """Return the cell of a number, which may lie beyond the ends."""
        return round(self.dot(value)) // dots_per_cell


def horizontal(low: float, high: float, dots: int) -> Scale:
    """Return a scale whose first dot is the lowest number and whose last dot is the highest."""
    return Scale(low, 0, high, dots - 1, dots)


def vertical(low: float, high: float, rows: int, dots_per_row: int) -> Scale:
    """Return a scale from the top down in which 0, where it is between low and high, has a dot of its own.

    That dot is in the middle of its row, where the axis is drawn, so that zeros lie on the axis.
    """
    dots = rows * dots_per_row
    if not low <= 0 <= high:
        return Scale(high, 0, low, dots - 1, dots)
    low, high = (max(min(_HEADROOM * end, sys.float_info.max), -sys.float_info.max) for end in (low, high))
    if not low < high:
        high = 1.0
    middle = 1 if dots_per_row > 1 else 0
    # Less than half a dot of room holds what rounds to the dot of 0.
    room = {zero: (max(zero, 0.4), max(dots - 1 - zero, 0.4)) for zero in range(middle, dots, dots_per_row)}
    zero = min(room, key=lambda zero: max(high / room[zero][0], -low / room[zero][1]))
    above, below = room[zero]
    if high / above >= -low / below:
        return Scale(0.0, zero, high, zero - above, dots)
    return Scale(0.0, zero, low, zero + below, dots)


def ticks(low: float, high: float, count: float) -> dict[float, str]:
    """Return about so many round numbers from low to high, and how they are written."""
    least = high / count - low / count
    if not sys.float_info.min < least < sys.float_info.max / 10:
        return {}
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= 0.999 * least)
    places = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    digits = max(6, 2 + math.ceil(math.log10(max(abs(low), abs(high)) / step)))
    return {place * step: f"{place * step:.{digits}g}" for place in places}
