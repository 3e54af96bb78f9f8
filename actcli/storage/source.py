"""Bytes from a file, an object or standard input, as they arrive, decompressed where their first bytes say so."""

import contextlib
import os
import select
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING

from actcli.errors import StorageError
from actcli.storage import compression, paths

if TYPE_CHECKING:
    from actcli.storage.objects import State

CHUNK_BYTES = 2**21  # bytes wanted at a time: long enough to parse in bulk, short enough to keep memory flat
_PATIENCE_SECONDS = 0.05  # seconds to wait for more from a pipe before what has arrived is passed on


def name_of(path: str) -> str:
    """Return how messages call the input."""
    return "standard input" if path == paths.STANDARD else path


def chunks(path: str, size: int = CHUNK_BYTES, read: Callable[[int], None] = lambda count: None) -> Iterable[bytes]:
    """Return the bytes of a file, or of standard input for ``-``; from a slow pipe, as soon as they have arrived.

    Those of a regular file or an object can be iterated over again.

    Args:
        path: the file or object.
        size: how many bytes to yield at a time, about.
        read: called with the number of bytes of each chunk, before decompression.

    Raises:
        StorageError: when iterated over, if the file cannot be read, or was changed when it is read again.
        ActcliError: if compressed data are damaged.

    """
    if paths.is_object(path):
        return _Object(path, size, read)
    if paths.is_file(path):
        return FileChunks(path, lambda ranges: _chunks(path, size, read, ranges))
    return _chunks(path, size, read)


def _chunks(
    path: str, size: int, read: Callable[[int], None], ranges: Sequence[tuple[int, int]] | None = None
) -> Iterator[bytes]:
    name = name_of(path)
    try:
        descriptor = _standard_input() if path == paths.STANDARD else os.open(path, os.O_RDONLY)
        try:
            if ranges is not None:
                yield from _count_bytes(_read_ranges(descriptor, size, ranges), read)
                return
            yield from compression.decompress_chunks(_count_bytes(_read_descriptor(descriptor, size), read), name, size)
        finally:
            if path != paths.STANDARD:
                os.close(descriptor)
    except OSError as error:
        raise StorageError(f"cannot read {name}: {error.strerror or error}") from error


def _standard_input() -> int:
    if sys.stdin is None:
        raise StorageError("cannot read standard input: it is closed")
    return sys.stdin.fileno()


class FileChunks:
    """The bytes of a file, which can be iterated over again as long as the file stays the same.

    Args:
        path: the file.
        opened: reads it, all of it for None, or the bytes between some places.
        ranges: these places.

    """

    def __init__(
        self,
        path: str,
        opened: Callable[[Sequence[tuple[int, int]] | None], Iterator[bytes]],
        ranges: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self._path, self._opened, self._ranges, self._state = path, opened, ranges, paths.input_state(path)
        self._readings = 0

    def plain_size(self) -> int | None:
        """Return how many bytes the file has; None if it is compressed, so that no place in it is known.

        Raises:
            StorageError: if it cannot be read.

        """
        try:
            with open(self._path, "rb") as file:
                magic = compression.from_magic(file.read(compression.MAGIC_BYTES))
                return os.fstat(file.fileno()).st_size if magic is None else None
        except OSError as error:
            raise StorageError(f"cannot read {self._path}: {error.strerror or error}") from error

    def parts(self, ranges: Sequence[tuple[int, int]]) -> "FileChunks":
        """Return the bytes between some places alone, of a file that is not compressed."""
        return FileChunks(self._path, self._opened, ranges)

    def __iter__(self) -> Iterator[bytes]:
        self._readings += 1
        yield from self._opened(self._ranges)
        if self._readings > 1 and paths.input_state(self._path) != self._state:
            raise StorageError(f"{self._path} was changed while it was read")


class _Object:
    """The bytes of an object of a store, which can be iterated over again as long as it stays the same."""

    def __init__(self, path: str, size: int, read: Callable[[int], None]) -> None:
        self._path, self._size, self._read = path, size, read
        self._state: State | None = None

    def __iter__(self) -> Iterator[bytes]:
        from actcli.storage.objects import StoredObject

        stored = StoredObject(self._path)
        self._state = self._state or stored.state()
        arriving = _count_bytes(stored.chunks(self._state, self._size), self._read)
        yield from compression.decompress_chunks(arriving, self._path, self._size)


class Source:
    """A file, an object, or standard input for ``-``; arguments and errors as for ``chunks``."""

    def __init__(self, path: str, read: Callable[[int], None] = lambda count: None, size: int = CHUNK_BYTES) -> None:
        paths.check(path)
        self.path, self.name = path, name_of(path)
        self._read, self._size = read, size

    def chunks(self, size: int | None = None) -> Iterable[bytes]:
        """Yield the bytes as they arrive."""
        return chunks(self.path, size or self._size, self._read)

    def file(self, arrived: bytes = b"", arriving: Iterable[bytes] | None = None) -> IO[bytes]:
        """Return a file that can be read at any place.

        An object, a pipe or compressed data are first written to a temporary file, which has no name and ends with the
        program.

        Args:
            arrived: what was already taken from the beginning.
            arriving: the chunks that follow it.

        """
        try:
            if paths.is_file(self.path):
                file = open(self.path, "rb")  # noqa: SIM115
                start = file.read(compression.MAGIC_BYTES)
                file.seek(0)
                if compression.from_magic(start) is None:
                    self._read(os.fstat(file.fileno()).st_size)
                    return file
                file.close()
        except OSError as error:
            raise StorageError(f"cannot read {self.path}: {error.strerror or error}") from error
        return spool(self.name, arrived, self.chunks() if arriving is None else arriving)


def spool(name: str, arrived: bytes, arriving: Iterable[bytes]) -> IO[bytes]:
    """Return a temporary file, which has no name and ends with the program, of bytes that arrive.

    Args:
        name: how messages call the bytes.
        arrived: those that have arrived already.
        arriving: the chunks that follow them.

    Raises:
        StorageError: if there is no room for it.

    """
    import tempfile

    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115
        file.write(arrived)
        for data in arriving:
            file.write(data)
        file.seek(0)
    except OSError as error:
        raise StorageError(
            f"cannot keep {name} in {tempfile.tempdir or 'a folder'}: {error.strerror or error}; "
            "set TMPDIR to a folder with more room"
        ) from error
    return file


def _count_bytes(arriving: Iterator[bytes], read: Callable[[int], None]) -> Iterator[bytes]:
    for data in arriving:
        read(len(data))
        yield data


def _read_ranges(descriptor: int, size: int, ranges: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    for start, stop in ranges:
        os.lseek(descriptor, start, os.SEEK_SET)
        left = stop - start
        while left and (data := os.read(descriptor, min(size, left))):
            left -= len(data)
            yield data


def _read_descriptor(descriptor: int, size: int) -> Iterator[bytes]:
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        while data := os.read(descriptor, size):
            yield data
        return
    widen(descriptor)
    arrived: list[bytes] = []
    while data := os.read(descriptor, size):
        arrived.append(data)
        if sum(map(len, arrived)) >= size or not select.select([descriptor], [], [], _PATIENCE_SECONDS)[0]:
            yield b"".join(arrived)
            arrived.clear()
    if arrived:
        yield b"".join(arrived)


def widen(descriptor: int) -> None:
    """Let a pipe hold as much as Linux allows without asking, so that its two ends wait less for each other."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # another system, or no pipe
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 2**20)
