"""Rows of the table of formats: comma- and tab-separated values."""

from actcli.data.read_options import ReadOptions
from actcli.formats.file_format import ByteSource, FileFormat, Reader, StreamWriter, WriteOptions


def _open_reader(source: ByteSource, options: ReadOptions) -> Reader:
    from actcli.formats.csv.reader import CsvReader

    return CsvReader(source, options)


def _make_writer(options: WriteOptions) -> StreamWriter:
    from actcli.formats.csv.writer import CsvWriter

    return CsvWriter(options)


CSV = FileFormat("csv", (".csv",), ",", _open_reader, _make_writer)
TSV = CSV._replace(name="tsv", endings=(".tsv", ".tab"), separator="\t")
