"""Row of the table of formats: JSON lines."""

from actcli.data.read_options import ReadOptions
from actcli.formats.file_format import ByteSource, FileFormat, Reader, StreamWriter, WriteOptions


def _open_reader(source: ByteSource, options: ReadOptions) -> Reader:
    from actcli.formats.json_lines.reader import JsonLinesReader

    return JsonLinesReader(source, options)


def _make_writer(options: WriteOptions) -> StreamWriter:
    from actcli.formats.json_lines.writer import JsonLinesWriter

    return JsonLinesWriter()


JSONL = FileFormat("jsonl", (".jsonl", ".ndjson"), None, _open_reader, _make_writer)
