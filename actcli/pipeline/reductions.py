"""Activations down the columns of a table that is not in memory as a whole: reduced first, then evaluated."""

from collections.abc import Callable, Iterator
from functools import partial, reduce

import numpy as np

from actcli import along_axes
from actcli.activation import AlongAxis
from actcli.data.batch import Batch, Column, Mask, Numbers, Rows, require_rows
from actcli.numerics import dtypes, held, masks, row_wise
from actcli.pipeline.threads import in_order

_REDUCED_NUMBERS = 2**18  # at a time, wherever the batches end: no bit depends on these
_EVALUATED_NUMBERS = 2**16  # at a time: their pairs of float64 stay in the cache
_QUIET = np.errstate(invalid="ignore")  # to NumPy, whatever meets a signalling NaN is invalid, even a cast


def reduce_columns(
    activation: AlongAxis,
    batches: Iterator[Callable[[], Batch]],
    *,
    saturate: bool = False,
    find_kept: Callable[[Rows], Mask | None] = lambda rows: None,
) -> row_wise.Reduction | None:
    """Return what each converted column reduces to, in pairs of float64; None if there are no rows.

    Args:
        activation: one that has a reduction.
        batches: what reads the batches.
        saturate: whether the largest number of the dtype stands for infinities.
        find_kept: what tells which numbers of a batch are kept, as for ``results``.

    """
    assert activation.reduction is not None

    @_QUIET
    def read(batch: Callable[[], Batch]) -> Numbers:
        rows = require_rows(batch())
        return _left(activation, rows, saturate, find_kept(rows))

    matrices = in_order(read, batches)
    groups = in_order(_QUIET(partial(row_wise.reduce, activation.reduction)), _groups(matrices))
    first = next(groups, None)
    reduction = reduce(partial(row_wise.merge, activation.merge_reductions), groups, first)
    if reduction is None or len(activation.listed_axes) == 1:
        return reduction
    return row_wise.merge_rows(activation.merge_reductions, reduction)


@_QUIET
def results(
    activation: AlongAxis,
    columns: list[Column],
    reduction: row_wise.Reduction,
    *,
    saturate: bool = False,
    where: Mask | None = None,
) -> list[Numbers]:
    """Return the results of the columns of a table, given what all its rows reduce to; rounded once.

    Args:
        activation: an ``AlongAxis`` that has a reduction.
        columns: the columns.
        reduction: what all rows of each column reduce to.
        saturate: whether the largest number of the dtype takes the place of infinities.
        where: which numbers are kept, an array (columns, rows); None: all; without the fill value.

    """
    stacked = _stack(columns)
    format = held.saturating(dtypes.find(stacked.dtype), saturate)
    kept = masks.find_kept(activation.name, stacked, where, activation.fill_value, format)
    x = masks.leave_out(stacked, kept, activation.absent, format)
    width = max(1, _EVALUATED_NUMBERS // len(x))
    parts = []
    for start in range(0, x.shape[1], width):
        part = x[:, start : start + width]
        parts.append(row_wise.apply_reduction(activation.apply_reduction, part, reduction, held.hold(format)))
    if not parts:
        return list(stacked)
    together = np.concatenate(parts, axis=1)
    _put_limits(activation, together, x, reduction)
    masks.put_back(together, kept, activation.at_absent)
    return list(along_axes.release_rows(activation, together, format))


def _put_limits(activation: AlongAxis, result: Numbers, x: Numbers, reduction: row_wise.Reduction) -> None:
    """Put the limits at infinities into the results, given what all rows reduce to."""
    assert activation.absent is not None
    is_absent = x == activation.absent
    shareless = is_absent | (np.isfinite(x) & row_wise.is_largest_infinite(reduction, 1.0))
    result[shareless & ~np.isnan(result)] = activation.at_absent
    result[row_wise.is_largest_infinite(reduction, -1.0) & is_absent] = activation.of_nothing


def _left(activation: AlongAxis, rows: Rows, saturate: bool, where: Mask | None) -> Numbers:
    """Return the columns of rows as a matrix (columns, rows), without the numbers that are masked."""
    x = _stack(rows.columns)
    format = held.saturating(dtypes.find(x.dtype), saturate)
    kept = masks.find_kept(activation.name, x, where, activation.fill_value, format)
    return masks.leave_out(x, kept, activation.absent, format)


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
