"""A file that only one run at a time may add to, on a disk or in a store."""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

from actcli import signals
from actcli.errors import ActcliError, StorageError
from actcli.storage import paths

if TYPE_CHECKING:
    from actcli.storage.objects import StoredObject

LOCK_ENDING = ".lock"
"""Of the object beside another that says that somebody adds to it."""
_CHUNK_BYTES = 2**20
_SAVE_SECONDS = 10.0  # between two times that a file is put into a store
_SAVE_SHARE = 0.05  # of the time that this may take
_RELEASE_SECONDS = 5.0  # that the end of the program may take


class SharedFile(NamedTuple):
    """A file that is open for reading and adding."""

    file: IO[bytes]
    save: Callable[[], None]
    """To be called after each line: flushes it, and puts it into its store from time to time."""


@contextlib.contextmanager
def open_shared(path: str, used_for: str) -> Iterator[SharedFile]:
    """Open a file, new or not, which nobody else can open meanwhile.

    Nothing can be added to an object: it is kept in a temporary file, put into the store every few seconds, and at the
    end, however that comes. Another object beside it is the lock; one of a run that was killed stays.

    Args:
        path: the file or object.
        used_for: what messages say that another run is writing to.

    Raises:
        ActcliError: if somebody has it open.
        StorageError: if it cannot be written.

    """
    if paths.is_object(path):
        with _open_object(path, used_for) as shared:
            yield shared
        return
    try:
        file = open(path, "a+b", buffering=0)  # noqa: SIM115
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    with file:
        _lock(file, used_for)
        yield SharedFile(file, file.flush)


def _lock(file: IO[bytes], used_for: str) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ActcliError(f"another run is writing to {used_for}; wait until it has ended") from None


@contextlib.contextmanager
def _open_object(path: str, used_for: str) -> Iterator[SharedFile]:
    from actcli.storage.objects import StoredObject
    from actcli.storage.obstore_extra import call_within

    stored, lock = StoredObject(path), StoredObject(path + LOCK_ENDING)
    _acquire(lock, used_for)

    def delete() -> None:
        with contextlib.suppress(ActcliError):
            lock.delete()

    with signals.cleanup_on_signal(lambda: call_within(_RELEASE_SECONDS, delete)):
        try:
            with tempfile.TemporaryFile() as file:
                copy = _Copy(stored, file)
                with signals.cleanup_on_signal(lambda: call_within(_RELEASE_SECONDS, copy.save_quietly)):
                    try:
                        yield SharedFile(file, copy.save_when_due)
                    finally:
                        copy.save()
        finally:
            lock.delete()


def _acquire(lock: "StoredObject", used_for: str) -> None:
    import socket

    from actcli.storage.obstore_extra import shorten

    owner = f"process {os.getpid()} of {socket.gethostname()}"
    if not lock.create(f"{owner} {os.urandom(8).hex()}\n".encode()):
        other, minutes = lock.content().decode(errors="replace").rpartition(" ")[0], lock.age().total_seconds() / 60
        raise ActcliError(
            f"another run is writing to {used_for}: {shorten(other[:100])}, for {minutes:,.0f} min; wait until it has "
            f"ended or, if it was killed, remove {lock.url}"
        )


class _Copy:
    """A temporary file, filled from an object, and put there again when it has grown."""

    def __init__(self, stored: "StoredObject", file: IO[bytes]) -> None:
        self._stored, self._file = stored, file
        if stored.exists():
            file.writelines(stored.chunks(stored.state(), _CHUNK_BYTES))
        self._saved = file.tell()
        self._due = time.monotonic() + _SAVE_SECONDS

    def save_when_due(self) -> None:
        """Put it if the last time was a while ago; if that fails, there is another time."""
        if time.monotonic() >= self._due:
            started = time.monotonic()
            self.save_quietly()
            now = time.monotonic()
            self._due = now + max(_SAVE_SECONDS, (now - started) / _SAVE_SHARE)

    def save_quietly(self) -> None:
        """Put it if that is possible."""
        with contextlib.suppress(ActcliError):
            self.save()

    def save(self) -> None:
        """Put it, unless nothing was added."""
        self._file.flush()
        size = self._file.seek(0, os.SEEK_END)
        if size != self._saved:
            self._file.seek(0)
            self._stored.put(self._file)
            self._saved = self._file.seek(0, os.SEEK_END)
