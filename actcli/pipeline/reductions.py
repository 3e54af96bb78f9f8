"""Activations down the columns of a table that is not in memory as a whole: reduced first, then evaluated."""

from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import Any

import numpy as np

from actcli.activation import AlongAxis
from actcli.data.batch import Batch, Column, Numbers, require_rows
from actcli.numerics import dtypes, masks, row_wise
from actcli.pipeline.threads import in_order

_REDUCED_NUMBERS = 2**18  # at a time, wherever the batches end: no bit depends on these
_EVALUATED_NUMBERS = 2**16  # at a time: their pairs of float64 stay in the cache


def reduce_columns(activation: AlongAxis, batches: Iterator[Callable[[], Batch]]) -> Any:
    """Return what each converted column reduces to, in pairs of float64; None if there are no rows."""
    assert activation.reduction is not None
    matrices = in_order(lambda batch: _left(activation, _stack(require_rows(batch()).columns)), batches)
    groups = in_order(partial(row_wise.reduce, activation.reduction), _groups(matrices))
    first = next(groups, None)
    reduction = reduce(partial(row_wise.merge, activation.merge_reductions), groups, first)
    if reduction is None or len(activation.listed_axes) == 1:
        return reduction
    return row_wise.merge_rows(activation.merge_reductions, reduction)


def results(activation: Any, columns: list[Column], reduction: Any) -> list[Numbers]:
    """Return the results of the columns of a table, given what all its rows reduce to; rounded once."""
    stacked = _stack(columns)
    kept = masks.find_kept(stacked, None, activation.fill_value)
    x = _left(activation, stacked)
    width = max(1, _EVALUATED_NUMBERS // len(x))
    parts = []
    for start in range(0, x.shape[1], width):
        part = x[:, start : start + width]
        parts.append(row_wise.apply_reduction(activation.apply_reduction, part, reduction, dtypes.find(x.dtype)))
    if not parts:
        return list(x)
    together = np.concatenate(parts, axis=1)
    _put_limits(activation, together, x, reduction)
    if kept is not None:
        together[~kept] = activation.at_absent
    return list(together)


def _put_limits(activation: AlongAxis, result: Numbers, x: Numbers, reduction: Any) -> None:
    """Put the limits at infinities into the results, given what all rows reduce to."""
    assert activation.absent is not None
    is_absent = x == activation.absent
    shareless = is_absent | (np.isfinite(x) & row_wise.is_largest_infinite(reduction, 1.0))
    result[shareless & ~np.isnan(result)] = activation.at_absent
    result[row_wise.is_largest_infinite(reduction, -1.0) & is_absent] = activation.of_nothing


def _left(activation: AlongAxis, x: Numbers) -> Numbers:
    """Return numbers without those that are masked."""
    return masks.leave_out(x, masks.find_kept(x, None, activation.fill_value), activation.absent)


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
