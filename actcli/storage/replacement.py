"""A file that appears whole or not at all, in the place of another whose attributes it keeps."""

import contextlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

from actcli.errors import StorageError
from actcli.storage import attributes, folders, paths, temporary

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_CHUNK_BYTES = 2**18  # bytes handed to the system at a time
_SYNC_SECONDS, _SYNC_BYTES = 0.02, 2**24  # between two syncs of a file that is being written, at least


@contextlib.contextmanager
def replacement(
    target: str, name: str, expected: paths.State | None, notice: Callable[[str], None]
) -> Iterator[IO[bytes]]:
    """Open a file under a temporary name beside its target; at the end, sync it and rename it to the target.

    If anything fails, the target is as it was and the temporary file is gone.

    Args:
        target: the path, no symbolic link.
        name: what messages call it.
        expected: the state in which the target has to be at the end; None for any.
        notice: called with one line about attributes that could not be kept.

    Raises:
        OSError: if it cannot be written.
        StorageError: if the target is not in the expected state.

    """
    folders.before_writing(os.path.dirname(target))
    old = _status(target)
    notices: list[str] = []
    # What replaces a private file is private from its first byte; the system gives a new one the user's permissions.
    with temporary.create_beside(target, 0o666 if old is None else 0o600) as (path, descriptor):
        raw = _SyncedWriter(descriptor)
        with io.BufferedWriter(raw) as file:
            with raw.syncing():
                yield file
            file.flush()
            if old := _status(target) or old:
                notices = _copy_attributes(descriptor, target, old)
            os.fsync(descriptor)
        if expected is not None:
            _check_unchanged(target, name, expected)
        os.replace(path, target)
    folders.after_writing(os.path.dirname(target))
    if notices:
        notice("; ".join([f"replaced {name}", *notices]))


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _copy_attributes(descriptor: int, target: str, old: os.stat_result) -> list[str]:
    """Give the new file the attributes of the old one; return what it lacks."""
    notices = []
    if lost := attributes.keep(descriptor, target, old):
        *first, last = lost
        notices.append(
            f"its {', '.join(first)} and {last} could not be kept" if first else f"its {last} could not be kept"
        )
    if others := old.st_nlink - 1:
        plural = "s keep" if others > 1 else " keeps"
        notices.append(f"{others} other hard link{plural} the old content")
    return notices


def _check_unchanged(target: str, name: str, expected: paths.State) -> None:
    status = _status(target)
    if status is None or paths.state_of(status) != expected:
        raise StorageError(f"another program changed {name} while it was read; it was left as it is: run again")


class ChunkedWriter(io.FileIO):
    """A file whose bytes go to the system some at a time.

    For more, Linux takes larger pages, which can take many times as long to fill when they were not used before.
    """

    def write(self, data: "ReadableBuffer") -> int:
        """Write some of the data, and return how many bytes they were."""
        return super().write(memoryview(data)[:_CHUNK_BYTES])


class _SyncedWriter(ChunkedWriter):
    """A file that is synced while it is written, so that little is left to wait for at its end."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb")
        self._written = 0
        self._failed: list[OSError] = []  # the system reports a disk error once, to the first sync after it
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def write(self, data: "ReadableBuffer") -> int:
        """Write some of the data, and return how many bytes they were."""
        count = super().write(data)
        self._written += count
        if self._thread is None and self._written >= _SYNC_BYTES:
            self._thread = threading.Thread(target=self._sync, daemon=True)
            self._thread.start()
        return count

    def _sync(self) -> None:
        synced = 0
        try:
            while not self._ended.wait(_SYNC_SECONDS):
                if (size := os.fstat(self.fileno()).st_size) - synced >= _SYNC_BYTES:
                    os.fsync(self.fileno())
                    synced = size
        except OSError as error:
            self._failed.append(error)

    @contextlib.contextmanager
    def syncing(self) -> Iterator[None]:
        """End the syncing at the end, and raise the OSError that it met."""
        try:
            yield
        finally:
            self._ended.set()
            if self._thread is not None:
                self._thread.join()
        if self._failed:
            raise self._failed.pop()
