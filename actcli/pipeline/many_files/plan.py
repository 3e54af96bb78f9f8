"""Which files are read, and which file the results of each go to."""

import glob
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from actcli.errors import ActcliError, StorageError

RECORD_ENDING = ".manifest.jsonl"
"""Of the record beside an output folder."""
_MAGIC = re.compile(r"[*?[]")


class Step(NamedTuple):
    """One file of a plan."""

    source: str
    target: str


@dataclass(frozen=True)
class Found:
    """Files that one word names, and the folder below which their places are kept."""

    files: Sequence[str]
    folder: str


def names_several(word: str) -> bool:
    """Tell whether a word is a folder, or a pattern that is not the name of a file itself."""
    return os.path.isdir(word) or is_pattern(word)


def is_pattern(word: str) -> bool:
    """Tell whether a word is a pattern, and not the name of a file itself."""
    return bool(_MAGIC.search(word)) and not os.path.lexists(word)


def find_files(word: str, is_read: Callable[[str], bool], without: str | None) -> Found:
    """Return the files that a word names: a file, a pattern, or a folder with all that is below it.

    Of a folder or a pattern hidden files are left out, and so are records and what lies in the output folder.

    Args:
        word: the word.
        is_read: tells by its name whether a file of a folder is one that can be read.
        without: the output folder, if there is one.

    Raises:
        ActcliError: if there is no such file.

    """
    if os.path.isdir(word):
        below = glob.iglob(os.path.join(glob.escape(word), "**"), recursive=True)
        files = [path for path in below if is_read(path)]
        folder, missing = word, f"{word} holds no file of a format that can be read"
    elif names_several(word):
        files, folder = glob.glob(word, recursive=True), _fixed_folder(word)
        missing = f"no file matches {word!r}"
    else:
        files, folder = [word], os.path.dirname(word)
        missing = f"{word} is not a regular file" if os.path.exists(word) else f"there is no file {word!r}"
    files = sorted(path for path in files if _is_file(path))
    output = None if without is None else os.path.realpath(without)
    if names_several(word) and output != os.path.realpath(folder or "."):
        files = [path for path in files if not _is_result(path, output)]
    if not files:
        raise ActcliError(missing)
    return Found(files, folder)


def _is_file(path: str) -> bool:
    """Tell whether a path is that of a file, or of a link that leads nowhere, which is to be told when it is read."""
    return os.path.isfile(path) or (os.path.islink(path) and not os.path.exists(path))


def _is_result(path: str, output: str | None) -> bool:
    return path.endswith(RECORD_ENDING) or (output is not None and is_below(os.path.realpath(path), output))


def _fixed_folder(pattern: str) -> str:
    """Return the folder up to the first part of a pattern that stands for several names."""
    parts = Path(pattern).parts
    fixed = next(i for i, part in enumerate(parts) if _MAGIC.search(part))
    return os.path.join(*parts[:fixed]) if fixed else ""


def is_below(path: str, folder: str) -> bool:
    """Tell whether a path without links is that of a folder, or of something in it."""
    return os.path.commonpath([path, folder]) == folder


def read_names(data: bytes) -> list[str]:
    """Return the names of a list: one a line or, if there is a NUL, as in find -print0, one before each NUL."""
    separator = b"\0" if b"\0" in data else b"\n"
    return [os.fsdecode(name) for name in data.split(separator) if name.strip()]


def make_plan(
    found: Sequence[Found], output: str, root: str | None, rename: Callable[[str], str] = lambda name: name
) -> list[Step]:
    """Return each file once, in order, with its target: the same place below the output folder.

    Args:
        found: the files.
        output: the output folder.
        root: the folder below which places are kept; None for the one that holds all that was named.
        rename: gives the path of a target another ending.

    Raises:
        ActcliError: if a file lies outside of the root, two have one target, or a target is one of the files.

    """
    base = os.path.realpath(root if root is not None else _common_folder(each.folder for each in found))
    steps: dict[str, Step] = {}
    targets: dict[str, str] = {}
    for source in dict.fromkeys(path for each in found for path in each.files):
        place = os.path.join(os.path.realpath(os.path.dirname(source) or "."), os.path.basename(source))
        if not is_below(place, base):
            raise ActcliError(f"{source} is not below --root {root}")
        target = os.path.join(os.path.normpath(output), rename(os.path.relpath(place, base)))
        if place in steps:
            continue
        if (other := targets.setdefault(target, source)) != source:
            raise ActcliError(f"{other} and {source} would both become {target}; rename one, or give another --root")
        steps[place] = Step(source, target)
    inputs = {os.path.realpath(step.source) for step in steps.values()}
    for step in steps.values():
        if os.path.realpath(step.target) in inputs:
            raise ActcliError(f"{step.target} is an input, and the results of {step.source} would replace it")
    return sorted(steps.values(), key=lambda step: step.source)


def _common_folder(folders: Iterable[str]) -> str:
    try:
        return os.path.commonpath([os.path.realpath(folder or ".") for folder in folders])
    except ValueError:  # drives of Windows
        raise StorageError("the files have no folder in common; give --root") from None
