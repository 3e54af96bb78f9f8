"""A column of any table that can be read, each number with its own format."""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from actcli.data.batch import Column, Table
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats import registry
from actcli.numerics import text
from actcli.numerics.dtypes import FloatArray, Format
from actcli.storage.source import Source

if TYPE_CHECKING:
    import polars

_SAMPLE_ROWS = 1000  # of a batch, whose texts are compared with what they were read as


class ReadColumn(NamedTuple):
    """The numbers of a column."""

    values: FloatArray
    """Of the format if they were text, of float64 if the file has types."""
    warning: str | None
    """That the text has too few digits."""


def read_column(path: str, name: str, format: Format) -> ReadColumn:
    """Return the column that a name, or another selector of one column, selects.

    Raises:
        ActcliError: if there is no such column, there are several, or a cell holds no number.

    """
    file_format = registry.FORMATS[registry.input_format(path)]
    has_types = file_format.has_schema or file_format.preserves_arrays
    options = ReadOptions(file_format.separator or ",", (name,), "float64" if has_types else format.name)
    assert file_format.open_reader is not None
    parts, digits = [], _Digits()
    for read in file_format.open_reader(Source(path), options).batches():
        table = read()
        assert isinstance(table, Table)
        parts.append(_require_numbers(table.columns, path, name))
        if not has_types:
            digits.count(table.cells()[:, table.columns[0].position], parts[-1])
    return ReadColumn(np.concatenate(parts), digits.warning(f"{path}: column {name!r}", format))


def _require_numbers(columns: list[Column], path: str, name: str) -> FloatArray:
    if len(columns) > 1:
        names = " and ".join(column.name for column in columns[:2])
        raise ActcliError(f"{path}: {name!r} selects several columns, such as {names}; expected one")
    if columns[0].missing is not None and columns[0].missing.any():
        row = int(np.argmax(columns[0].missing)) + 1
        raise ActcliError(f"{path}: column {columns[0].name!r} has empty cells, such as that of result {row}")
    return columns[0].values


class _Digits:
    """The most significant digits among the texts of a column, and whether a text had been rounded."""

    def __init__(self) -> None:
        self._most, self._is_rounded = 0, False

    def count(self, cells: "polars.Series", values: FloatArray) -> None:
        """Count those of a batch."""
        digits = cells.str.replace(r"[eE].*$", "").str.replace_all(r"[^0-9]", "").str.strip_chars_start("0")
        self._most = max(self._most, int(digits.str.len_chars().max() or 0))  # type: ignore[arg-type]
        self._is_rounded = self._is_rounded or any(
            np.isfinite(value) and Decimal(text.normalize(cell)) != Decimal(float(value))
            for cell, value in zip(cells[:_SAMPLE_ROWS].to_list(), values[:_SAMPLE_ROWS], strict=True)
        )

    def warning(self, label: str, format: Format) -> str | None:
        """Return the warning for a column, if it needs one."""
        needed = int(np.ceil(1 + format.precision * np.log10(2)))
        if not self._is_rounded or self._most >= needed:
            return None
        return (
            f"{label} has at most {self._most} significant digits, but telling {format.name} numbers apart "
            f"takes {needed}: part of the steps may come from printing (print with %.{needed}g)"
        )
