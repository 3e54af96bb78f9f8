"""The files that lie below a folder or match a pattern, on a disk or in a store, where a prefix is a folder."""

import glob
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from actcli.errors import StorageError
from actcli.storage import paths

_MAGIC = re.compile(r"[*?[]")
_ANY_FOLDERS = "**"


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
    """Tell whether a path leads to a file, or may do so: reading an object, or a link that leads nowhere, will tell."""
    if paths.is_object(path) or os.path.isfile(path):
        return True
    return os.path.islink(path) and not os.path.exists(path)


def is_pattern(path: str) -> bool:
    """Tell whether a path stands for several names, and is not itself the name of a file or an object."""
    if not paths.is_object(path):
        return bool(_MAGIC.search(path)) and not os.path.lexists(path)
    if not _MAGIC.search(paths.split_url(path)[1]) or path.endswith("/"):
        return False
    from actcli.storage.objects import StoredObject

    return not StoredObject(path).exists()


def find_below(folder: str) -> Iterable[str]:
    """Return the files below a folder that are not hidden, those behind links to folders last.

    Raises:
        StorageError: if a folder cannot be read.

    """
    return _find_objects(folder, [_ANY_FOLDERS]) if paths.is_object(folder) else _walk(folder)


def find_matches(pattern: str) -> Sequence[str]:
    """Return what a pattern stands for; ``**`` takes a folder with all that are below it.

    Raises:
        StorageError: if a folder cannot be read.

    """
    folder = fixed_folder(pattern)
    if paths.is_object(pattern):
        return _find_objects(folder, pattern.removeprefix(folder).strip("/").split("/"))
    return _match(folder, pattern)


def fixed_folder(pattern: str) -> str:
    """Return the folder up to the first part of a pattern that stands for several names."""
    if paths.is_object(pattern):
        bucket, key = paths.split_url(pattern)
        parts = key.split("/")
        return "/".join([bucket, *itertools.takewhile(lambda part: not _MAGIC.search(part), parts)])
    fixed = ""
    for part in Path(pattern).parts[:-1]:
        path = os.path.join(fixed, part)
        if _MAGIC.search(part) and not os.path.isdir(path):
            break
        fixed = path
    return fixed


def _walk(start: str) -> Iterator[str]:
    """Yield the files below a folder that are not hidden; links to folders come last, and no folder twice."""
    folders, links, seen = [start], list[str](), set[tuple[int, int]]()
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        identity, entries = _list_folder(folder)
        if identity in seen:
            continue
        seen.add(identity)
        for entry in entries:
            if entry.name.startswith("."):
                continue
            is_link = entry.is_symlink()
            if os.path.isdir(entry.path) if is_link else entry.is_dir():
                (links if is_link else folders).append(entry.path)
            else:
                yield entry.path


def _list_folder(folder: str) -> tuple[tuple[int, int], Sequence["os.DirEntry[str]"]]:
    """Return what identifies a folder, whatever way led to it, and what is in it."""
    try:
        status = os.stat(folder)
        with os.scandir(folder) as entries:
            return (status.st_dev, status.st_ino), sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise StorageError(f"cannot read the folder {folder}: {error.strerror or error}") from error


def _match(folder: str, pattern: str) -> list[str]:
    """Return what matches a pattern below its fixed folder; ``**`` takes a folder with all that are below it."""
    parts = Path(pattern).parts[len(Path(folder).parts) :]
    if _ANY_FOLDERS not in parts:
        return glob.glob(os.path.join(glob.escape(folder), *parts))
    first = parts.index(_ANY_FOLDERS)
    starts = glob.glob(os.path.join(glob.escape(folder), *parts[:first])) if first else [folder]
    matching = []
    for start in filter(os.path.isdir, (start or "." for start in starts)):
        below = len(os.path.join(start, ""))
        matching += [path for path in _walk(start) if _matches(path[below:].split(os.sep), parts[first:])]
    return matching if folder or first else [path.removeprefix(os.path.join(".", "")) for path in matching]


def _find_objects(folder: str, pattern: Sequence[str]) -> list[str]:
    from actcli.storage.objects import list_below

    start = len(folder.rstrip("/")) + 1
    return [url for url in list_below(folder) if _matches(url[start:].split("/"), pattern)]


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether the parts of a path match those of a pattern, as the files of a disk do; none that are hidden."""
    if not pattern:
        return not parts
    if pattern[0] == _ANY_FOLDERS and _matches(parts, pattern[1:]):
        return True
    if not parts or (parts[0].startswith(".") and not pattern[0].startswith(".")):
        return False
    if pattern[0] == _ANY_FOLDERS:
        return _matches(parts[1:], pattern)
    return fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
