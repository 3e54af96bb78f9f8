"""The reader of npz archives: the selected arrays one after the other, in parts; pickled data is never loaded."""

import contextlib
import errno
import struct
import weakref
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError, StorageError
from actcli.formats.array_reader import CHUNK_BYTES, ArrayReader, Arriving
from actcli.formats.file_format import ByteSource
from actcli.formats.npy.reader import NpyReader, read_header
from actcli.formats.tensors import TensorsReader
from actcli.storage.source import spool

_ENDING = ".npy"
_HEADER_BYTES = 2**10  # read at a time, of the arrays whose headers alone are wanted
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # those that NumPy writes


class _Chunks:
    """The bytes of a member of an archive, which can be iterated over again."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, size: int) -> None:
        self._archive, self._member, self._name, self._size = archive, member, name, size

    def __iter__(self) -> Iterator[bytes]:
        with _name_errors(self._name):
            if self._member.compress_type not in _METHODS:
                raise zipfile.BadZipFile(f"compression method {self._member.compress_type}")
            with self._archive.open(self._member) as file:
                while data := file.read(self._size):
                    yield data


class _Member:
    """A member of an archive, as a source of bytes."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
        self._archive, self._info, self.name = archive, info, name

    def chunks(self, size: int | None = None) -> Iterable[bytes]:
        """Return the bytes as they are unpacked."""
        return _Chunks(self._archive, self._info, self.name, size or CHUNK_BYTES)

    def file(self, arrived: bytes = b"", arriving: Iterable[bytes] | None = None) -> IO[bytes]:
        """Return a temporary file with random access."""
        return spool(self.name, arrived, self.chunks() if arriving is None else arriving)


class _Described(NamedTuple):
    """What an archive says of an array."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    is_float: bool


class NpzReader(TensorsReader):
    """The arrays of an archive in the order of its directory, in which they are evaluated.

    The arguments are as for the reader of .npy arrays. Members that are no arrays count as left out.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: ByteSource, options: ReadOptions) -> None:
        self._name = source.name
        file = source.file()
        weakref.finalize(self, file.close)
        with _name_errors(source.name):
            self._archive = zipfile.ZipFile(file)
        infos = self._archive.infolist()
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.filename.removesuffix(_ENDING)
            if name in self._members:
                raise ActcliError(f"{source.name} is a damaged npz archive: it has {name!r} twice")
            if info.filename.endswith(_ENDING):
                self._members[name] = info
        if not self._members:
            raise ActcliError(f"{source.name} is a zip archive without NumPy arrays (.npy)")
        super().__init__(source.name, [self._describe(name) for name in self._members], options)
        others = [info.filename for info in infos if not info.filename.endswith(_ENDING)]
        self.left_out = [*self.left_out, *others]

    def _member(self, name: str) -> _Member:
        return _Member(self._archive, self._members[name], self._label(name))

    def _describe(self, name: str) -> _Described:
        chunks = self._member(name).chunks(_HEADER_BYTES)
        _, shape, _, dtype = read_header(Arriving(chunks), self._label(name))
        return _Described(name, shape, str(dtype), dtype.kind == "f")

    def _again(self) -> TensorsReader:
        return self

    def _arrays(self) -> Iterator[tuple[str, ArrayReader]]:
        for name in self._shapes:
            yield name, NpyReader(self._member(name), self._options)


@contextlib.contextmanager
def _name_errors(name: str) -> Iterator[None]:
    """Raise ActcliError, with the name of the data, for whatever a damaged archive makes of itself."""
    try:
        yield
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # which a place before the beginning is
            raise StorageError(f"cannot read {name}: {error.strerror}") from error
        raise _damage(name, error) from None
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, OverflowError) as error:
        raise _damage(name, error) from None


def _damage(name: str, error: Exception) -> ActcliError:
    return ActcliError(f"{name} is not an npz archive, or is damaged: {error}")
