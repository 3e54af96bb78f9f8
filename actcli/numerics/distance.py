"""How far numbers are apart, counted in numbers of their dtype: units in the last place."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from actcli.numerics.dtypes import Float64Array, FloatArray


def widest(arrays: Sequence[FloatArray]) -> Float64Array:
    """Return the largest distance between any two of some arrays, place by place (float64, whole numbers).

    All arrays have one shape and one float dtype. Neighbouring numbers are 1 apart, the zeros 0; NaN is 0 from NaN and
    infinitely far from any number.
    """
    places = np.stack([_place(values) for values in arrays])
    far = (places.max(axis=0) - places.min(axis=0)).view(np.uint64).astype(np.float64)
    nan = np.stack([np.isnan(values) for values in arrays])
    return np.where(nan.all(axis=0), 0.0, np.where(nan.any(axis=0), np.inf, far))


def _place(values: FloatArray) -> NDArray[np.int64]:
    """Return where each number stands in the order of its dtype, counted from zero."""
    size = values.dtype.itemsize
    bits = np.ascontiguousarray(values).view(f"u{size}").astype(np.int64)
    if size == 8:
        magnitude = bits & np.int64(2**63 - 1)
        return np.where(bits < 0, -magnitude, magnitude)
    sign = 1 << (8 * size - 1)
    return np.where(bits >= sign, sign - bits, bits)
