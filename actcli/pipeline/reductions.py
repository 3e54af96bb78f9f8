"""Activations down the columns of a table that is not in memory as a whole: reduced first, then the results."""

from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import Any

import numpy as np

from actcli.compute import round_pairs
from actcli.data.table import Column, Table
from actcli.numerics import double_double
from actcli.numerics.pairs import DoubleDouble
from actcli.pipeline.threads import in_order

_GROUP = 2**18  # numbers that are reduced together, wherever the tables end: no bit depends on these
_TOGETHER = 2**16  # numbers whose results are made together: their pairs of float64 stay in the cache


def of_columns(block: Any, batches: Iterator[Callable[[], Table]]) -> Any:
    """Return what each converted column reduces to, in pairs of float64; None if there are no rows."""
    matrices = in_order(lambda batch: _matrix(batch().columns), batches)
    groups = in_order(partial(_reduced, block), _groups(matrices))
    first = next(groups, None)
    return reduce(partial(_merged, block), groups, first)


def results(block: Any, columns: list[Column], reduction: Any) -> list[Any]:
    """Return the results of the columns of a table, given what all its rows reduce to; rounded once."""
    x = _matrix(columns)
    width = max(1, _TOGETHER // len(x))
    parts = []
    for start in range(0, x.shape[1], width):
        part = x[:, start : start + width]
        with np.errstate(all="ignore"):
            y = block.apply_reduction(double_double, DoubleDouble(part.astype(np.float64)), reduction)
        parts.append(round_pairs(y, x.dtype))
    return list(np.concatenate(parts, axis=1) if parts else x)


def _reduced(block: Any, x: Any) -> Any:
    with np.errstate(all="ignore"):
        return block.reduction(double_double, DoubleDouble(x.astype(np.float64)))


def _merged(block: Any, first: Any, second: Any) -> Any:
    with np.errstate(all="ignore"):
        return block.merge_reductions(double_double, first, second)


def _matrix(columns: list[Column]) -> Any:
    return np.stack([column.values for column in columns])


def _groups(matrices: Iterator[Any]) -> Iterator[Any]:
    """Yield the columns of the matrices again, in matrices of one width, of which only the last may be narrower."""
    parts: list[Any] = []
    waiting = 0
    for matrix in matrices:
        parts.append(matrix)
        waiting += matrix.shape[1]
        width = max(1, _GROUP // len(matrix))
        if waiting >= width:
            together = np.concatenate(parts, axis=1)
            whole = waiting - waiting % width
            yield from (together[:, start : start + width] for start in range(0, whole, width))
            parts, waiting = [together[:, whole:]], waiting - whole
    if waiting:
        yield np.concatenate(parts, axis=1)
