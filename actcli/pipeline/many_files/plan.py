"""Which files are read, and which file the results of each go to."""

import codecs
import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from actcli.errors import ActcliError, StorageError
from actcli.pipeline.many_files.find import Found, RealPaths
from actcli.storage import paths, tree

_MAX_FOLDERS = 800  # in each other: Python makes them by a function that calls itself, up to 1000 times


class Step(NamedTuple):
    """One file of a plan."""

    source: str
    target: str


def read_names(data: bytes) -> list[str]:
    """Return the names of a list: one a line or, if there is a NUL, as in find -print0, one before each NUL."""
    if b"\0" in data:
        names = data.split(b"\0")
    else:
        names = [line.removesuffix(b"\r") for line in data.removeprefix(codecs.BOM_UTF8).split(b"\n")]
    return [os.fsdecode(name) for name in names if name.strip()]


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
    real, output = RealPaths(), tree.plain_path(output)
    base = real.folder(root) if root is not None else _common_folder({real.folder(each.folder) for each in found})
    inside = os.path.join(base, "")
    steps: dict[str, Step] = {}
    targets: dict[str, str] = {}
    for folder, source in ((each.folder, path) for each in found for path in each.files):
        place = os.path.normpath(os.path.join(real.folder(folder), source[len(folder) :].lstrip(os.sep)))
        if place in steps:
            continue
        if not place.startswith(inside):
            raise ActcliError(f"{source} is not below {base if root is None else f'--root {root}'}")
        target = os.path.join(output, rename(place[len(inside) :]))
        if (other := targets.setdefault(target, source)) != source:
            raise ActcliError(f"{other} and {source} would both become {target}; rename one, or give another --root")
        steps[place] = Step(source, target)
    _check_targets(list(steps.values()), real)
    return sorted(steps.values(), key=lambda step: step.source)


def _common_folder(folders: Iterable[str]) -> str:
    try:
        return os.path.commonpath(folders)
    except ValueError:  # a disk and a store, or two drives of Windows
        raise StorageError("the files have no folder in common; give --root") from None


def _check_targets(steps: Sequence[Step], real: RealPaths) -> None:
    """Raise ActcliError if a target is one of the inputs, or lies too deep for its folders to be made."""
    folders = {os.path.dirname(step.target) for step in steps}
    if any(folder.count(os.sep) > _MAX_FOLDERS for folder in folders):
        raise ActcliError(f"results would lie in more than {_MAX_FOLDERS} folders; give --root, and fewer of them")
    existing = {folder for folder in folders if paths.is_object(folder) or os.path.isdir(folder or ".")}
    replacing = [step for step in steps if os.path.dirname(step.target) in existing]
    inputs = {real.file(step.source) for step in steps} if replacing else set()
    for step in replacing:
        if real.file(step.target) in inputs:
            raise ActcliError(f"{step.target} is an input, and the results of {step.source} would replace it")
