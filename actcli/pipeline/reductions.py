"""Activations down the columns of a table that is not in memory as a whole: reduced first, then evaluated."""

from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import Any

import numpy as np

from actcli.activation import AlongAxis
from actcli.compute import release_rows
from actcli.data.batch import Batch, Column, Numbers, require_rows
from actcli.numerics import dtypes, row_wise
from actcli.pipeline.threads import in_order

_REDUCED_NUMBERS = 2**18  # at a time, wherever the batches end: no bit depends on these
_EVALUATED_NUMBERS = 2**16  # at a time: their pairs of float64 stay in the cache


def reduce_columns(activation: AlongAxis, batches: Iterator[Callable[[], Batch]]) -> Any:
    """Return what each converted column reduces to, in pairs of float64; None if there are no rows."""
    assert activation.reduction is not None
    matrices = in_order(lambda batch: _stack(require_rows(batch()).columns), batches)
    groups = in_order(partial(row_wise.reduce, activation.reduction), _groups(matrices))
    first = next(groups, None)
    return reduce(partial(row_wise.merge, activation.merge_reductions), groups, first)


def results(activation: Any, columns: list[Column], reduction: Any, *, saturate: bool = False) -> list[Numbers]:
    """Return the results of the columns of a table, given what all its rows reduce to; rounded once."""
    x = _stack(columns)

    def apply(part: Numbers) -> Numbers:
        return row_wise.apply_reduction(activation.apply_reduction, part, reduction, dtypes.find(part.dtype))

    width = max(1, _EVALUATED_NUMBERS // len(x))
    parts = []
    for start in range(0, x.shape[1], width):
        part = x[:, start : start + width]
        parts.append(release_rows(apply, activation, part, saturate))
    if not parts:
        return list(x)
    together = np.concatenate(parts, axis=1)
    together[row_wise.is_largest_infinite(reduction) & (x == activation.nothing)] = np.nan
    return list(together)


def _stack(columns: list[Column]) -> Numbers:
    """Return columns as a matrix (columns, rows)."""
    return np.stack([column.values for column in columns])


def _groups(matrices: Iterator[Numbers]) -> Iterator[Numbers]:
    """Yield the columns of the matrices again, in matrices of one width, of which only the last may be narrower."""
    parts: list[Numbers] = []
    waiting = 0
    for matrix in matrices:
        parts.append(matrix)
        waiting += matrix.shape[1]
        width = max(1, _REDUCED_NUMBERS // len(matrix))
        if waiting >= width:
            together = np.concatenate(parts, axis=1)
            whole = waiting - waiting % width
            yield from (together[:, start : start + width] for start in range(0, whole, width))
            parts, waiting = [together[:, whole:]], waiting - whole
    if waiting:
        yield np.concatenate(parts, axis=1)
