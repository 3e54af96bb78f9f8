"""Where the rows and cells of separated values are: decided here alone, byte by byte, quotes and line ends included.

A cell that begins with a quote ends behind its closing quote, and whatever follows up to the delimiter belongs to it;
a quote inside a cell that does not begin with one is a character. A row ends with a line feed and the carriage returns
before it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.errors import ActcliError
from actcli.formats.csv.quoting import QUOTED

_Positions: TypeAlias = NDArray[np.intp]
_LF, _CR, _QUOTE = b'\n\r"'
_CACHED_BYTES = 2**18  # whose comparison stays in the processor's cache
_LONG_ROW_BYTES = 2**24  # from which on the end of a row is looked for only when its bytes have doubled


class Block(NamedTuple):
    """Whole rows: their bytes, the number of the first of them in the data, from 1, and how many they are."""

    data: bytes
    first_row: int
    height: int
    cell_ends: _Positions | None = None
    """Where the cells end, if quotes stand among them; otherwise every delimiter and line feed ends one."""


class Grid(NamedTuple):
    """Where each cell of a block begins and ends, (rows, columns); an end is that of the text, without line end."""

    data: bytes
    starts: _Positions
    ends: _Positions


class RowSplitter:
    """Splits chunks of bytes into blocks of whole rows; a row longer than a chunk is waited for.

    Args:
        name: how messages call the data.
        delimiter: the character between the cells.

    """

    def __init__(self, name: str, delimiter: str) -> None:
        self._name, self._delimiter = name, delimiter.encode()
        self._cell = _cell_pattern(self._delimiter)
        self._several_columns: bool | None = None
        self._line_end = b"\n"
        self.blank_end = b""
        """The blank lines behind the last row of a table of several columns, known after the last block."""

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[Block]:
        """Yield the blocks; raise ActcliError for a quote that is never closed, and for what is not text."""
        rest, row, wanted = b"", 1, 0
        parts: list[bytes | memoryview] = []
        for data in chunks:
            line = data.rfind(b"\n") + 1
            parts.append(data)
            if not line and row == 1 and b'"' not in data:
                self._check_line_ends(data)  # at once, as otherwise the end of the first row would be waited for
            # Joined and searched only once the row may end, so that a long one takes time in proportion.
            if not line or sum(map(len, parts)) < wanted:
                continue
            parts[-1] = memoryview(data)[:line]  # copied once, when it is joined
            whole = b"".join([rest, *parts])
            parts.clear()
            if block := self._whole_rows(whole, row):
                row += block.height
                whole = whole[len(block.data) :]
                yield block
                del block
            rest = whole + data[line:]
            wanted = len(rest) if len(rest) > _LONG_ROW_BYTES else 0
        rest = b"".join([rest, *parts])
        if self._several_columns and not rest.strip(b"\r\n"):
            self.blank_end = rest
        elif rest.strip() or (rest and row > 1):
            yield self._last_rows(rest if rest.endswith(b"\n") else rest + self._line_end, row)

    def split_first(self, block: Block) -> tuple[bytes, Block]:
        """Return the first row of a block, with its line end, and the other rows."""
        first = self.first_rows(block, 1)
        row, ends = first.data, self._ends(first)
        for start, end in zip(_starts(ends), ends, strict=True):
            self._check_line_ends(re.sub(rb"\A" + QUOTED, b"", row[start:end]))
        following = None if block.cell_ends is None else block.cell_ends[len(ends) :] - len(row)
        return row, Block(block.data[len(row) :], block.first_row + 1, block.height - 1, following)

    def first_rows(self, block: Block, count: int) -> Block:
        """Return so many rows from the beginning of a block, at least one, or all that there are."""
        if count >= block.height:
            return block
        if block.cell_ends is not None:
            line_feeds = np.flatnonzero(_bytes(block.data)[block.cell_ends] == _LF)
            cell_ends = block.cell_ends[: line_feeds[count - 1] + 1]
            return Block(block.data[: cell_ends[-1] + 1], block.first_row, count, cell_ends)
        end = 0
        for _ in range(count):
            end = block.data.index(b"\n", end) + 1
        return Block(block.data[:end], block.first_row, count)

    def raw_cells(self, row: bytes) -> list[bytes]:
        """Return the cells of a row as they stand, without its line end."""
        grid = self.grid(self._last_rows(row, 1))
        return [row[start:end] for start, end in zip(grid.starts[0], grid.ends[0], strict=True)]

    def grid(self, block: Block, width: int | None = None) -> Grid:
        """Return where the cells of a block are.

        Args:
            block: the rows.
            width: how many cells each row has to have; None: as many as the first.

        Raises:
            ActcliError: if a row has more or fewer.

        """
        ends = self._ends(block)
        line_feeds = _bytes(block.data)[ends] == _LF
        width = width or int(np.argmax(line_feeds)) + 1
        if len(ends) != block.height * width or not line_feeds[width - 1 :: width].all():
            self._fail_widths(block, ends[line_feeds], np.diff(np.flatnonzero(line_feeds), prepend=-1), width)
        starts, ends = _starts(ends).reshape(-1, width), ends.reshape(-1, width)
        if b"\r" in block.data:
            ends = ends.copy()
            ends[:, -1] = _text_ends(block.data, starts[:, -1], ends[:, -1])
        return Grid(block.data, starts, ends)

    def row_ends(self, block: Block) -> tuple[_Positions, _Positions]:
        """Return where the text of each row ends, and the line feed behind it."""
        ends = self._ends(block)
        line_feeds = ends[_bytes(block.data)[ends] == _LF]
        return _text_ends(block.data, _starts(line_feeds), line_feeds), line_feeds

    def row_at(self, block: Block, position: int) -> int:
        """Return the number of the row that holds the byte at a position of the block."""
        return block.first_row + int(np.searchsorted(self.row_ends(block)[1], position))

    def _ends(self, block: Block) -> _Positions:
        if block.cell_ends is not None:
            return block.cell_ends
        return _delimiters(block.data, self._delimiter)

    def _whole_rows(self, data: bytes, first_row: int) -> Block | None:
        """Return the rows that are whole, without blank lines that may be the end; None for nothing but blanks."""
        end, cell_ends = len(data), None
        if b'"' in data:
            cell_ends = self._ends_outside_quotes(data)
            line_feeds = cell_ends[_bytes(data)[cell_ends] == _LF]
            end = int(line_feeds[-1]) + 1 if len(line_feeds) else 0
        if self._several_columns is None and end:
            self._learn(data, cell_ends)
        if self._several_columns:  # blank lines at the end of the data are no rows there, and elsewhere a mistake
            while end and not data[(row := data.rfind(b"\n", 0, end - 1) + 1) : end].strip(b"\r\n"):
                end = row
        if not end or data[:end].isspace():
            return None
        if cell_ends is not None:
            cell_ends = cell_ends[: np.searchsorted(cell_ends, end)]
        return self._block(data[:end], first_row, cell_ends)

    def _learn(self, data: bytes, cell_ends: _Positions | None) -> None:
        """Learn from the first row whether there are several columns, and how lines end."""
        ends = _delimiters(data[: data.find(b"\n") + 1], self._delimiter) if cell_ends is None else cell_ends
        first = data[: ends[np.argmax(_bytes(data)[ends] == _LF)] + 1]
        self._several_columns = data[ends[0]] != _LF
        self._line_end = first[len(first.rstrip(b"\r\n")) :]

    def _last_rows(self, data: bytes, first_row: int) -> Block:
        """Return the rows of data that end with a line feed; raise ActcliError if they are not whole."""
        cell_ends = self._ends_outside_quotes(data) if b'"' in data else None
        block = self._block(data, first_row, cell_ends)
        if cell_ends is not None and (not len(cell_ends) or cell_ends[-1] != len(data) - 1):
            row = first_row + block.height
            raise ActcliError(f"{self._name} is not a table of separated values: a quote in row {row} is never closed")
        return block

    def _block(self, data: bytes, first_row: int, cell_ends: _Positions | None) -> Block:
        if cell_ends is None:
            block = Block(data, first_row, _count(data, _LF))
        else:
            block = Block(data, first_row, int(np.count_nonzero(_bytes(data)[cell_ends] == _LF)), cell_ends)
        if b"\0" in data:
            row = self.row_at(block, data.find(b"\0"))
            raise ActcliError(f"{self._name}: row {row} contains a NUL byte: the data is binary or damaged")
        return block

    def _check_line_ends(self, data: bytes) -> None:
        """Raise ActcliError if what stands in the first row, outside of quotes, goes on behind a carriage return."""
        if b"\r" in data.rstrip(b"\r"):
            raise ActcliError(
                f"{self._name} has bare carriage returns (CR) as line endings; expected LF or CRLF: "
                "convert it with tr '\\r' '\\n'"
            )

    def _ends_outside_quotes(self, data: bytes) -> _Positions:
        """Return where cells end, up to the first that is not whole; the data end with a line feed."""
        values, candidates = _bytes(data), _delimiters(data, self._delimiter)
        quotes = np.flatnonzero(values == _QUOTE)
        # Where every other quote, from the first, begins a cell or follows the quote before it, quotes come in pairs
        # around cells, and what has an odd number of them before it stands inside.
        opening, closing = quotes[::2], quotes[1::2]
        before = values[opening - 1]
        paired = (before == self._delimiter[0]) | (before == _LF)
        paired[1:] |= opening[1:] == closing[: len(opening) - 1] + 1
        if paired.all():
            outside: _Positions = candidates[np.searchsorted(quotes, candidates) % 2 == 0]
            return outside
        return np.fromiter(self._cell_ends(data), np.intp)

    def _cell_ends(self, data: bytes) -> Iterator[int]:
        end = 0
        for cell in self._cell.finditer(data):
            if cell.start() != end:  # a quote that is not closed was skipped
                return
            end = cell.end()
            yield end - 1

    def _fail_widths(self, block: Block, line_feeds: _Positions, widths: _Positions, expected: int) -> None:
        row = int(np.flatnonzero(widths != expected)[0])
        start = int(line_feeds[row - 1]) + 1 if row else 0
        blank = not block.data[start : line_feeds[row]].strip(b"\r")
        width = int(widths[row])
        count = "no cells" if blank else f"{width} cell{'s' * (width != 1)}"
        raise ActcliError(f"{self._name}: row {block.first_row + row} has {count}, row 1 has {expected}")


def _cell_pattern(delimiter: bytes) -> re.Pattern[bytes]:
    """Return the pattern of a cell with the delimiter or line feed behind it."""
    plain = rb"[^" + re.escape(delimiter) + rb"\n]*+"
    return re.compile(rb"(?:" + QUOTED + plain + rb'|(?!")' + plain + rb")[" + re.escape(delimiter) + rb"\n]")


def _bytes(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


def _delimiters(data: bytes, delimiter: bytes) -> _Positions:
    values = _bytes(data)
    positions = []
    for start in range(0, len(values), _CACHED_BYTES):
        part = values[start : start + _CACHED_BYTES]
        positions.append(np.flatnonzero((part == delimiter[0]) | (part == _LF)) + start)
    return np.concatenate([np.empty(0, np.intp), *positions])


def _starts(ends: _Positions) -> _Positions:
    """Return where each of the parts begins whose ends are given, one behind the other."""
    return np.concatenate([np.zeros(1, np.intp), ends + 1])[:-1]


def _text_ends(data: bytes, starts: _Positions, line_feeds: _Positions) -> _Positions:
    """Return where the text of each last cell ends: before the carriage returns that belong to the line end."""
    if b"\r" not in data:
        return line_feeds
    values, ends = _bytes(data), line_feeds.copy()
    while (ending := (ends > starts) & (values[ends - 1] == _CR)).any():
        ends -= ending
    return ends


def _count(data: bytes, value: int) -> int:
    values = _bytes(data)
    parts = (values[start : start + _CACHED_BYTES] for start in range(0, len(values), _CACHED_BYTES))
    return sum(int(np.count_nonzero(part == value)) for part in parts)
