"""Which columns of a table are converted, and the numbers in their cells."""

import fnmatch
from collections.abc import Sequence

import numpy as np
import polars

from actcli.errors import ActcliError, suggestion
from actcli.files.table import Column
from actcli.numerics import dtypes, text


def chosen(headings: list[str], patterns: Sequence[str], name: str) -> list[int]:
    """Return the positions of the columns that names or globs choose, in the table's order.

    Raises:
        ActcliError: if one of them chooses nothing.

    """
    found: dict[int, None] = {}
    for pattern in patterns:
        positions = [i for i, heading in enumerate(headings) if heading == pattern]
        positions = positions or [i for i, heading in enumerate(headings) if fnmatch.fnmatchcase(heading, pattern)]
        if not positions:
            near = suggestion(pattern, headings) or f"; its columns: {', '.join(headings)}"
            raise ActcliError(f"{name} has no column {pattern!r}{near}")
        found.update(dict.fromkeys(positions))
    return sorted(found)


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a number."""
    return text.is_number(text.normalised(cell))


def numbers(cells: polars.Series, heading: str, position: int, place: tuple[str, int], dtype: str) -> Column:
    """Return the column of the numbers in cells of text, each rounded once from its text.

    Args:
        cells: the texts; null or blank where there is no number.
        heading: the column's name.
        position: which of the table's columns it is.
        place: the name of the data and the row of the first cell, for messages.
        dtype: name of the float format of the numbers.

    Raises:
        ActcliError: names the first cell that is no number.

    """
    wide = cells.cast(polars.Float64, strict=False)
    missing = None
    if wide.null_count():
        cleaned = cells.str.strip_chars().str.replace("\N{MINUS SIGN}", "-", literal=True)
        empty = cleaned.is_null() | (cleaned == "").fill_null(True)
        wide = cleaned.cast(polars.Float64, strict=False)
        wrong = (wide.is_null() & ~empty).arg_true()
        if wrong.len():
            name, first_row = place
            row = wrong[0]
            raise ActcliError(f"{name}: row {row + first_row}, column {heading!r}: {cells[row]!r} is not a number")
        missing = empty.to_numpy() if empty.any() else None
        cells, wide = cleaned, wide.fill_null(np.nan)
    values = text.settle(wide.to_numpy(), cells.__getitem__, dtypes.FORMATS[dtype])
    return Column(heading, values, missing, position)
