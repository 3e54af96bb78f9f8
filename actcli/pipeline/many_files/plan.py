"""Which files are read, and which file the results of each go to."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from actcli.errors import ActcliError, StorageError
from actcli.storage import tree

RECORD_ENDING = ".manifest.jsonl"
"""Of the record beside an output folder."""


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
    return tree.is_folder(word) or tree.is_pattern(word)


def find_files(word: str, is_read: Callable[[str], bool], without: str) -> Found:
    """Return the files that a word names: a file, a pattern, or a folder with all that is below it.

    Of a folder or a pattern hidden files are left out, and so are records and what lies in the output folder.

    Args:
        word: the word.
        is_read: tells by its name whether a file of a folder is one that can be read.
        without: the output folder.

    Raises:
        ActcliError: if there is no such file.

    """
    several = True
    if tree.is_folder(word):
        files = [path for path in tree.find_below(word) if is_read(path)]
        folder, missing = word, f"{word} holds no file of a format that can be read"
    elif tree.is_pattern(word):
        files, folder = tree.find_matches(word), tree.fixed_folder(word)
        missing = f"no file matches {word!r}"
    else:
        files, folder, missing = [word], os.path.dirname(word), f"there is no file {word!r}"
        several = False
    files = sorted(path for path in files if tree.is_file(path))
    output = tree.real_path(without)
    if several and output != tree.real_path(folder):
        files = [path for path in files if not _is_result(path, output)]
    if not files:
        raise ActcliError(missing)
    return Found(files, folder)


def _is_result(path: str, output: str) -> bool:
    return path.endswith(RECORD_ENDING) or _is_below(tree.real_path(path), output)


def _is_below(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([path, folder]) == folder
    except ValueError:  # a disk and a store, or two drives of Windows
        return False


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
    base = tree.real_path(root) if root is not None else _common_folder(each.folder for each in found)
    steps: dict[str, Step] = {}
    targets: dict[str, str] = {}
    for source in dict.fromkeys(path for each in found for path in each.files):
        place = os.path.join(tree.real_path(os.path.dirname(source)), os.path.basename(source))
        if not _is_below(place, base):
            raise ActcliError(f"{source} is not below --root {root}")
        target = os.path.join(output, rename(os.path.relpath(place, base)))
        if place in steps:
            continue
        if (other := targets.setdefault(target, source)) != source:
            raise ActcliError(f"{other} and {source} would both become {target}; rename one, or give another --root")
        steps[place] = Step(source, target)
    inputs = {tree.real_path(step.source) for step in steps.values()}
    for step in steps.values():
        if tree.real_path(step.target) in inputs:
            raise ActcliError(f"{step.target} is an input, and the results of {step.source} would replace it")
    return sorted(steps.values(), key=lambda step: step.source)


def _common_folder(folders: Iterable[str]) -> str:
    try:
        return os.path.commonpath([tree.real_path(folder) for folder in folders])
    except ValueError:  # a disk and a store, or two drives of Windows
        raise StorageError("the files have no folder in common; give --root") from None
