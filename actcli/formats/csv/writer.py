"""Rows of separated values, put together from what was read and the results."""

from typing import Any

import numpy as np
import polars

from actcli.data.columns import as_text
from actcli.data.table import Answer, Column, Rows
from actcli.formats.text import quoted, texts


def rows(answer: Answer, separator: str) -> list[bytes]:
    """Return the rows of an answer as pieces of text: what was read, untouched, and the results."""
    table, given = answer.table, answer.table.rows
    if given is None or given.layout.separator != separator:
        read = any(isinstance(column, int) for column in answer.columns)
        cells = list(map(as_text, table.cells().get_columns())) if read else []
        decimal = _decimal(answer)
        columns = [cells[column] if isinstance(column, int) else _series(column, decimal) for column in answer.columns]
        line_end = given.layout.line_end if given is not None else "\n"
        return _written(columns, separator=separator, line_terminator=line_end, quote_style="necessary")
    return [*_untouched(answer, given, separator), given.blank_end.encode()]


def _untouched(answer: Answer, given: Rows, separator: str) -> list[bytes]:
    """Return the rows of an answer beside the text that was read, each with its own line end."""

    def written(column: Column) -> polars.Series:
        series = _series(column, given.layout.decimal)
        return _quoted(series, separator) if series.dtype == polars.String else series

    columns: list[polars.Series] = []
    if answer.job.placement == "beside":
        columns = [given.lines, *map(written, answer.results + answer.derivatives)]
    else:
        read = any(isinstance(column, int) for column in answer.columns)
        cells = given.cells().get_columns() if read else []
        columns = [cells[column] if isinstance(column, int) else written(column) for column in answer.columns]
    line_end = given.line_ends
    if not isinstance(line_end, str):  # the line feed comes from polars
        columns[-1] = columns[-1].cast(polars.String).fill_null("") + line_end.str.head(-1)
        line_end = "\n"
    return _written(columns, separator=separator, line_terminator=line_end, quote_style="never")


def plain(answer: Answer) -> list[bytes]:
    """Return nothing but the results, several in a row with tabs between them."""
    columns = [_series(column, _decimal(answer)) for column in answer.results + answer.derivatives]
    return _written(columns, separator="\t", quote_style="never")


def piped(answer: Answer) -> list[bytes]:
    """Return the rows of a table in Markdown."""
    cells = answer.table.cells().get_columns() if any(isinstance(c, int) for c in answer.columns) else []
    parts: list[polars.Series | str] = []
    for column in answer.columns:
        series = as_text(cells[column]) if isinstance(column, int) else _series(column, _decimal(answer))
        if series.dtype == polars.String:
            series = series.str.replace_many({"|": "\\|", "\n": " "})
        parts += [" | " if parts else "| ", series.cast(polars.String).fill_null("")]
    return together([*parts, " |\n"])


_TOGETHER = 2**11  # rows put together at a time, as it takes several times their memory


def together(parts: list[polars.Series | str]) -> list[bytes]:
    """Return rows of text, each put together from its part of every column and from what is the same in all rows."""
    height = max(part.len() for part in parts if not isinstance(part, str))
    return [_some(parts, start) for start in range(0, height, _TOGETHER)]


def _some(parts: list[polars.Series | str], start: int) -> bytes:
    some = [part if isinstance(part, str) else part.slice(start, _TOGETHER) for part in parts]
    written: str = polars.select(polars.concat_str(list(map(polars.lit, some))).str.join("")).item()
    return written.encode()


def _decimal(answer: Answer) -> str:
    return answer.table.rows.layout.decimal if answer.table.rows else "."


def _written(columns: list[polars.Series], **options: Any) -> list[bytes]:
    out = _Parts()
    file: Any = out
    frame = polars.DataFrame([column.alias(f"{i}") for i, column in enumerate(columns)])
    frame.write_csv(file, include_header=False, **options)
    return out


class _Parts(list[bytes]):
    """A file for polars to write to, which keeps what it is given without copying it as BytesIO would."""

    def write(self, data: bytes) -> int:
        """Keep the next piece."""
        self.append(data)
        return len(data)


def _series(column: Column, decimal: str) -> polars.Series:
    """Return a column's numbers as polars writes them, or as text where it would write something else."""
    if column.values.dtype.itemsize < 4 or column.unread:
        return polars.Series([number or None for number in texts(column, decimal)], dtype=polars.String)
    series = polars.Series(column.values)
    if decimal != "." or np.isnan(column.values).any():
        missing = polars.Series(
            column.missing if column.missing is not None else [False] * series.len(), dtype=polars.Boolean
        )
        plain = series.cast(polars.String).str.replace(".", decimal, literal=True)
        series = plain.zip_with(~series.is_nan(), polars.Series(["nan"])).zip_with(~missing, polars.Series([None]))
    return series


def _quoted(cells: polars.Series, separator: str) -> polars.Series:
    """Return cells, between quotes where they need them."""
    special = cells.str.contains_any([separator, '"', "\n", "\r"]).fill_null(False).arg_true()
    return cells.scatter(special, [quoted(cells[row], separator) for row in special]) if special.len() else cells
