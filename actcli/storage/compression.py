"""Compressed data: the endings that ask for them, the first bytes that tell them, and both directions."""

import io
import os
import sys
import zlib
from collections.abc import Iterator
from types import ModuleType
from typing import IO, TYPE_CHECKING, Protocol

from actcli.errors import ActcliError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

COMPRESSIONS = {".gz": "gzip", ".zst": "Zstandard"}
# Zstandard data may begin with frames to be skipped, of sixteen kinds: pzstd and the seekable format write them.
_SKIPPABLE = {bytes([kind]) + b"\x2a\x4d\x18": "Zstandard" for kind in range(0x50, 0x60)}
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "Zstandard"} | _SKIPPABLE
MAGIC_BYTES = max(map(len, _MAGIC))
"""How many bytes tell whether data are compressed."""


class _Decompressor(Protocol):
    """What reads one member or frame, as zlib's and Zstandard's do."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Compressor(Protocol):
    def compress(self, data: "ReadableBuffer", /) -> bytes: ...
    def flush(self) -> bytes: ...


def from_ending(path: str) -> str | None:
    """Return the name of the compression that a file's ending asks for."""
    return COMPRESSIONS.get(os.path.splitext(path)[1].lower())


def from_magic(start: bytes) -> str | None:
    """Return the name of the compression whose data begin like this."""
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), None)


def decompress_chunks(arriving: Iterator[bytes], name: str, size: int) -> Iterator[bytes]:
    """Yield the chunks themselves, or what they hold if they begin as gzip or Zstandard data do.

    Args:
        arriving: the chunks.
        name: what messages call them.
        size: the most bytes to make of compressed data at a time.

    Raises:
        ActcliError: for compressed data that are damaged or cut short.

    """
    start = b""
    for data in arriving:
        start += data
        if len(start) >= MAGIC_BYTES or not any(magic.startswith(start) for magic in _MAGIC):
            break
    kind = from_magic(start)
    if kind is None:
        if start:
            yield start
        yield from arriving
    else:
        yield from _members(start, arriving, kind, name, size)


def _members(data: bytes, arriving: Iterator[bytes], kind: str, name: str, size: int) -> Iterator[bytes]:
    """Yield what compressed data hold; several members or frames in a row are one."""
    member: _Decompressor | None = None
    try:
        while data or (data := next(arriving, b"")):
            if member is None and kind == "gzip" and not (data := data.lstrip(b"\0")):
                continue  # zeros that fill up the last block of a tape or a device
            member = member or (zlib.decompressobj(wbits=31) if kind == "gzip" else zstandard().ZstdDecompressor())
            yield from _decompress_pieces(member, data, size)
            data, member = (member.unused_data, None) if member.eof else (b"", member)
    except (zlib.error, zstandard().ZstdError) as error:
        raise ActcliError(f"{name} is damaged {kind} data: {error}") from None
    if member is not None:
        raise ActcliError(f"{name} ends in the middle of its {kind} data")


def _decompress_pieces(member: _Decompressor, data: bytes, size: int) -> Iterator[bytes]:
    """Yield all that a decompressor can make of the data, in pieces that stay small however well they were packed."""
    while True:
        piece = member.decompress(data, size)
        if piece:
            yield piece
        data = getattr(member, "unconsumed_tail", b"")  # of zlib's; the other keeps what it did not get to
        if member.eof or (not data and len(piece) < size):
            return


class Compressed(io.BufferedIOBase):
    """A file whose bytes are compressed on their way; flushing it cuts nothing, so that only the bytes count."""

    def __init__(self, file: IO[bytes], kind: str) -> None:
        self._file, self._compressor = file, _compressor(kind)

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Write data, and return how many bytes they were."""
        self._file.write(self._compressor.compress(data))
        return memoryview(data).nbytes

    def end(self) -> None:
        """Write what is still to come; the file below stays open."""
        self._file.write(self._compressor.flush())


def _compressor(kind: str) -> _Compressor:
    """Return what compresses; zlib's header of gzip data holds neither time nor name."""
    return zlib.compressobj(wbits=31) if kind == "gzip" else zstandard().ZstdCompressor()


def zstandard() -> ModuleType:
    """Return the module that reads and writes Zstandard data."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
