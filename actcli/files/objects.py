"""Rows of JSON lines, put together from what was read and the results."""

import json

import polars

from actcli.files import lines, naming
from actcli.files.columns import as_text
from actcli.files.table import JSON, Answer, Column
from actcli.files.writers import texts

_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_SPECIAL = r'["\\\x00-\x1f]'  # what a string of JSON holds escaped


def rows(answer: Answer) -> list[bytes]:
    """Return the rows of an answer in pieces, one object each; objects that were read keep their text."""
    naming.check_distinct(answer.names)
    given = answer.table.rows
    objects = given is not None and given.separator == JSON
    keys = [f"{quoted(name)}: " for name in answer.names]
    parts: list[polars.Series | str] = []
    if given is not None and objects and answer.job.placement == "beside":
        start = given.lines.str.head(-1).str.strip_chars_end()
        results = answer.results + answer.derivatives
        parts = [start, (start == "{").replace_strict({True: "", False: ", "}, return_dtype=polars.String)]
        parts += _members(keys[-len(results) :], list(map(_numbers, results)))
    elif given is not None and objects and answer.job.placement == "instead":
        *cells, more = given.cells().get_columns()
        cells = [cell.fill_null("null") for cell in cells]
        parts = ["{", *_members(keys, [cells[c] if isinstance(c, int) else _numbers(c) for c in answer.columns])]
        parts += [more]
    else:
        parts = ["{", *_members(keys, _values(answer))]
    return lines.together([*parts, "}\n"])


def quoted(text: str) -> str:
    """Return a text as JSON; what is half a pair of UTF-16 cannot stand in UTF-8 by itself, and is escaped."""
    return json.dumps(text, ensure_ascii=not is_text(text))


def is_text(text: str) -> bool:
    """Tell whether a string can stand in UTF-8: it holds no half of a pair of UTF-16."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _members(keys: list[str], values: list[polars.Series]) -> list[polars.Series | str]:
    parts: list[polars.Series | str] = []
    for key, series in zip(keys, values, strict=True):
        parts += [f", {key}" if parts else key, series]
    return parts


def _values(answer: Answer) -> list[polars.Series]:
    """Return the values of each column as JSON."""
    table = answer.table
    converted = {column.position: column for column in table.columns}
    cells: list[polars.Series] = table.cells().get_columns() if any(isinstance(c, int) for c in answer.columns) else []

    def cell(position: int) -> polars.Series:
        if table.typed:
            return _typed(cells[position])
        if position not in converted:
            return _untyped(cells[position])
        own = cells[position].str.contains(_NUMBER).fill_null(False)  # not so 1. or +1, which are numbers here
        if own.all():
            return cells[position]
        return _untyped(cells[position]).zip_with(own, _numbers(converted[position]))

    return [cell(column) if isinstance(column, int) else _numbers(column) for column in answer.columns]


def _numbers(column: Column) -> polars.Series:
    """Return the numbers of a column, null for a missing one, and what is no number to JSON as a string."""
    if column.values.dtype.itemsize < 4 or column.unread:
        return _untyped(polars.Series(texts(column), dtype=polars.String))
    written = _finite(polars.Series(column.values))
    if column.missing is not None:
        written = written.zip_with(~polars.Series(column.missing), polars.Series(["null"]))
    return written


def _finite(numbers: polars.Series) -> polars.Series:
    written = numbers.cast(polars.String)
    if not numbers.is_finite().all():
        written = written.zip_with(numbers.is_finite(), '"' + written.str.to_lowercase() + '"')
    return written


def _untyped(cells: polars.Series) -> polars.Series:
    """Return cells of text: a number with its own text, null for an empty cell, anything else as a string."""
    numbers = cells.str.contains(_NUMBER)
    if numbers.all(ignore_nulls=False):
        return cells
    return _strings(cells).zip_with(~numbers.fill_null(False), cells).zip_with(cells.fill_null("") != "", _NULL)


def _typed(cells: polars.Series) -> polars.Series:
    """Return cells with a type, lists and structures as arrays and objects."""
    kind = cells.dtype
    if kind.is_float():
        written = _finite(cells)
    elif kind.is_numeric() or kind.is_nested() or kind == polars.Boolean:
        written = as_text(cells)
    else:
        written = _strings(as_text(cells))
    return written.fill_null("null")


_NULL = polars.Series(["null"])


def _strings(cells: polars.Series) -> polars.Series:
    """Return text between quotes."""
    special = cells.str.contains(_SPECIAL).fill_null(False).arg_true()
    written = '"' + cells + '"'
    return written.scatter(special, [quoted(cells[row]) for row in special]) if special.len() else written
