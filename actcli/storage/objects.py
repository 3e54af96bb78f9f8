"""Objects in stores (S3, Google Cloud Storage, Azure): read in ranges, written whole or not at all."""

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, NamedTuple

from actcli import signals
from actcli.errors import StorageError
from actcli.storage import paths
from actcli.storage.obstore_extra import (
    AlreadyExistsError,
    PreconditionError,
    begin,
    call,
    call_within,
    obs,
    open_store,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from obstore import GetOptions, WritableFile

_REQUEST_BYTES = 2**22  # bytes read by one request
_PART_BYTES, _PARTS_AT_ONCE = 10 * 2**20, 2  # of an upload; a store takes 10,000 of them
_WRITE_BYTES = 2**20  # bytes handed to obstore at a time
_ABORT_SECONDS = 5  # that the end of the program may take


class State(NamedTuple):
    """What changes if an object is replaced."""

    size: int
    etag: str | None


class StoredObject:
    """An object in a store.

    Args:
        url: its name, as ``s3://bucket/key``.

    Raises:
        StorageError: here and from all methods, in one line, if the store cannot be used or refuses.

    """

    def __init__(self, url: str) -> None:
        bucket, self._key = paths.split_url(url)
        if not self._key or self._key.endswith("/"):
            raise StorageError(f"{url} names no object: write {bucket}/NAME")
        self.url, self._store = url, open_store(bucket)

    def state(self) -> State:
        """Return its state."""
        found = call("read", self.url, obs.head, self._store, self._key)
        return State(found["size"], found["e_tag"])

    def exists(self) -> bool:
        """Tell whether it is there."""

        def look() -> bool:
            try:
                obs.head(self._store, self._key)
            except FileNotFoundError:
                return False
            return True

        return call("read", self.url, look)

    def chunks(self, state: State, size: int) -> Iterator[bytes]:
        """Yield its bytes in that state, about so many at a time, while the next ones are under way.

        Raises:
            StorageError: also if it is in another state by now.

        """

        def get(start: int) -> bytes:
            options: GetOptions = {"range": (start, min(start + _REQUEST_BYTES, state.size)), "if_match": state.etag}
            return bytes(obs.get(self._store, self._key, options=options).bytes())

        def request(start: int) -> Callable[[], bytes] | None:
            return begin("read", self.url, get, start) if start < state.size else None

        start, wait = 0, request(0)
        while wait is not None:
            try:
                data = wait()
            except PreconditionError:
                raise StorageError(f"{self.url} was changed while it was read") from None
            start += _REQUEST_BYTES
            wait = request(start)
            for i in range(0, len(data), size):
                yield data[i : i + size]

    @contextlib.contextmanager
    def written(self, expected: State | None = None) -> Iterator[IO[bytes]]:
        """Open it for writing; it appears at the end, whole, and if anything fails before, stays as it was.

        Args:
            expected: the state in which it has to be at the end; None for any.

        """
        upload = _Upload(self.url, self._open_writer)
        with signals.cleanup_on_signal(upload.abort), io.BufferedWriter(upload, _WRITE_BYTES) as file:
            try:
                yield file
                file.flush()
                if expected is not None and self.state() != expected:
                    raise StorageError(
                        f"another program changed {self.url} while it was read; it was left as it is: run again"
                    )
                upload.finish()
            except BaseException:
                upload.abort()
                raise

    def _open_writer(self) -> "WritableFile":
        return obs.open_writer(self._store, self._key, buffer_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE)

    def put(self, data: bytes | IO[bytes]) -> None:
        """Write it at once, from memory or a file."""
        call("write", self.url, obs.put, self._store, self._key, data)

    def create(self, data: bytes) -> bool:
        """Write it unless it exists, and tell whether it has this content now."""
        try:
            call("write", self.url, obs.put, self._store, self._key, data, mode="create")
        except (AlreadyExistsError, PreconditionError):
            return self.content() == data  # a first attempt may have succeeded whose answer was lost
        return True

    def content(self) -> bytes:
        """Return all its bytes."""
        return b"".join(self.chunks(self.state(), _REQUEST_BYTES))

    def age(self) -> timedelta:
        """Return how long ago it was written."""
        found = call("read", self.url, obs.head, self._store, self._key)
        return datetime.now(UTC) - found["last_modified"]

    def delete(self) -> None:
        """Remove it."""
        call("remove", self.url, obs.delete, self._store, self._key)


def list_below(url: str) -> Iterator[str]:
    """Yield the names of all objects below a prefix; those that only stand for a folder are left out.

    Raises:
        StorageError: if they cannot be listed.

    """
    bucket, prefix = paths.split_url(url)
    pages = iter(call("list", url, obs.list, open_store(bucket), prefix.strip("/") or None))
    while page := call("list", url, next, pages, ()):
        for found in page:
            path = found["path"]
            if found["size"] or "." in path.rpartition("/")[2]:  # consoles make empty objects as folders
                yield f"{bucket}/{path}"


class _Upload(io.RawIOBase):
    """What is written to an object, which is there once it is finished.

    Args:
        url: the object, for messages.
        open_writer: opens obstore's writer.

    """

    def __init__(self, url: str, open_writer: "Callable[[], WritableFile]") -> None:
        self._url, self._writer = url, call("write", url, open_writer)
        self._lock, self._ended = threading.Lock(), False

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Write all of the data; once it has ended, they go nowhere."""
        copied = bytes(data)  # the caller's memory is used again while they are under way
        if not self._ended:
            call("write", self._url, self._write, copied)
        return len(copied)

    def _write(self, data: bytes) -> None:
        with self._lock:
            self._writer.write(data)

    def finish(self) -> None:
        """Let the object appear."""
        call("write", self._url, self._writer.close)
        self._ended = True

    def abort(self) -> None:
        """Give up what was written, and have the store forget it, unless it is finished."""
        if not self._ended:
            self._ended = True
            call_within(_ABORT_SECONDS, self._abort)

    def _abort(self) -> None:
        with contextlib.suppress(Exception), self._lock:
            self._writer.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
