"""The writer of safetensors files."""

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO

from actcli.data.evaluated import Evaluated, EvaluatedSlice, require_evaluated_rows, require_evaluated_slice
from actcli.errors import ActcliError
from actcli.formats.array_writer import to_array, write_numbers
from actcli.formats.file_format import ArraysWriter
from actcli.formats.safetensors.header import format_header, stored
from actcli.formats.tensors import SpooledColumns


class SafetensorsWriter(ArraysWriter):
    """The results alone: as one tensor for each that was read, or for each column of a table.

    They have the dtype itself or, where the format lacks it, float32, which holds the same numbers. Tensors keep their
    names and shapes; with derivatives, a last axis of two holds both. Derivatives of a column are a
    tensor of their own.
    """

    def write(self, rendered: Iterator[Evaluated], out: IO[str]) -> None:
        """Write the header, then the numbers; those of a table wait in a temporary file until all rows are counted."""
        file: IO[bytes] = out.buffer  # type: ignore[attr-defined]
        first = next(rendered)
        batches = itertools.chain([first], rendered)
        if isinstance(first, EvaluatedSlice):
            _write_slices(first, map(require_evaluated_slice, batches), file)
            return
        with tempfile.TemporaryFile() as spool:
            columns = SpooledColumns(map(require_evaluated_rows, batches), spool, stored)
            shapes = dict.fromkeys(columns.names, (columns.rows,))
            file.write(format_header(shapes, columns.dtype.name, None))
            for i in range(len(columns.names)):
                columns.write(i, file)


def _write_slices(first: EvaluatedSlice, slices: Iterator[EvaluatedSlice], out: IO[bytes]) -> None:
    shapes: Mapping[str, tuple[int, ...]] = {first.slice.name: first.slice.shape + first.results.shape[1:]}
    metadata = None
    if first.slice.result_file is not None:
        shapes, metadata = first.slice.result_file
    if first.derivatives is not None:
        shapes = {name: (*shape, 2) for name, shape in shapes.items()}
    out.write(format_header(shapes, stored(first.results[:0]).dtype.name, metadata))
    for evaluated in slices:
        if evaluated.slice.fortran_order:
            raise ActcliError("safetensors holds no arrays in Fortran order; save the input in C order")
        write_numbers(out, stored(to_array(evaluated)))
