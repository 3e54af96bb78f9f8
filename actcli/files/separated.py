"""Separated values: tables of text with a comma, a tab or another character between the cells."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import polars

from actcli.errors import ActcliError
from actcli.files import columns
from actcli.files.cutting import Block, Cutter
from actcli.files.reading import Again, Reading
from actcli.files.table import Rows, Table


class Reader:
    """A table of separated values that arrives in chunks of bytes, as blocks of whole rows.

    Without patterns, a column is one of numbers if its first cell that is not empty is a number, within the first
    1000 rows.

    Args:
        arriving: the bytes.
        name: how messages call the data.
        reading: what the user said about it.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used; the message names row and column. Rows
            count from 1, the header among them.

    """

    def __init__(self, arriving: Iterable[bytes], name: str, reading: Reading) -> None:
        self._arriving = arriving
        self._name, self._reading, self._separator = name, reading, reading.separator
        self._cutter = Cutter(name, self._separator)
        self._blocks = self._cutter.blocks(arriving)
        first = next(self._blocks, None)
        if first is None:
            raise ActcliError(f"{name} is empty")
        row = self._cutter.first(first)
        cells = [cell.strip() for cell in self._cutter.texts(row)]
        self._advice = _other_separator(cells, self._separator)
        filled = [cell for cell in cells if not reading.is_empty(cell)]
        numeric = filled and all(map(reading.is_number, filled))
        self.has_header = not numeric if reading.header is None else reading.header
        self._headings = cells if self.has_header else _default_names(len(cells))
        self._line_end = "\r\n" if row.endswith(b"\r\n") else "\n"
        if self.has_header:
            rest = first.data[len(row) :]
            first = Block(rest, first.first_row + 1, first.height - 1, b'"' in rest)
        self._ahead = [first]
        try:
            self._positions = columns.chosen(self._headings, reading.columns, name, self._numeric)
        except ActcliError as error:
            raise ActcliError(f"{error}{self._advice}") from None

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return what parses each block; the calls may be made on several threads.

        If the bytes can be iterated over again, so can these.
        """
        if isinstance(self._arriving, Iterator):
            return self._tables()
        return Again(self._tables(), lambda: Reader(self._arriving, self._name, self._reading)._tables())

    def _tables(self) -> Iterator[Callable[[], Table]]:
        empty = True
        while block := self._ahead.pop(0) if self._ahead else next(self._blocks, None):
            if block.height:
                empty = False
                yield lambda block=block: self._table(block)  # type: ignore[misc]
        if empty:
            raise ActcliError(f"{self._name} has a header but no rows")

    def _numeric(self) -> list[int]:
        """Return the positions of the columns of numbers, reading ahead until each has shown what it is."""
        kinds: dict[int, bool] = {}
        rows, width = 0, len(self._headings)
        for block in columns.looked_ahead(self._ahead, self._blocks):
            if not block.height:
                continue
            sample = self._cells(block, range(width)).head(columns.SAMPLE - rows)
            for position in set(range(width)) - kinds.keys():
                cells = (cell.strip() for cell in sample.to_series(position).drop_nulls())
                filled = next((cell for cell in cells if not self._reading.is_empty(cell)), None)
                if filled is not None:
                    kinds[position] = self._reading.is_number(filled)
            rows += sample.height
            if len(kinds) == width or rows == columns.SAMPLE:
                break
        if not (numeric := [position for position in range(width) if kinds.get(position)]) and rows:
            raise ActcliError(f"{self._name} has no column of numbers; its columns: {columns.listed(self._headings)}")
        return numeric

    def _table(self, block: Block) -> Table:
        lines = self._lines(block)
        cells = lines.to_frame() if self._plain(block) else self._cells(block, self._positions)
        place = (self._name, block.first_row)
        converted = [
            columns.numbers(cells.to_series(i), self._headings[position], position, place, self._reading)
            for i, position in enumerate(self._positions)
        ]
        everything = range(len(self._headings))
        rows = Rows(lines, self._separator, self._line_end, lambda: self._written(block), self._reading.decimal)
        return Table(converted, self._headings, lambda: self._cells(block, everything), rows)

    def _plain(self, block: Block) -> bool:
        """Tell whether the rows of a block are cells as they stand."""
        return len(self._headings) == 1 and not block.quoted and self._separator.encode() not in block.data

    def _lines(self, block: Block) -> polars.Series:
        """Return the rows of a block as they were written, without their line ends."""
        if block.quoted:
            try:
                rows = [row.rstrip(b"\r\n").decode() for row in self._cutter.rows(block)]
            except UnicodeDecodeError:
                raise ActcliError(f"{self._name} is not text in UTF-8") from None
            return polars.Series("rows", rows, polars.String)
        return _lines(block.data, self._name)

    def _cells(self, block: Block, positions: Sequence[int]) -> polars.DataFrame:
        """Return the cells of some columns as text; raise ActcliError unless every row has as many as the first."""
        # If the whole has as many separators as it should, one row too long gives away that another is too short.
        if block.quoted or block.count(self._separator) != block.height * (len(self._headings) - 1):
            self._check_widths(block)
        names = [f"{position}" for position in range(len(self._headings))]
        schema = dict.fromkeys(names, polars.String)
        try:
            frame = _frame(block.data, self._name, separator=self._separator, schema=schema, columns=list(positions))
        except (polars.exceptions.ComputeError, polars.exceptions.SchemaError):
            frame = None
        if frame is None or frame.height != block.height:
            self._check_widths(block)  # else it is a quote inside a cell, which stands for itself
            rows = [[cell or None for cell in self._cutter.texts(row)] for row in self._cutter.rows(block)]
            frame = polars.DataFrame(rows, schema, orient="row").select([names[position] for position in positions])
        return frame

    def _written(self, block: Block) -> polars.DataFrame:
        """Return all cells with their quotes."""
        width = len(self._headings)
        if not block.quoted:
            return (self._lines(block).to_frame() if width == 1 else self._cells(block, range(width))).fill_null("")
        lines = (row.rstrip(b"\r\n") for row in self._cutter.rows(block))
        cells = [[cell.decode() for cell in self._cutter.cells(line)] for line in lines]
        return polars.DataFrame(cells, [f"{i}" for i in range(width)], orient="row")

    def _check_widths(self, block: Block) -> None:
        if len(self._headings) == 1 and self._separator.encode() not in block.data:
            return
        lines = _lines(self._cutter.bare(block), self._name)
        widths = lines.str.count_matches(self._separator, literal=True) + 1
        expected = len(self._headings)
        wrong = (widths != expected).arg_true()
        if wrong.len():
            row, width = wrong[0], widths[wrong[0]]
            count = f"{width} cell{'s' * (width != 1)}" if lines[row] else "no cells"
            raise ActcliError(
                f"{self._name}: row {block.first_row + row} has {count}, row 1 has {expected}{self._advice}"
            )


