"""How far numbers are apart: in steps, counted in numbers of their dtype, and in units in the last place (ulp)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from actcli.numerics import dtypes, hexadecimal
from actcli.numerics.dtypes import Float64Array, FloatArray, Format

Steps = NDArray[np.uint64]


def widest(arrays: Sequence[FloatArray]) -> Float64Array:
    """Return the largest distance between any two of some arrays, place by place (float64, whole numbers).

    All arrays have one shape and one float dtype. Neighbouring numbers are 1 apart, the zeros 0; NaN is 0 from NaN and
    infinitely far from any number.
    """
    places = np.stack([find_places(values) for values in arrays])
    far = (places.max(axis=0) - places.min(axis=0)).view(np.uint64).astype(np.float64)
    nan = np.stack([np.isnan(values) for values in arrays])
    return np.where(nan.all(axis=0), 0.0, np.where(nan.any(axis=0), np.inf, far))


def count_steps(first: FloatArray, second: FloatArray) -> Steps:
    """Return how many steps in the order of their dtype lead from one number to the other; of NaN, nothing sensible.

    The zeros share a place, and infinity is the place after the largest number.
    """
    a, b = magnitudes(first), magnitudes(second)
    steps = np.maximum(a, b) - np.minimum(a, b)
    opposite = np.flatnonzero(np.signbit(first) != np.signbit(second))
    steps[opposite] = a[opposite] + b[opposite]
    wide: Steps = steps.astype(np.uint64)
    return wide


def magnitudes(values: FloatArray) -> NDArray[np.unsignedinteger]:
    """Return how far from zero numbers stand in the order of their dtype, whatever their sign, in as many bits."""
    bits = hexadecimal.to_bits(values)
    sign = _sign_bit(format := dtypes.find(values.dtype))
    sizes: NDArray[np.unsignedinteger] = bits & bits.dtype.type(sign - 1)
    if _has_nan_for_minus_zero(format):
        sizes[bits == sign] = sign
    return sizes


def find_places(values: FloatArray) -> NDArray[np.int64]:
    """Return where each number stands in the order of its dtype, counted from zero; NaN beyond the infinities."""
    sizes = magnitudes(values).astype(np.int64)
    return np.where(np.signbit(values), -sizes, sizes)


def at_places(places: NDArray[np.int64], format: Format) -> FloatArray:
    """Return the numbers of a format that stand at places in its order; -0 has none of its own."""
    sign = np.uint64(_sign_bit(format))
    bits = np.abs(places).astype(np.uint64) | np.where(places < 0, sign, np.uint64(0))
    return bits.astype(f"u{format.dtype.itemsize}").view(format.dtype)


def _sign_bit(format: Format) -> int:
    return 1 << (dtypes.width(format) - 1)


def _has_nan_for_minus_zero(format: Format) -> bool:
    """Tell whether the pattern that is -0 elsewhere is NaN: in a format for finite and unsigned zero, fnuz."""
    return format.name.endswith("fnuz")


def count_ulps(results: FloatArray, true: Float64Array, format: Format) -> Float64Array:
    """Return by how many ulp of the format at the true value (float64) each result is off, with its sign.

    The ulp of 0 is the smallest subnormal number.
    """
    exponent = np.where(true == 0, format.min_exponent, np.frexp(true)[1] - 1)
    exponent = np.maximum(exponent, format.min_exponent) - (format.precision - 1)
    with np.errstate(all="ignore"):
        off: Float64Array = np.ldexp(results.astype(np.float64) - true, -exponent)
    return off
