"""Rows of JSON lines, put together from what was read and the results."""

import json
import re

import polars

from actcli.data import naming
from actcli.data.columns import as_text
from actcli.data.table import JSON, Answer, Column, Rows
from actcli.formats.csv import writer as lines
from actcli.formats.text import texts

_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_SPECIAL = r'["\\\x00-\x1f]'  # what a string of JSON holds escaped
_BLANK = " \t\r\n"
_SPACES = re.compile(f"[{_BLANK}]*")


class Number(str):
    """The text of a number."""


DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number)


def rows(answer: Answer) -> list[bytes]:
    """Return the rows of an answer in pieces, one object each; objects that were read keep their text."""
    naming.check_distinct(answer.names)
    given = answer.table.rows
    if given is None or given.layout.separator != JSON or answer.job.placement == "alone":
        keys = [f"{quoted(name)}: " for name in answer.names]
        return lines.together(["{", *_members(keys, _values(answer)), "}\n"])
    appended = answer.job.placement == "beside"
    written = lines.together(_appended(answer, given) if appended else _replaced(answer, given))
    return [*written, given.blank_end.encode()]


def _appended(answer: Answer, given: Rows) -> list[polars.Series | str]:
    """Return the parts of objects that were read, with the results behind their last member."""
    results = answer.results + answer.derivatives
    keys = [f"{quoted(column.name)}: " for column in results]
    objects, behind = _split_blanks(given.lines)
    start, inside = _split_blanks(objects.str.head(-1))
    comma = start.str.strip_chars_start(_BLANK) == "{"
    comma = comma.replace_strict({True: "", False: ", "}, return_dtype=polars.String)
    return [start, comma, *_members(keys, list(map(_numbers, results))), inside, "}", behind, "\n"]


def _split_blanks(texts: polars.Series) -> tuple[polars.Series, polars.Series | str]:
    """Return texts without the blanks at their end, and these."""
    bare = texts.str.strip_chars_end(_BLANK)
    if (lengths := bare.str.len_chars()).equals(texts.str.len_chars()):
        return texts, ""
    return bare, polars.select(polars.lit(texts).str.slice(polars.lit(lengths))).to_series()


def _replaced(answer: Answer, given: Rows) -> list[polars.Series | str]:
    """Return the parts of objects that were read, with the results where the converted values stood."""
    results = {answer.table.columns[i].name: _numbers(column) for i, column in enumerate(answer.results)}
    written = {key: values.fill_null("null").to_list() for key, values in results.items()}
    rows = []
    for i, line in enumerate(given.lines):
        parts, place = [], 0
        for start, end, key in sorted((*span, key) for key, span in spans(line).items() if key in written):
            parts += [line[place:start], written[key][i]]
            place = end
        rows.append("".join([*parts, line[place:]]))
    return [polars.Series(rows, dtype=polars.String), "\n"]


def spans(line: str) -> dict[str, tuple[int, int]]:
    """Return where the value of each key of an object begins and ends in its text."""
    found = {}
    place = _skip(line, line.index("{") + 1)
    while line[place] != "}":
        key, place = DECODER.raw_decode(line, place)
        start = _skip(line, _skip(line, place) + 1)
        _, end = DECODER.raw_decode(line, start)
        found[key] = (start, end)
        place = _skip(line, end)
        place = _skip(line, place + 1) if line[place] == "," else place
    return found


def _skip(line: str, place: int) -> int:
    blank = _SPACES.match(line, place)
    return blank.end() if blank else place


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
        if table.rows and position in table.rows.layout.text_columns:
            return _strings(cells[position]).fill_null("null")
        if position not in converted:
            return _untyped(cells[position])
        own = are_numbers(cells[position]).fill_null(False)  # not so 1. or +1, which are numbers here
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
    numbers = are_numbers(cells)
    if numbers.all(ignore_nulls=False):
        return cells
    return _strings(cells).zip_with(~numbers.fill_null(False), cells).zip_with(cells.fill_null("") != "", _NULL)


def are_numbers(cells: polars.Series) -> polars.Series:
    """Tell which cells of text are numbers of JSON that a reader takes for finite ones."""
    numbers = cells.str.contains(_NUMBER)
    if (cells.str.contains("[eE]") | (cells.str.len_bytes() > _SURELY_FINITE)).any():
        numbers &= cells.cast(polars.Float64, strict=False).is_finite().fill_null(False)
    return numbers


_SURELY_FINITE = 300  # characters of a number without exponent


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
