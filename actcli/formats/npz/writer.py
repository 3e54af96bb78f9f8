"""The writer of npz archives."""

import contextlib
import itertools
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO

from actcli.data.evaluated import Evaluated, EvaluatedSlice, require_evaluated_rows, require_evaluated_slice
from actcli.errors import ActcliError
from actcli.formats.array_writer import to_numpy_dtype
from actcli.formats.file_format import ArraysWriter
from actcli.formats.npy.writer import format_header, write_slices
from actcli.formats.tensors import SpooledColumns

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that an archive can hold: the same bytes at any time


class NpzWriter(ArraysWriter):
    """The results alone, as in .npy: an array for each that was read, or for each column of a table.

    Arrays keep their names and shapes; with derivatives, a last axis of two holds both. Derivatives of a column are an
    array of their own.
    """

    def write(self, rendered: Iterator[Evaluated], out: IO[str]) -> None:
        """Write one array after the other; those of a table wait in a temporary file until all rows are counted."""
        first = next(rendered)
        batches = itertools.chain([first], rendered)
        with _open_archive(out.buffer) as archive:  # type: ignore[attr-defined]
            if not isinstance(first, EvaluatedSlice):
                with tempfile.TemporaryFile() as spool:
                    _write_columns(SpooledColumns(map(require_evaluated_rows, batches), spool, to_numpy_dtype), archive)
                return
            slices = map(require_evaluated_slice, batches)
            for name, of_array in itertools.groupby(slices, lambda evaluated: evaluated.slice.name):
                with _open_member(archive, name) as member:
                    write_slices(of_array, member)


class _Appended:
    """A file that can only be added to, so that an archive has the same bytes in a file and in a pipe."""

    def __init__(self, file: IO[bytes]) -> None:
        self.write: Callable[[bytes], int] = file.write
        self.flush = file.flush


@contextlib.contextmanager
def _open_archive(out: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open an archive, which gets its directory only if all goes well: else a part would look like a whole."""
    file = _Appended(out)
    with zipfile.ZipFile(file, "w") as archive:  # type: ignore[call-overload]
        try:
            yield archive
        except BaseException:
            file.write = len
            raise


def _write_columns(columns: SpooledColumns, archive: zipfile.ZipFile) -> None:
    for i, name in enumerate(columns.names):
        with _open_member(archive, name) as member:
            member.write(format_header(columns.dtype, (columns.rows,), fortran_order=False))
            columns.write(i, member)


@contextlib.contextmanager
def _open_member(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    file_name = f"{name}.npy"
    if "\0" in name or len(file_name.encode()) >= 2**16:
        raise ActcliError(f"no array of an npz archive can be called {name!r}; write safetensors, or rename it")
    with archive.open(zipfile.ZipInfo(file_name, _EPOCH), "w", force_zip64=True) as member:
        yield member