def _frame(data: bytes, name: str, **options: Any) -> polars.DataFrame:
    """Return cells as text, empty ones as null."""
    if data.startswith(_COMPRESSED):
        data = b"\xef\xbb\xbf" + data
    with _decoding(name):
        return polars.read_csv(data, has_header=False, infer_schema=False, **options)


def _lines(data: bytes, name: str) -> polars.Series:
    """Return lines as text, without their ends."""
    compressed = data.startswith(_COMPRESSED)
    with _decoding(name):
        return polars.read_lines(b"\n" + data if compressed else data).to_series().slice(compressed)


_COMPRESSED = (b"x", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # text that begins so, polars would take for compressed data


@contextlib.contextmanager
def _decoding(name: str) -> Iterator[None]:
    try:
        yield
    except polars.exceptions.ComputeError as error:
        if "utf-8" in str(error) or "utf8" in str(error):
            raise ActcliError(f"{name} is not text in UTF-8") from None
        raise


def _other_separator(cells: list[str], separator: str) -> str:
    """Return the advice to name the separator, if the only cell of a row looks like several with another one."""
    for other, (shown, given) in {";": ("';'",) * 2, "\t": ("a tab", "tab"), "|": ("'|'",) * 2}.items():
        if len(cells) == 1 and other != separator and other in cells[0]:
            return f"; if {shown} stands between its cells, give --delimiter {given}"
    return ""


def _default_names(count: int) -> list[str]:
    return ["x"] if count == 1 else [f"x{i}" for i in range(1, count + 1)]
