"""The files that a word names: a file, a folder with all that is below it, or a pattern."""

import fnmatch
import glob
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from actcli.errors import ActcliError, StorageError

RECORD_ENDING = ".manifest.jsonl"
"""Of the record beside an output folder."""
_MAGIC = re.compile(r"[*?[]")
_ANY_FOLDERS = "**"


class Found(NamedTuple):
    """Files that one word names, and the folder below which their places are kept."""

    files: Sequence[str]
    folder: str


class RealPaths:
    """Paths without links; each folder is looked up once."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def folder(self, path: str) -> str:
        """Return the real path of a folder; that of the current one for an empty path."""
        if path not in self._folders:
            self._folders[path] = os.path.realpath(path or ".")
        return self._folders[path]

    def file(self, path: str) -> str:
        """Return the real path of a file, which may itself be a link."""
        folder, name = os.path.split(path)
        real = os.path.join(self.folder(folder), name)
        return os.path.realpath(real) if os.path.islink(real) else real


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is that of a folder, or of something in it; both real."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def names_several(word: str) -> bool:
    """Tell whether a word is a folder, or a pattern that is not the name of a file itself."""
    return os.path.isdir(word) or is_pattern(word)


def is_pattern(word: str) -> bool:
    """Tell whether a word is a pattern, and not the name of a file itself."""
    return bool(_MAGIC.search(word)) and not os.path.lexists(word)


def find_files(word: str, is_read: Callable[[str], bool], without: str | None) -> Found:
    """Return the files that a word names: a file, a pattern, or a folder with all that is below it.

    Of a folder or a pattern hidden files are left out, and so are records and what lies in the output folder. A link
    that leads nowhere counts as a file, so that it is told when it is read.

    Args:
        word: the word.
        is_read: tells by its name whether a file of a folder is one that can be read.
        without: the output folder, if there is one.

    Raises:
        ActcliError: if there is no such file.
        StorageError: if a folder cannot be read.

    """
    if _is_file(word):
        return Found([word], os.path.dirname(word))
    if os.path.isdir(word):
        folder, missing = word, f"{word} holds no file of a format that can be read"
        files = [path for path in _walk(word) if is_read(path)]
    elif is_pattern(word):
        folder, missing = _fixed_folder(word), f"no file matches {word!r}"
        files = _match(folder, word)
    else:
        raise ActcliError(f"{word} is not a regular file" if os.path.exists(word) else f"there is no file {word!r}")
    files = sorted(path for path in _leave_out(files, folder, without) if _is_file(path))
    if not files:
        raise ActcliError(missing)
    return Found(files, folder)


def _is_file(path: str) -> bool:
    return os.path.isfile(path) or (os.path.islink(path) and not os.path.exists(path))


def _leave_out(files: Sequence[str], folder: str, without: str | None) -> Sequence[str]:
    """Return files without records, and without what lies in the output folder, unless all that was named does."""
    real = RealPaths()
    inputs = [path for path in files if not path.endswith(RECORD_ENDING)]
    output = None if without is None else real.folder(without)
    if output is None or is_below(real.folder(folder), output):
        return inputs
    return [path for path in inputs if not is_below(real.folder(os.path.dirname(path)), output)]


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


def _fixed_folder(pattern: str) -> str:
    """Return the folder up to the first part of a pattern that stands for several names."""
    fixed = ""
    for part in Path(pattern).parts[:-1]:
        path = os.path.join(fixed, part)
        if _MAGIC.search(part) and not os.path.isdir(path):
            break
        fixed = path
    return fixed


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


def _matches(names: Sequence[str], parts: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == _ANY_FOLDERS:
        return any(_matches(names[i:], parts[1:]) for i in range(len(names) + 1))
    return bool(names) and fnmatch.fnmatchcase(names[0], parts[0]) and _matches(names[1:], parts[1:])
