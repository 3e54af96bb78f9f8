"""Where results go: standard output, whatever a path stands for, or a file or object that appears whole."""

import contextlib
import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, cast

from actcli.errors import ActcliError, StorageError
from actcli.storage import compression, paths
from actcli.storage.replacement import ChunkedWriter, replacement
from actcli.storage.source import widen

if TYPE_CHECKING:
    from actcli.storage.objects import StoredObject


class Output:
    """A place for results, settled before the input is read.

    Only a regular file that is named as such is replaced. What stands for an open descriptor, as ``/dev/stdout`` does,
    and pipes and devices are written to as they are.

    Args:
        path: the place; None or ``-`` is standard output.
        source: the path of the input, if there is one. If it is the file to replace, it must not change meanwhile.
        notice: called with one line about attributes of a replaced file that could not be kept.

    Raises:
        StorageError: if nothing can be written there.
        ActcliError: if it is the input and not replaced as a whole: results would be added to what is still to be read.

    """

    def __init__(
        self, path: str | None, source: str | None = None, notice: Callable[[str], None] = lambda text: None
    ) -> None:
        self._path = None if path == paths.STANDARD else path
        self._notice = notice
        self._read = None if source is None else paths.input_state(source)
        self._number: int | None = None
        self._object: StoredObject | None = None
        if self._path is not None and paths.is_object(self._path):
            self._resolve_object(self._path, source)
            return
        if self._path is None:
            status = None
            with contextlib.suppress(OSError):  # what is no file of the system has no number
                status = os.fstat(sys.stdout.fileno())
            self._replaced = False
        else:
            paths.check(self._path)
            with _name_errors(self._path):
                status = self._resolve(self._path)
        self._is_input = bool(status and self._read and self._read.is_of(status))
        if self._is_input and not self._replaced:
            read = "the file on standard input" if source == paths.STANDARD else source
            raise ActcliError(
                f"{read} is the input, and {self._path or 'standard output'} would add to it; write to another file, "
                "or replace it with --in-place"
            )

    def _resolve_object(self, path: str, source: str | None) -> None:
        from actcli.storage import objects

        self._object = objects.StoredObject(path)
        self._read_object = self._object.state() if source == path else None

    def _resolve(self, path: str) -> os.stat_result | None:
        """Find out what the path stands for, and return its status; raise OSError if it cannot be written."""
        self._followed = paths.follow_links(path)
        self._number = paths.descriptor(self._followed)
        if self._number is not None:
            self._replaced = False
            return os.stat(self._followed) if self._number == paths.FOREIGN else os.fstat(self._number)
        folder, name = os.path.split(self._followed)
        os.stat(folder)
        try:
            status = os.stat(self._followed)
        except FileNotFoundError:
            status = None
        if stat.S_ISDIR(status.st_mode) if status else name in {"", ".", ".."}:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        self._replaced = status is None or stat.S_ISREG(status.st_mode)
        return status

    @contextlib.contextmanager
    def opened(self) -> Iterator[IO[str]]:
        """Open it for text in UTF-8 (its ``buffer`` takes bytes).

        What is written to a file whose ending says so is compressed; the same bytes give the same file at any time.
        A file is written beside its target under a temporary name, synced and then renamed, with the attributes of
        the file it replaces; if anything fails, the target is as it was and the temporary file is gone.

        Raises:
            StorageError: if it cannot be written, or the input that it is to replace was changed by someone else.
            BrokenPipeError: if nobody reads a pipe any more.

        """
        if self._path is None:
            with contextlib.suppress(OSError):
                widen(sys.stdout.fileno())
            yield sys.stdout
            sys.stdout.flush()
            return
        with _name_errors(self._path), self._file(self._path) as file:
            kind = compression.from_ending(self._path)
            packed = compression.Compressed(file, kind) if kind else None
            binary = cast("IO[bytes]", packed or file)  # a compressed one has the methods needed here
            yield (out := io.TextIOWrapper(binary, encoding="utf-8", newline="\n"))
            out.flush()
            if packed:
                packed.end()
            out.detach()

    @contextlib.contextmanager
    def _file(self, path: str) -> Iterator[IO[bytes]]:
        if self._object is not None:
            with self._object.written(self._read_object) as file:
                yield file
            return
        if self._replaced:
            with replacement(self._followed, path, self._read if self._is_input else None, self._notice) as file:
                yield file
            return
        if self._number is None or self._number == paths.FOREIGN:
            descriptor = os.open(self._followed, os.O_WRONLY | (os.O_APPEND if self._number == paths.FOREIGN else 0))
        else:
            descriptor = os.dup(self._number)  # with the place in the file, and whether it is appended to
        with io.BufferedWriter(ChunkedWriter(descriptor, "wb")) as file:
            widen(descriptor)
            yield file


@contextlib.contextmanager
def _name_errors(path: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
