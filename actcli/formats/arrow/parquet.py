"""Parquet: reading it row group by row group, and writing it with the row groups and settings that were read."""

import base64
import itertools
from collections.abc import Iterator, Mapping
from typing import IO

import numpy as np
from numpy.typing import NDArray

from actcli.errors import ActcliError
from actcli.formats.arrow import numpy_arrays
from actcli.formats.arrow.cell_text import shorten_name
from actcli.formats.arrow.pyarrow_extra import (
    Array,
    ColumnChunk,
    DataType,
    ParquetFile,
    RecordBatch,
    Schema,
    pa,
    pc,
    pq,
)
from actcli.formats.arrow.record_batch import BATCH_BYTES, Batch, Leaf, Origin, empty, size
from actcli.formats.arrow.writer import ArrowWriter, Sink, Target, closing

_BUFFER_BYTES = 2**18  # of each column that are read at a time
_BATCH_ROWS = 2**17  # at most
_TEXT_BYTES = 32  # of a text or list, until some were seen
_GROUP_BYTES = 3 * 2**25  # of a row group that is written, at most: pyarrow takes it when it is whole
_GROUP_ROWS = 2**20  # as pyarrow's own, where no row groups were read
_CODEC = "ZSTD"
_CODECS = {"UNCOMPRESSED": "NONE"} | {name: name for name in ("SNAPPY", "GZIP", "BROTLI", "LZ4", "ZSTD")}
_DICTIONARY_BYTES = 2**20  # of the distinct values of a column in a row group, at most
_INDEX_BYTES = 2.5  # that tell which of these a value is, at most


