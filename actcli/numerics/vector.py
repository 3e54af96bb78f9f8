"""Mathematics on float64 arrays: the fast path.

NumPy promises its vector functions to 4 ulp only, and other machines give other bits: results from here are good
for formats narrower than float64, once ``rounding.unsure`` has picked out those it cannot decide.
"""

import math
from typing import Any

import numpy as np
from numpy import copysign, exp, expm1, log1p, sqrt, tanh, where

__all__ = ["copysign", "erfcx", "exp", "expm1", "ln2", "log1p", "number", "pi", "sqrt", "tanh", "tanh_shrink", "where"]

pi = math.pi
ln2 = math.log(2)


def number(decimal: str) -> float:
    """Return the number nearest to a decimal."""
    return float(decimal)


# (1 + z/2) * exp(z**2) * erfc(z) for z >= 0, as a polynomial in 2 / (1 + z/2) - 1, highest power first; good to
# 2**-43. tests/reference/fit_erfcx.py makes them.
_ERFCX = (
    -1.2729964136464117e-08,
    -1.1223479850624209e-07,
    2.944256207869799e-07,
    5.726059144165788e-07,
    -2.1245746772607027e-06,
    -4.40168945924723e-08,
    8.257031967793383e-06,
    -1.1218361443276762e-05,
    -1.715576070200104e-05,
    7.239788243903447e-05,
    -1.7164851243439324e-05,
    -0.00033158011870635176,
    0.0004186449137444078,
    0.0015453126786164268,
    -0.003239592294873623,
    -0.010755331462897004,
    0.018221115746270108,
    0.13973604629370673,
    0.34358034220694106,
    0.5107913526209331,
)


def erfcx(x: Any) -> Any:
    """Return exp(x**2) * erfc(x) for x >= 0, within a relative error of 2**-40."""
    t = 1.0 / (1.0 + 0.5 * x)
    u = 2.0 * t - 1.0
    total = np.full_like(u, _ERFCX[0])
    for coefficient in _ERFCX[1:]:
        total *= u
        total += coefficient
    return total * t


def tanh_shrink(x: Any) -> Any:
    """Return x - tanh(x); near 0 by Lambert's continued fraction, where the difference would cancel."""
    near = np.where(np.abs(x) < 1.5, x, 0.0)
    square = near * near
    fraction = square / 23.0
    for odd in range(21, 1, -2):
        fraction = square / (odd + fraction)
    return where(np.abs(x) < 1.5, near * fraction / (1.0 + fraction), x - np.tanh(x))
