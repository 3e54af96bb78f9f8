"""Mathematics on one number, enclosed in an interval as narrow as needed: decides what nothing else can.

Every operation rounds its lower end down and its upper end up, so a result is certain as soon as both ends round
to the same number. An operation whose result is exact gives an interval of one point, which recognises ties.
"""

import math
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from threading import Lock
from typing import Any, NamedTuple, TypeAlias, Union

from mpmath import MPContext
from mpmath.ctx_iv import MPIntervalContext

from actcli.numerics import rounding
from actcli.numerics.dtypes import Format

# Contexts apart from mpmath's own two, whose precision is the user's.
iv, mp = MPIntervalContext(), MPContext()
_one_at_a_time = Lock()  # the precision is a state of a context
Operand: TypeAlias = Union["Interval", float]


class Verdict(NamedTuple):
    """The outcome of a comparison; None if the intervals overlap."""

    holds: bool | None

    def __and__(self, other: "Verdict") -> "Verdict":
        outcomes = (self.holds, other.holds)
        return Verdict(False if False in outcomes else None if None in outcomes else True)

    def __or__(self, other: "Verdict") -> "Verdict":
        outcomes = (self.holds, other.holds)
        return Verdict(True if True in outcomes else None if None in outcomes else False)


class Interval:
    """A number between two ends, which are included."""

    __slots__ = ("ends",)

    def __init__(self, ends: Any) -> None:
        self.ends = iv.convert(ends)  # mpmath's interval, which has no type

    def __neg__(self) -> "Interval":
        return Interval(-self.ends)

    def __abs__(self) -> "Interval":
        return Interval(abs_of(self.ends))

    def __add__(self, other: Operand) -> "Interval":
        return Interval(self.ends + _ends(other))

    def __sub__(self, other: Operand) -> "Interval":
        return Interval(self.ends - _ends(other))

    def __rsub__(self, other: Operand) -> "Interval":
        return Interval(_ends(other) - self.ends)

    def __mul__(self, other: Operand) -> "Interval":
        return Interval(self.ends * _ends(other))

    def __truediv__(self, other: Operand) -> "Interval":
        return Interval(self.ends / _ends(other))

    def __rtruediv__(self, other: Operand) -> "Interval":
        return Interval(_ends(other) / self.ends)

    __radd__ = __add__
    __rmul__ = __mul__

    def __lt__(self, other: Operand) -> Verdict:
        return Verdict(self.ends < _ends(other))

    def __le__(self, other: Operand) -> Verdict:
        return Verdict(self.ends <= _ends(other))

    def __gt__(self, other: Operand) -> Verdict:
        return Verdict(self.ends > _ends(other))

    def __ge__(self, other: Operand) -> Verdict:
        return Verdict(self.ends >= _ends(other))

    def __eq__(self, other: Any) -> Verdict:  # type: ignore[override]
        return self.__le__(other) & self.__ge__(other)

    __hash__ = None  # type: ignore[assignment]


def _ends(x: Operand) -> Any:
    return x.ends if isinstance(x, Interval) else iv.convert(x)


def abs_of(ends: Any) -> Any:
    """Return the absolute value of mpmath's interval."""
    return ends.__abs__()


def abs(x: Interval) -> Interval:
    """Return the absolute value."""
    return x.__abs__()


def exp(x: Operand) -> Interval:
    """Return e**x; at the largest precision, one too far below a sum to be seen is moved up to where it decides."""
    ends = _ends(x)
    if iv.prec == _MAX_PRECISION and ends.b < _FAR:
        return Interval([iv.mpf(2) ** -20000, iv.mpf(2) ** -6000])
    return Interval(_widen(iv.exp(ends)) if ends != 0 else 1)


def _widen(ends: Any) -> Any:
    # mpmath's functions err by less than a unit in the last place, but do not always round outward.
    trace = iv.mpf(2) ** (4 - iv.prec)
    return ends * iv.mpf([1 - trace.b, 1 + trace.b])


def expm1(x: Interval) -> Interval:
    """Return e**x - 1; what cancels widens the interval, and the precision is raised."""
    return exp(x) - 1.0


def tanh(x: Interval) -> Interval:
    """Return tanh(x)."""
    e = exp(-2.0 * abs(x))
    return copysign((1.0 - e) / (1.0 + e), x)


def tanh_shrink(x: Interval) -> Interval:
    """Return x - tanh(x)."""
    return x - tanh(x)


def _oscillate(function: Callable[..., object], x: Interval) -> Interval:
    """Return one of mpmath's functions between -1 and 1, whose slope lies between -4 and 4."""
    with mp.workprec(iv.prec + 20):
        low, high = _number(x.ends.a), _number(x.ends.b)
        if not high - low < 0.25:
            return Interval([-1, 1])
        middle = iv.mpf(function((low + high) / 2))
    reach = 4 * (x.ends.b - x.ends.a)  # by more than rounding moves the middle, too
    return Interval(_widen(middle) + reach * iv.mpf([-1, 1]))


sin, cos, sinpi, cospi = (partial(_oscillate, each) for each in (mp.sin, mp.cos, mp.sinpi, mp.cospi))


def sin_shrink(x: Interval) -> Interval:
    """Return x - sin(x); what cancels widens the interval, and the precision is raised."""
    return x - sin(x)


def log1p(x: Interval) -> Interval:
    """Return ln(1 + x) for x >= 0."""
    if 0 < x.ends.b < iv.mpf(2) ** -iv.prec:
        return Interval(x.ends * iv.mpf([1 - x.ends.b, 1]))
    return Interval(_widen(iv.log(1 + x.ends)) if x.ends != 0 else 0)


