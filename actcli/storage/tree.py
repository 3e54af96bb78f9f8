"""Files below a folder of a disk, and objects below a prefix of a store, which is a folder here."""

import glob
import os
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from actcli.errors import ArgumentError, StorageError
from actcli.storage import paths

_MAGIC = re.compile(r"[*?[]")


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


def is_folder(path: str) -> bool:
    """Tell whether a path leads to a folder.

    A store is asked only if the name neither ends in a slash nor has a dot in its last part, as that of a file has.

    Raises:
        StorageError: if the store does not answer.

    """
    if not paths.is_object(path):
        return os.path.isdir(path)
    key = paths.split_url(path)[1]
    if not key or key.endswith("/"):
        return True
    if "." in os.path.basename(key) or _MAGIC.search(key):
        return False
    from actcli.storage.objects import list_below

    return any(True for _ in list_below(path))


def is_file(path: str) -> bool:
    """Tell whether a path leads to a file, or may name an object, which reading it will tell."""
    return paths.is_object(path) or os.path.isfile(path)


def is_pattern(path: str) -> bool:
    """Tell whether a path stands for several names, and is not itself the name of a file or an object."""
    if not paths.is_object(path):
        return bool(_MAGIC.search(path)) and not os.path.lexists(path)
    if not _MAGIC.search(paths.split_url(path)[1]) or path.endswith("/"):
        return False
    from actcli.storage.objects import StoredObject

    return not StoredObject(path).exists()


def find_below(folder: str) -> list[str]:
    """Return all that lies below a folder, but for what is hidden."""
    if paths.is_object(folder):
        return _find_objects(folder, ["**"])
    return glob.glob(os.path.join(glob.escape(folder), "**"), recursive=True)


def find_matches(pattern: str) -> list[str]:
    """Return what a pattern stands for; ``**`` stands for any folders."""
    if not paths.is_object(pattern):
        return glob.glob(pattern, recursive=True)
    folder = fixed_folder(pattern)
    return _find_objects(folder, pattern.removeprefix(folder).strip("/").split("/"))


def fixed_folder(pattern: str) -> str:
    """Return the folder up to the first part of a pattern that stands for several names."""
    bucket, key = paths.split_url(pattern) if paths.is_object(pattern) else ("", pattern)
    parts = key.split("/") if bucket else Path(key).parts
    fixed = next(i for i, part in enumerate(parts) if _MAGIC.search(part))
    if bucket:
        return "/".join([bucket, *parts[:fixed]])
    return os.path.join(*parts[:fixed]) if fixed else ""


def _find_objects(folder: str, pattern: Sequence[str]) -> list[str]:
    from actcli.storage.objects import list_below

    start = len(folder.rstrip("/")) + 1
    return [url for url in list_below(folder) if _matches(url[start:].split("/"), pattern)]


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether the parts of a path match those of a pattern, as the files of a disk do; none that are hidden."""
    if not pattern:
        return not parts
    if pattern[0] == "**" and _matches(parts, pattern[1:]):
        return True
    if not parts or (parts[0].startswith(".") and not pattern[0].startswith(".")):
        return False
    if pattern[0] == "**":
        return _matches(parts[1:], pattern)
    return fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


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
    elif os.path.exists(path) and not os.path.isdir(path):
        raise ArgumentError(name, f"must be a folder, and {path} is none")


def beside(folder: str, ending: str) -> str:
    """Return the path of what lies beside a folder, with the folder's name and an ending."""
    return (folder.rstrip("/") if paths.is_object(folder) else os.path.normpath(folder)) + ending


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
