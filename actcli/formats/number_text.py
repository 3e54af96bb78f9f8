"""Numbers as text, each in the fewest digits that round-trip."""

import numpy as np

from actcli.activation import Activation
from actcli.data.batch import Column
from actcli.data.evaluated import EvaluatedRows
from actcli.numerics import dtypes, hexadecimal, text


def shortest_texts(column: Column, decimal: str = ".") -> list[str]:
    """Return the text of each number: nothing for a missing one, and its replacement for one that has one."""
    is_bits = column.content == "bits"
    texts = hexadecimal.write_bits(column.values) if is_bits else text.shortest(column.values)
    if decimal != "." and not is_bits:
        texts = [number.replace(".", decimal) for number in texts]
    if column.missing is None:
        return texts
    cells = ["" if missing else number for number, missing in zip(texts, column.missing, strict=True)]
    for row, replacement in (column.replacements or {}).items():
        cells[row] = replacement
    return cells


def is_text(column: Column) -> bool:
    """Tell whether polars would not write a column as ``shortest_texts`` does: narrow numbers, bits, replacements."""
    return column.values.dtype.itemsize < 4 or column.content == "bits" or bool(column.replacements)


def number_columns(evaluated: EvaluatedRows) -> list[Column]:
    """Return what is written beside numbers that came from no table, column by column."""
    return evaluated.rendered(evaluated.rows.columns.__getitem__, lambda column: column)


def parameter_texts(activation: Activation, dtype: str, *, all: bool) -> dict[str, str]:
    """Return the parameters that differ from their defaults, or all that are set, each as the shortest text."""
    texts = {}
    format = dtypes.find(dtype).parameters
    for name, parameter in activation.parameters.items():
        value, default = getattr(activation, name), parameter.default
        if isinstance(default, float):
            default = float(np.array(default, format.dtype))
        if value is None or (value == default and not all):
            continue
        if isinstance(value, float | list):
            numbers = text.shortest(np.atleast_1d(np.array(value, format.dtype)))
            cells = ", ".join(number.removesuffix(".0") for number in numbers)
            texts[name] = f"[{cells}]" if isinstance(value, list) else cells
        else:
            texts[name] = str(value).lower()
    return texts
