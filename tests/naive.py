"""What the program does to separated values, as plainly as can be: a row at a time, by Python's csv module."""

import codecs
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
    """Return a table with the results for the column of that heading beside it; every byte that was read stays."""
    mark = "\N{BYTE ORDER MARK}" if data.startswith(codecs.BOM_UTF8) else ""
    table = rows(data, separator)
    header, names = table[0]
    blank_end = ""
    while len(names) > 1 and not table[-1][1]:  # blank lines at the end are no rows
        blank_end = table.pop()[0] + blank_end
    position = [name.strip() for name in names].index(heading)
    out = [mark]
    for row, cells in table:
        bare = row.rstrip("\r\n")
        result = f"{heading}_relu" if row is header else RESULTS[cells[position] if cells else ""]
        out += [bare, separator, result, row[len(bare) :] if row.endswith("\n") else line_end(header)]
    return "".join([*out, blank_end]).encode()


def line_end(row: str) -> str:
    """Return what a row ends with, if only with what a last row lacks."""
    return row[len(row.rstrip("\r\n")) :] or "\n"


def written(cells: list[str], separator: str, *, all_quoted: bool = False) -> str:
    """Return a row, with quotes where they are needed; csv.writer has forgotten the carriage return in Python 3.11."""
    needed = [all_quoted or any(mark in cell for mark in [separator, '"', "\r", "\n"]) for cell in cells]
    row = ('"' + cell.replace('"', '""') + '"' if need else cell for cell, need in zip(cells, needed, strict=True))
    return separator.join(row) or '""'


def rows(data: bytes, separator: str) -> list[tuple[str, list[str]]]:
    """Return each row as it stands, and its cells."""
    lines = io.StringIO(data.decode("utf-8-sig"), newline="\n")
    taken: list[str] = []
    found = []

    def one_by_one() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    for cells in csv.reader(one_by_one(), delimiter=separator):
        found.append(("".join(taken), cells))
        taken.clear()
    return found
