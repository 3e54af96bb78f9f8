"""Which columns of a table, or tensors of a file, are converted."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from actcli.errors import ActcliError, suggestion
from actcli.numerics import text

SAMPLE_ROWS = 1000  # rows in which a column has to show a number to be taken for one of numbers
_POSITION = re.compile(r"[-\N{MINUS SIGN}]?\d{1,9}", re.ASCII)
_MAX_NAMES = 20  # names in a message; a table may have thousands
T = TypeVar("T")


def peek(items: list[T], following: Iterator[T]) -> Iterator[T]:
    """Yield what was taken already, then what follows, which is kept with it."""
    yield from list(items)
    for item in following:
        items.append(item)
        yield item


def select_columns(
    names: list[str],
    selectors: Sequence[str],
    table: str,
    numeric: Callable[[], Iterable[int]],
    masks: Sequence[str] = (),
) -> list[int]:
    """Return the positions of the columns to convert, in the table's order.

    Each text holds selectors with commas between them: a name, a glob, a position (``2``; ``-1`` is the last)
    or a range of names or positions (``a:d``, ``a:``, ``:-2``); ``!`` before one leaves its columns out. What is a
    column's name to the letter means that column.

    Args:
        names: those of all columns.
        selectors: the texts; none: all columns of numbers.
        table: how messages call the table.
        numeric: gives the positions of the columns of numbers.
        masks: texts that select columns of masks, which are not converted.

    Raises:
        ActcliError: if a selector chooses nothing, or no column is left.

    """
    among, without = _select_all(names, selectors, table, "--columns")
    of_masks = set(select_masks(names, masks, table))
    positions = sorted((among or set(numeric())) - without - of_masks)
    if not positions and without | of_masks:
        given = [("--columns", selectors), ("--mask-columns", masks)]
        options = " with ".join(f"{option} {','.join(words)}" for option, words in given if words)
        raise ActcliError(f"{options} leaves no column of {table}; its columns: {list_names(names)}")
    return positions


def select_masks(names: list[str], selectors: Sequence[str], table: str) -> list[int]:
    """Return the positions of the columns of masks, in the table's order; otherwise as ``select_columns``."""
    among, without = _select_all(names, selectors, table, "--mask-columns")
    positions = sorted((among or set(range(len(names)) if without else ())) - without)
    if selectors and not positions:
        given = ",".join(selectors)
        raise ActcliError(f"--mask-columns {given} selects no column of {table}; its columns: {list_names(names)}")
    return positions


def _select_all(names: list[str], selectors: Sequence[str], table: str, option: str) -> tuple[set[int], set[int]]:
    """Return the positions of the columns that an option selects, and of those that it leaves out."""
    among: set[int] = set()
    without: set[int] = set()
    for selector in (part for word in selectors for part in ([word] if word in names else word.split(","))):
        left_out = selector.startswith("!") and selector not in names
        (without if left_out else among).update(_select(names, selector[left_out:], table, option))
    return among, without


def select_tensors(names: Sequence[str], selectors: Sequence[str], file: str) -> list[str]:
    """Return the names of the tensors that ``--tensor`` selects, in the file's order.

    Each text holds names or globs with commas between them. What is a tensor's name to the letter means that tensor.

    Args:
        names: those of all tensors.
        selectors: the texts.
        file: how messages call the file.

    Raises:
        ActcliError: if a selector chooses nothing.

    """
    selected: set[str] = set()
    for selector in (part for word in selectors for part in ([word] if word in names else word.split(","))):
        found = [selector] if selector in names else [name for name in names if fnmatch.fnmatchcase(name, selector)]
        if not found:
            raise missing_tensor(names, selector, file)
        selected.update(found)
    return [name for name in names if name in selected]


def missing_tensor(names: Sequence[str], name: str, file: str) -> ActcliError:
    """Return the error for a tensor that a file does not have among those of these names."""
    near = suggestion(name, names) or f"; its tensors: {list_names(names)}"
    return ActcliError(f"{file} has no tensor {name!r}{near}")


def list_names(names: Sequence[str], most: int = _MAX_NAMES) -> str:
    """Return the names of columns or tensors for a message, cut off if they are many."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _select(names: list[str], selector: str, name: str, option: str) -> Sequence[int]:
    """Return the positions that a name, a position, a range or a glob selects; raise ActcliError for none."""
    if positions := _find_by_name(names, selector):
        return positions
    for colon in re.finditer(":", selector):
        start, stop = selector[: colon.start()], selector[colon.end() :]
        first, last = _find_by_name(names, start or "1"), _find_by_name(names, stop or "-1")
        if first and last and first[0] > last[-1]:
            raise ActcliError(f"{option} {selector} goes backwards in {name}; write {stop}:{start}")
        if first and last:
            return range(first[0], last[-1] + 1)
    if positions := [i for i, heading in enumerate(names) if fnmatch.fnmatchcase(heading, selector)]:
        return positions
    wanting = next((end for end in selector.split(":") if end and not _find_by_name(names, end)), selector)
    where = f" (of {selector!r})" if wanting != selector else ""
    near = suggestion(wanting, names)
    counted = f", 1 to {len(names)}" if _POSITION.fullmatch(wanting) else ""
    raise ActcliError(
        f"{name} has no column {wanting!r}{where}{near or ';'} {'Its' if near else 'its'} columns{counted}: "
        f"{list_names(names)}"
    )


def _find_by_name(names: list[str], word: str) -> list[int]:
    """Return the positions of the columns of that name, or at that place; none if there is none."""
    if word in names:
        return [i for i, heading in enumerate(names) if heading == word]
    place = int(text.normalize(word)) if _POSITION.fullmatch(word) else 0
    return [place - (place > 0) + len(names) * (place < 0)] if 0 < abs(place) <= len(names) else []
