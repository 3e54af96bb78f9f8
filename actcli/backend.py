"""The mathematics that activations are written against, whatever kind of number it works on."""

from typing import Any, Protocol


class Backend(Protocol):
    """The functions a block may use, beside ``+ - * / abs`` and comparisons.

    One block serves three kinds of numbers: float64 arrays, pairs of float64 arrays (double-double) and
    intervals of arbitrary precision. ``maximum_of`` and ``sum_of`` run along the last axis and keep it.
    """

    def exp(self, x: Any) -> Any:
        """e**x."""

    def expm1(self, x: Any) -> Any:
        """e**x - 1, accurate near 0."""

    def log1p(self, x: Any) -> Any:
        """ln(1 + x) for x from 0 to 2, accurate near 0."""

    def sqrt(self, x: Any) -> Any:
        """Square root."""

    def erfcx(self, x: Any) -> Any:
        """exp(x**2) times the complementary error function of x, for x >= 0."""

    def logistic(self, x: Any, factor: Any = 1.0) -> Any:
        """Factor / (1 + exp(-x)), accurate where the quotient alone would underflow."""

    def normal_cdf(self, x: Any, factor: Any = 1.0) -> Any:
        """Factor times the standard normal distribution function of x, in the same way."""

    def tanh_shrink(self, x: Any) -> Any:
        """X - tanh(x), accurate near 0."""

    def number(self, decimal: str) -> Any:
        """Take a constant of a definition from its decimals."""

    pi: Any
    ln2: Any

    def tanh(self, x: Any) -> Any:
        """Hyperbolic tangent."""

    def where(self, condition: Any, chosen: Any, other: Any) -> Any:
        """Take one of the two by a condition."""

    def maximum(self, x: Any, y: Any) -> Any:
        """Take the larger of the two; of equal zeros, that of x."""

    def minimum(self, x: Any, y: Any) -> Any:
        """Take the smaller of the two; of equal zeros, that of x."""

    def copysign(self, size: Any, sign: Any) -> Any:
        """Take the size of one and the sign of the other."""

    def maximum_of(self, x: Any) -> Any:
        """Largest number along the last axis."""

    def sum_of(self, x: Any) -> Any:
        """Sum along the last axis."""

    def descending(self, x: Any) -> Any:
        """Numbers along the last axis, the largest first."""

    def positions(self, x: Any) -> Any:
        """1, 2, 3 ... along the last axis."""

    def running_sum(self, x: Any) -> Any:
        """Add up the numbers to each place along the last axis."""

    def halves(self, x: Any) -> tuple[Any, Any]:
        """Split the last axis in the middle."""

    def joined(self, first: Any, second: Any) -> Any:
        """Put two halves together again."""
