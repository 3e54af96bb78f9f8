"""Tables whose columns have types, Parquet and Arrow IPC, read and written in batches of rows."""

import itertools
import json
import os
import struct
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import polars

from actcli.errors import ActcliError, StorageError
from actcli.files import columns, naming
from actcli.files.reading import Again, Reading
from actcli.files.table import Answer, Column, Table
from actcli.files.writers import Binary
from actcli.storage.source import Source

_ROWS, _CELLS = 2**17, 2**20  # in a batch, at most
_GROUP = 2**23  # cells of a row group, at most: polars holds it until it is whole


class Reader:
    """A table in Parquet or Arrow IPC (files and streams), told apart by their first bytes, in batches of rows.

    Without patterns, all columns of integers, floats and decimals are converted. The other arguments are as for the
    reader of separated values; rows count from 1.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: Source, reading: Reading) -> None:
        self._name, self._reading = source.name, reading
        self._file = source.file()
        weakref.finalize(self, self._file.close)
        self._state = self._stat()
        frames = self._frames()
        first = next(frames)
        self._first = itertools.chain([first], frames)
        self._headings = first.columns
        self._positions = columns.chosen(first.columns, reading.columns, source.name, lambda: self._numeric(first))

    def _stat(self) -> tuple[int, int]:
        found = os.fstat(self._file.fileno())
        return found.st_size, found.st_mtime_ns

    def _frames(self) -> Iterator[polars.DataFrame]:
        try:
            yield from _named_errors(_frames(self._file, self._name), self._name)
        except ActcliError:
            self._check_unchanged()  # which explains the other error
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        if self._stat() != self._state:
            raise StorageError(f"{self._name} was changed while it was read")

    def _numeric(self, frame: polars.DataFrame) -> list[int]:
        found = [i for i, kind in enumerate(frame.dtypes) if kind.is_numeric()]
        if not found:
            raise ActcliError(f"{self._name} has no column of numbers; its columns: {columns.listed(frame.columns)}")
        return found

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return what converts each batch, which can be iterated over again; the calls may be made on several threads.

        What came through a pipe waits in a temporary file.
        """
        return Again(self._tables(self._first), lambda: self._tables(self._frames()))

    def _tables(self, frames: Iterator[polars.DataFrame]) -> Iterator[Callable[[], Table]]:
        row = 1
        for frame in frames:
            yield lambda frame=frame, row=row: self._table(frame, row)  # type: ignore[misc]
            row += frame.height

    def _table(self, frame: polars.DataFrame, row: int) -> Table:
        place = (self._name, range(row, row + frame.height))
        converted = [
            columns.typed_numbers(frame.to_series(i), self._headings[i], i, place, self._reading)
            for i in self._positions
        ]
        return Table(converted, self._headings, lambda: frame, typed=True)


def _named_errors(frames: Iterator[polars.DataFrame], name: str) -> Iterator[polars.DataFrame]:
    try:
        yield from frames
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, struct.error) as error:
        raise ActcliError(f"{name} is neither whole Parquet nor Arrow data: {str(error).splitlines()[0]}") from None
    except OSError as error:  # as polars says of some damages, or the disk
        if error.errno is None:
            raise ActcliError(f"{name} is neither whole Parquet nor Arrow data: {error}") from None
        raise StorageError(f"cannot read {name}: {error.strerror}") from None


