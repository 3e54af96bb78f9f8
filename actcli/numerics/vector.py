"""Mathematics on float64 arrays: the fast path, for formats narrower than float64.

Its functions have a relative error of up to 2**-44 (``erf`` 2**-43, ``normal_cdf`` 2**-38) and other bits on other
machines: ``elementwise`` sorts out what results from here cannot decide.
"""

import math
from types import ModuleType
from typing import Any

import numpy as np
from numpy import abs, copysign, cos, sin, sqrt
from numpy import fmax as maximum  # as quick again as np.maximum; where x is NaN, so is every result
from numpy import fmin as minimum
from numpy import log as ln
from numpy.lib import introspect

from actcli.numerics import tabulated
from actcli.numerics.dtypes import Float64Array
from actcli.numerics.tabulated import erf, normal_cdf

__all__ = [
    "abs",
    "copysign",
    "cos",
    "erf",
    "exp",
    "expm1",
    "ln",
    "ln2",
    "log1p",
    "maximum",
    "minimum",
    "normal_cdf",
    "pi",
    "sin",
    "sqrt",
    "tanh",
]


def _has_vector_code() -> bool:
    """Tell whether NumPy works on whole vectors here; else its functions are the C library's, number by number."""
    chosen = introspect.opt_func_info("^exp$").get("exp", {}).get("dd", {}).get("current", "")
    return chosen.startswith(("X86_V4", "AVX512"))


_quickest: ModuleType = np if _has_vector_code() else tabulated
exp, expm1, log1p, tanh = _quickest.exp, _quickest.expm1, _quickest.log1p, _quickest.tanh

pi = math.pi
ln2 = math.log(2)


def constant(decimal: str) -> float:
    """Return the number nearest to a decimal."""
    return float(decimal)


def logistic(x: Float64Array, factor: Float64Array | float = 1.0) -> Float64Array:
    """Return factor / (1 + exp(-x))."""
    e = np.asarray(exp(-x))
    e += 1.0
    return factor / e


def erfcx(x: Float64Array) -> Float64Array:
    """Return exp(x**2) * erfc(x) for 0 <= x; 0 beyond 10.6, where only products with a smaller number use it."""
    return normal_cdf(-math.sqrt(2) * x, 2.0 * exp(minimum(x * x, 700.0)))


def tanh_shrink(x: Float64Array) -> Float64Array:
    """Return x - tanh(x); near 0 by Lambert's continued fraction, where the difference would cancel."""
    small = np.abs(x) < 0.75
    near = where(small, x, 0.0)
    square = near * near
    fraction = square / 15.0
    for odd in range(13, 1, -2):
        fraction += odd
        np.divide(square, fraction, out=fraction)
    result: Float64Array = where(small, near * fraction / (1.0 + fraction), x - tanh(x))
    return result


def sinpi(x: Float64Array) -> Float64Array:
    """Return sin(pi * x), at integers a zero with the sign of x."""
    rest = x - 2.0 * np.rint(0.5 * x)
    size = np.abs(rest)
    size = minimum(size, 1.0 - size)
    result: Float64Array = copysign(sin(pi * size), where(size > 0, rest, x))
    return result


def cospi(x: Float64Array) -> Float64Array:
    """Return cos(pi * x)."""
    result: Float64Array = sin(pi * (0.5 - np.abs(x - 2.0 * np.rint(0.5 * x))))
    return result


def sin_shrink(x: Float64Array) -> Float64Array:
    """Return x - sin(x); near 0 by its Taylor series, where the difference would cancel."""
    small = np.abs(x) < 1.0
    near = where(small, x, 0.0)
    square = near * near
    series = np.ones_like(square)
    for n in range(16, 2, -2):
        series = 1.0 - square / (n * (n + 1)) * series
    result: Float64Array = where(small, near * square / 6.0 * series, x - sin(x))
    return result


def where(condition: Any, chosen: Any, other: Any) -> Any:
    """Return one of the two, element by element, without np.where's branches, which mixed data mispredict."""
    dtype = getattr(chosen, "dtype", None) or getattr(other, "dtype", None) or np.dtype(np.float64)
    integer = np.dtype(f"i{dtype.itemsize}")
    mask = np.negative(np.asarray(condition).view(np.int8)).astype(integer)  # all bits, or none
    chosen, other = (np.asarray(choice, dtype).view(integer) for choice in (chosen, other))
    if other.ndim == 0 and not other:  # bits of +0.0
        mask &= chosen
    else:
        mask &= chosen ^ other
        mask ^= other
    return mask.view(dtype)
