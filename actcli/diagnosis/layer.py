"""One layer of neurons: which of them are dead, rarely active or stuck, and how far the rows differ."""

import math
from collections.abc import Sequence

import numpy as np

from actcli.data.batch import Mask, Numbers
from actcli.diagnosis.measure import Counts, Floats, MeasuredColumns

ENOUGH_ROWS = 300
"""Rows from which a neuron that is silent in all of them is called dead: it is active in less than 1% of such rows."""
RARE = 0.01
"""The share of rows below which a neuron counts as rarely active."""
ALIKE = 1.2e-4
"""Rows that differ by less than this share of their size are alike: float32 holds little but rounding of it."""
MANY, MOST = 0.1, 0.5
"""Shares of dead neurons from which, and above which, the verdict says so."""


class Layer:
    """A layer, a column for each neuron.

    Args:
        name: what reports call it.
        columns: the measured columns.
        positions: those that belong to it.

    """

    def __init__(self, name: str, columns: MeasuredColumns, positions: Sequence[int]) -> None:
        self.name, self.columns, self.positions = name, columns, positions
        self.rows = columns.rows
        self.neurons = [columns.names[i] for i in positions]
        self.count, off, flat = (each[positions] for each in (columns.count, columns.off, columns.flat))
        self._slope_squares = columns.slope_squares[positions]
        self.silent: Mask = (off == self.count) & (self.count > 0)
        """Neurons at which f' = 0 in every row."""
        self.flat: Mask = (flat == self.count) & (self.count > 0) & ~self.silent
        """The other neurons that are flat in every row."""
        self.dead, self.stuck = (mask & (self.count >= ENOUGH_ROWS) for mask in (self.silent, self.flat))
        self.rare: Mask = (off < self.count) & (self.count - off < RARE * self.count)
        """Neurons that are active in less than 1% of the rows, but not in none."""
        self.activity: Floats = np.sort(((self.count - off) / np.maximum(self.count, 1))[off < self.count])
        """Shares of the rows in which the neurons that are not silent are active, from the least to the largest."""
        self.input_variance, self.input_spread = _spread(columns.inputs.mean, columns.inputs.variance(), positions)
        """Variance over the rows, averaged over the neurons, and how far rows differ as a share of their size."""
        self.output_variance, self.output_spread = _spread(columns.outputs.mean, columns.outputs.variance(), positions)

    def sample(self, stride: int) -> Numbers:
        """Return the numbers of rows that are a stride apart, neurons first."""
        return self.columns.sample[list(self.positions), :: stride // self.columns.stride]

    @property
    def rms_slope(self) -> float:
        """Root of the mean of f' squared."""
        return _root_mean(self._slope_squares, self.count)

    @property
    def rms_slope_of_living(self) -> float:
        """The same, of the neurons that are not silent."""
        return _root_mean(self._slope_squares[~self.silent], self.count[~self.silent])

    @property
    def rows_alike(self) -> bool:
        """Whether the rows hardly differ, before the function or after it."""
        return self.rows > 1 and (self.input_spread < ALIKE or self.output_spread < ALIKE)

    @property
    def active_bound(self) -> float:
        """The largest share of such rows in which a silent neuron may be active, at 95% confidence: 3 / n."""
        counts = self.count[self.silent | self.flat]
        return min(1.0, 3 / int(counts.min())) if len(counts) else math.nan

    def verdict(self) -> str:
        """Return what the layer is, in a word or two."""
        size, dead, stuck = len(self.neurons), int(self.dead.sum()), int(self.stuck.sum())
        verdicts = {
            "no finite numbers": not self.count.any(),
            "blocked": dead == size,
            "stuck": stuck > dead,
            "most dead": dead > MOST * size,
            "many dead": dead >= MANY * size,
            "some dead": dead > 0,
            "too few rows": bool(self.silent.any() or self.flat.any()),
            "rows alike": self.rows_alike,
        }
        dead_of_none = dead == 0
        return next(
            (word for word, true in verdicts.items() if true and not (dead_of_none and word.endswith(" dead"))),
            "no dead neuron",
        )


def _spread(means: Floats, variances: Floats, positions: Sequence[int]) -> tuple[float, float]:
    """Return the variance averaged over neurons, and its root as a share of that of the mean square."""
    variance = float(variances[positions].mean())
    square = variance + float((means[positions] ** 2).mean())
    return variance, math.sqrt(variance / square) if square and math.isfinite(square) else math.nan


def _root_mean(squares: Floats, counts: Counts) -> float:
    return math.sqrt(squares.sum() / counts.sum()) if counts.sum() else math.nan
