"""Answers as record batches: the columns that were read, untouched, and one column per result."""

import contextlib
import io
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, NamedTuple

from actcli.data.batch import Column, Table
from actcli.data.evaluated import EvaluatedRows, InputColumn
from actcli.errors import ActcliError
from actcli.formats.arrow import metadata, numbers
from actcli.formats.arrow.pyarrow_extra import Array, Schema, TableWriter, pa, reason
from actcli.formats.arrow.record_batch import Batch
from actcli.formats.file_format import RowsWriter
from actcli.formats.number_text import number_columns

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Target(NamedTuple):
    """The table that is written."""

    schema: Schema
    sources: list[int]
    """Which of the columns that were read each is, or was made from."""
    untouched: list[bool]
    """Whether each is one that was read."""


class Sink(io.RawIOBase):
    """A file for pyarrow to write to, which takes nothing more once that has failed.

    pyarrow ends a file properly whatever happened: half a table that is piped on would look like a whole one.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.failed = file, False

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Write all of the data."""
        if not self.failed:
            self._file.write(data)
        return memoryview(data).nbytes


class ArrowWriter(RowsWriter):
    """The columns that were read with their types, then one column per result.

    Results are Float16, Float32 or Float64; those of bfloat16 and of narrower dtypes are Float32, which holds them.
    Cells of text stay text, and numbers that were converted from text are of the dtype.
    """

    names_columns = True
    name = ""
    """How messages call the format."""

    def write(self, rendered: Iterator[EvaluatedRows], out: IO[str]) -> None:
        """Write everything, on another thread: this one still hears Control-C while pyarrow is busy."""
        pool = ThreadPoolExecutor(1)
        try:
            pool.submit(self._write, rendered, out.buffer).result()  # type: ignore[attr-defined]
        finally:
            pool.shutdown(wait=False)

    def _write(self, rendered: Iterator[EvaluatedRows], out: IO[bytes]) -> None:
        first = next(rendered)
        target = _target(first)
        batches = (batch for evaluated in itertools.chain([first], rendered) for batch in _batches(evaluated, target))
        try:
            self.write_batches(batches, target, Sink(out))
        except pa.ArrowException as error:
            raise ActcliError(f"the table cannot be written as {self.name}: {reason(error)}") from None

    def write_batches(self, batches: Iterator[Batch], target: Target, sink: Sink) -> None:
        """Write the batches, at least one, to a file; raises what pyarrow raises."""
        raise NotImplementedError


@contextlib.contextmanager
def closing(writer: TableWriter, sink: Sink) -> Iterator[TableWriter]:
    """Close a writer at the end; also where it fails, as it would try so later by itself, and complain."""
    try:
        yield writer
        writer.close()
    except BaseException:
        sink.failed = True
        with contextlib.suppress(Exception):
            writer.close()
        writer.is_open = False
        raise


def _target(evaluated: EvaluatedRows) -> Target:
    """Return what is written, known from the first rows."""
    batches = _record_batches(evaluated)
    read = batches[0].rows.schema if batches else pa.schema([])
    columns = evaluated.columns
    fields = [
        read.field(column.position) if array is None else pa.field(column.name, array.type)
        for array, column in zip(_arrays(evaluated), columns, strict=True)
    ]
    untouched = [isinstance(column, InputColumn) for column in columns]
    schema = pa.schema(fields, metadata.adapt_metadata(read.metadata, fields, untouched))
    return Target(schema, [column.position for column in columns], untouched)


def _record_batches(evaluated: EvaluatedRows) -> tuple[Batch, ...]:
    batches = evaluated.rows.record_batches if isinstance(evaluated.rows, Table) else ()
    return tuple(batch for batch in batches if isinstance(batch, Batch))


def _batches(evaluated: EvaluatedRows, target: Target) -> Iterator[Batch]:
    """Yield the rows, in the batches that they were read in."""
    arrays, batches = _arrays(evaluated), _record_batches(evaluated)
    if not batches:
        yield Batch(pa.RecordBatch.from_arrays(arrays, schema=target.schema))
    start = 0
    for batch in batches:
        height = batch.rows.num_rows
        columns = [
            batch.rows.column(source) if array is None else array.slice(start, height)
            for array, source in zip(arrays, target.sources, strict=True)
        ]
        yield batch._replace(rows=pa.RecordBatch.from_arrays(columns, schema=target.schema))
        start += height


def _arrays(evaluated: EvaluatedRows) -> list[Array | None]:
    """Return what is written, column by column; None for one that is in the record batches that were read."""
    rows = evaluated.rows
    if not isinstance(rows, Table):
        return list(map(numbers.result_array, number_columns(evaluated)))
    if rows.record_batches:
        return evaluated.rendered(lambda position: None, numbers.result_array)
    from actcli.formats.polars_text import Cells  # loads polars

    cells = Cells(rows)
    converted: dict[int, Column] = {} if rows.has_schema else {column.position: column for column in rows.columns}

    def of_input(position: int) -> Array:
        if position in converted:
            return numbers.result_array(converted[position])
        return numbers.cell_array(cells[position])

    return evaluated.rendered(of_input, numbers.result_array)
