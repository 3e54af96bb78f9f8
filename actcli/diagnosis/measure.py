"""Measure columns of pre-activations in one pass, in flat memory: the same result for every size of batches."""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.activation import Activation
from actcli.compute import compute_derivatives, compute_values
from actcli.data.batch import Batch, Batches, Mask, Numbers, Rows, require_rows
from actcli.diagnosis.slopes import flat_limit
from actcli.pipeline.threads import in_order

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

_GROUP_NUMBERS = 2**16  # summed at a time, in groups of rows that do not depend on where batches end
_SAMPLE_NUMBERS = 2**22  # kept of all columns, to see whether one layer follows from another
_SAMPLE_ROWS = 4096


class _Group(NamedTuple):
    """Rows, columns first: numbers, the function and its derivative at them, and where cells are empty."""

    values: Numbers
    results: Numbers
    slopes: Numbers
    missing: Mask

    def cut(self, rows: slice) -> "_Group":
        return _Group(self.values[:, rows], self.results[:, rows], self.slopes[:, rows], self.missing[:, rows])


class Moments:
    """Mean and sum of squared differences from it, of each column."""

    def __init__(self, width: int) -> None:
        self.count = np.zeros(width, np.int64)
        self.mean, self.squares = np.zeros(width), np.zeros(width)

    def add(self, values: Floats, used: Mask) -> None:
        """Take a group of rows (columns first), with Chan's formula for two groups."""
        more = used.sum(axis=1)
        total = np.maximum(self.count + more, 1)
        mean = np.where(used, values, 0).sum(axis=1) / np.maximum(more, 1)
        squares = (np.where(used, values - mean[:, None], 0) ** 2).sum(axis=1)
        apart = np.where(more > 0, mean - self.mean, 0)
        self.squares += squares + apart * apart * self.count * more / total
        self.mean += apart * more / total
        self.count += more

    def variance(self) -> Floats:
        """Return the variance of each column; 0 where it has no number."""
        return self.squares / np.maximum(self.count, 1)


class MeasuredColumns:
    """What was measured of columns, an entry for each; NaN, infinities and empty cells are only counted."""

    def __init__(self, activation: Activation, names: list[str]) -> None:
        self.activation, self.names, self.rows = activation, names, 0
        width = len(names)
        self.nan, self.infinite, self.missing = np.zeros((3, width), np.int64)
        self.inputs, self.outputs = Moments(width), Moments(width)
        """Of the finite numbers, and of the function at them."""
        self.off, self.flat = np.zeros((2, width), np.int64)
        """At how many numbers the derivative is exactly 0, and at how many it is flat; the off are flat too."""
        self.slope_squares = np.zeros(width)
        """Sum of the derivative squared."""
        self.stride = 1
        """Rows from one of the sample to the next: a power of 2, so that samples of two files have rows in common."""
        self._flat_limit = flat_limit(activation)
        self._group_rows = max(1, _GROUP_NUMBERS // width)
        self._waiting: list[_Group] = []
        self._sample: list[Numbers] = []
        self._sample_rows = min(_SAMPLE_ROWS, max(1, _SAMPLE_NUMBERS // width))

    @property
    def count(self) -> Counts:
        """How many numbers of each column are finite."""
        return self.inputs.count

    @property
    def sample(self) -> Numbers:
        """One row in every ``stride``, columns first."""
        return np.concatenate(self._sample, axis=1)

    def forget_sample(self) -> None:
        """Give its memory back."""
        self._sample = []

    def rms_slope(self, column: int) -> float:
        """Return the root of the mean of the derivative squared."""
        return math.sqrt(self.slope_squares[column] / self.count[column]) if self.count[column] else math.nan

    def add(self, group: _Group) -> None:
        """Take the next rows."""
        rows = group.values.shape[1]
        self._sample.append(group.values[:, -self.rows % self.stride :: self.stride].copy())
        while sum(part.shape[1] for part in self._sample) > self._sample_rows:
            self._sample = [self.sample[:, ::2].copy()]
            self.stride *= 2
        self.rows += rows
        self._waiting.append(group)
        if sum(part.values.shape[1] for part in self._waiting) >= self._group_rows:
            self._measure_waiting(whole_groups=True)

    def finish(self) -> "MeasuredColumns":
        """Measure what still waits, after the last rows; return this."""
        self._measure_waiting(whole_groups=False)
        return self

    def _measure_waiting(self, *, whole_groups: bool) -> None:
        waiting = _Group(*(np.concatenate(parts, axis=1) for parts in zip(*self._waiting, strict=True)))
        rows = waiting.values.shape[1]
        end = rows - rows % self._group_rows if whole_groups else rows
        for start in range(0, end, self._group_rows):
            self._measure(waiting.cut(slice(start, min(start + self._group_rows, end))))
        self._waiting = [waiting.cut(slice(end, None))]

    def _measure(self, group: _Group) -> None:
        finite = np.isfinite(group.values)
        self.missing += group.missing.sum(axis=1)
        self.nan += (np.isnan(group.values) & ~group.missing).sum(axis=1)
        self.infinite += np.isinf(group.values).sum(axis=1)
        slopes = np.where(finite, np.abs(group.slopes.astype(np.float64)), 0)
        self.off += ((slopes == 0) & finite).sum(axis=1)
        self.flat += (((slopes < self._flat_limit) | (slopes == 0)) & finite).sum(axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            self.slope_squares += (slopes**2).sum(axis=1)
            self.inputs.add(group.values.astype(np.float64), finite)
            self.outputs.add(group.results.astype(np.float64), finite)


def measure(activation: Activation, batches: Batches) -> MeasuredColumns:
    """Measure every column of an elementwise activation's inputs, of which there is at least one batch."""
    return measure_part(activation, batches).finish()


def measure_part(
    activation: Activation,
    batches: Batches,
    on_progress: Callable[[Batch], None] = lambda batch: None,
    measured: MeasuredColumns | None = None,
) -> MeasuredColumns:
    """Measure every column of some of the inputs; after the last of them, ``finish`` has to follow.

    Args:
        activation: the function.
        batches: the rows; at least one batch.
        on_progress: called with each batch once it is measured.
        measured: what was measured of the same columns in the rows before.

    """

    def evaluate(read: Callable[[], Batch]) -> tuple[Rows, _Group]:
        rows = require_rows(read())
        values = np.stack([column.values for column in rows.columns])
        missing = np.zeros(values.shape, bool)
        for place, column in enumerate(rows.columns):
            if column.missing is not None:
                missing[place] = column.missing
        results, slopes = (
            compute(activation, values.reshape(-1), "exact").reshape(values.shape)
            for compute in (compute_values, compute_derivatives)
        )
        return rows, _Group(values, results, slopes, missing)

    for rows, group in in_order(evaluate, iter(batches)):
        measured = measured or MeasuredColumns(activation, [column.name for column in rows.columns])
        measured.add(group)
        on_progress(rows)
    assert measured is not None, "every table has a first batch, though perhaps without rows"
    return measured
