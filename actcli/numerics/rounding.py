"""The one place that rounds to a dtype, and that knows when float64 is not sure enough to do it.

Rounding is to nearest, ties to even; subnormal numbers are kept; what exceeds the largest number becomes infinite.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actcli.numerics.dtypes import Format

if TYPE_CHECKING:
    from fractions import Fraction

Float64Array = NDArray[np.float64]
AnyArray = NDArray[Any]


def nearest(y: Float64Array, format: Format) -> AnyArray:
    """Round float64 numbers once to the format. Shape is kept; the dtype of the result is that of the format."""
    with np.errstate(all="ignore"):
        # ml_dtypes casts float64 by way of float32, which rounds twice; NumPy's own casts round once.
        return (_to_grid(y, format) if format.name == "bfloat16" else y).astype(format.dtype)


def _to_grid(y: Float64Array, format: Format) -> Float64Array:
    exponent = np.frexp(y)[1] - 1
    quantum = np.ldexp(1.0, np.maximum(exponent, format.minimum) - (format.precision - 1))
    rounded = np.rint(y / quantum) * quantum
    return np.where(np.abs(rounded) > format.largest, np.copysign(np.inf, y), rounded)


def nearest_fraction(q: "Fraction", format: Format) -> float:
    """Round one exact number once to a format of at most 64 bits; the result is held in a Python float."""
    from fractions import Fraction

    if not q:
        return 0.0
    size, two = abs(q), Fraction(2)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if size < two**exponent:
        exponent -= 1
    quantum = two ** (max(exponent, format.minimum) - (format.precision - 1))
    rounded = round(size / quantum) * quantum
    return math.copysign(float(rounded) if rounded <= format.largest else math.inf, q)


def unsure(y: Float64Array, error: float, format: Format) -> NDArray[np.bool_]:
    """Tell where numbers within the relative ``error`` of y do not all round to the same number of the format."""
    with np.errstate(all="ignore"):
        bits = f"u{format.dtype.itemsize}"
        low = nearest(y * (1.0 - error), format).view(bits)
        high = nearest(y * (1.0 + error), format).view(bits)
    mask: NDArray[np.bool_] = low != high
    return mask
