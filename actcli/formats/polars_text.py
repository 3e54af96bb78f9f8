"""Columns as text, and rows of text put together, by polars."""

from typing import IO, Any, cast

import numpy as np
import polars

from actcli.data.batch import Column, Table, TextRows, layout_of
from actcli.data.evaluated import EvaluatedRows
from actcli.formats.json_text import NUMBER
from actcli.formats.number_text import is_text, shortest_texts

_SURELY_FINITE = 300  # characters of a number without exponent
_JOINED_ROWS = 2**11  # put together at a time, as it takes several times their memory


def as_text(cells: polars.Series) -> polars.Series:
    """Return cells of any type as text: dates and times in ISO 8601, lists and structures as JSON."""
    kind = cells.dtype
    if kind == polars.String:
        return cells
    if kind.is_nested():
        packed = cells.alias("").to_frame().select(polars.struct("").struct.json_encode()).to_series()
        text = packed.str.slice(4).str.head(-1)
        return text.zip_with(cells.is_not_null(), polars.Series([None], dtype=polars.String))
    if isinstance(kind, polars.Datetime):
        return cells.dt.to_string("iso:strict")
    if kind in (polars.Duration, polars.Time):  # as text, polars cuts a time to whole seconds
        return cells.dt.to_string("iso")
    if kind == polars.Binary:
        return cells.bin.encode("hex")
    return cells.cast(polars.String)


def decimal_sign(table: Table) -> str:
    """Return the decimal sign of the table, and so of the results."""
    layout = layout_of(table)
    return layout.decimal if layout else "."


def number_series(column: Column, decimal: str) -> polars.Series:
    """Return a column's numbers as polars writes them, or as text where it would write something else."""
    if is_text(column):
        return polars.Series([number or None for number in shortest_texts(column, decimal)], dtype=polars.String)
    series = polars.Series(column.values)
    if decimal != "." or np.isnan(column.values).any():
        missing = polars.Series(
            column.missing if column.missing is not None else [False] * series.len(), dtype=polars.Boolean
        )
        plain = series.cast(polars.String).str.replace(".", decimal, literal=True)
        series = plain.zip_with(~series.is_nan(), polars.Series(["nan"])).zip_with(~missing, polars.Series([None]))
    return series


def separated_rows(columns: list[polars.Series], **options: Any) -> list[bytes]:
    """Return rows of cells with a separator between them, in pieces; the options are those of polars."""
    pieces = _Pieces()
    frame = polars.DataFrame([column.alias(f"{i}") for i, column in enumerate(columns)])
    frame.write_csv(cast(IO[bytes], pieces), include_header=False, **options)
    return pieces


class _Pieces(list[bytes]):
    """A file for polars to write to, which keeps each piece without copying it as BytesIO would."""

    def write(self, data: bytes) -> int:
        """Keep the next piece."""
        self.append(data)
        return len(data)


def joined_rows(parts: list[polars.Series | str]) -> list[bytes]:
    """Return rows of text, each put together from its part of every column and from what is the same in all rows."""
    height = max(part.len() for part in parts if not isinstance(part, str))
    return [_join(parts, start) for start in range(0, height, _JOINED_ROWS)]


def _join(parts: list[polars.Series | str], start: int) -> bytes:
    some = [part if isinstance(part, str) else part.slice(start, _JOINED_ROWS) for part in parts]
    text: str = polars.select(polars.concat_str(list(map(polars.lit, some))).str.join("")).item()
    return text.encode()


def are_json_numbers(cells: polars.Series) -> polars.Series:
    """Tell which cells of text are numbers of JSON that a reader takes for finite ones."""
    numbers = cells.str.contains(f"^{NUMBER}$")
    if (cells.str.contains("[eE]") | (cells.str.len_bytes() > _SURELY_FINITE)).any():
        numbers &= cells.cast(polars.Float64, strict=False).is_finite().fill_null(False)
    return numbers


def plain_rows(evaluated: EvaluatedRows, table: Table) -> list[bytes]:
    """Return nothing but the results, several in a row with tabs between them."""
    decimal = decimal_sign(table)
    columns = [number_series(column, decimal) for column in evaluated.all_results]
    return separated_rows(columns, separator="\t", quote_style="never")


def output_columns(evaluated: EvaluatedRows, table: Table) -> list[polars.Series]:
    """Return the columns to write: the cells of the input as text, the results as numbers or text."""
    decimal, cells = decimal_sign(table), Cells(table)
    return evaluated.rendered(lambda position: as_text(cells[position]), lambda column: number_series(column, decimal))


def markdown_rows(evaluated: EvaluatedRows, table: Table) -> list[bytes]:
    """Return the rows of a table in Markdown."""
    parts: list[polars.Series | str] = []
    for series in output_columns(evaluated, table):
        shown = series.str.replace_many({"|": "\\|", "\n": " "}) if series.dtype == polars.String else series
        parts += [" | " if parts else "| ", shown.cast(polars.String).fill_null("")]
    return joined_rows([*parts, " |\n"])


class Cells:
    """The cells of a table by column, made when the first one is needed."""

    def __init__(self, source: Table | TextRows) -> None:
        self._source = source
        self._columns: list[polars.Series] | None = None

    def __getitem__(self, position: int) -> polars.Series:
        if self._columns is None:
            self._columns = self._source.cells().get_columns()
        return self._columns[position]
