"""Mathematics on one number, enclosed in an interval as narrow as needed: decides what float64 cannot.

Every operation rounds its lower end down and its upper end up, so a result is certain as soon as both ends round
to the same number. An operation whose result is exact gives an interval of one point, which recognises ties.
"""

import sys
from collections.abc import Callable
from fractions import Fraction
from threading import Lock
from types import ModuleType
from typing import Any

from mpmath import iv

from actcli.numerics import rounding
from actcli.numerics.dtypes import Format

_one_at_a_time = Lock()  # the precision is a state of mpmath's


def exp(x: Any) -> Any:
    """Return e**x."""
    return iv.exp(x)


def expm1(x: Any) -> Any:
    """Return e**x - 1; what cancels widens the interval, and the precision is raised."""
    return iv.exp(x) - 1


def tanh(x: Any) -> Any:
    """Return tanh(x)."""
    t = expm1(2 * x)
    return t / (t + 2)


def where(condition: bool, chosen: Any, other: Any) -> Any:
    """Return one of the two."""
    return chosen if condition else other


def copysign(size: float, sign: Any) -> Any:
    """Return the size with the sign of an interval; zero has none here, its sign is decided in float64."""
    return size if sign >= 0 else -size


def rounded(function: Callable[[ModuleType, Any], Any], x: float, format: Format) -> float:
    """Return function(this module, x), rounded once to the format.

    Args:
        function: a block's value or derivative.
        x: one finite float64 number.
        format: the format of the result.

    Raises:
        ArithmeticError: if the rounding is still uncertain at 65536 bits, which no block should need.

    """
    with _one_at_a_time:
        precision = 128
        while precision <= 2**16:
            iv.prec = precision
            y = iv.convert(function(sys.modules[__name__], iv.mpf(x)))
            low, high = (rounding.nearest_fraction(_fraction(*end), format) for end in y._mpi_)
            if low == high:
                return low
            precision *= 2
    raise ArithmeticError(f"rounding is uncertain at x = {x!r}")


def _fraction(sign: int, mantissa: int, exponent: int, _bits: int) -> Fraction:
    size = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -size if sign else size
