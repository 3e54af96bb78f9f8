"""Where results go: standard output, or a file that appears whole or not at all."""

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from actcli import signals
from actcli.errors import StorageError
from actcli.files import formats
from actcli.files.source import widen

_STEP = 2**18  # bytes handed to the system at a time
_EVERY, _LEAST = 0.02, 2**24  # seconds and bytes between two syncs of a file that is being written


@contextlib.contextmanager
def opened(path: str | None) -> Iterator[IO[str]]:
    """Open the output for text in UTF-8 (its ``buffer`` takes bytes); None is standard output.

    What is written to a file whose ending says so is compressed; the same bytes give the same file at any time.
    A file is written beside its target under a temporary name, synced and then renamed, with the permissions of
    the file it replaces; if anything fails, the target is as it was and the temporary file is gone.

    Raises:
        StorageError: if the file cannot be written.

    """
    if path is None:
        with contextlib.suppress(OSError):  # what is no file of the system has no number
            widen(sys.stdout.fileno())
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        special = Path(path).exists() and not Path(path).is_file()
        with open(path, "wb") if special else _replacement(Path(path).resolve()) as file:
            packed: Any = _Compressed(file, _compressor(kind)) if (kind := formats.compression(path)) else None
            yield (out := io.TextIOWrapper(packed or file, encoding="utf-8", newline="\n"))
            out.flush()
            if packed:
                packed.end()
            out.detach()
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _replacement(target: Path) -> Iterator[IO[bytes]]:
    temporary = target.with_name(f".{target.name[:50]}.{os.getpid()}.{os.urandom(4).hex()}.tmp")

    def remove() -> None:
        temporary.unlink(missing_ok=True)

    with signals.undone(remove):
        try:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with io.BufferedWriter(_InSteps(descriptor, "wb")) as file:
                with _synced_ahead(file.fileno()):
                    yield file
                file.flush()
                os.fchmod(file.fileno(), _permissions(target))
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            remove()
            raise


class _InSteps(io.FileIO):
    """A file whose bytes go to the system some at a time.

    For more, Linux takes larger pages, which can take many times as long to fill when they were not used before.
    """

    def write(self, data: Any) -> int:
        return super().write(memoryview(data)[:_STEP])


@contextlib.contextmanager
def _synced_ahead(descriptor: int) -> Iterator[None]:
    """Sync a file while it is written, so that little is left to wait for at its end."""
    failed: list[OSError] = []  # an error of the disk is told once, to whoever asks first
    ended = threading.Event()

    def sync() -> None:
        synced = 0
        try:
            while not ended.wait(_EVERY):
                if (size := os.fstat(descriptor).st_size) - synced >= _LEAST:
                    os.fsync(descriptor)
                    synced = size
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=sync, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if failed:
        raise failed[0]


def _permissions(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


class _Compressed(io.BufferedIOBase):
    """A file whose bytes are compressed on their way; flushing it cuts nothing, so that only the bytes count."""

    def __init__(self, file: IO[bytes], compressor: Any) -> None:
        self._file, self._compressor = file, compressor

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._file.write(self._compressor.compress(data))
        return len(data)

    def end(self) -> None:
        self._file.write(self._compressor.flush())


def _compressor(kind: str) -> Any:
    """Return what compresses; zlib's header of gzip data holds neither time nor name."""
    if kind == "gzip":
        import zlib

        return zlib.compressobj(wbits=31)
    from actcli.files import source

    return source.zstandard().ZstdCompressor()
