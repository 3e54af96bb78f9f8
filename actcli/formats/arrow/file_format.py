"""Rows of the table of formats: Parquet, and Arrow IPC as files and as streams."""

from actcli.data.evaluated import EvaluatedRows
from actcli.data.read_options import ReadOptions
from actcli.formats.file_format import ByteSource, FileFormat, Reader, WriteOptions, Writer


def _open_reader(source: ByteSource, options: ReadOptions) -> Reader:
    from actcli.formats.arrow.reader import ArrowReader

    return ArrowReader(source, options)


def _make_parquet_writer(options: WriteOptions) -> Writer[EvaluatedRows]:
    from actcli.formats.arrow.parquet import ParquetWriter

    return ParquetWriter()


def _make_file_writer(options: WriteOptions) -> Writer[EvaluatedRows]:
    from actcli.formats.arrow.ipc import ArrowFileWriter

    return ArrowFileWriter()


def _make_stream_writer(options: WriteOptions) -> Writer[EvaluatedRows]:
    from actcli.formats.arrow.ipc import ArrowStreamWriter

    return ArrowStreamWriter()


ARROW = FileFormat(
    "arrow", (".arrow", ".feather", ".ipc"), None, _open_reader, _make_file_writer, is_binary=True, has_schema=True
)
ARROWS = ARROW._replace(name="arrows", endings=(".arrows",), make_writer=_make_stream_writer)
PARQUET = ARROW._replace(
    name="parquet", endings=(".parquet", ".pq"), make_writer=_make_parquet_writer, has_internal_compression=True
)
