"""Arrow IPC, files and streams: reading and writing them in record batches."""

import itertools
from collections.abc import Iterator, Mapping
from typing import IO

from actcli.errors import ActcliError
from actcli.formats.arrow.pyarrow_extra import Array, DataType, IpcReadOptions, RecordBatch, Schema, pa, reason
from actcli.formats.arrow.record_batch import Batch, Origin, empty, split_batch
from actcli.formats.arrow.writer import ArrowWriter, Sink, Target, closing


def _read_options() -> IpcReadOptions:
    aligned = pa.ipc.Alignment.DataTypeSpecific  # which NumPy and polars count on
    return pa.ipc.IpcReadOptions(ensure_alignment=aligned, use_threads=False)


def file_batches(file: IO[bytes]) -> Iterator[Batch]:
    """Yield the batches of an Arrow file; raises what pyarrow raises."""
    reader = pa.ipc.open_file(file, options=_read_options())
    origin = Origin(reader.metadata)
    batches = (reader.get_batch_with_custom_metadata(i) for i in range(reader.num_record_batches))
    yield from _validate(batches, reader.schema, origin)


def stream_batches(file: IO[bytes]) -> Iterator[Batch]:
    """Yield the batches of an Arrow stream; raises what pyarrow raises."""
    reader = pa.ipc.open_stream(file, options=_read_options())
    yield from _validate(reader.iter_batches_with_custom_metadata(), reader.schema, Origin())
    if file.read(1):
        raise pa.ArrowInvalid("data follow the end of the stream; streams cannot be joined with cat")


def _validate(
    batches: Iterator[tuple[RecordBatch, Mapping[bytes, bytes] | None]], schema: Schema, origin: Origin
) -> Iterator[Batch]:
    """Yield record batches that can be used without harm: their bytes come from the file as they are."""
    any_rows = False
    for rows, metadata in batches:
        rows.validate(full=True)
        if rows.num_rows:
            any_rows = True
            yield from (Batch(part, origin, None, metadata) for part in split_batch(rows))
    if not any_rows:
        yield Batch(empty(schema), origin)


class ArrowFileWriter(ArrowWriter):
    """The file form of Arrow IPC."""

    name = "an Arrow file"

    def write_batches(self, batches: Iterator[Batch], target: Target, sink: Sink) -> None:
        """Write everything."""
        first = next(batches)
        options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
        footer = first.origin.footer
        with closing(pa.ipc.new_file(sink, target.schema, options=options, metadata=footer), sink) as writer:
            dictionaries: dict[int, Array] = {}
            for batch in itertools.chain([first], batches):
                columns = [
                    _extend_dictionary(dictionaries, i, target.schema.field(i).name, cells)
                    for i, cells in enumerate(batch.rows)
                ]
                rows = pa.RecordBatch.from_arrays(columns, schema=target.schema)
                writer.write_batch(rows, custom_metadata=batch.metadata)


def _extend_dictionary(dictionaries: dict[int, Array], position: int, name: str, cells: Array) -> Array:
    """Return cells whose dictionary begins with that of the batch before: a file may hold no other.

    Args:
        dictionaries: no cells, with the dictionary of the batch before, for each column that has one.
        position: which column it is.
        name: what it is called.
        cells: the column of the next batch.

    Raises:
        ActcliError: if it grows beyond the type of its indices, or is of a type that cannot grow.

    """
    if not _has_dictionary(cells.type):
        return cells
    if position in dictionaries:
        before = dictionaries[position]
        if pa.types.is_dictionary(cells.type) and cells.dictionary.equals(before.dictionary):
            return cells
        try:
            cells = pa.chunked_array([before, cells]).unify_dictionaries().chunk(1)
        except pa.ArrowException as error:
            raise ActcliError(
                f"an Arrow file cannot hold the dictionaries of column {name!r}, which change between batches: "
                f"{reason(error)} Write a stream (arrows) or Parquet"
            ) from None
    dictionaries[position] = cells.slice(0, 0)
    return cells


def _has_dictionary(kind: DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _has_dictionary(kind.storage_type)
    return pa.types.is_dictionary(kind) or any(_has_dictionary(kind.field(i).type) for i in range(kind.num_fields))


class ArrowStreamWriter(ArrowWriter):
    """The streaming form of Arrow IPC."""

    name = "an Arrow stream"

    def write_batches(self, batches: Iterator[Batch], target: Target, sink: Sink) -> None:
        """Write everything."""
        with closing(pa.ipc.new_stream(sink, target.schema), sink) as writer:
            for batch in batches:
                writer.write_batch(batch.rows, custom_metadata=batch.metadata)
