"""Separated values: tables of text with a comma, a tab or another character between the cells."""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import polars

from actcli.data.batch import Layout, Table, TextRows
from actcli.data.read_options import ReadOptions, Replayable
from actcli.data.selection import SAMPLE_ROWS, list_names, peek, select_columns
from actcli.data.text_numbers import parse_text_column
from actcli.errors import ActcliError
from actcli.formats.csv import cell_text
from actcli.formats.csv.quoting import unquote
from actcli.formats.csv.row_splitter import Block, RowSplitter
from actcli.formats.file_format import ByteSource, Reader
from actcli.formats.polars_text import are_json_numbers
from actcli.formats.recognition import Utf8Chunks


class CsvReader(Reader):
    """A table of separated values that arrives in chunks of bytes, as blocks of whole rows.

    Without selectors, a column is numeric if its first non-empty cell is a number, within the first 1000 rows; in a
    table without rows, every column is numeric.

    Args:
        source: the bytes and their name.
        options: how they are read.
        chunks: the bytes, where they were opened already.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used; the message names row and column. Rows
            count from 1, the header among them.

    """

    def __init__(self, source: ByteSource, options: ReadOptions, chunks: Iterable[bytes] | None = None) -> None:
        self._source, self._name = source, source.name
        self._chunks = source.chunks() if chunks is None else chunks
        self._options, self._separator = options, options.separator
        self._splitter = RowSplitter(self._name, self._separator)
        text = Utf8Chunks(self._chunks, self._name)
        self._blocks = self._splitter.blocks(text)
        first = next(self._blocks, None)
        if first is None:
            raise ActcliError(f"{self._name} is empty")
        first = self._one_line_of_numbers(first) or first
        cell_text.check_text(first, self._splitter, self._name)
        row, rest = self._splitter.split_first(first)
        raw_cells = [cell.decode() for cell in self._splitter.raw_cells(row)]
        cells = [unquote(cell.encode()).decode().strip() for cell in raw_cells]
        filled = [cell for cell in cells if not options.is_empty(cell)]
        numeric = filled and all(map(options.is_number, filled))
        self.has_header = not numeric if options.header is None else options.header
        self._column_names = cells if self.has_header else _default_names(len(cells))
        self._layout = Layout(
            self._separator,
            row[len(row.rstrip(b"\r\n")) :].decode(),
            options.decimal,
            tuple(raw_cells) if self.has_header else (),
            text.has_byte_order_mark,
        )
        self._ahead = [rest if self.has_header else first]
        self._advice = _other_separator(cells, self._separator)
        with self._advising():
            self._positions = select_columns(
                self._column_names, options.columns, self._name, self._numeric, options.masks
            )
        if options.column_kinds:
            self._layout = self._layout._replace(text_columns=self._text_columns())

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return what parses each block, as every reader does."""
        if isinstance(self._chunks, Iterator):
            return self._tables()
        return Replayable(self._tables(), lambda: CsvReader(self._source, self._options, self._chunks)._tables())

    def _tables(self) -> Iterator[Callable[[], Table]]:
        empty = self._ahead[0]
        any_rows = False
        while block := self._ahead.pop(0) if self._ahead else next(self._blocks, None):
            if block.height:
                any_rows = True
                yield lambda block=block: self._table(block)  # type: ignore[misc]
        blank_end = self._splitter.blank_end.decode()
        if blank_end or not any_rows:
            yield lambda: self._table(empty._replace(data=b"", height=0, cell_ends=None), blank_end)

    def _one_line_of_numbers(self, block: Block) -> Block | None:
        """Return the numbers of a line that is all there is, with blanks between them, as rows of one column."""
        if block.height > 1 or self._separator != "," or self._options.header:
            return None
        words = block.data.split()
        if len(words) < 2:
            return None
        if not block.data.isascii() or not all(self._options.is_number(word.decode()) for word in words):
            return None
        if (following := next(self._blocks, None)) is not None:
            self._blocks = itertools.chain([following], self._blocks)
            return None
        return Block(b"".join(word + b"\n" for word in words), block.first_row, len(words))

    def _numeric(self) -> list[int]:
        """Return the positions of the columns of numbers, reading ahead until each has shown what it is."""
        kinds: dict[int, bool] = {}
        width = len(self._column_names)
        rows = 0
        for sample in self._samples():
            for position in set(range(width)) - kinds.keys():
                cells = (cell.strip() for cell in sample[position].drop_nulls())
                filled = next((cell for cell in cells if not self._options.is_empty(cell)), None)
                if filled is not None:
                    kinds[position] = self._options.is_number(filled)
            rows += len(sample[0])
            if len(kinds) == width:
                break
        if not rows:
            return list(range(width))
        if not (numeric := [position for position in range(width) if kinds.get(position)]):
            raise ActcliError(f"{self._name} has no numeric column (columns: {list_names(self._column_names)})")
        return numeric

    def _text_columns(self) -> frozenset[int]:
        """Return the columns, of those not converted, with a cell in the first rows that is not a number of JSON."""
        unknown, textual = set(range(len(self._column_names))) - set(self._positions), set()
        for sample in self._samples() if unknown else ():
            for position in sorted(unknown):
                if not are_json_numbers(sample[position].drop_nulls()).all():
                    textual.add(position)
            unknown -= textual
            if not unknown:
                break
        return frozenset(textual)

    def _samples(self) -> Iterator[list[polars.Series]]:
        """Yield the cells of all columns of the first rows, block by block, which are kept."""
        rows = 0
        for block in peek(self._ahead, self._blocks):
            if block.height:
                cell_text.check_text(block, self._splitter, self._name)
                some = self._splitter.first_rows(block, SAMPLE_ROWS - rows)
                yield self._cells(some, range(len(self._column_names)))
                rows += block.height
            if rows >= SAMPLE_ROWS:
                return

    def _table(self, block: Block, blank_end: str = "") -> Table:
        lines, line_endings = cell_text.row_texts(block, self._splitter, self._name)
        place = (self._name, range(block.first_row, block.first_row + block.height))
        with self._advising():
            cells = [lines] if self._is_bare(block) else self._cells(block, self._positions)
            converted = [
                parse_text_column(series, self._column_names[position], position, place, self._options)
                for series, position in zip(cells, self._positions, strict=True)
            ]
        everything = range(len(self._column_names))
        raw_cells = lambda: _frame(self._cells(block, everything, raw=True))  # noqa: E731
        rows = TextRows(lines, line_endings, raw_cells, self._layout, blank_end)
        return Table(converted, self._column_names, lambda: _frame(self._cells(block, everything)), rows)

    def _is_bare(self, block: Block) -> bool:
        """Tell whether the rows of a block are cells as they stand."""
        return len(self._column_names) == 1 and block.cell_ends is None and self._separator.encode() not in block.data

    def _cells(self, block: Block, positions: Sequence[int], *, raw: bool = False) -> list[polars.Series]:
        if self._is_bare(block):
            return [cell_text.row_texts(block, self._splitter, self._name)[0]]
        return cell_text.cells(self._splitter.grid(block, len(self._column_names)), positions, raw=raw)

    @contextlib.contextmanager
    def _advising(self) -> Iterator[None]:
        """Add to errors what to do if another character separates the cells."""
        try:
            yield
        except ActcliError as error:
            raise ActcliError(f"{error}{self._advice}") from None


def _frame(cells: list[polars.Series]) -> polars.DataFrame:
    return polars.DataFrame([series.alias(f"{i}") for i, series in enumerate(cells)])


_SEPARATORS = {";": ("';'",) * 2, "\t": ("a tab", "tab"), "|": ("'|'",) * 2, " ": ("a space", "space")}


def _other_separator(cells: list[str], separator: str) -> str:
    """Return the advice to name the separator, if the only cell of a row looks like several with another one."""
    for other, (description, option_value) in _SEPARATORS.items():
        if len(cells) == 1 and other != separator and other in cells[0]:
            return f"; if {description} separates its cells, give --delimiter {option_value}"
    return ""


def _default_names(count: int) -> list[str]:
    return ["x"] if count == 1 else [f"x{i}" for i in range(1, count + 1)]
