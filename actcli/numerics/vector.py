"""Mathematics on float64 arrays: the fast path, for formats narrower than float64.

NumPy promises its vector functions to 4 ulp only, and other machines give other bits: ``elementwise`` sorts out what
results from here cannot decide.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy import copysign, exp, expm1, log1p, maximum, minimum, sqrt, tanh

__all__ = ["copysign", "exp", "expm1", "ln2", "log1p", "maximum", "minimum", "pi", "sqrt", "tanh"]

pi = math.pi
ln2 = math.log(2)


def number(decimal: str) -> float:
    """Return the number nearest to a decimal."""
    return float(decimal)


def logistic(x: Any, factor: Any = 1.0) -> Any:
    """Return factor / (1 + exp(-x))."""
    e = np.asarray(exp(-x))
    e += 1.0
    return factor / e


# A table of the normal distribution function, and Taylor's series from its nearest point (as Tang 1989, ACM TOMS 15,
# does for exp).
_LOWEST, _HIGHEST = -15, 9  # beyond them the distribution function is 0 or 1 to the last bit
_CENTRES = 512  # per unit
_MAGIC = 1.5 * 2.0**52  # added to a number below 2**51, it leaves the nearest integer in the low bits of the sum
_FIRST = np.array(_MAGIC + _LOWEST * _CENTRES).view(np.int64)


@cache
def _normal() -> tuple[Any, Any]:
    """Return the normal distribution function and its density at the centres; 0 at the lowest, for all beyond."""
    c = np.arange(_LOWEST * _CENTRES, _HIGHEST * _CENTRES + 1) / _CENTRES
    below = np.array([math.erfc(-x / math.sqrt(2)) / 2 for x in c])
    density = np.exp(-c * c / 2) / math.sqrt(2 * pi)
    below[0] = density[0] = 0.0
    return below, density


def normal_cdf(x: Any, factor: Any = 1.0) -> Any:
    """Return factor times the standard normal distribution function of x, within a relative error of 2**-38."""
    below, density = _normal()
    x = minimum(maximum(x, _LOWEST), _HIGHEST)
    shifted = x * _CENTRES
    shifted += _MAGIC
    c = shifted - _MAGIC
    c *= 1 / _CENTRES
    h = x - c
    position = shifted.view(np.int64) - _FIRST
    # Taylor's series about c: its derivatives are the density times Hermite's polynomials.
    square = c * c
    fourth = square - 3.0
    fourth *= c
    fourth *= h
    fourth *= 1 / 24
    square -= 1.0
    square *= 1 / 6
    square -= fourth
    square *= h
    c *= -0.5
    c += square
    c *= h
    c += 1.0
    c *= h
    c *= density.take(position, mode="clip")
    c += below.take(position, mode="clip")
    c *= factor
    return c


def erfcx(x: Any) -> Any:
    """Return exp(x**2) * erfc(x) for 0 <= x; 0 beyond 10.6, where only products with a smaller number use it."""
    return normal_cdf(-math.sqrt(2) * x, 2.0 * exp(minimum(x * x, 700.0)))


def tanh_shrink(x: Any) -> Any:
    """Return x - tanh(x); near 0 by Lambert's continued fraction, where the difference would cancel."""
    small = np.abs(x) < 1.5
    near = where(small, x, 0.0)
    square = near * near
    fraction = square / 23.0
    for odd in range(21, 1, -2):
        fraction = square / (odd + fraction)
    return where(small, near * fraction / (1.0 + fraction), x - tanh(x))


def where(condition: Any, chosen: Any, other: Any) -> Any:
    """Return one of the two, element by element, without np.where's branches, which mixed data mispredict."""
    dtype = getattr(chosen, "dtype", None) or getattr(other, "dtype", None) or np.dtype(np.float64)
    integer = np.dtype(f"i{dtype.itemsize}")
    mask = np.asarray(condition).view(np.int8).astype(integer)
    np.negative(mask, out=mask)
    chosen, other = (np.asarray(choice, dtype).view(integer) for choice in (chosen, other))
    if other.ndim == 0 and not other:  # bits of +0.0
        mask &= chosen
    else:
        mask &= chosen ^ other
        mask ^= other
    return mask.view(dtype)
