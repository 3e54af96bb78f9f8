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
    hexadecimal: list[int] = []
    if wide.null_count():
        cells = cells.str.strip_chars().str.replace("\N{MINUS SIGN}", "-", literal=True)
        empty = cells.is_null() | (cells == "").fill_null(True)
        wide = cells.cast(kind, strict=False)
        not_decimal = wide.is_null() & ~empty
        hexadecimal, wrong = _split_hexadecimal(cells, not_decimal, options)
        if wrong and options.on_error == "fail":
            row = min(wrong)
            raise ActcliError(f"{table}: row {rows[row]}, column {name!r}: {texts[row]!r} {wrong[row]}")
        replacements = {row: texts[row] if options.on_error == "keep" else "" for row in wrong} or None
        if wrong or empty.any():
            missing = wide.is_null().to_numpy().copy()
            missing[hexadecimal] = False
        wide = wide.fill_null(np.nan)
    values = wide.to_numpy()
    if hexadecimal:
        values = values.copy()
        values[hexadecimal] = 0.0
    if missing is not None and not dtypes.has_nan(format):
        values = np.where(missing, 0.0, values)
    held.require_numbers(values, format, lambda i: f"{table}: row {rows[i]}, column {name!r} has NaN")
    if kind == polars.Float64:
        values = text.round_from_text(values, cells.__getitem__, format)
    if hexadecimal:
        values[hexadecimal] = text.parse(cells.gather(hexadecimal).to_list(), format, bits=options.bits)
    return Column(name, values, missing, position, replacements)


def _split_hexadecimal(
    cells: polars.Series, not_decimal: polars.Series, options: ReadOptions
) -> tuple[list[int], dict[int, str]]:
    """Return which of the cells that polars cannot read are numbers, in hexadecimal, and what is wrong with others."""
    rows, format = not_decimal.arg_true().to_list(), options.format
    problems = [text.find_problem(cell, format, bits=options.bits) for cell in cells.filter(not_decimal)]
    wrong = {row: problem for row, problem in zip(rows, problems, strict=True) if problem}
    return [row for row in rows if row not in wrong], wrong


def _clean(cells: polars.Series, options: ReadOptions) -> polars.Series:
    """Return the cells with a point as their decimal sign, and nothing in those that count as empty."""
    if options.na:
        empty = cells.str.strip_chars().is_in(list(options.na)).fill_null(False)
        cells = polars.select(polars.when(~empty).then(cells)).to_series()
    if options.decimal == ",":  # the other way round too: a point is no part of these numbers
        cells = cells.str.replace_all(".", ";", literal=True).str.replace_all(",", ".", literal=True)
    return cells
