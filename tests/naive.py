"""What the program does to separated values, as plainly as can be: a row at a time, by Python's csv module."""

import csv
import io
from collections.abc import Iterator

RESULTS = {
    "": "",
    "  ": "",
    "0": "0.0",
    "-2": "-1.0",
    " -2.5 ": "-1.25",
    "3.25": "3.25",
    "+7": "7.0",
    "1e3": "1000.0",
    "1E-2": "0.01",
    "\N{MINUS SIGN}5": "-2.5",
    "16777217": "16777216.0",
    "nan": "nan",
    "inf": "inf",
    "-Infinity": "-inf",
    "1e400": "inf",
}
"""Cells of numbers, and what relu with a negative slope of 0.5 makes of each in float32."""


def relu(data: bytes, separator: str, heading: str) -> bytes:
    """Return a table with the results for the column of that heading beside it; every row keeps its bytes."""
    lines = io.StringIO(data.decode("utf-8-sig"), newline="\n")
    rows = _rows(lines, separator)
    header, names = next(rows)
    line_end = "\r\n" if header.endswith("\r\n") else "\n"
    names = [name.strip() for name in names]
    position = names.index(heading)
    out = io.StringIO()
    out.write(written([*names, f"{heading}_relu"], separator) + line_end)
    for row, cells in rows:
        bare = row.removesuffix("\n").removesuffix("\r")
        out.write(f"{bare}{separator}{RESULTS[cells[position] if cells else '']}{line_end}")
    return out.getvalue().encode()


def written(cells: list[str], separator: str, *, all_quoted: bool = False) -> str:
    """Return a row, with quotes where they are needed; csv.writer has forgotten the carriage return in Python 3.11."""
    needed = [all_quoted or any(mark in cell for mark in [separator, '"', "\r", "\n"]) for cell in cells]
    row = ('"' + cell.replace('"', '""') + '"' if need else cell for cell, need in zip(cells, needed, strict=True))
    return separator.join(row) or '""'


def _rows(lines: io.StringIO, separator: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each row as it stands, and its cells."""
    taken: list[str] = []

    def one_by_one() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    for cells in csv.reader(one_by_one(), delimiter=separator):
        yield "".join(taken), cells
        taken.clear()
