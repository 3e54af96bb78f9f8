"""Rows of separated values, put together from the text that was read and the results."""

import polars

from actcli.data.batch import Column, Table, TextRows
from actcli.data.evaluated import EvaluatedRows
from actcli.formats.csv.quoting import quote
from actcli.formats.polars_text import Cells, number_series, output_columns, separated_rows


def table_rows(evaluated: EvaluatedRows, table: Table, separator: str) -> list[bytes]:
    """Return the rows of a table, in pieces; those that were read with the same separator keep their text."""
    if table.text is not None and table.text.layout.separator == separator:
        return [*_append_to_text(evaluated, table.text, separator), table.text.blank_end.encode()]
    columns = output_columns(evaluated, table)
    line_ending = table.text.layout.line_ending if table.text else "\n"
    return separated_rows(columns, separator=separator, line_terminator=line_ending, quote_style="necessary")


def _append_to_text(evaluated: EvaluatedRows, text: TextRows, separator: str) -> list[bytes]:
    """Return rows beside the text that was read, each with its own line ending."""

    def result_cells(column: Column) -> polars.Series:
        series = number_series(column, text.layout.decimal)
        return _quote(series, separator) if series.dtype == polars.String else series

    if evaluated.job.placement == "append":
        columns = [text.lines, *map(result_cells, evaluated.all_results)]
    else:
        cells = Cells(text)
        columns = evaluated.rendered(cells.__getitem__, result_cells)
    line_ending = text.line_endings
    if not isinstance(line_ending, str):  # the line feed comes from polars
        columns[-1] = columns[-1].cast(polars.String).fill_null("") + line_ending.str.head(-1)
        line_ending = "\n"
    return separated_rows(columns, separator=separator, line_terminator=line_ending, quote_style="never")


def _quote(cells: polars.Series, separator: str) -> polars.Series:
    """Return cells, between quotes where they need them."""
    special = cells.str.contains_any([separator, '"', "\n", "\r"]).fill_null(False).arg_true()
    return cells.scatter(special, [quote(cells[row], separator) for row in special]) if special.len() else cells