def ln(x: Interval) -> Interval:
    """Return the natural logarithm; where x may be 0 or less, nothing is known."""
    return Interval(_widen(iv.log(x.ends)) if x.ends.a > 0 else [-math.inf, math.inf])


def sqrt(x: Operand) -> Interval:
    """Return the square root."""
    return Interval(iv.sqrt(_ends(x)))


def erf(x: Interval) -> Interval:
    """Return the error function for x >= 0 by what is left to 1; what cancels raises the precision, as for expm1."""
    return 1.0 - exp(-x * x) * erfcx(x)


def erfcx(x: Interval) -> Interval:
    """Return exp(x**2) * erfc(x) for x >= 0, which decreases: each end of x gives one end of the result."""
    # A square's bits before the point are lost to its exponential.
    with mp.workprec(iv.prec + 20 + 2 * max(0, mp.mag(mp.mpf(x.ends.b)))):
        ends = (mp.mpf(end) for end in (x.ends.b, x.ends.a))
        low, high = (iv.mpf(mp.exp(end * end) * mp.erfc(end)) for end in ends)
    return Interval(_widen(iv.mpf([low.a, high.b])))


def logistic(x: Interval, factor: Operand = 1.0) -> Interval:
    """Return factor / (1 + exp(-x))."""
    return factor / (1.0 + exp(-x))


def normal_cdf(x: Interval, factor: Operand = 1.0) -> Interval:
    """Return factor times the standard normal distribution function of x."""
    z = abs(x) / sqrt(2.0)
    tail = exp(-z * z) * erfcx(z) / 2.0
    return factor * where(x < 0, tail, 1.0 - tail)


def maximum(x: Operand, y: Operand) -> Interval:
    """Return the larger of the two."""
    one, other = _ends(x), _ends(y)
    return Interval(iv.mpf([max(one.a, other.a, key=_number), max(one.b, other.b, key=_number)]))


def minimum(x: Operand, y: Operand) -> Interval:
    """Return the smaller of the two."""
    one, other = _ends(x), _ends(y)
    return Interval(iv.mpf([min(one.a, other.a, key=_number), min(one.b, other.b, key=_number)]))


def _number(end: Any) -> Any:
    return mp.mpf(end)


def constant(decimal: str) -> Interval:
    """Return the interval around a decimal."""
    return Interval(iv.mpf(decimal))


def __getattr__(name: str) -> Interval:
    """Return pi and ln2, at the precision of the moment."""
    if name in ("pi", "ln2"):
        return Interval(iv.convert(getattr(iv, name)))
    raise AttributeError(name)


def where(condition: Verdict, chosen: Operand, other: Operand) -> Interval:
    """Return one of the two; what encloses both where the condition is open."""
    if condition.holds is not None:
        return Interval(_ends(chosen if condition.holds else other))
    one, two = _ends(chosen), _ends(other)
    return Interval(iv.mpf([min(one.a, two.a, key=_number), max(one.b, two.b, key=_number)]))


def copysign(size: Operand, sign: Interval) -> Interval:
    """Return the size with the sign of an interval; zero has none here, its sign is decided in float64."""
    size = Interval(abs_of(_ends(size)))
    return where(sign >= 0, size, -size)


_PRECISIONS = (128, 256, 512, 1024, 2048, 4096)
_MAX_PRECISION = 2**15
_FAR = -5000.0  # beside a tie, the exponential of anything less decides on which side of it a sum lies


def evaluate_rounded(function: Callable[..., Any], inputs: Sequence[float], format: Format) -> float:
    """Return function(this module, *inputs), rounded once to the format.

    Args:
        function: of as many numbers as there are inputs.
        inputs: finite float64 numbers.
        format: the format of the result.

    Raises:
        ArithmeticError: if little is known of the result even with ``_MAX_PRECISION`` bits: a fault of the function.

    """
    with _one_at_a_time:
        for precision in (*_PRECISIONS, _MAX_PRECISION):
            iv.prec = precision
            y = _ends(function(sys.modules[__name__], *(Interval(iv.mpf(x)) for x in inputs)))
            ends = _fractions(y)
            low, high = (rounding.nearest_fraction(end, format) for end in ends)
            if low == high and (low or math.copysign(1, low) == math.copysign(1, high)):
                return low
            if precision == _PRECISIONS[-1]:
                around = ends
    return _round_tie(*around, format)


def _round_tie(low: Fraction, high: Fraction, format: Format) -> float:
    """Round a number that so many digits leave open: a tie that some step before has hidden, as a third times 3."""
    if high - low > max(-low, high) / 2**1000 + Fraction(1, 2**1200):
        raise ArithmeticError("the interval around a result stays wide")
    ends = [rounding.nearest_fraction(end, format) for end in (low, high)]
    if all(map(math.isfinite, ends)):
        return rounding.nearest_fraction((Fraction(ends[0]) + Fraction(ends[1])) / 2, format)
    return math.copysign(format.overflow_value, low)


_HUGE = Fraction(2**2000)  # ends beyond it, and below its inverse, are drawn in: they round alike in every format


def _fractions(ends: Any) -> tuple[Fraction, Fraction]:
    """Return the two ends; where nothing is known, huge ones of either sign."""
    low, high = ends.a, ends.b
    if not low <= high:  # NaN
        return -_HUGE, _HUGE
    return _fraction(*low._mpi_[0]), _fraction(*high._mpi_[1])


def _fraction(sign: int, mantissa: int, exponent: int, bits: int) -> Fraction:
    if (not mantissa and exponent) or (mantissa and bits + exponent > 2000):  # infinity
        size = _HUGE
    elif mantissa and bits + exponent < -2000:
        size = 1 / _HUGE
    else:
        size = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -size if sign else size
