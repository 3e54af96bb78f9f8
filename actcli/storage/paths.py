"""What a path stands for: standard input or output, an open descriptor, an object, or a file and its state."""

import errno
import os
import re
import stat
import sys
from typing import NamedTuple

from actcli.errors import StorageError

STANDARD = "-"
"""The path that is standard input or standard output, and never a file; ``./-`` names a file of that name."""

FOREIGN = -1
"""Stands for any descriptor of another process."""

# Written as the system writes them; of more digits than these, a number is none of a descriptor.
_DESCRIPTOR = re.compile(r"(/proc/[0-9]+|/dev)(?:/task/[0-9]+)?/fd/(0|[1-9][0-9]{0,8})")
_URL = re.compile(r"((?:s3|gs|az)://[^/]*)/?(.*)", re.DOTALL)
_MOST_LINKS = 40  # in a row, as Linux has it


class State(NamedTuple):
    """What changes if a file is written or replaced."""

    device: int
    inode: int
    size: int
    modified: int
    """Time of the last change, in nanoseconds."""

    def is_of(self, status: os.stat_result) -> bool:
        """Tell whether it is the state of the file with this status, under whatever name."""
        return (self.device, self.inode) == (status.st_dev, status.st_ino)


def check(path: str) -> None:
    """Raise StorageError for a text that cannot name a file."""
    try:
        possible = path and "\0" not in path and os.fsencode(path)
    except UnicodeEncodeError:
        possible = False
    if not possible:
        raise StorageError(f"{path!r} cannot be the name of a file")


def is_object(path: str) -> bool:
    """Tell whether a path names an object of a store, rather than a file."""
    return _URL.fullmatch(path) is not None


def split_url(path: str) -> tuple[str, str]:
    """Return the bucket of an object, as in ``s3://bucket``, and its key, which may be empty."""
    match = _URL.fullmatch(path)
    assert match is not None
    return match[1], match[2]


def exists(path: str) -> bool:
    """Tell whether a path leads to anything that may be read; of an object, reading it will tell."""
    return path == STANDARD or is_object(path) or os.path.exists(path)


def is_file(path: str) -> bool:
    """Tell whether a path leads to a regular file, by whatever way."""
    return path != STANDARD and os.path.isfile(path)


def is_replaceable(path: str) -> bool:
    """Tell whether a path names an object or a regular file, rather than a descriptor that is open for one."""
    return is_object(path) or (is_file(path) and descriptor(follow_links(path)) is None)


def state_of(status: os.stat_result) -> State | None:
    """Return the state of a regular file; None for all else."""
    if not stat.S_ISREG(status.st_mode):
        return None
    return State(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def input_state(path: str) -> State | None:
    """Return the state of the file that is read, also as standard input; None if it is no regular file."""
    try:
        if path == STANDARD:
            return state_of(os.fstat(sys.stdin.fileno())) if sys.stdin is not None else None
        return state_of(os.stat(path))
    except (OSError, ValueError):  # no such file: reading it will say so
        return None


def follow_links(path: str) -> str:
    """Return where symbolic links lead, short of those that stand for an open descriptor.

    Raises:
        OSError: if they lead in a circle.

    """
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(os.path.dirname(path))
        path = os.path.join(folder, os.path.basename(path))
        if _DESCRIPTOR.fullmatch(path) or not os.path.islink(path):
            return path
        path = os.path.join(folder, os.readlink(path))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def descriptor(path: str) -> int | None:
    """Return the descriptor that a path stands for whose links were followed, or FOREIGN; None for a file."""
    match = _DESCRIPTOR.fullmatch(path)
    if match is None:
        return None
    return int(match[2]) if match[1] in {"/dev", os.path.realpath("/proc/self")} else FOREIGN
