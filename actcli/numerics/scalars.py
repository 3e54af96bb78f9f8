"""One number as callers have it: an integer of any size, a fraction, a decimal, text, or a number of a library."""

import math
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Protocol, cast

import numpy as np

from actcli.errors import ActcliError, show
from actcli.numerics import rounding, text
from actcli.numerics.dtypes import Format


def round_number(value: object, format: Format, name: str, *, nulls: bool = False) -> float:
    """Return the number of a format nearest to a value, rounded once; the result is held in a Python float.

    Args:
        value: the number; text is read as one.
        format: the format.
        name: what messages call the array that holds it.
        nulls: whether None is a missing number, as it is in a table; missing numbers are NaN.

    Raises:
        ActcliError: if it is no real number.

    """
    if isinstance(value, np.bool_):
        value = bool(value)
    if isinstance(value, Rational):  # integers are rational, and so are those of gmpy2 and SymPy
        return rounding.nearest_fraction(Fraction(int(value.numerator), int(value.denominator)), format)
    if isinstance(value, float | np.float32 | np.float16) or getattr(type(value), "__module__", "") == "ml_dtypes":
        return _round_float(float(cast("float", value)), format)
    if isinstance(value, str | bytes | Decimal):
        word = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
        return float(text.parse([word], format)[0])
    if (value is None and nulls) or type(value).__name__ == "NAType":
        return math.nan
    if hasattr(value, "as_integer_ratio") or hasattr(value, "man_exp"):
        binary = cast("_Binary", value)
        number = float(binary)
        if number and math.isfinite(number):
            return rounding.nearest_fraction(_exact(binary), format)
        return _round_float(number, format)
    raise ActcliError(f"{name} holds {show(value)} ({type(value).__name__}); expected real numbers")


def _round_float(number: float, format: Format) -> float:
    """Round a float64 number; NaN stays, in formats without it too."""
    return number if math.isnan(number) else float(rounding.nearest(np.array(number), format))


class _Binary(Protocol):
    """A binary number of any precision: of NumPy and gmpy2 with a ratio, of mpmath with a mantissa and an exponent."""

    man_exp: tuple[int, int]

    def as_integer_ratio(self) -> tuple[int, int]: ...
    def __float__(self) -> float: ...
    def __lt__(self, other: int) -> bool: ...


def _exact(value: _Binary) -> Fraction:
    if hasattr(value, "as_integer_ratio"):
        numerator, denominator = value.as_integer_ratio()
        return Fraction(int(numerator), int(denominator))
    mantissa, exponent = value.man_exp  # without the sign
    return (-1 if value < 0 else 1) * abs(int(mantissa)) * Fraction(2) ** int(exponent)
