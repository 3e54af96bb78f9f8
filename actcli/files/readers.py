"""Read a table of text and turn its columns of numbers into arrays."""

import csv
import fnmatch
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars

from actcli.errors import ActcliError, StorageError, suggestion
from actcli.files import formats
from actcli.files.table import Column, Table
from actcli.numerics import dtypes, text


def read(path: str, patterns: Sequence[str], dtype: str) -> Table:
    """Read a table of comma- or tab-separated values.

    The first row is a header unless all its cells are numbers. A column is numeric if its first cell that is not
    empty is a number.

    Args:
        path: a file, or ``-`` for standard input.
        patterns: names or globs of the columns to convert; none: all numeric columns.
        dtype: name of the float format of the numbers.

    Raises:
        ActcliError: if the data cannot be used; the message names file, row and column. Rows count from 1, the
            header among them.
        StorageError: if the file cannot be read.

    """
    name = "standard input" if path == "-" else path
    frame = _cells(_bytes(path), formats.input_separator(path), name)
    first = ["" if cell is None else cell.strip() for cell in frame.row(0)]
    filled = [cell for cell in first if cell]
    has_header = not filled or not all(text.is_number(text.normalised(cell)) for cell in filled)
    headings = first if has_header else _default_names(len(first))
    if has_header:
        frame = frame.slice(1)
    if not frame.height:
        raise ActcliError(f"{name} has a header but no rows")
    columns = [
        Column(headings[i], *_numbers(frame.to_series(i), headings[i], name, 1 + has_header, dtype), i)
        for i in _chosen(frame, headings, patterns, name)
    ]
    return Table(columns, headings, frame)


def _bytes(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def _cells(data: bytes, separator: str, name: str) -> polars.DataFrame:
    """Return all cells as text, empty ones as null; raise ActcliError unless every row has the same number."""
    if not data.strip():
        raise ActcliError(f"{name} is empty")
    if b"\0" in data:
        raise ActcliError(f"{name} is not text in UTF-8")
    if separator.encode() in data.partition(b"\n")[0]:
        data = data.rstrip(b"\r\n")  # in a single column, a blank line at the end is an empty cell
    try:
        frame = polars.read_csv(data, has_header=False, separator=separator, infer_schema=False)
    except polars.exceptions.ComputeError as error:
        if "utf-8" in str(error):
            raise ActcliError(f"{name} is not text in UTF-8") from None
        _check_rows(data, separator, name)
        raise ActcliError(f"{name} is not a table of separated values: {str(error).splitlines()[0]}") from None
    if frame.width > 1 and not _looks_even(data, separator):
        _check_rows(data, separator, name)
    return frame


def _looks_even(data: bytes, separator: str) -> bool:
    """Tell whether every row has as many separators outside quotes as the first; polars fills short rows silently."""
    symbols = np.frombuffer(data, np.uint8)
    outside = ~np.bitwise_xor.accumulate(symbols == ord('"')) if b'"' in data else np.True_
    ends = np.append(np.flatnonzero((symbols == ord("\n")) & outside), symbols.size)
    separators = np.flatnonzero((symbols == ord(separator)) & outside)
    counts = np.diff(np.searchsorted(separators, ends), prepend=0)
    return bool((counts == counts[0]).all())


def _check_rows(data: bytes, separator: str, name: str) -> None:
    """Raise ActcliError that names the first row whose number of cells is not that of row 1, if there is one."""
    csv.field_size_limit(sys.maxsize)
    expected = 0
    for row, cells in enumerate(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator), 1):
        expected = expected or len(cells)
        if len(cells) != expected:
            count = f"{len(cells)} cell{'s' * (len(cells) != 1)}" if cells else "no cells"
            raise ActcliError(f"{name}: row {row} has {count}, row 1 has {expected}")


def _default_names(count: int) -> list[str]:
    return ["x"] if count == 1 else [f"x{i}" for i in range(1, count + 1)]


def _chosen(frame: polars.DataFrame, headings: list[str], patterns: Sequence[str], name: str) -> list[int]:
    """Return the positions of the columns to convert."""
    if not patterns:
        numeric = [i for i in range(frame.width) if _starts_with_number(frame.to_series(i))]
        if not numeric:
            raise ActcliError(f"{name} has no column of numbers; its columns: {', '.join(headings)}")
        return numeric
    chosen: dict[int, None] = {}
    for pattern in patterns:
        found = [i for i, heading in enumerate(headings) if heading == pattern]
        found = found or [i for i, heading in enumerate(headings) if fnmatch.fnmatchcase(heading, pattern)]
        if not found:
            near = suggestion(pattern, headings) or f"; its columns: {', '.join(headings)}"
            raise ActcliError(f"{name} has no column {pattern!r}{near}")
        chosen.update(dict.fromkeys(found))
    return sorted(chosen)


def _starts_with_number(cells: polars.Series) -> bool:
    filled = cells.drop_nulls()
    filled = filled.filter(filled.str.strip_chars() != "")
    return filled.len() > 0 and text.is_number(text.normalised(filled[0]))


def _numbers(
    cells: polars.Series, heading: str, name: str, first_row: int, dtype: str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the numbers of a column, rounded once from their texts, and where its cells are empty."""
    cleaned = cells.str.strip_chars().str.replace("\N{MINUS SIGN}", "-", literal=True)
    empty = cleaned.is_null() | (cleaned == "").fill_null(True)
    wide = cleaned.cast(polars.Float64, strict=False)
    wrong = (wide.is_null() & ~empty).arg_true()
    if wrong.len():
        row = wrong[0]
        raise ActcliError(f"{name}: row {row + first_row}, column {heading!r}: {cells[row]!r} is not a number")
    values = text.settle(wide.fill_null(np.nan).to_numpy(), cleaned.__getitem__, dtypes.FORMATS[dtype])
    return values, empty.to_numpy() if empty.any() else None
