"""The files that a word names: a file, a folder with all that is below it, or a pattern; on a disk or in a store."""

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from actcli.errors import ActcliError
from actcli.storage import paths, search, tree

RECORD_ENDING = ".manifest.jsonl"
"""Of the record beside an output folder."""


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
            self._folders[path] = tree.real_path(path)
        return self._folders[path]

    def file(self, path: str) -> str:
        """Return the real path of a file, which may itself be a link."""
        if paths.is_object(path):
            return tree.real_path(path)
        folder, name = os.path.split(path)
        real = os.path.join(self.folder(folder), name)
        return os.path.realpath(real) if os.path.islink(real) else real


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path is that of a folder, or of something in it; both real."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def names_several(word: str) -> bool:
    """Tell whether a word is a folder, or a pattern that is not the name of a file itself."""
    return search.is_folder(word) or search.is_pattern(word)


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
        StorageError: if a folder or a store cannot be read.

    """
    if search.is_folder(word):
        folder, missing = word, f"{word} holds no file of a format that can be read"
        files = [path for path in search.find_below(word) if is_read(path)]
    elif search.is_pattern(word):
        folder, missing = search.fixed_folder(word), f"no file matches {word!r}"
        files = list(search.find_matches(word))
    elif search.is_file(word):
        return Found([word], os.path.dirname(word))
    else:
        raise ActcliError(f"{word} is not a regular file" if os.path.exists(word) else f"there is no file {word!r}")
    files = sorted(path for path in _leave_out(files, folder, without) if search.is_file(path))
    if not files:
        raise ActcliError(missing)
    return Found(files, folder)


def _leave_out(files: Sequence[str], folder: str, without: str | None) -> Sequence[str]:
    """Return files without records, and without what lies in the output folder, unless all that was named does."""
    real = RealPaths()
    inputs = [path for path in files if not path.endswith(RECORD_ENDING)]
    output = None if without is None else real.folder(without)
    if output is None or is_below(real.folder(folder), output):
        return inputs
    return [path for path in inputs if not is_below(real.folder(os.path.dirname(path)), output)]
