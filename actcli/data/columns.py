"""Which columns of a table are converted, and the numbers in their cells."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from actcli.data.read_options import Reading
from actcli.data.table import Column
from actcli.errors import ActcliError, suggestion
from actcli.numerics import dtypes, text

if TYPE_CHECKING:  # loaded where cells are text, which those of Parquet and Arrow seldom are
    import polars

SAMPLE = 1000  # rows in which a column has to show a number to be taken for one of numbers
_POSITION = re.compile(r"[-\N{MINUS SIGN}]?\d{1,9}", re.ASCII)
_LISTED = 20  # names in a message; a table may have thousands
_Block = TypeVar("_Block")


def looked_ahead(ahead: list[_Block], following: Iterator[_Block]) -> Iterator[_Block]:
    """Yield the blocks that were taken already, then the following ones, which are kept with them."""
    yield from list(ahead)
    for block in following:
        ahead.append(block)
        yield block


def chosen(headings: list[str], given: Sequence[str], name: str, numeric: Callable[[], Iterable[int]]) -> list[int]:
    """Return the positions of the columns to convert, in the table's order.

    Each text given holds selectors with commas between them: a name, a glob, a position (``2``; ``-1`` is the last)
    or a range of names or positions (``a:d``, ``a:``, ``:-2``); ``!`` before one leaves its columns out. What is a
    column's name to the letter means that column.

    Args:
        headings: the names of all columns.
        given: the texts; none: all columns of numbers.
        name: how messages call the table.
        numeric: gives the positions of the columns of numbers.

    Raises:
        ActcliError: if a selector chooses nothing, or no column is left.

    """
    among: set[int] = set()
    without: set[int] = set()
    for selector in (part for word in given for part in ([word] if word in headings else word.split(","))):
        left_out = selector.startswith("!") and selector not in headings
        (without if left_out else among).update(_selected(headings, selector[left_out:], name))
    positions = sorted((among or set(numeric())) - without)
    if not positions and without:
        raise ActcliError(f"--columns {','.join(given)} leaves no column of {name}; its columns: {listed(headings)}")
    return positions


def listed(headings: list[str]) -> str:
    """Return the names of columns for a message, cut off if they are many."""
    more = len(headings) - _LISTED
    return ", ".join(headings[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _selected(headings: list[str], selector: str, name: str) -> Sequence[int]:
    """Return the positions that a name, a position, a range or a glob selects; raise ActcliError for none."""
    if found := _called(headings, selector):
        return found
    for colon in re.finditer(":", selector):
        start, stop = selector[: colon.start()], selector[colon.end() :]
        first, last = _called(headings, start or "1"), _called(headings, stop or "-1")
        if first and last and first[0] > last[-1]:
            raise ActcliError(f"--columns {selector} goes backwards in {name}; write {stop}:{start}")
        if first and last:
            return range(first[0], last[-1] + 1)
    if found := [i for i, heading in enumerate(headings) if fnmatch.fnmatchcase(heading, selector)]:
        return found
    wanting = next((end for end in selector.split(":") if end and not _called(headings, end)), selector)
    where = f" (of {selector!r})" if wanting != selector else ""
    near = suggestion(wanting, headings)
    counted = f", 1 to {len(headings)}" if _POSITION.fullmatch(wanting) else ""
    raise ActcliError(
        f"{name} has no column {wanting!r}{where}{near or ';'} {'Its' if near else 'its'} columns{counted}: "
        f"{listed(headings)}"
    )


def _called(headings: list[str], word: str) -> list[int]:
    """Return the positions of the columns of that name, or at that place; none if there is none."""
    if word in headings:
        return [i for i, heading in enumerate(headings) if heading == word]
    place = int(text.normalised(word)) if _POSITION.fullmatch(word) else 0
    return [place - (place > 0) + len(headings) * (place < 0)] if 0 < abs(place) <= len(headings) else []


def numbers(
    cells: polars.Series, heading: str, position: int, place: tuple[str, Sequence[int]], reading: Reading
) -> Column:
    """Return the column of the numbers in cells of text, each rounded once from its text.

    Args:
        cells: the texts; null or blank where there is no number.
        heading: the column's name.
        position: which of the table's columns it is.
        place: the name of the data and the number of each cell's row, for messages.
        reading: what the texts mean.

    Raises:
        ActcliError: names the first cell that is no number, unless that is no error.

    """
    import polars

    given, cells = cells, _cleaned(cells, reading)
    # A text is read as the nearest number of the type itself; of types that polars lacks, by way of the widest.
    own = polars.Float32 if reading.dtype == "float32" else polars.Float64
    wide = cells.cast(own, strict=False)
    missing, unread = None, None
    if wide.null_count():
        cells = cells.str.strip_chars().str.replace("\N{MINUS SIGN}", "-", literal=True)
        empty = cells.is_null() | (cells == "").fill_null(True)
        wide = cells.cast(own, strict=False)
        wrong = (wide.is_null() & ~empty).arg_true().to_list()
        if wrong and reading.on_error == "fail":
            name, rows = place
            row = wrong[0]
            raise ActcliError(f"{name}: row {rows[row]}, column {heading!r}: {given[row]!r} is not a number")
        unread = {row: given[row] if reading.on_error == "keep" else "" for row in wrong} or None
        missing = wide.is_null().to_numpy() if wrong or empty.any() else None
        wide = wide.fill_null(np.nan)
    values = wide.to_numpy()
    if own == polars.Float64:
        values = text.round_from_text(values, cells.__getitem__, dtypes.FORMATS[reading.dtype])
    return Column(heading, values, missing, position, unread)


def _cleaned(cells: polars.Series, reading: Reading) -> polars.Series:
    """Return the cells with a point as their decimal sign, and nothing in those that count as empty."""
    import polars

    if reading.na:
        empty = cells.str.strip_chars().is_in(list(reading.na)).fill_null(False)
        cells = polars.select(polars.when(~empty).then(cells)).to_series()
    if reading.decimal == ",":  # the other way round too: a point is no part of these numbers
        cells = cells.str.replace_all(".", ";", literal=True).str.replace_all(",", ".", literal=True)
    return cells


def as_text(cells: polars.Series) -> polars.Series:
    """Return cells of any type as text: dates and times in ISO 8601, lists and structures as JSON."""
    import polars

    kind = cells.dtype
    if kind == polars.String:
        return cells
    if kind.is_nested():
        packed = cells.alias("").to_frame().select(polars.struct("").struct.json_encode()).to_series()
        written = packed.str.slice(4).str.head(-1)
        return written.zip_with(cells.is_not_null(), polars.Series([None], dtype=polars.String))
    if isinstance(kind, polars.Datetime):
        return cells.dt.to_string("iso:strict")
    if kind in (polars.Duration, polars.Time):  # as text, polars cuts a time to whole seconds
        return cells.dt.to_string("iso")
    if kind == polars.Binary:
        return cells.bin.encode("hex")
    return cells.cast(polars.String)
