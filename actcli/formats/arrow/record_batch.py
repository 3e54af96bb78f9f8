"""A batch of rows with types, and what its file says beside them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from actcli.formats.arrow.pyarrow_extra import DataType, RecordBatch, Schema, pa

BATCH_BYTES = 2**21  # of the rows that are evaluated together, about


class Leaf(NamedTuple):
    """How a column of Parquet is stored; a column of lists or structures is stored as one or more."""

    codec: str
    dictionary: bool
    """Whether its distinct values are stored once."""
    encoding: str | None = None
    """The encoding of its values, where it is a special one."""


class Origin(NamedTuple):
    """What a file says that its schema does not."""

    footer: Mapping[bytes, bytes] | None = None
    """The metadata of the footer of Arrow IPC."""
    leaves: tuple[tuple[Leaf, ...], ...] = ()
    """How each column of Parquet is stored."""
    parquet: Mapping[str, object] = {}
    """Further settings of Parquet, as pyarrow's ParquetWriter takes them."""


class Batch(NamedTuple):
    """Rows as they were read."""

    rows: RecordBatch
    """A record batch."""
    origin: Origin = Origin()
    group: int | None = None
    """Which row group of Parquet they are a part of."""
    metadata: Mapping[bytes, bytes] | None = None
    """The metadata of the record batch of Arrow IPC that they are a part of."""


def empty(schema: Schema) -> RecordBatch:
    """Return a record batch without rows."""
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)


def size(rows: RecordBatch) -> int:
    """Return how many bytes a record batch takes, without the dictionaries that it shares with others."""
    return sum(int(cells.indices.nbytes if pa.types.is_dictionary(cells.type) else cells.nbytes) for cells in rows)


def split_batch(rows: RecordBatch) -> Iterator[RecordBatch]:
    """Yield a record batch in slices of about BATCH_BYTES, or as one where each would be written with all data."""
    if any(map(_has_views, rows.schema.types)):
        yield rows
        return
    step = max(1, rows.num_rows * BATCH_BYTES // max(1, size(rows)))
    for start in range(0, rows.num_rows, step):
        yield rows.slice(start, step)


def _has_views(kind: DataType) -> bool:
    """Tell whether cells of a type point into data that all of them share."""
    types = pa.types
    views = (types.is_string_view, types.is_binary_view, types.is_list_view, types.is_large_list_view)
    if any(test(kind) for test in views):
        return True
    return any(_has_views(kind.field(i).type) for i in range(kind.num_fields))