def batches(file: IO[bytes]) -> Iterator[Batch]:
    """Yield the batches of a Parquet file; raises what pyarrow raises.

    The rows are counted by row group: the number for the whole file may be wrong.
    """
    reader = _open_file(file, None)
    leaves = [reader.schema.column(i) for i in range(len(reader.schema))]
    if old_times := [leaf.path for leaf in leaves if leaf.physical_type == "INT96"]:
        reader = _open_file(file, _choose_int96_unit(file, old_times))
    schema = _stored_schema(reader)
    origin = None
    row_bytes = sum(map(_estimated_bytes, schema.types))
    for number in range(reader.metadata.num_row_groups):
        group = reader.metadata.row_group(number)
        row_bytes = max(row_bytes, group.total_byte_size // max(1, group.num_rows))
        step = max(1, min(_BATCH_ROWS, BATCH_BYTES // max(1, row_bytes)))
        cells = 0
        for rows in reader.iter_batches(step, row_groups=[number], use_threads=False):
            # pyarrow ends the process where a column is looked at that is encrypted: now it is known not to be.
            origin = origin or _describe_origin(reader)
            cells += rows.num_rows
            row_bytes = max(row_bytes, size(rows) // max(1, rows.num_rows))
            yield Batch(_restore_types(rows, schema), origin, number)
        if cells != group.num_rows:
            raise pa.ArrowInvalid(f"of the {group.num_rows} rows of row group {number}, {cells} can be read")
    if origin is None:
        yield Batch(empty(schema))


def _open_file(file: IO[bytes], old_unit: str | None) -> ParquetFile:
    return pq.ParquetFile(
        file,
        pre_buffer=False,
        buffer_size=_BUFFER_BYTES,
        coerce_int96_timestamp_unit=old_unit,
        page_checksum_verification=True,
    )


def _choose_int96_unit(file: IO[bytes], names: list[str]) -> str:
    """Return the unit for times in INT96, a type of old: in nanoseconds, those before 1677 or after 2262 overflow."""
    readers = [_open_file(file, unit) for unit in ("ns", "us")]
    batches = [reader.iter_batches(_BATCH_ROWS, columns=names, use_threads=False) for reader in readers]
    for fine, coarse in zip(*batches, strict=True):
        times = zip(_int96_times(fine.to_struct_array()), _int96_times(coarse.to_struct_array()), strict=True)
        if any((nanoseconds // 1000 != microseconds).any() for nanoseconds, microseconds in times):
            return "us"
    return "ns"


def _int96_times(cells: Array) -> Iterator[NDArray[np.int64]]:
    """Yield the times in a column as integers, those within structures, lists and maps too."""
    if pa.types.is_timestamp(cells.type):
        yield numpy_arrays.to_numpy(cells.view(pa.int64())).astype(np.int64, copy=False)
    elif pa.types.is_struct(cells.type):
        for field in cells.flatten():
            yield from _int96_times(field)
    elif pa.types.is_map(cells.type):
        yield from _int96_times(cells.keys)
        yield from _int96_times(cells.items)
    elif pa.types.is_list(cells.type):
        yield from _int96_times(cells.flatten())


def _estimated_bytes(kind: DataType) -> int:
    try:
        return max(1, int(kind.bit_width) // 8)
    except ValueError:
        return _TEXT_BYTES


def _stored_schema(reader: ParquetFile) -> Schema:
    """Return the schema, with the dates and units of time of the table that was written, where Parquet has no such."""
    schema = reader.schema_arrow
    stored = (reader.metadata.metadata or {}).get(b"ARROW:schema")
    if stored is None:
        return schema
    fields = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(stored)))
    if fields.names != schema.names:
        return schema
    kinds = [
        arrow_type if pa.types.is_temporal(arrow_type) else parquet_type
        for parquet_type, arrow_type in zip(schema.types, fields.types, strict=True)
    ]
    return pa.schema([field.with_type(kind) for field, kind in zip(schema, kinds, strict=True)], schema.metadata)


def _restore_types(rows: RecordBatch, schema: Schema) -> RecordBatch:
    if rows.schema.types == schema.types:
        return rows
    columns = [cells.cast(kind) for cells, kind in zip(rows, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _describe_origin(reader: ParquetFile) -> Origin:
    group = reader.metadata.row_group(0)
    chunks = [group.column(i) for i in range(group.num_columns)]
    leaves = iter(map(_describe_leaf, chunks))
    settings = {
        "sorting_columns": list(group.sorting_columns) or None,
        "use_deprecated_int96_timestamps": any(chunk.physical_type == "INT96" for chunk in chunks),
        "write_page_index": any(chunk.has_offset_index for chunk in chunks),
    }
    return Origin(
        None, tuple(tuple(itertools.islice(leaves, _leaf_count(kind))) for kind in reader.schema_arrow.types), settings
    )


def _describe_leaf(chunk: ColumnChunk) -> Leaf:
    # Writers give a dictionary up that grows too long: a chunk that is too large for one holds the values themselves.
    abandoned = chunk.total_uncompressed_size > _DICTIONARY_BYTES + _INDEX_BYTES * chunk.num_values
    dictionary = not abandoned and any("DICTIONARY" in encoding for encoding in chunk.encodings)
    special = (encoding for encoding in chunk.encodings if encoding.startswith(("DELTA", "BYTE_STREAM")))
    return Leaf(_CODECS.get(chunk.compression, _CODEC), dictionary, None if dictionary else next(special, None))


def _leaf_count(kind: DataType) -> int:
    """Return as how many columns Parquet stores one of a type."""
    if isinstance(kind, pa.BaseExtensionType):
        return _leaf_count(kind.storage_type)
    return (
        1 if pa.types.is_dictionary(kind) else sum(_leaf_count(kind.field(i).type) for i in range(kind.num_fields)) or 1
    )


class ParquetWriter(ArrowWriter):
    """Parquet, compressed with Zstandard within, unless the file that was read says otherwise."""

    name = "Parquet"

    def write_batches(self, batches: Iterator[Batch], target: Target, sink: Sink) -> None:
        """Write everything; a row group that was read and is not too large for memory stays one."""
        first = next(batches)
        schema = _storable_schema(target.schema)
        settings = _writer_settings(schema, target, first.origin)
        with closing(pq.ParquetWriter(sink, schema, **settings), sink) as writer:
            for group in _row_groups(itertools.chain([first], batches)):
                rows = pa.Table.from_batches([_convert_types(batch, schema) for batch in group], schema)
                if rows.num_rows:
                    writer.write_table(rows, rows.num_rows)
                del rows, group
                pa.default_memory_pool().release_unused()


def _row_groups(batches: Iterator[Batch]) -> Iterator[list[RecordBatch]]:
    """Yield the record batches of each row group."""
    group: list[RecordBatch] = []
    rows, group_bytes, number = 0, 0, None
    for batch in batches:
        added = size(batch.rows)
        ended = batch.group != number or (number is None and rows >= _GROUP_ROWS)
        if group and (ended or group_bytes + added > _GROUP_BYTES):
            yield group
            group, rows, group_bytes = [], 0, 0
        number = batch.group
        group.append(batch.rows)
        rows, group_bytes = rows + batch.rows.num_rows, group_bytes + added
        del batch
    yield group


def _storable_schema(schema: Schema) -> Schema:
    """Return the schema that takes the place of one with types that pyarrow does not write: runs, distinct views."""
    kinds = map(_storable_type, schema.types)
    return pa.schema([field.with_type(kind) for field, kind in zip(schema, kinds, strict=True)], schema.metadata)


def _storable_type(kind: DataType) -> DataType:
    if pa.types.is_run_end_encoded(kind):
        return _storable_type(kind.value_type)
    if pa.types.is_dictionary(kind) and pa.types.is_string_view(kind.value_type):
        return pa.dictionary(kind.index_type, pa.string(), kind.ordered)
    if pa.types.is_dictionary(kind) and pa.types.is_binary_view(kind.value_type):
        return pa.dictionary(kind.index_type, pa.binary(), kind.ordered)
    return kind


def _convert_types(rows: RecordBatch, schema: Schema) -> RecordBatch:
    if rows.schema.types == schema.types:
        return rows
    columns = []
    for array, kind in zip(rows, schema.types, strict=True):
        cells = pc.run_end_decode(array) if pa.types.is_run_end_encoded(array.type) else array
        if cells.type != kind:
            values = cells.dictionary.cast(kind.value_type)
            cells = pa.DictionaryArray.from_arrays(cells.indices, values, ordered=kind.ordered)
        columns.append(cells)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _writer_settings(schema: Schema, target: Target, origin: Origin) -> Mapping[str, object]:
    """Return how the columns are stored: as they were, and results as the columns that they are made from."""
    paths = _column_paths(schema)
    columns = zip(schema.types, target.sources, target.untouched, strict=True)
    leaves = [leaf for column in columns for leaf in _leaves_of(*column, origin)]
    if len(leaves) != len(paths):
        leaves = [Leaf(_CODEC, dictionary=True)] * len(paths)
    stored = list(zip(paths, leaves, strict=True))
    settings: dict[str, object] = {
        "compression": {path: leaf.codec for path, leaf in stored},
        "use_dictionary": [path for path, leaf in stored if leaf.dictionary],
        "column_encoding": {path: leaf.encoding for path, leaf in stored if leaf.encoding} or None,
        **origin.parquet,
    }
    if not all(target.untouched[: len(origin.leaves)]) or len(schema) <= len(origin.leaves):
        settings["sorting_columns"] = None
    return settings


def _leaves_of(kind: DataType, source: int, untouched: bool, origin: Origin) -> tuple[Leaf, ...]:
    if not origin.leaves:
        return (Leaf(_CODEC, dictionary=untouched and not pa.types.is_floating(kind)),) * _leaf_count(kind)
    leaves = origin.leaves[source]
    return leaves if untouched else (leaves[0]._replace(encoding=None),)


def _column_paths(schema: Schema) -> list[str]:
    """Return what Parquet calls the columns that it stores a schema as.

    Raises:
        ActcliError: names the first column of a type that it has nothing for.

    """
    try:
        return _probe_column_paths(schema)
    except pa.ArrowNotImplementedError:
        for field in schema:
            try:
                _probe_column_paths(pa.schema([field]))
            except pa.ArrowNotImplementedError:
                raise ActcliError(
                    f"Parquet has no type for column {field.name!r}, which holds {shorten_name(field.type)}; "
                    "write arrow, or leave it out with --only"
                ) from None
        raise


def _probe_column_paths(schema: Schema) -> list[str]:
    sink = pa.BufferOutputStream()
    pq.ParquetWriter(sink, schema).close()
    stored = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [stored.column(i).path for i in range(len(stored))]
