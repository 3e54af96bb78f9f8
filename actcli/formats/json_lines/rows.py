"""Rows of JSON lines, put together from what was read and the results."""

import polars

from actcli.data import naming
from actcli.data.batch import Column, Table, TextRows
from actcli.data.evaluated import EvaluatedRows
from actcli.formats.json_text import BLANKS, quote, value_spans
from actcli.formats.number_text import is_text, shortest_texts
from actcli.formats.polars_text import Cells, are_json_numbers, as_text, joined_rows

_SPECIAL = r'["\\\x00-\x1f]'  # what a string of JSON holds escaped
_NULL = polars.Series(["null"])


def table_rows(evaluated: EvaluatedRows, table: Table) -> list[bytes]:
    """Return the rows of a table in pieces, one object each; objects that were read keep their text."""
    naming.check_distinct(evaluated.names)
    text = table.text
    if text is None or text.layout.separator is not None or evaluated.job.placement == "only":
        keys = [f"{quote(name)}: " for name in evaluated.names]
        return joined_rows(["{", *_join_members(keys, _values(evaluated, table)), "}\n"])
    appended = evaluated.job.placement == "append"
    texts = joined_rows(_append(evaluated, text) if appended else _replace(evaluated, text))
    return [*texts, text.blank_end.encode()]


def _append(evaluated: EvaluatedRows, text: TextRows) -> list[polars.Series | str]:
    """Return the parts of objects that were read, with the results behind their last member."""
    results = evaluated.all_results
    keys = [f"{quote(column.name)}: " for column in results]
    objects, behind = _split_blanks(text.lines)
    start, inside = _split_blanks(objects.str.head(-1))
    comma = start.str.strip_chars_start(BLANKS) == "{"
    comma = comma.replace_strict({True: "", False: ", "}, return_dtype=polars.String)
    return [start, comma, *_join_members(keys, list(map(_number_values, results))), inside, "}", behind, "\n"]


def _split_blanks(texts: polars.Series) -> tuple[polars.Series, polars.Series | str]:
    """Return texts without the blanks at their end, and these."""
    bare = texts.str.strip_chars_end(BLANKS)
    if (lengths := bare.str.len_chars()).equals(texts.str.len_chars()):
        return texts, ""
    return bare, polars.select(polars.lit(texts).str.slice(polars.lit(lengths))).to_series()


def _replace(evaluated: EvaluatedRows, text: TextRows) -> list[polars.Series | str]:
    """Return the parts of objects that were read, with the results where the converted values stood."""
    results = {evaluated.rows.columns[i].name: _number_values(column) for i, column in enumerate(evaluated.results)}
    texts = {key: values.fill_null("null").to_list() for key, values in results.items()}
    rows = []
    for i, line in enumerate(text.lines):
        parts, place = [], 0
        for start, end, key in sorted((*span, key) for key, span in value_spans(line).items() if key in texts):
            parts += [line[place:start], texts[key][i]]
            place = end
        rows.append("".join([*parts, line[place:]]))
    return [polars.Series(rows, dtype=polars.String), "\n"]


def _join_members(keys: list[str], values: list[polars.Series]) -> list[polars.Series | str]:
    parts: list[polars.Series | str] = []
    for key, series in zip(keys, values, strict=True):
        parts += [f", {key}" if parts else key, series]
    return parts


def _values(evaluated: EvaluatedRows, table: Table) -> list[polars.Series]:
    """Return the values of each column as JSON."""
    converted = {column.position: column for column in table.columns}
    cells = Cells(table)

    def cell(position: int) -> polars.Series:
        if table.has_schema:
            return _typed_values(cells[position])
        if table.text and position in table.text.layout.text_columns:
            return _quote(cells[position]).fill_null("null")
        if position not in converted:
            return _values_of_text(cells[position])
        own = are_json_numbers(cells[position]).fill_null(False)  # not so 1. or +1, which are numbers here
        if own.all():
            return cells[position]
        return _values_of_text(cells[position]).zip_with(own, _number_values(converted[position]))

    return evaluated.rendered(cell, _number_values)


def _number_values(column: Column) -> polars.Series:
    """Return the numbers of a column, null for a missing one, and what is no number to JSON as a string."""
    if is_text(column):
        return _values_of_text(polars.Series(shortest_texts(column), dtype=polars.String))
    texts = _quote_infinities(polars.Series(column.values))
    if column.missing is not None:
        texts = texts.zip_with(~polars.Series(column.missing), polars.Series(["null"]))
    return texts


def _quote_infinities(numbers: polars.Series) -> polars.Series:
    texts = numbers.cast(polars.String)
    if not numbers.is_finite().all():
        texts = texts.zip_with(numbers.is_finite(), '"' + texts.str.to_lowercase() + '"')
    return texts


def _values_of_text(cells: polars.Series) -> polars.Series:
    """Return cells of text: a number with its own text, null for an empty cell, anything else as a string."""
    numbers = are_json_numbers(cells)
    if numbers.all(ignore_nulls=False):
        return cells
    return _quote(cells).zip_with(~numbers.fill_null(False), cells).zip_with(cells.fill_null("") != "", _NULL)


def _typed_values(cells: polars.Series) -> polars.Series:
    """Return cells with a type, lists and structures as arrays and objects."""
    kind = cells.dtype
    if kind.is_float():
        texts = _quote_infinities(cells)
    elif kind.is_numeric() or kind.is_nested() or kind == polars.Boolean:
        texts = as_text(cells)
    else:
        texts = _quote(as_text(cells))
    return texts.fill_null("null")


def _quote(cells: polars.Series) -> polars.Series:
    """Return text between quotes."""
    special = cells.str.contains(_SPECIAL).fill_null(False).arg_true()
    texts = '"' + cells + '"'
    return texts.scatter(special, [quote(cells[row]) for row in special]) if special.len() else texts
