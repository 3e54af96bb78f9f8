"""A column of any table that can be read, each number with its own format."""

import math
import re
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from actcli.data.batch import Column, Table
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats import registry
from actcli.numerics import text
from actcli.numerics.dtypes import FloatArray, Format
from actcli.storage.source import Source

_NOT_SIGNIFICANT = re.compile(r"[eE].*|[^0-9]", re.ASCII | re.DOTALL)  # an exponent, a sign, a point, blanks


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
    parts, digits = [], _Digits(format)
    for read in file_format.open_reader(Source(path), options).batches():
        table = read()
        assert isinstance(table, Table)
        parts.append(_require_numbers(table.columns, path, name))
        if not has_types:
            digits.count(table.cells()[:, table.columns[0].position].to_list(), parts[-1])
    return ReadColumn(np.concatenate(parts), digits.warning(f"{path}: column {name!r}"))


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

    def __init__(self, format: Format) -> None:
        self._format = format
        self._needed = math.ceil(1 + format.precision * math.log10(2))
        self._most, self._is_rounded = 0, False

    def count(self, cells: list[str], values: FloatArray) -> None:
        """Count those of a batch, until enough are found."""
        for cell in cells:
            if self._most >= self._needed:
                return
            self._most = max(self._most, len(_NOT_SIGNIFICANT.sub("", cell).lstrip("0")))
        self._is_rounded = self._is_rounded or any(
            math.isfinite(value) and Decimal(text.normalize(cell)) != Decimal(value)
            for cell, value in zip(cells, values.astype(np.float64).tolist(), strict=True)
        )

    def warning(self, label: str) -> str | None:
        """Return the warning for a column, if it needs one."""
        if not self._is_rounded or self._most >= self._needed:
            return None
        return (
            f"{label} has at most {self._most} significant digits, but telling {self._format.name} numbers apart takes "
            f"{self._needed}: part of the steps may come from printing (print with %.{self._needed}g)"
        )
