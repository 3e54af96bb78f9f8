"""The writer of NumPy arrays (.npy)."""

import io
import itertools
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.lib import format as npy

from actcli.data.batch import Numbers
from actcli.data.evaluated import Evaluated, EvaluatedSlice, require_evaluated_slice
from actcli.errors import ActcliError
from actcli.formats import tensors
from actcli.formats.array_writer import to_array, to_numpy_dtype, write_numbers
from actcli.formats.file_format import ArraysWriter

_COPIED_BYTES = 2**21  # at a time


class NpyWriter(ArraysWriter):
    """The results alone, as one array; with derivatives, a last axis of two holds both.

    An array keeps its shape; the results of a table have the shape (rows,), or (rows, columns) if there are several
    columns. What bfloat16 and narrower dtypes give is float32, which holds it exactly: NumPy stores no such dtype.
    """

    def write(self, rendered: Iterator[Evaluated], out: IO[str]) -> None:
        """Write the header, then the numbers; those of a table wait in a temporary file until all rows are counted."""
        file: IO[bytes] = out.buffer  # type: ignore[attr-defined]
        first = next(rendered)
        if isinstance(first, EvaluatedSlice):
            if first.slice.result_file is not None:
                tensors.require_one(list(first.slice.result_file.shapes), "the input", "npy")
            write_slices(itertools.chain([first], map(require_evaluated_slice, rendered)), file)
        else:
            _write_table(itertools.chain([first], rendered), file)


def write_slices(slices: Iterator[EvaluatedSlice], out: IO[bytes]) -> None:
    """Write the header of an array, then the results for its slices."""
    first = next(slices)
    array, values = first.slice, _stored(first)
    if array.fortran_order and first.derivatives is not None:
        raise ActcliError(
            "--derivative adds a last axis, which arrays in Fortran order do not support; save the input in C order"
        )
    out.write(format_header(values.dtype, array.shape + values.shape[1:], array.fortran_order))
    write_numbers(out, values)
    for evaluated in slices:
        write_numbers(out, _stored(evaluated))


def _write_table(batches: Iterator[Evaluated], out: IO[bytes]) -> None:
    rows, values = 0, None
    with tempfile.TemporaryFile() as spool:
        for values in map(_stored, batches):
            rows += len(values)
            write_numbers(spool, values)
        assert values is not None
        out.write(format_header(values.dtype, (rows, *values.shape[1:]), fortran_order=False))
        spool.seek(0)
        shutil.copyfileobj(spool, out, _COPIED_BYTES)


def _stored(evaluated: Evaluated) -> Numbers:
    return to_numpy_dtype(to_array(evaluated))


def format_header(dtype: np.dtype[np.floating], shape: tuple[int, ...], fortran_order: bool) -> bytes:
    """Return the header of an array."""
    header = io.BytesIO()
    stored = dtype.newbyteorder("<") if sys.byteorder == "big" else dtype
    npy.write_array_header_1_0(header, {"descr": stored.str, "fortran_order": fortran_order, "shape": shape})
    return header.getvalue()
