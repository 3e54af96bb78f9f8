"""Row of the table of formats: NumPy arrays."""

from actcli.data.evaluated import Evaluated
from actcli.data.read_options import ReadOptions
from actcli.formats.file_format import ByteSource, FileFormat, Reader, WriteOptions, Writer


def _open_reader(source: ByteSource, options: ReadOptions) -> Reader:
    from actcli.formats.npy.reader import NpyReader

    return NpyReader(source, options)


def _make_writer(options: WriteOptions) -> Writer[Evaluated]:
    from actcli.formats.npy.writer import NpyWriter

    return NpyWriter()


NPY = FileFormat("npy", (".npy",), None, _open_reader, _make_writer, is_binary=True, preserves_arrays=True)
