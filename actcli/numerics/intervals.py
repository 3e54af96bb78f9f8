"""Mathematics on one number, enclosed in an interval as narrow as needed: decides what float64 cannot.

Every operation rounds its lower end down and its upper end up, so a result is certain as soon as both ends round
to the same number. An operation whose result is exact gives an interval of one point, which recognises ties.
"""

import math
import sys
from fractions import Fraction
from threading import Lock
from typing import Any, TypeAlias

from mpmath import MPContext
from mpmath.ctx_iv import MPIntervalContext

from actcli.backend import Formula
from actcli.numerics import rounding
from actcli.numerics.dtypes import Format

Interval: TypeAlias = Any  # mpmath has no types; plain numbers count as intervals of one point
# Contexts apart from mpmath's own two, whose precision is the user's.
iv, mp = MPIntervalContext(), MPContext()
_one_at_a_time = Lock()  # the precision is a state of a context


def abs(x: Interval) -> Interval:
    """Return the absolute value."""
    return x.__abs__()


_MAX_EXPONENT = 5000  # beyond it exp(x) is so small or large that only its sign can decide a rounding


def exp(x: Interval) -> Interval:
    """Return e**x; far out, an interval that is small or large enough to decide what the true one would."""
    x = iv.convert(x)
    if x.b < -_MAX_EXPONENT:
        return iv.mpf([iv.mpf(2) ** -20000, iv.mpf(2) ** -6000])
    if x.a > _MAX_EXPONENT:
        return iv.mpf([iv.mpf(2) ** 6000, iv.mpf(2) ** 20000])
    return _widen(iv.exp(x)) if x != 0 else iv.mpf(1)


def _widen(y: Interval) -> Interval:
    # mpmath's functions err by less than a unit in the last place, but do not always round outward.
    trace = iv.mpf(2) ** (4 - iv.prec)
    return y * iv.mpf([1 - trace.b, 1 + trace.b])


def expm1(x: Interval) -> Interval:
    """Return e**x - 1; what cancels widens the interval, and the precision is raised."""
    return exp(x) - 1


def tanh(x: Interval) -> Interval:
    """Return tanh(x)."""
    e = exp(-2 * abs(iv.convert(x)))
    return copysign((1 - e) / (1 + e), x)


def tanh_shrink(x: Interval) -> Interval:
    """Return x - tanh(x)."""
    return x - tanh(x)


def log1p(x: Interval) -> Interval:
    """Return ln(1 + x)."""
    x = iv.convert(x)
    return _widen(iv.log(1 + x)) if x != 0 else iv.mpf(0)


def sqrt(x: Interval) -> Interval:
    """Return the square root."""
    return iv.sqrt(x)


def erfcx(x: Interval) -> Interval:
    """Return exp(x**2) * erfc(x) for x >= 0, which decreases: each end of x gives one end of the result."""
    x = iv.convert(x)
    with mp.workprec(iv.prec + 20):
        ends = (mp.mpf(end) for end in (x.b, x.a))
        low, high = (iv.mpf(mp.exp(end * end) * mp.erfc(end)) for end in ends)
    return _widen(iv.mpf([low.a, high.b]))


def logistic(x: Interval, factor: Interval = 1) -> Interval:
    """Return factor / (1 + exp(-x))."""
    return factor / (1 + exp(-iv.convert(x)))


def normal_cdf(x: Interval, factor: Interval = 1) -> Interval:
    """Return factor times the standard normal distribution function of x."""
    z = abs(iv.convert(x)) / sqrt(2)
    tail = exp(-z * z) * erfcx(z) / 2
    return factor * (tail if x < 0 else 1 - tail)


def maximum(x: Interval, y: Interval) -> Interval:
    """Return the larger of the two."""
    return where(x >= y, x, y)


def minimum(x: Interval, y: Interval) -> Interval:
    """Return the smaller of the two."""
    return where(x <= y, x, y)


def constant(decimal: str) -> Interval:
    """Return the interval around a decimal."""
    return iv.mpf(decimal)


pi, ln2 = iv.pi, iv.ln2


def where(condition: object, chosen: Interval, other: Interval) -> Interval:
    """Return one of the two."""
    return chosen if condition else other


def copysign(size: float, sign: Interval) -> Interval:
    """Return the size with the sign of an interval; zero has none here, its sign is decided in float64."""
    return size if sign >= 0 else -size


def evaluate_rounded(function: Formula, x: float, format: Format) -> float:
    """Return function(this module, x), rounded once to the format; in float64, either of two neighbours around it.

    Args:
        function: an activation's value or derivative.
        x: one finite float64 number.
        format: the format of the result.

    Raises:
        ArithmeticError: if the rounding is still uncertain at 65536 bits, which no activation should need.

    """
    with _one_at_a_time:
        precision = 128
        while precision <= 2**16:
            iv.prec = precision
            y = iv.convert(function(sys.modules[__name__], iv.mpf(x)))
            low, high = (rounding.nearest_fraction(_fraction(*end), format) for end in y._mpi_)
            if low == high or (format.name == "float64" and math.nextafter(low, high) == high):
                return low
            precision *= 2
    raise ArithmeticError(f"rounding is uncertain at x = {x!r}")


def _fraction(sign: int, mantissa: int, exponent: int, _bits: int) -> Fraction:
    size = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -size if sign else size
