"""The rows and cells of separated values as text, each exactly where the row splitter found it."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import polars
from numpy.typing import NDArray

from actcli.formats.csv.quoting import unquote
from actcli.formats.csv.row_splitter import Block, Grid, RowSplitter
from actcli.formats.recognition import not_utf8

_Positions: TypeAlias = NDArray[np.intp]
_LF, _CR, _QUOTE = b'\n\r"'
_GATHERED_CELLS = 2**14  # whose bytes are gathered at a time: the places of these bytes stay in the processor's cache
_SHORT_BYTES = 2**13
_LONG_CELL_BYTES = 64  # on average, from which on cells are copied one by one: each place takes eight bytes
_COMPRESSED = (b"x", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # text that begins so, polars would take for compressed data


def row_texts(block: Block, splitter: RowSplitter, name: str) -> tuple[polars.Series, str | polars.Series]:
    """Return the rows of a block without their line ends, and the line end of all rows, or of each.

    Raises:
        ActcliError: if they are not text in UTF-8.

    """
    data = block.data
    check_text(block, splitter, name)
    each_line_is_a_row = block.cell_ends is None or data.count(b"\n") == block.height
    if each_line_is_a_row and b"\r" not in data:
        return _split_lines(data), "\n"
    text_ends, line_feeds = splitter.row_ends(block)
    if each_line_is_a_row:
        rows = _split_lines(data).str.strip_chars_end("\r")
    else:
        places = zip([0, *(line_feeds + 1).tolist()], text_ends.tolist(), strict=False)
        rows = polars.Series([data[start:end].decode() for start, end in places], dtype=polars.String)
    returns = line_feeds - text_ends
    if (returns == returns[:1]).all():
        return rows, "\r" * int(returns[:1].sum()) + "\n"
    return rows, polars.Series(["\r" * count + "\n" for count in returns.tolist()])


def check_text(block: Block, splitter: RowSplitter, name: str) -> None:
    """Raise ActcliError unless a block is text in UTF-8."""
    if block.data.isascii():
        return
    try:
        block.data.decode()
    except UnicodeDecodeError as error:
        raise not_utf8(name, splitter.row_at(block, error.start), block.data[error.start]) from None


def cells(grid: Grid, positions: Sequence[int], *, raw: bool = False) -> list[polars.Series]:
    """Return the cells of some columns of text in UTF-8, null for an empty one.

    Args:
        grid: where the cells are.
        positions: the columns.
        raw: whether to keep quotes as they stand.

    """
    height = len(grid.starts)
    starts, ends = (places.T[list(positions)].ravel() for places in (grid.starts, grid.ends))
    series = _gather(grid.data, starts, ends, raw)
    return [series.slice(i * height, height) for i in range(len(positions))]


def _gather(data: bytes, starts: _Positions, ends: _Positions, raw: bool) -> polars.Series:
    """Return the cells between these places as text."""
    values = np.frombuffer(data, np.uint8)
    apart, texts = np.zeros(len(starts), bool), []
    if b'"' in data or b"\r" in data:
        inner_starts, inner_ends, apart = _unquoted_positions(values, starts, ends, raw)
        cells = [data[start:end] for start, end in zip(starts[apart].tolist(), ends[apart].tolist(), strict=True)]
        texts = [(cell if raw else unquote(cell)).decode() for cell in cells]
        starts, ends = np.where(apart, inner_ends, inner_starts), inner_ends
    series = _split_lines(_join(data, values, starts, ends))
    filled = (ends > starts) | apart
    if not filled.all():
        series = series.zip_with(polars.Series(filled), polars.Series([None], dtype=polars.String))
    return series.scatter(np.flatnonzero(apart), texts) if texts else series


def _join(data: bytes, values: NDArray[np.uint8], starts: _Positions, ends: _Positions) -> bytes:
    """Return the bytes between these places, each with a line feed behind it."""
    parts: list[bytes] = []
    for first in range(0, len(starts), _GATHERED_CELLS):
        some = slice(first, first + _GATHERED_CELLS)
        lengths = ends[some] - starts[some] + 1  # with the byte behind the cell, in whose place the line feed comes
        if lengths.sum() > _LONG_CELL_BYTES * len(lengths):
            parts += [data[i:j] + b"\n" for i, j in zip(starts[some].tolist(), ends[some].tolist(), strict=True)]
            continue
        behind = np.cumsum(lengths)
        steps = np.ones(behind[-1], np.intp)
        steps[0] = starts[first]
        steps[behind[:-1]] = starts[some][1:] - ends[some][:-1]
        text = values.take(np.cumsum(steps, out=steps))
        text[behind - 1] = _LF
        parts.append(text.tobytes())
    return b"".join(parts)


def _unquoted_positions(
    values: NDArray[np.uint8], starts: _Positions, ends: _Positions, raw: bool
) -> tuple[_Positions, _Positions, NDArray[np.bool_]]:
    """Return where cells begin and end without the quotes around them, and which are more than what stands there."""
    quoted = (values[starts] == _QUOTE) & (ends > starts)
    within = starts[quoted], ends[quoted]
    broken = _count_between(values == _LF, *within) > 0
    pair = (_count_between(values == _QUOTE, *within) == 2) & (values[within[1] - 1] == _QUOTE)
    apart = np.zeros(len(starts), bool)
    apart[quoted] = broken | ~(pair | raw)
    if not raw:
        starts, ends = starts + (quoted & ~apart), ends - (quoted & ~apart)
    return starts, ends, apart | ((ends > starts) & (values[ends - 1] == _CR))  # a line would lose it


def _count_between(marks: NDArray[np.bool_], starts: _Positions, ends: _Positions) -> _Positions:
    places = np.flatnonzero(marks)
    return np.searchsorted(places, ends) - np.searchsorted(places, starts)


def _split_lines(data: bytes) -> polars.Series:
    """Return lines of text in UTF-8 that end with a line feed alone."""
    if len(data) < _SHORT_BYTES:  # polars' threads take longer to start
        return polars.Series("line", data.decode().split("\n")[:-1], dtype=polars.String)
    compressed = data.startswith(_COMPRESSED)
    return polars.read_lines(b"\n" + data if compressed else data).to_series().slice(compressed)
