"""Separated values: tables of text with a comma, a tab or another character between the cells."""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import polars

from actcli.errors import ActcliError
from actcli.files import columns
from actcli.files.table import Answer, Column, Rows, Table

_SAMPLE = 1000  # rows in which a column has to show a number to be taken for one of numbers


class _Block(NamedTuple):
    """Whole rows, and the number of the first of them in the data, from 1."""

    data: bytes
    first_row: int
    height: int


class Reader:
    """A table of separated values that arrives in chunks of bytes, as blocks of whole rows.

    The first row is a header unless all its cells are numbers. Without patterns, a column is one of numbers if its
    first cell that is not empty is a number, within the first 1000 rows.

    Args:
        arriving: the bytes.
        name: how messages call the data.
        separator: the character between the cells.
        patterns: which columns to convert, as ``columns.chosen`` takes them; none: all columns of numbers.
        dtype: name of the float format of the numbers.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used; the message names row and column. Rows
            count from 1, the header among them.

    """

    def __init__(
        self, arriving: Iterator[bytes], name: str, separator: str, patterns: Sequence[str], dtype: str
    ) -> None:
        self._name, self._separator, self._dtype = name, separator, dtype
        self._rows, self._row, self._cell, self._quoted = _patterns(separator)
        self._several: bool | None = None
        self._blocks = self._whole_rows(arriving)
        first = next(self._blocks, None)
        if first is None:
            raise ActcliError(f"{name} is empty")
        cells = [cell.strip() for cell in next(self._parsed(first.data))]
        filled = [cell for cell in cells if cell]
        header = not filled or not all(columns.is_number(cell) for cell in filled)
        self._headings = cells if header else _default_names(len(cells))
        self._line_end = "\r\n" if first.data.partition(b"\n")[0].endswith(b"\r") else "\n"
        self._ahead = [self._without_header(first) if header else first]
        self._positions = columns.chosen(self._headings, patterns, name, self._numeric)

    def batches(self) -> Iterator[Callable[[], Table]]:
        """Yield what parses each block; the calls may be made on several threads."""
        empty = True
        while block := self._ahead.pop(0) if self._ahead else next(self._blocks, None):
            if block.height:
                empty = False
                yield lambda block=block: self._table(block)  # type: ignore[misc]
        if empty:
            raise ActcliError(f"{self._name} has a header but no rows")

    def _whole_rows(self, arriving: Iterator[bytes]) -> Iterator[_Block]:
        """Cut the chunks behind their last whole row; a row longer than a chunk is waited for."""
        rest, row, mark = b"", 1, b"\xef\xbb\xbf"
        parts = []
        for data in arriving:
            parts.append(data)
            if b"\n" not in data:  # put together only once the row ends, however long it is
                continue
            rest = b"".join([rest, *parts])
            parts.clear()
            rest = rest.removeprefix(mark) if row == 1 else rest
            end = self._end(rest)
            if rest[:end].strip():
                block = self._block(rest[:end], row)
                rest, row = rest[end:], row + block.height
                yield block
        rest = b"".join([rest, *parts])
        rest = rest.removeprefix(mark) if row == 1 else rest
        if self._several and not rest.strip(b"\r\n"):
            return
        if rest.strip() or (rest and row > 1):
            yield self._block(rest if rest.endswith(b"\n") else rest + b"\n", row)

    def _end(self, data: bytes) -> int:
        """Return where the last whole row ends; in a table of several columns, before blank lines."""
        end = data.rfind(b"\n") + 1
        if b'"' in data:
            rows = self._rows.match(data)
            end = rows.end() if rows else 0
        if self._several is None and end:
            self._several = self._separator.encode() in data.partition(b"\n")[0]
        if self._several:  # blank lines at the end of the data are no rows there, and elsewhere a mistake
            while data.endswith((b"\n\n", b"\n\r\n"), 0, end):
                end -= 2 if data.endswith(b"\r\n", 0, end) else 1
        return end

    def _block(self, data: bytes, first_row: int) -> _Block:
        if b"\0" in data:
            raise ActcliError(f"{self._name} is not text in UTF-8")
        if b'"' not in data:
            return _Block(data, first_row, data.count(b"\n"))
        whole = self._rows.match(data)
        end = whole.end() if whole else 0
        height = sum(1 for _ in self._row.finditer(data, 0, end))
        if end != len(data):
            row = first_row + height
            raise ActcliError(f"{self._name} is not a table of separated values: a quote in row {row} is never closed")
        return _Block(data, first_row, height)

    def _without_header(self, block: _Block) -> _Block:
        header = self._row.match(block.data)
        assert header is not None
        return _Block(block.data[header.end() :], block.first_row + 1, block.height - 1)

    def _numeric(self) -> list[int]:
        """Return the positions of the columns of numbers, reading ahead until each has shown what it is."""
        kinds: dict[int, bool] = {}
        rows, width = 0, len(self._headings)
        for i in range(_SAMPLE):
            if i == len(self._ahead):
                block = next(self._blocks, None)
                if block is None:
                    break
                self._ahead.append(block)
            if not self._ahead[i].height:
                continue
            sample = self._cells(self._ahead[i], range(width)).head(_SAMPLE - rows)
            for position in range(width):
                filled = sample.to_series(position).drop_nulls()
                filled = filled.filter(filled.str.strip_chars() != "")
                if filled.len():
                    kinds.setdefault(position, columns.is_number(filled[0]))
            rows += sample.height
            if len(kinds) == width or rows == _SAMPLE:
                break
        if not (numeric := [position for position in range(width) if kinds.get(position)]) and rows:
            raise ActcliError(f"{self._name} has no column of numbers; its columns: {columns.listed(self._headings)}")
        return numeric

    def _table(self, block: _Block) -> Table:
        lines = self._lines(block)
        cells = lines.to_frame() if self._plain(block) else self._cells(block, self._positions)
        place = (self._name, block.first_row)
        converted = [
            columns.numbers(cells.to_series(i), self._headings[position], position, place, self._dtype)
            for i, position in enumerate(self._positions)
        ]
        everything = range(len(self._headings))
        rows = Rows(lines, self._separator, self._line_end, lambda: self._written(block))
        return Table(converted, self._headings, lambda: self._cells(block, everything), rows)

    def _plain(self, block: _Block) -> bool:
        """Tell whether the rows of a block are cells as they stand."""
        return len(self._headings) == 1 and b'"' not in block.data

    def _lines(self, block: _Block) -> polars.Series:
        """Return the rows of a block as they were written, without their line ends."""
        if b'"' in block.data:
            rows = [row.group().rstrip(b"\r\n").decode() for row in self._row.finditer(block.data)]
            return polars.Series("rows", rows, polars.String)
        return _frame(block.data, self._name, separator="\0", quote_char=None).to_series().fill_null("")

    def _cells(self, block: _Block, positions: Sequence[int]) -> polars.DataFrame:
        """Return the cells of some columns as text; raise ActcliError unless every row has as many as the first."""
        if len(self._headings) > 1:
            self._check_widths(block)
        names = [f"{position}" for position in range(len(self._headings))]
        schema = dict.fromkeys(names, polars.String)
        chosen = [names[position] for position in positions]
        try:
            frame = _frame(block.data, self._name, separator=self._separator, schema=schema).select(chosen)
        except polars.exceptions.ComputeError:
            frame = None
        if frame is None or frame.height != block.height:  # a quote inside a cell: the csv module takes it as it is
            rows = [[cell or None for cell in row] or [None] for row in self._parsed(block.data)]
            frame = polars.DataFrame(rows, schema, orient="row").select(chosen)
        return frame

    def _written(self, block: _Block) -> polars.DataFrame:
        """Return all cells with their quotes."""
        width = len(self._headings)
        if b'"' not in block.data:
            return (self._lines(block).to_frame() if width == 1 else self._cells(block, range(width))).fill_null("")
        lines = (row.group().rstrip(b"\r\n") for row in self._row.finditer(block.data))
        cells = [[cell.decode() for cell in self._cell.findall(line)] for line in lines]
        return polars.DataFrame(cells, [f"{i}" for i in range(width)], orient="row")

    def _check_widths(self, block: _Block) -> None:
        bare = self._quoted.sub(b"", block.data) if b'"' in block.data else block.data
        lines = _frame(bare, self._name, separator="\0", quote_char=None).to_series().fill_null("")
        widths = lines.str.count_matches(self._separator, literal=True) + 1
        expected = len(self._headings)
        wrong = (widths != expected).arg_true()
        if wrong.len():
            row, width = wrong[0], widths[wrong[0]]
            count = f"{width} cell{'s' * (width != 1)}" if lines[row] else "no cells"
            raise ActcliError(f"{self._name}: row {block.first_row + row} has {count}, row 1 has {expected}")

    def _parsed(self, data: bytes) -> Iterator[list[str]]:
        csv.field_size_limit(sys.maxsize)
        try:
            return csv.reader(io.StringIO(data.decode(), newline=""), delimiter=self._separator)
        except UnicodeDecodeError:
            raise ActcliError(f"{self._name} is not text in UTF-8") from None


