"""Row of the table of formats: npz archives of NumPy arrays."""

from actcli.data.evaluated import Evaluated
from actcli.data.read_options import ReadOptions
from actcli.formats.file_format import ByteSource, FileFormat, Reader, WriteOptions, Writer


def _open_reader(source: ByteSource, options: ReadOptions) -> Reader:
    from actcli.formats.npz.reader import NpzReader

    return NpzReader(source, options)


def _make_writer(options: WriteOptions) -> Writer[Evaluated]:
    from actcli.formats.npz.writer import NpzWriter

    return NpzWriter()


NPZ = FileFormat(
    "npz",
    (".npz",),
    None,
    _open_reader,
    _make_writer,
    is_binary=True,
    preserves_arrays=True,
    holds_tensors=True,
)
