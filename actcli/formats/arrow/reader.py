"""Tables whose columns have types, Parquet and Arrow IPC, read in batches of rows."""

import itertools
import os
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from actcli.data.batch import Table
from actcli.data.read_options import ReadOptions, Replayable
from actcli.data.selection import list_names, select_columns
from actcli.errors import ActcliError, StorageError
from actcli.formats.arrow import ipc, metadata, numbers, parquet
from actcli.formats.arrow.pyarrow_extra import Field, Schema, pa, reason
from actcli.formats.arrow.record_batch import Batch
from actcli.formats.file_format import ByteSource, Reader

_ENCRYPTED = "{} is encrypted Parquet; decrypt it first"


class ArrowReader(Reader):
    """A table in Parquet or Arrow IPC (files and streams), told apart by their first bytes, in batches of rows.

    Without selectors, all columns of integers, floats and decimals are converted but for an index of pandas. The other
    arguments are as for the reader of separated values; rows count from 1.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: ByteSource, options: ReadOptions) -> None:
        self._name, self._options = source.name, options
        self._file = source.file()
        weakref.finalize(self, self._file.close)
        self._state = self._file_state()
        batches = self._batches()
        first = next(batches)
        self._first = itertools.chain([first], batches)
        schema = first.rows.schema
        self._column_names = list(schema.names)
        self._positions = select_columns(
            self._column_names, options.columns, source.name, lambda: self._select_numeric(schema), options.masks
        )

    def _file_state(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns

    def _batches(self) -> Iterator[Batch]:
        try:
            yield from _read_batches(self._file, self._name)
        except ActcliError:
            self._check_unchanged()  # which explains the other error
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        if self._file_state() != self._state:
            raise StorageError(f"{self._name} was changed while it was read")

    def _select_numeric(self, schema: Schema) -> list[int]:
        index = metadata.index_columns(schema.metadata)
        positions = [i for i, field in enumerate(schema) if numbers.is_numeric(field) and field.name not in index]
        if not positions:
            raise ActcliError(f"{self._name} has no numeric column (columns: {list_names(self._column_names)})")
        return positions

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return what converts each batch, as every reader does; what came through a pipe waits in a temporary file."""
        return Replayable(self._tables(self._first), lambda: self._tables(self._batches()))

    def _tables(self, batches: Iterator[Batch]) -> Iterator[Callable[[], Table]]:
        row = 1
        for batch in batches:
            yield lambda batch=batch, row=row: self._table(batch, row)  # type: ignore[misc]
            row += batch.rows.num_rows

    def _table(self, batch: Batch, row: int) -> Table:
        place = (self._name, range(row, row + batch.rows.num_rows))
        converted = [
            numbers.convert_column(batch.rows.column(i), self._column_names[i], i, place, self._options)
            for i in self._positions
        ]
        return Table(
            converted,
            self._column_names,
            lambda: numbers.cell_frame(batch.rows),
            has_schema=True,
            record_batches=(batch,),
        )


def _read_batches(file: IO[bytes], name: str) -> Iterator[Batch]:
    """Yield the batches, at least one, which may have no rows; raise ActcliError for whatever pyarrow raises."""
    kind, read = _recognize(file, name)
    batches = read(file)
    try:
        first = next(batches)
        _check_names(first.rows.schema)
        yield first
        yield from batches
    except OSError as error:
        if error.errno is not None:
            raise StorageError(f"cannot read {name}: {error.strerror}") from None
        raise _damage_error(name, kind, error) from None  # as pyarrow says of some damages
    except pa.ArrowNotImplementedError as error:
        raise ActcliError(f"{name} is {kind} of a kind that pyarrow cannot read: {reason(error)}") from None
    except (pa.ArrowException, ValueError, ArithmeticError, LookupError, MemoryError) as error:
        raise _damage_error(name, kind, error) from None


def _recognize(file: IO[bytes], name: str) -> tuple[str, Callable[[IO[bytes]], Iterator[Batch]]]:
    """Return how messages call the format of a file, and what reads it."""
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    if not start:
        raise ActcliError(f"{name} is empty")
    if start.startswith(b"PARE"):
        raise ActcliError(_ENCRYPTED.format(name))
    if start.startswith(b"FEA1"):
        raise ActcliError(f"{name} is Feather version 1, which cannot be read; save it as version 2, Arrow IPC")
    if start.startswith(b"PAR1"):
        return "Parquet", parquet.batches
    if start == b"ARROW1":
        return "an Arrow file", ipc.file_batches
    if start.startswith(b"\xff\xff\xff\xff"):
        return "an Arrow stream", ipc.stream_batches
    raise ActcliError(f"{name} is neither Parquet nor Arrow data; if it is in another format, name that with --from")


def _check_names(fields: Iterable[Field]) -> None:
    """Raise UnicodeDecodeError if a field or a time zone, at any depth of a schema, has a name that is not UTF-8."""
    for field in fields:
        field.name  # noqa: B018  decoded only now
        kind = field.type
        if pa.types.is_timestamp(kind):
            kind.tz  # noqa: B018
        _check_names([kind.field(i) for i in range(kind.num_fields)])


def _damage_error(name: str, kind: str, error: Exception) -> ActcliError:
    if "decrypt" in str(error):
        return ActcliError(_ENCRYPTED.format(name))
    return ActcliError(f"{name} begins as {kind} but is damaged: {reason(error)}")
