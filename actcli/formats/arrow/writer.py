"""Answers as record batches: the columns that were read, untouched, and one column per result."""

import contextlib
import io
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, NamedTuple

from actcli.data.table import Answer
from actcli.errors import ActcliError
from actcli.formats.arrow import metadata
from actcli.formats.arrow import numbers as cells
from actcli.formats.arrow.pyarrow_extra import pa, reason
from actcli.formats.arrow.record_batch import Batch
from actcli.formats.text import Binary


class Target(NamedTuple):
    """The table that is written."""

    schema: Any
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

    def write(self, data: Any) -> int:
        """Write all of the data."""
        if not self.failed:
            self._file.write(data)
        return len(data)


class TypedWriter(Binary):
    """The columns that were read with their types, then one column per result.

    Results are Float16, Float32 or Float64; those of bfloat16 and float8 are Float32, which holds them exactly.
    Cells of text stay text, and numbers that were converted from text are of the dtype.
    """

    name = ""
    """How messages call the format."""

    def write(self, answers: Iterator[Answer], out: IO[bytes]) -> None:
        """Write everything, on another thread: this one still hears Control-C while pyarrow is busy."""
        pool = ThreadPoolExecutor(1)
        try:
            pool.submit(self._write, answers, out).result()
        finally:
            pool.shutdown(wait=False)

    def _write(self, answers: Iterator[Answer], out: IO[bytes]) -> None:
        first = next(answers)
        target = _target(first)
        batches = (batch for answer in itertools.chain([first], answers) for batch in _batches(answer, target))
        try:
            self.write_batches(batches, target, Sink(out))
        except pa.ArrowException as error:
            raise ActcliError(f"the table cannot be written as {self.name}: {reason(error)}") from None

    def write_batches(self, batches: Iterator[Batch], target: Target, sink: Sink) -> None:
        """Write the batches, at least one, to a file; raises what pyarrow raises."""
        raise NotImplementedError


@contextlib.contextmanager
def closing(writer: Any, sink: Sink) -> Iterator[Any]:
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


def _target(answer: Answer) -> Target:
    """Return what is written, known from the first rows."""
    table = answer.table
    read = table.batches[0].rows.schema if table.batches else pa.schema([])
    sources = [column if isinstance(column, int) else column.position for column in answer.columns]
    fields = [
        read.field(source) if array is None else pa.field(name, array.type)
        for array, source, name in zip(_arrays(answer), sources, answer.names, strict=True)
    ]
    untouched = [isinstance(column, int) for column in answer.columns]
    return Target(pa.schema(fields, metadata.of_results(read.metadata, fields, untouched)), sources, untouched)


def _batches(answer: Answer, target: Target) -> Iterator[Batch]:
    """Yield the rows of an answer, in the batches that they were read in."""
    arrays = _arrays(answer)
    if not answer.table.batches:
        yield Batch(pa.RecordBatch.from_arrays(arrays, schema=target.schema))
    start = 0
    for batch in answer.table.batches:
        height = batch.rows.num_rows
        columns = [
            batch.rows.column(source) if array is None else array.slice(start, height)
            for array, source in zip(arrays, target.sources, strict=True)
        ]
        yield batch._replace(rows=pa.RecordBatch.from_arrays(columns, schema=target.schema))
        start += height


def _arrays(answer: Answer) -> list[Any]:
    """Return what is written, column by column; None for one that is in the record batches that were read."""
    table = answer.table
    converted = {column.position: column for column in table.columns}
    made: list[Any] = []
    frame = None
    for column in answer.columns:
        if not isinstance(column, int):
            made.append(cells.results(column))
        elif table.batches:
            made.append(None)
        elif table.headings is None:
            made.append(cells.results(table.columns[column]))
        elif column in converted and not table.typed:
            made.append(cells.results(converted[column]))
        else:
            frame = table.cells() if frame is None else frame
            made.append(cells.array(frame.to_series(column)))
    return made
