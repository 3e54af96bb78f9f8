"""Rows of separated values, put together from what was read and the results."""

import io

import polars

from actcli.files.columns import as_text
from actcli.files.table import Answer, Column
from actcli.files.writers import quoted, texts


def rows(answer: Answer, separator: str) -> bytes:
    """Return the rows of an answer as text: what was read, untouched, and the results."""
    table, given = answer.table, answer.table.rows
    untouched = given is not None and given.separator == separator
    decimal = given.decimal if given is not None else "."

    def written(column: Column) -> polars.Series:
        series = _series(column, decimal)
        return _quoted(series, separator) if untouched and series.dtype == polars.String else series

    columns: list[polars.Series] = []
    if given is not None and untouched and answer.job.placement == "beside":
        columns = [given.lines, *map(written, answer.results + answer.derivatives)]
    else:
        read = any(isinstance(column, int) for column in answer.columns)
        source = given.cells if given is not None and untouched else table.cells
        cells = list(map(as_text, source().get_columns())) if read else []
        columns = [cells[column] if isinstance(column, int) else written(column) for column in answer.columns]
    out = io.BytesIO()
    polars.DataFrame([column.alias(f"{i}") for i, column in enumerate(columns)]).write_csv(
        out,
        include_header=False,
        separator=separator,
        line_terminator=given.line_end if given is not None else "\n",
        quote_style="never" if untouched else "necessary",
    )
    return out.getvalue()


def _series(column: Column, decimal: str) -> polars.Series:
    """Return a column's numbers as polars writes them, or as text where it would write something else."""
    if column.values.dtype.itemsize < 4 or column.unread:
        return polars.Series([number or None for number in texts(column, decimal)], dtype=polars.String)
    series = polars.Series(column.values)
    if decimal != "." or series.is_nan().any():
        missing = polars.Series(column.missing if column.missing is not None else [False] * series.len())
        plain = series.cast(polars.String).str.replace(".", decimal, literal=True)
        series = plain.zip_with(~series.is_nan(), polars.Series(["nan"])).zip_with(~missing, polars.Series([None]))
    return series


def _quoted(cells: polars.Series, separator: str) -> polars.Series:
    """Return cells, between quotes where they need them."""
    special = cells.str.contains_any([separator, '"', "\n", "\r"]).fill_null(False).arg_true()
    return cells.scatter(special, [quoted(cells[row], separator) for row in special]) if special.len() else cells
