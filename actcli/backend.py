"""The mathematics that activations are written against, whatever kind of number it works on.

One activation serves four kinds: float64 arrays, pairs of float64 arrays (double-double), balls of such pairs, and
intervals of arbitrary precision. Each kind is a module of ``actcli.numerics`` whose functions are those of a backend.
"""

from typing import Protocol, Self, TypeVar


class Condition(Protocol):
    """The outcome of a comparison: one truth value, or one for each number."""

    def __and__(self, other: Self, /) -> Self: ...
    def __or__(self, other: Self, /) -> Self: ...


class Number(Protocol):
    """What every kind of number can do; plain Python numbers mix with it."""

    def __neg__(self) -> Self: ...
    def __abs__(self) -> Self: ...
    def __add__(self, other: Self | float, /) -> Self: ...
    def __radd__(self, other: float, /) -> Self: ...
    def __sub__(self, other: Self | float, /) -> Self: ...
    def __rsub__(self, other: float, /) -> Self: ...
    def __mul__(self, other: Self | float, /) -> Self: ...
    def __rmul__(self, other: float, /) -> Self: ...
    def __truediv__(self, other: Self | float, /) -> Self: ...
    def __rtruediv__(self, other: float, /) -> Self: ...
    def __lt__(self, other: Self | float, /) -> Condition: ...
    def __le__(self, other: Self | float, /) -> Condition: ...
    def __gt__(self, other: Self | float, /) -> Condition: ...
    def __ge__(self, other: Self | float, /) -> Condition: ...
    def __eq__(self, other: object, /) -> Condition: ...  # type: ignore[override]  # one truth value for each number

    __hash__: None  # type: ignore[assignment]  # as of arrays


T = TypeVar("T", bound=Number)


class Backend(Protocol[T]):
    """The functions of one kind of number, beside ``+ - * /`` and comparisons."""

    @property
    def pi(self) -> T | float:
        """The ratio of a circle's circumference to its diameter."""

    @property
    def ln2(self) -> T | float:
        """The natural logarithm of 2."""

    def constant(self, decimal: str, /) -> T | float:
        """Take a constant of a definition from its decimals."""

    def abs(self, x: T, /) -> T:
        """Absolute value; that of ``abs``, which loses the type of a number."""

    def exp(self, x: T, /) -> T:
        """e**x."""

    def expm1(self, x: T, /) -> T:
        """e**x - 1, accurate near 0."""

    def log1p(self, x: T, /) -> T:
        """ln(1 + x) for x >= 0, accurate near 0."""

    def ln(self, x: T, /) -> T:
        """Natural logarithm for x > 0, accurate near 1 too."""

    def sqrt(self, x: T | float, /) -> T:
        """Square root."""

    def tanh(self, x: T, /) -> T:
        """Hyperbolic tangent."""

    def tanh_shrink(self, x: T, /) -> T:
        """X - tanh(x), accurate near 0."""

    def sin(self, x: T, /) -> T:
        """Sine, with as many digits near a multiple of pi as elsewhere."""

    def cos(self, x: T, /) -> T:
        """Cosine, with as many digits near its zeros as elsewhere."""

    def sinpi(self, x: T, /) -> T:
        """Sine of pi * x, exactly 0 at integers."""

    def cospi(self, x: T, /) -> T:
        """Cosine of pi * x, exactly 0 halfway between integers."""

    def sin_shrink(self, x: T, /) -> T:
        """X - sin(x), accurate near 0."""

    def erf(self, x: T, /) -> T:
        """Error function for x >= 0, accurate near 0."""

    def erfcx(self, x: T, /) -> T:
        """exp(x**2) times the complementary error function of x, for x >= 0."""

    def logistic(self, x: T, factor: T | float = 1.0, /) -> T:
        """Factor / (1 + exp(-x)), accurate where the quotient alone would underflow."""

    def normal_cdf(self, x: T, factor: T | float = 1.0, /) -> T:
        """Factor times the standard normal distribution function of x, in the same way."""

    def where(self, condition: Condition, x: T | float, y: T | float, /) -> T:
        """Take x where the condition holds, y elsewhere."""

    def maximum(self, x: T, y: T | float, /) -> T:
        """Take the larger of the two; of equal zeros, that of x."""

    def minimum(self, x: T, y: T | float, /) -> T:
        """Take the smaller of the two; of equal zeros, that of x."""

    def copysign(self, size: T | float, sign: T, /) -> T:
        """Take the size of one and the sign of the other."""


class AxisBackend(Backend[T], Protocol[T]):
    """A backend of arrays, with functions along their last axis; ``max_last`` and ``sum_last`` keep it."""

    def max_last(self, x: T, /) -> T:
        """Largest number along the last axis."""

    def sum_last(self, x: T, /) -> T:
        """Sum along the last axis."""

    def count_last(self, condition: Condition, /) -> T:
        """At how many places along the last axis a condition holds; in doubt, of balls, either."""

    def cumsum(self, x: T, /) -> T:
        """Sum of the numbers up to each place along the last axis."""

    def sort_descending(self, x: T, /) -> T:
        """Numbers along the last axis, the largest first."""

    def positions(self, x: T, /) -> T:
        """1, 2, 3 ... along the last axis."""

    def distrust(self, condition: Condition, x: T, /) -> T:
        """Take x; where the condition holds, only from an arithmetic that knows its own errors."""

    def root_last(self, m: "AxisBackend[T]", excess: "Excess[T]", x: T, /) -> T:
        """Find the number for each row at which its excess is 0; m is the backend itself."""


class Excess(Protocol[T]):
    """How far a function of a row and of one number s is above 0, and the size of its slope by s.

    By s, which is at least 0, it decreases and is convex. Where it is above -1/2 the slope is at least 1/2 in size, and
    where it is above 0 at least 1, so that the root is no farther from s than twice the excess, if that is small.
    """

    def __call__(self, m: AxisBackend[T], x: T, s: T, /) -> tuple[T, T]:
        """Return both."""


class Formula(Protocol):
    """A function of one kind of number, written once for all kinds."""

    def __call__(self, m: Backend[T], x: T, /) -> T | float:
        """Return f(x)."""
