"""Numbers in cells of text."""

from collections.abc import Sequence

import numpy as np
import polars

from actcli.data.batch import Column
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.numerics import dtypes, held, text


def parse_text_column(
    cells: polars.Series, name: str, position: int, place: tuple[str, Sequence[int]], options: ReadOptions
) -> Column:
    """Return the column of the numbers in cells of text, each rounded once from its text.

    Args:
        cells: the texts; null or blank where there is no number.
        name: the column's name.
        position: which of the table's columns it is.
        place: the name of the data and the number of each cell's row, for messages.
        options: what the texts mean.

    Raises:
        ActcliError: names the first non-numeric cell, unless that is not an error.

    """
    texts, cells = cells, _clean(cells, options)
    table, rows = place
    # A text is read as the nearest number of the type itself; of types that polars lacks, by way of the widest.
    format = options.format
    kind = polars.Float32 if format.name == "float32" else polars.Float64
    wide = cells.cast(kind, strict=False)
    missing, replacements = None, None
    if wide.null_count():
        cells = cells.str.strip_chars().str.replace("\N{MINUS SIGN}", "-", literal=True)
        empty = cells.is_null() | (cells == "").fill_null(True)
        wide = cells.cast(kind, strict=False)
        wrong = (wide.is_null() & ~empty).arg_true().to_list()
        if wrong and options.on_error == "fail":
            row = wrong[0]
            raise ActcliError(f"{table}: row {rows[row]}, column {name!r}: {texts[row]!r} is not a number")
        replacements = {row: texts[row] if options.on_error == "keep" else "" for row in wrong} or None
        missing = wide.is_null().to_numpy() if wrong or empty.any() else None
        wide = wide.fill_null(np.nan)
    values = wide.to_numpy()
    if missing is not None and not dtypes.has_nan(format):
        values = np.where(missing, 0.0, values)
    held.require_numbers(values, format, lambda i: f"{table}: row {rows[i]}, column {name!r} has NaN")
    if kind == polars.Float64:
        values = text.round_from_text(values, cells.__getitem__, format)
    return Column(name, values, missing, position, replacements)


def _clean(cells: polars.Series, options: ReadOptions) -> polars.Series:
    """Return the cells with a point as their decimal sign, and nothing in those that count as empty."""
    if options.na:
        empty = cells.str.strip_chars().is_in(list(options.na)).fill_null(False)
        cells = polars.select(polars.when(~empty).then(cells)).to_series()
    if options.decimal == ",":  # the other way round too: a point is no part of these numbers
        cells = cells.str.replace_all(".", ";", literal=True).str.replace_all(",", ".", literal=True)
    return cells
