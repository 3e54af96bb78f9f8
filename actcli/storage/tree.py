"""Files and folders of a disk, and objects of a store, where a prefix is a folder."""

import os
from typing import NamedTuple

from actcli.errors import ArgumentError, StorageError
from actcli.storage import paths


class State(NamedTuple):
    """What changes if a file or an object is written or replaced."""

    size: int
    mtime_ns: int | None
    """Of a file, the time of the last change, in nanoseconds."""
    etag: str | None
    """Of an object."""


def read_state(path: str) -> State:
    """Return the state of a file or an object.

    Raises:
        OSError: for a file that cannot be looked at.
        StorageError: for such an object.

    """
    if paths.is_object(path):
        from actcli.storage.objects import StoredObject

        size, etag = StoredObject(path).state()
        return State(size, None, etag)
    status = os.stat(path)
    return State(status.st_size, status.st_mtime_ns, None)


def real_path(path: str) -> str:
    """Return the one name of a place, without links and empty parts, with which places can be compared."""
    return os.path.normpath(path) if paths.is_object(path) else os.path.realpath(path or ".")


def whole_path(path: str) -> str:
    """Return the name of a place that holds in any folder."""
    return path if paths.is_object(path) else os.path.abspath(path)


def check_folder(name: str, path: str) -> None:
    """Raise ArgumentError, with the name of an argument, if its path is no folder and cannot become one."""
    if paths.is_object(path):
        if not paths.split_url(path)[1].strip("/"):
            bucket = path.rstrip("/")
            raise ArgumentError(name, f"must be a folder, and {bucket} is a whole bucket; try {bucket}/out")
    elif not os.path.basename(os.path.realpath(path)) or not path:
        raise ArgumentError(name, f"must be a folder with a name, got {path!r}")
    elif os.path.exists(path) and not os.path.isdir(path):
        raise ArgumentError(name, f"must be a folder, and {path} is none")


def plain_path(path: str) -> str:
    """Return a path without empty parts."""
    return path.rstrip("/") if paths.is_object(path) else os.path.normpath(path)


def beside(folder: str, ending: str) -> str:
    """Return the path of what lies beside a folder, with the folder's name and an ending; it may be the current one."""
    plain = plain_path(folder)
    if not paths.is_object(folder) and os.path.basename(plain) in {".", ".."}:
        plain = os.path.normpath(os.path.join(plain, os.pardir, os.path.basename(os.path.realpath(plain))))
    return plain + ending


def make_folder(path: str) -> None:
    """Make a folder unless it exists; in a store, there is nothing to make.

    Raises:
        StorageError: if it cannot be made.

    """
    if paths.is_object(path):
        return
    try:
        os.makedirs(path or ".", exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make the folder {path}: {error.strerror or error}") from error


def write_empty(path: str) -> None:
    """Write an empty file or object.

    Raises:
        StorageError: if it cannot be written.

    """
    if paths.is_object(path):
        from actcli.storage.objects import StoredObject

        StoredObject(path).put(b"")
        return
    try:
        with open(path, "wb"):
            pass
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def remove(path: str) -> None:
    """Remove a file or an object.

    Raises:
        OSError: if that is a file that cannot be removed.
        StorageError: if it is such an object.

    """
    if paths.is_object(path):
        from actcli.storage.objects import StoredObject

        StoredObject(path).delete()
    else:
        os.unlink(path)
