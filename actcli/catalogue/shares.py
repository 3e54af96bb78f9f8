"""What softmax and its kin share: distances from the largest number, masks, sums of exponentials."""

import math

from actcli.activation import AlongAxis
from actcli.backend import AxisBackend, T
from actcli.errors import ArgumentError
from actcli.parameters import param


def below(m: AxisBackend[T], x: T, largest: T) -> T:
    """Return x less the largest; entries equal to an infinite one count as equal to it."""
    return m.where(x == largest, 0.0, x - largest)


def first_largest(m: AxisBackend[T], x: T) -> T:
    """Return 1 at the first maximum along the axis, 0 elsewhere."""
    equal = m.where(x == m.max_last(x), 1.0, 0.0)
    return m.where(m.cumsum(equal) == 1.0, equal, 0.0)


def weighted_vjp(m: AxisBackend[T], first: T, g: T, weights: T, shares: T) -> T:
    """Return weights * (g - sum(g * shares)), where the shares sum to 1; first is 1 at a largest one, else 0."""
    # A constant in g has no effect. Without that of the largest share, near 1, g - sum(g * shares) does not cancel.
    g = g - m.sum_last(m.where(first == 1.0, g, 0.0))
    return weights * (g - m.sum_last(g * shares))


class Maskable(AlongAxis):
    """What can leave numbers out, as if they were not there."""

    fill_value: float | None = param(
        None, "masked numbers equal this: they count as not there", domain="any", spellings=("mask_value",)
    )
    absent = -math.inf


class Exponentials(Maskable):
    """What softmax and its kin need to know: the maximum, and the sum of e**(x - maximum) of all numbers but it.

    The sum leaves out the 1 of the maximum, beside which the digits of a small sum would be lost.
    """

    temperature: float = param(
        1.0, "divides the numbers; at 0 the largest takes everything, and equal ones share it", domain=">= 0"
    )
    sink: float | None = param(None, "adds e**sink to the sum, as one more number would, which has no result")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        check_size(self, "temperature")
        if self.sink is not None:
            self.of_nothing = self.at_absent

    def oriented(self, x: T) -> T:
        """Return the numbers of which the largest gets the largest share."""
        return x

    def reduction(self, m: AxisBackend[T], x: T) -> tuple[T, T]:
        """Return the maximum along the last axis, and the sum of the exponentials of what lies below it."""
        x = self.oriented(x)
        largest = m.max_last(x)
        is_largest = x == largest
        count = m.sum_last(m.where(is_largest, 1.0, 0.0))
        return largest, m.sum_last(m.where(is_largest, 0.0, self._exp(m, below(m, x, largest)))) + (count - 1.0)

    def apply_reduction(self, m: AxisBackend[T], x: T, reduction: tuple[T, T]) -> T:
        """Return f(x) for some of the numbers that were reduced: their shares."""
        largest, others = reduction
        lift, others = self.with_sink(m, largest, others)
        return self._exp(m, below(m, self.oriented(x), largest), lift) / (1.0 + others)

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return f(x) along the last axis."""
        return self.apply_reduction(m, x, self.reduction(m, x))

    def merge_reductions(self, m: AxisBackend[T], first: tuple[T, T], second: tuple[T, T]) -> tuple[T, T]:
        """Return the larger maximum, and the sum that counts from it."""
        largest = m.maximum(first[0], second[0])
        one, other = (self._exp(m, below(m, its_largest, largest)) for its_largest, _ in (first, second))
        more, fewer = first[1] + (1.0 + second[1]) * other, second[1] + (1.0 + first[1]) * one
        return largest, m.where(first[0] == largest, more, fewer)

    def _exp(self, m: AxisBackend[T], x: T, lift: T | float = 0.0) -> T:
        """Return e**(x / temperature - lift) for x up to 0; at 0 degrees, the limit."""
        scaled = self.scaled(m, x)
        if self.temperature:
            return m.exp(scaled - lift)
        return m.where(scaled < 0.0, 0.0, m.exp(m.where(scaled < 0.0, 0.0, scaled) - lift))

    def scaled(self, m: AxisBackend[T], x: T) -> T:
        """Return x / temperature; at 0 degrees, the limit."""
        if self.temperature:
            return x if self.temperature == 1.0 else x / self.temperature
        return m.where(x > 0.0, math.inf, m.where(x < 0.0, -math.inf, x))

    def with_sink(self, m: AxisBackend[T], largest: T, others: T) -> tuple[T | float, T]:
        """Return by how much the sink exceeds the maximum, if it does, and the sum of all but the larger of the two."""
        if self.sink is None:
            return 0.0, others
        margin = self.scaled(m, largest) - self.sink
        lift = m.maximum(-margin, 0.0)
        return lift, others * m.exp(-lift) + m.exp(-m.abs(margin))

    def shares(self, m: AxisBackend[T], x: T) -> tuple[T, T, T]:
        """Return the shares of all numbers, of those beside the first largest together, and of the sink."""
        largest, others = Exponentials.reduction(self, m, x)
        lift, rest = self.with_sink(m, largest, others)
        y = self._exp(m, below(m, self.oriented(x), largest), lift) / (1.0 + rest)
        beside = m.sum_last(m.where(first_largest(m, self.oriented(x)) == 1.0, 0.0, y))
        if self.sink is None:
            return y, beside, 0.0 * beside
        return y, beside, m.exp(-m.maximum(self.scaled(m, largest) - self.sink, 0.0)) / (1.0 + rest)

    def shares_vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return the product of g with the Jacobian of the shares by ``oriented(x)``."""
        if not self.temperature:
            return flat(m, x)
        (y, beside, of_sink), first = self.shares(m, x), first_largest(m, self.oriented(x))
        if self.sink is None:
            return self.scaled(m, weighted_vjp(m, first, g, y, y))
        weighted = g * y
        others = m.sum_last(m.where(first == 1.0, 0.0, weighted))
        return self.scaled(m, y * m.where(first == 1.0, g * (beside + of_sink) - others, g - m.sum_last(weighted)))


_MAX_TEMPERATURE = 1e250  # what stands for an infinity, divided by it, still is far below or above every number


def check_size(activation: AlongAxis, name: str) -> None:
    """Raise ArgumentError for a temperature beside which infinities would not be infinite."""
    if getattr(activation, name) > _MAX_TEMPERATURE:
        raise ArgumentError(
            name, f"must be at most {_MAX_TEMPERATURE:.0e}, got {getattr(activation, name)}", activation.name
        )


def flat(m: AxisBackend[T], x: T) -> T:
    """Return 0, the slope between jumps, or NaN where a number of the row is."""
    largest = m.max_last(x)
    return m.where(x <= largest, 0.0, largest)
