"""Chunks of bytes cut into blocks of whole rows, where a line end between quotes ends no row."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from actcli.errors import ActcliError

_MARK = b"\xef\xbb\xbf"
_CACHED = 2**18  # bytes whose comparison stays in the processor's cache
_LONG = 2**24  # bytes of a row from which on it is looked for its end only when they have doubled


class Block(NamedTuple):
    """Whole rows: their bytes, the number of the first of them in the data, from 1, and how many they are."""

    data: bytes
    first_row: int
    height: int
    quoted: bool
    """Whether quotes stand among them."""

    def count(self, character: str) -> int:
        """Return how often an ASCII character occurs."""
        return _count(self.data, character)


class Cutter:
    """Cuts chunks of bytes behind their last whole row; a row longer than a chunk is waited for.

    Args:
        name: how messages call the data.
        separator: the character between the cells.

    """

    def __init__(self, name: str, separator: str) -> None:
        self._name, self._separator = name, separator.encode()
        self._rows, self._row, self._cell, self._quoted = _patterns(separator)
        self._several: bool | None = None

    def blocks(self, arriving: Iterable[bytes]) -> Iterator[Block]:
        """Yield the blocks; raise ActcliError for a quote that is never closed, and for what is no text."""
        rest, row, wanted = b"", 1, 0
        parts: list[bytes | memoryview] = []
        for data in arriving:
            line = data.rfind(b"\n") + 1
            parts.append(data)
            # Put together and searched only once the row may end, so that a long one takes time in proportion.
            if not line or sum(map(len, parts)) < wanted:
                continue
            parts[-1] = memoryview(data)[:line]  # copied once, when it is put together
            whole = _marked_off(b"".join([rest, *parts]), row)
            parts.clear()
            end = self._end(whole)
            if end and not whole[:end].isspace():
                block = self._block(whole[:end], row)
                whole, row = whole[end:], row + block.height
                yield block
                del block
            rest = whole + data[line:]
            wanted = len(rest) if len(rest) > _LONG else 0
        rest = _marked_off(b"".join([rest, *parts]), row)
        if self._several and not rest.strip(b"\r\n"):
            return
        if rest.strip() or (rest and row > 1):
            yield self._block(rest if rest.endswith(b"\n") else rest + b"\n", row)

    def first(self, block: Block) -> bytes:
        """Return the first row of a block, with its line end."""
        if not block.quoted:
            return block.data[: block.data.find(b"\n") + 1]
        row = self._row.match(block.data)
        assert row is not None
        return row.group()

    def rows(self, block: Block) -> list[bytes]:
        """Return the rows of a block with their line ends."""
        return self._row.findall(block.data)

    def cells(self, row: bytes) -> list[bytes]:
        """Return the cells of a row without line end, with their quotes."""
        return self._cell.findall(row)

    def texts(self, row: bytes) -> list[str]:
        """Return the cells of a row as text, without their quotes; what follows a closing quote belongs to the cell."""
        row = row.rstrip(b"\r\n")
        try:
            if b'"' not in row:
                return row.decode().split(self._separator.decode())
            return [_unquoted(cell).decode() for cell in self.cells(row)]
        except UnicodeDecodeError:
            raise ActcliError(f"{self._name} is not text in UTF-8") from None

    def bare(self, block: Block) -> bytes:
        """Return the data of a block without what stands between quotes."""
        return self._quoted.sub(b"", block.data) if block.quoted else block.data

    def _end(self, data: bytes) -> int:
        """Return where the last whole row ends; in a table of several columns, before blank lines."""
        end = data.rfind(b"\n") + 1
        if b'"' in data:
            rows = self._rows.match(data)
            end = rows.end() if rows else 0
        if self._several is None and end:
            self._several = self._separator in data[: data.find(b"\n")]
        if self._several:  # blank lines at the end of the data are no rows there, and elsewhere a mistake
            while data.endswith((b"\n\n", b"\n\r\n"), 0, end):
                end -= 2 if data.endswith(b"\r\n", 0, end) else 1
        return end

    def _block(self, data: bytes, first_row: int) -> Block:
        if b"\0" in data:
            raise ActcliError(f"{self._name} is not text in UTF-8")
        if b'"' not in data:
            return Block(data, first_row, _count(data, "\n"), False)
        whole = self._rows.match(data)
        end = whole.end() if whole else 0
        height = sum(1 for _ in self._row.finditer(data, 0, end))
        if end != len(data):
            row = first_row + height
            raise ActcliError(f"{self._name} is not a table of separated values: a quote in row {row} is never closed")
        return Block(data, first_row, height, True)


_QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'


def _marked_off(data: bytes, row: int) -> bytes:
    """Return what follows a byte-order mark."""
    return data.removeprefix(_MARK) if row == 1 else data


def _count(data: bytes, character: str) -> int:
    values = np.frombuffer(data, np.uint8)
    parts = (values[start : start + _CACHED] for start in range(0, len(values), _CACHED))
    return sum(int(np.count_nonzero(part == ord(character))) for part in parts)


def _unquoted(cell: bytes) -> bytes:
    if not (quoted := re.match(_QUOTED, cell)):
        return cell
    return quoted[0][1:-1].replace(b'""', b'"') + cell[quoted.end() :]


def _patterns(separator: str) -> tuple[re.Pattern[bytes], ...]:
    """Return patterns for rows, a row, a cell in a row, and a quoted part of a cell."""
    between = re.escape(separator.encode())
    plain = rb"[^" + between + rb"\n]*+"
    cell = rb"(?:" + _QUOTED + plain + rb'|(?!")' + plain + rb")"
    row = cell + rb"(?:" + between + cell + rb")*+\n"
    start = rb"(?<![^" + between + rb"\n])"
    following = rb"(?:\A|" + between + rb")(" + cell + rb")"
    return tuple(map(re.compile, (rb"(?:" + row + rb")*+", row, following, start + _QUOTED)))