def _frames(file: IO[bytes], name: str) -> Iterator[polars.DataFrame]:
    """Yield the batches, at least one, which may have no rows."""
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    if not start:
        raise ActcliError(f"{name} is empty")
    if start[:4] == b"\xff\xff\xff\xff":
        yield from _streamed(file)
        return
    frame = _scan(file, start)
    schema = frame.collect_schema()
    height = frame.select(polars.len()).collect().item()
    rows = max(1, min(_ROWS, _CELLS // max(1, len(schema))))
    batches = frame.collect_batches(chunk_size=rows, maintain_order=True)
    first = next(batches, polars.DataFrame(schema=schema))
    yield first
    found = first.height
    for batch in batches:
        found += batch.height
        yield batch
    if found != height:  # a failure on one of polars' threads may only end the batches
        raise ActcliError(f"{name} is damaged: of its {height} rows, {found} can be read")


def _scan(file: IO[bytes], start: bytes) -> polars.LazyFrame:
    """Return the file unread; polars takes parts of what has a path, but all of an open file into memory.

    Of Arrow IPC it would map the file, whose pages all count as memory in use once they were read: as from a server,
    it takes one record batch after the other. Parquet then takes more memory, not less.
    """
    path = f"/dev/fd/{file.fileno()}"
    where: Any = path if os.path.exists(path) else file
    arrow = start == b"ARROW1"
    polars.Config.load(json.dumps({"environment": {"POLARS_FORCE_ASYNC": f"{arrow:d}"}}))
    scan: Any = polars.scan_ipc if arrow else polars.scan_parquet
    frame: polars.LazyFrame = scan(where, glob=False, hive_partitioning=False)
    return frame


def _streamed(file: IO[bytes]) -> Iterator[polars.DataFrame]:
    """Yield the record batches of an Arrow stream; each is read as a stream of its own behind the schema."""
    kept: list[bytes] = []  # the schema, and the dictionaries that batches refer to
    batches = 0
    while (prefix := file.read(8)) and (size := struct.unpack("<4xi", prefix)[0]):
        header = file.read(size)
        table = struct.unpack_from("<I", header)[0]
        fields = table - struct.unpack_from("<i", header, table)[0]
        kind = header[table + struct.unpack_from("<H", header, fields + 6)[0]]
        place = struct.unpack_from("<H", header, fields + 10)[0] if header[fields] > 10 else 0
        length = struct.unpack_from("<q", header, table + place)[0] if place else 0
        message = prefix + header + file.read(length)
        if len(message) < 8 + size + length:
            raise struct.error("it ends within a message")
        if kind == 3:
            batches += 1
            yield polars.read_ipc_stream(b"".join([*kept, message]))
        else:
            kept.append(message)
    if not batches:
        yield polars.read_ipc_stream(b"".join(kept))


class _Columnar(Binary):
    """The columns that were read with their types, then one column per result.

    Results are Float16, Float32 or Float64; those of bfloat16 and float8 are Float32, which holds them exactly.
    Cells of text stay text, and numbers that were converted from text are of the dtype.
    """

    def write(self, answers: Iterator[Answer], out: IO[bytes]) -> None:
        """Write everything; polars draws the answers, on threads of its own, so that this one still hears Control-C."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(1)
        try:
            pool.submit(self._sink, answers, out).result()
        finally:
            pool.shutdown(wait=False)

    def _sink(self, answers: Iterator[Answer], out: IO[bytes]) -> None:
        from polars.io.plugins import register_io_source

        failed: list[BaseException] = []
        first = _frame(next(answers))

        def frames(*_: Any) -> Iterator[polars.DataFrame]:
            try:
                yield first
                yield from map(_frame, answers)
            except BaseException as error:
                failed.append(error)
                raise

        file = _Remembering(out, failed)
        try:
            self.sink(register_io_source(frames, schema=first.schema), file)
        except Exception:
            if failed:
                raise failed[0] from None
            raise

    def sink(self, frame: polars.LazyFrame, file: Any) -> None:
        """Write a frame that is made while it is written."""
        raise NotImplementedError


class Parquet(_Columnar):
    """Parquet, compressed with Zstandard within."""

    def sink(self, frame: polars.LazyFrame, file: Any) -> None:
        """Write a frame that is made while it is written."""
        width = len(frame.collect_schema())
        frame.sink_parquet(file, row_group_size=max(1, min(2**18, _GROUP // max(1, width))))


class Arrow(_Columnar):
    """The file form of Arrow IPC."""

    def sink(self, frame: polars.LazyFrame, file: Any) -> None:
        """Write a frame that is made while it is written."""
        frame.sink_ipc(file)


class _Remembering:
    """A file that keeps the error of a write, which polars only tells the text of."""

    def __init__(self, file: IO[bytes], failed: list[BaseException]) -> None:
        self._file, self._failed = file, failed

    def write(self, data: Any) -> int:
        try:
            return self._file.write(data)
        except BaseException as error:
            self._failed.append(error)
            raise

    def flush(self) -> None:
        """Leave it to the owner of the file."""


def _frame(answer: Answer) -> polars.DataFrame:
    names = answer.names
    naming.check_distinct(names)
    converted = {column.position: column for column in answer.table.columns}
    given = [column for column in answer.columns if isinstance(column, int)]
    cells = answer.table.cells() if given and answer.table.headings is not None else None
    made = []
    for column in answer.columns:
        if not isinstance(column, int):
            made.append(_series(column))
        elif cells is None or (column in converted and not answer.table.typed):
            made.append(_series(converted[column] if cells is not None else answer.table.columns[column]))
        else:
            made.append(cells.to_series(column))
    return polars.DataFrame([series.alias(name) for name, series in zip(names, made, strict=True)])


def _series(column: Column) -> polars.Series:
    import numpy as np

    values = column.values
    series = polars.Series(values.astype(np.float32) if values.dtype.name not in _OWN else values)
    if column.missing is None:
        return series
    return series.zip_with(~polars.Series(column.missing), polars.Series([None], dtype=series.dtype))


_OWN = ("float16", "float32", "float64")
