"""The one place that rounds to a dtype, and that knows when float64 is not sure enough to do it.

Rounding is to nearest, ties to even; subnormal numbers are kept; what exceeds the largest number becomes infinite, or
NaN in a format without infinities.
"""

from typing import TYPE_CHECKING

import numpy as np

from actcli.numerics.dtypes import BoolArray, Float64Array, FloatArray, Format, Positions

if TYPE_CHECKING:
    from fractions import Fraction

ENDS_ERROR = 2.0**-52  # added to a bound: an interval's ends are rounded, and must not round to a tie inside it


def nearest(y: Float64Array, format: Format) -> FloatArray:
    """Round float64 numbers once to the format. Shape is kept; the dtype of the result is that of the format."""
    with np.errstate(all="ignore"):
        return representable(y, format).astype(format.dtype)


def representable(y: Float64Array, format: Format) -> Float64Array:
    """Return float64 numbers that NumPy's assignment to the format's dtype rounds once from what y is."""
    # ml_dtypes casts float64 by way of float32, which rounds twice; NumPy's own casts round once.
    return _to_grid(y, format) if format.is_ml_dtype else y


def _to_grid(y: Float64Array, format: Format) -> Float64Array:
    exponent = np.frexp(y)[1] - 1
    quantum = np.ldexp(1.0, np.maximum(exponent, format.min_exponent) - (format.precision - 1))
    rounded = np.rint(y / quantum) * quantum
    return np.where(np.abs(rounded) > format.largest, np.copysign(format.overflow_value, y), rounded)


def nearest_pair(high: Float64Array, low: Float64Array, format: Format) -> FloatArray:
    """Round sums of two float64 numbers, of which the second is at most half an ulp, once to a narrower format.

    Only the sign of the second counts.
    """
    # Of the two float64 numbers around the sum, the odd one lies on the same side of every boundary as the sum.
    even = (high.view(np.int64) & 1) == 0
    toward = np.nextafter(high, np.copysign(np.inf, low))
    return nearest(np.where((low != 0) & even, toward, high), format)


def nearest_fraction(q: "Fraction", format: Format) -> float:
    """Round one exact number once to a format of at most 64 bits; the result is held in a Python float."""
    from fractions import Fraction

    if q < 0:
        return -nearest_fraction(-q, format)
    if not q:
        return 0.0
    shift = q.denominator.bit_length()
    exponent = ((q.numerator << shift) // q.denominator).bit_length() - 1 - shift
    quantum = Fraction(2) ** (max(exponent, format.min_exponent) - (format.precision - 1))
    rounded = round(q / quantum) * quantum
    return float(rounded) if rounded <= format.largest else format.overflow_value


def find_hard_cases(y: Float64Array, rounded: FloatArray, error: float, format: Format) -> Positions:
    """Return the positions (1-D) of float64 numbers with that bound on their relative error whose rounding is unsure.

    Args:
        y: the numbers (1-D).
        rounded: the same, rounded to the format.
        error: how far off they may be, at most 2**-27.
        format: the format that they are rounded to.

    """
    if format.name != "float32":
        return _find_between(y, error, format)
    # The lowest 29 bits are cut off, and in the middle of their range lies the boundary. The 3 above shift out.
    steps = int(error * 2.0**53)
    cut = np.ascontiguousarray(y).view(np.int64).astype(np.uint32)
    cut <<= np.uint32(3)
    cut += np.uint32(8 * steps + 2**31)
    near = np.flatnonzero(cut <= np.uint32(16 * steps))
    size = np.abs(rounded)
    if not size.size or size.min() >= _MIN_NORMAL_RESULT:
        return near
    near = near[np.abs(y[near]) > _SURELY_ZERO]
    subnormal = np.flatnonzero((size < _MIN_NORMAL_RESULT) & (np.abs(y) > _SURELY_ZERO))  # more bits are cut off
    if not subnormal.size:
        return near
    unsure = _find_between(y[subnormal], error, format)
    return np.union1d(near, subnormal[unsure]) if unsure.size else near


def _find_between(y: Float64Array, error: float, format: Format) -> Positions:
    reach = error + ENDS_ERROR
    return np.flatnonzero(disagree(y * (1.0 - reach), y * (1.0 + reach), format))


_MIN_NORMAL_RESULT = np.float32(2.0**-125)
_SURELY_ZERO = 2.0**-151  # half of what could still round to a number


def disagree(low: Float64Array, high: Float64Array, format: Format) -> BoolArray:
    """Tell where the two ends of an interval do not round to the same number of the format."""
    return _differ(nearest(low, format), nearest(high, format))


def round_pair(
    high: Float64Array, low: Float64Array, error: Float64Array, format: Format
) -> tuple[FloatArray, BoolArray]:
    """Round sums of two float64 numbers once to the format, and tell where an error of that size leaves it open."""
    down, up = low - error, low + error
    if format.name == "float64":
        below, above = high + down, high + up
        return above, below != above  # NaN differs from itself
    below, above = high + down, high + up
    result = nearest_pair(above, up - (above - high), format)
    return result, _differ(nearest_pair(below, down - (below - high), format), result) | ~(
        error + np.abs(high) < np.inf
    )


def _differ(a: FloatArray, b: FloatArray) -> BoolArray:
    bits = f"u{a.dtype.itemsize}"
    mask: BoolArray = a.view(bits) != b.view(bits)
    return mask