def _patterns(separator: str) -> tuple[re.Pattern[bytes], ...]:
    """Return patterns for rows, a row, a cell in a row, and a quoted part of a cell."""
    between = re.escape(separator.encode())
    quoted = rb'"[^"]*+(?:""[^"]*+)*+"'
    plain = rb"[^" + between + rb"\n]*+"
    cell = rb"(?:" + quoted + plain + rb'|(?!")' + plain + rb")"
    row = cell + rb"(?:" + between + cell + rb")*+\n"
    start = rb"(?<![^" + between + rb"\n])"
    following = rb"(?:\A|" + between + rb")(" + cell + rb")"
    return tuple(map(re.compile, (rb"(?:" + row + rb")*+", row, following, start + quoted)))


def _frame(data: bytes, name: str, **options: Any) -> polars.DataFrame:
    """Return cells as text, empty ones as null."""
    try:
        return polars.read_csv(data, has_header=False, infer_schema=False, **options)
    except polars.exceptions.ComputeError as error:
        if "utf-8" in str(error):
            raise ActcliError(f"{name} is not text in UTF-8") from None
        raise


def _default_names(count: int) -> list[str]:
    return ["x"] if count == 1 else [f"x{i}" for i in range(1, count + 1)]


def rows(answer: Answer, separator: str) -> bytes:
    """Return the rows of an answer as text: what was read, untouched, and the results."""
    table, line_end = answer.table, answer.table.rows.line_end if answer.table.rows else "\n"
    untouched = table.rows is not None and table.rows.separator == separator
    columns: list[polars.Series] = []
    if table.rows is not None and untouched and answer.job.placement == "beside":
        columns = [table.rows.lines, *map(_series, answer.results + answer.derivatives)]
    else:
        read = any(isinstance(column, int) for column in answer.columns)
        source = table.rows.cells if table.rows is not None and untouched else table.cells
        cells = source().get_columns() if read else []
        columns = [cells[column] if isinstance(column, int) else _series(column) for column in answer.columns]
    out = io.BytesIO()
    polars.DataFrame([column.alias(f"{i}") for i, column in enumerate(columns)]).write_csv(
        out,
        include_header=False,
        separator=separator,
        line_terminator=line_end,
        quote_style="never" if untouched else "necessary",
    )
    return out.getvalue()


def _series(column: Column) -> polars.Series:
    """Return a column's numbers as polars writes them, or as text where it would write something else."""
    from actcli.files.writers import texts

    if column.values.dtype.itemsize < 4:
        return polars.Series([number or None for number in texts(column)], dtype=polars.String)
    series = polars.Series(column.values)
    if series.is_nan().any():
        missing = polars.Series(column.missing if column.missing is not None else [False] * series.len())
        plain = series.cast(polars.String)
        series = plain.zip_with(~series.is_nan(), polars.Series(["nan"])).zip_with(~missing, polars.Series([None]))
    return series
