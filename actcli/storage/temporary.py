"""Temporary files beside their targets; what a killed run left of them is removed by a later one."""

import contextlib
import os
import re
import stat
import zlib
from collections.abc import Iterator
from types import ModuleType

from actcli import signals

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows, where nothing can be told of a file's writer, and so nothing is removed
    fcntl = None


@contextlib.contextmanager
def create_beside(target: str, mode: int) -> Iterator[tuple[str, int]]:
    """Make a file in the folder of its target, and yield its path and its descriptor, which the caller closes.

    If it was not renamed by the end, or when a signal ends the command, it is removed. A lock on it tells others that
    its writer is alive.

    Args:
        target: the path of the file that it is to become.
        mode: the permissions to make it with, less those that the system masks.

    Raises:
        OSError: if it cannot be made.

    """
    path, lock = "", None

    def remove() -> None:
        with contextlib.suppress(OSError):
            os.unlink(path)

    with signals.cleanup_on_signal(remove):
        try:
            while True:
                path = _path(target)
                descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
                if fcntl is None:
                    break
                if _acquire(descriptor, path):
                    lock = os.dup(descriptor)  # the lock lasts beyond the caller's closing, up to the renaming
                    break
                os.close(descriptor)
                remove()
            yield path, descriptor
        finally:
            remove()
            if lock is not None:
                os.close(lock)


def _path(target: str) -> str:
    """Return a name with a code of this machine: in a shared folder, no other can tell whether its writer still runs.

    It begins with the target's name, shortened to stay within the limits of file systems.
    """
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:50]}.actcli-{_machine()}-{os.urandom(4).hex()}.tmp")


def _machine() -> str:
    name = os.uname().nodename if hasattr(os, "uname") else ""
    return f"{zlib.crc32(os.fsencode(name)):08x}"


def _acquire(descriptor: int, path: str) -> bool:
    """Lock a new file; return False if another run has just removed it as a leftover."""
    try:
        _lock(descriptor)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks, where nobody removes anything
        return True
    return _is_at(descriptor, path)


def _lock(descriptor: int) -> None:
    assert fcntl is not None
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def remove_leftovers(folder: str) -> None:
    """Remove the temporary files of runs that were killed on this machine."""
    if fcntl is None:
        return
    leftover_name = re.compile(rf"\..*\.actcli-{_machine()}-[0-9a-f]{{8}}\.tmp", re.DOTALL)
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for path in [entry.path for entry in entries if leftover_name.fullmatch(entry.name)]:
            _remove_leftover(path)


def _remove_leftover(path: str) -> None:
    """Remove a file unless its writer holds the lock, or it cannot be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                _lock(descriptor)
                os.unlink(path)
        finally:
            os.close(descriptor)
