"""The rows and cells of separated values as text, each exactly where the row splitter found it."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import polars
from numpy.typing import NDArray

from actcli.files.recognition import not_utf8
from actcli.files.row_splitter import Block, Grid, RowSplitter, unquoted

_Positions: TypeAlias = NDArray[np.intp]
_LF, _CR, _QUOTE = b'\n\r"'
_GATHERED_BYTES = 2**18  # of cells that are brought together at a time: their places take sixteen times as much
_COMPRESSED = (b"x", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # text that begins so, polars would take for compressed data


def row_texts(block: Block, splitter: RowSplitter, name: str) -> tuple[polars.Series, str | polars.Series]:
    """Return the rows of a block without their line ends, and the line end of all rows, or of each.

    Raises:
        ActcliError: if they are not text in UTF-8.

    """
    data = block.data
    check_text(block, splitter, name)
    each_line_is_a_row = data.count(b"\n") == block.height
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
    found: list[polars.Series] = []
    for group in _groups(grid, positions):
        starts, ends = (places.T[group].ravel() for places in (grid.starts, grid.ends))
        series = _gathered(grid.data, starts, ends, raw)
        found += [series.slice(i * len(grid.starts), len(grid.starts)) for i in range(len(group))]
    return found


def _groups(grid: Grid, positions: Sequence[int]) -> Iterator[list[int]]:
    """Yield the columns in groups to gather at once: few steps for many columns, little memory for large ones."""
    sizes = (grid.ends - grid.starts).sum(axis=0) + len(grid.starts)
    group: list[int] = []
    for position in positions:
        if group and sizes[group].sum() + sizes[position] > _GATHERED_BYTES:
            yield group
            group = []
        group.append(position)
    if group:
        yield group


def _gathered(data: bytes, starts: _Positions, ends: _Positions, raw: bool) -> polars.Series:
    """Return the cells between these places as text."""
    values = np.frombuffer(data, np.uint8)
    apart, texts = np.zeros(len(starts), bool), []
    if b'"' in data or b"\r" in data:
        inner_starts, inner_ends, apart = _unquoted_places(values, starts, ends, raw)
        cells = [data[start:end] for start, end in zip(starts[apart].tolist(), ends[apart].tolist(), strict=True)]
        texts = [(cell if raw else unquoted(cell)).decode() for cell in cells]
        starts, ends = np.where(apart, inner_ends, inner_starts), inner_ends
    lengths = ends - starts + 1  # with the byte behind it, in whose place a line feed ends the cell
    behind = np.cumsum(lengths)
    steps = np.ones(lengths.sum(), np.intp)
    steps[:1] = starts[:1]
    steps[behind[:-1]] = starts[1:] - ends[:-1]
    text = values.take(np.cumsum(steps, out=steps))
    text[behind - 1] = _LF
    series = _split_lines(text.tobytes())
    filled = (lengths > 1) | apart
    if not filled.all():
        series = series.zip_with(polars.Series(filled), polars.Series([None], dtype=polars.String))
    return series.scatter(np.flatnonzero(apart), texts) if texts else series


def _unquoted_places(
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
    compressed = data.startswith(_COMPRESSED)
    return polars.read_lines(b"\n" + data if compressed else data).to_series().slice(compressed)
