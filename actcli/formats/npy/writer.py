"""The writer of NumPy arrays (.npy)."""

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.lib import format as npy

from actcli.data.batch import Numbers
from actcli.data.evaluated import Evaluated, EvaluatedSlice
from actcli.errors import ActcliError
from actcli.formats.file_format import Writer

_COPIED_BYTES = 2**21  # at a time


class NpyWriter(Writer[Evaluated]):
    """The results alone, as one array; with derivatives, a last axis of two holds both.

    An array keeps its shape; the results of a table have the shape (rows,), or (rows, columns) if there are several
    columns. What bfloat16 and float8 give is float32, which holds it exactly: NumPy stores no such dtype.
    """

    def render(self, evaluated: Evaluated, *, first: bool) -> Evaluated:
        """Return the batch as it is."""
        return evaluated

    def write(self, rendered: Iterator[Evaluated], out: IO[str]) -> None:
        """Write the header, then the numbers; those of a table wait in a temporary file until all rows are counted."""
        file: IO[bytes] = out.buffer  # type: ignore[attr-defined]
        first = next(rendered)
        values = _values(first)
        if not isinstance(first, EvaluatedSlice):
            _write_table(values, rendered, file)
            return
        _, shape, fortran_order = first.slice
        if fortran_order and first.derivatives is not None:
            raise ActcliError(
                "--derivative adds a last axis, which arrays in Fortran order do not support; save the input in C order"
            )
        file.write(_header(values.dtype, shape + values.shape[1:], fortran_order))
        _write(file, values)
        for evaluated in rendered:
            _write(file, _values(evaluated))


def _write_table(values: Numbers | None, rendered: Iterator[Evaluated], out: IO[bytes]) -> None:
    assert values is not None
    rows, shape, dtype = 0, values.shape[1:], values.dtype
    with tempfile.TemporaryFile() as spool:
        while values is not None:
            rows += len(values)
            _write(spool, values)
            values = next(map(_values, rendered), None)
        out.write(_header(dtype, (rows, *shape), False))
        spool.seek(0)
        shutil.copyfileobj(spool, out, _COPIED_BYTES)


def _values(evaluated: Evaluated) -> Numbers:
    """Return the results, beside the derivatives if there are any."""
    if isinstance(evaluated, EvaluatedSlice):
        kinds = [evaluated.results, *([] if evaluated.derivatives is None else [evaluated.derivatives])]
    else:
        columns = [[column.values for column in kind] for kind in (evaluated.results, evaluated.derivatives) if kind]
        kinds = [np.stack(values, axis=1) if len(values) > 1 else values[0] for values in columns]
    values = kinds[0] if len(kinds) == 1 else np.stack(kinds, axis=-1)
    return values if values.dtype.kind == "f" else values.astype(np.float32)


def _write(out: IO[bytes], values: Numbers) -> None:
    if values.size:
        out.write(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)


def _header(dtype: np.dtype[np.floating], shape: tuple[int, ...], fortran_order: bool) -> bytes:
    header = io.BytesIO()
    stored = dtype.newbyteorder("<") if sys.byteorder == "big" else dtype
    npy.write_array_header_1_0(header, {"descr": stored.str, "fortran_order": fortran_order, "shape": shape})
    return header.getvalue()
