"""NumPy's arrays to Arrow's and back; pyarrow's own ways import pandas wherever it is installed, and wait for it."""

import numpy as np
from numpy.typing import NDArray

from actcli.formats.arrow.pyarrow_extra import Array, pa


def to_arrow(values: NDArray[np.generic], missing: NDArray[np.bool_] | None = None) -> Array:
    """Return numbers as an Arrow array, with a null where they are missing; nothing is copied."""
    bits = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    buffers = [bits, pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), buffers)


def to_numpy(cells: Array) -> NDArray[np.generic]:
    """Return the numbers in an Arrow array: a null is NaN in floats, else 0."""
    buffers = [None, *cells.buffers()[1:]]  # DLPack knows no nulls
    whole = pa.Array.from_buffers(cells.type, len(cells), buffers, offset=cells.offset)
    values: NDArray[np.generic] = np.from_dlpack(whole)
    if cells.null_count:
        values = values.copy()
        values[are_null(cells)] = np.nan if pa.types.is_floating(cells.type) else 0
    return values


def are_null(cells: Array) -> NDArray[np.bool_]:
    """Tell for each cell of an Arrow array whether it is a null."""
    nulls = cells.is_null()
    bits = np.frombuffer(nulls.buffers()[1], np.uint8)
    return np.unpackbits(bits, count=nulls.offset + len(nulls), bitorder="little")[nulls.offset :].view(np.bool_)
