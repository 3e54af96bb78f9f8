"""What pre-activations do to a gradient: statistics of columns of numbers and of the derivatives at them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actcli.activation import Activation
from actcli.compute import compute_derivatives
from actcli.data.batch import Batch, Batches, Column, Numbers, Rows, require_rows
from actcli.pipeline.threads import in_order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EDGES = tuple(i / 2 for i in range(-16, 17))
"""Between the bars of a histogram; the first and the last bar hold what lies outside."""
WEAKEST, STRONGEST = 0.3, 3.0
"""The mean |f'| below which gradients vanish and above which they explode, layer by layer."""
MAX_SHARE = 0.5
"""Above this share, dead or saturated numbers make the verdict."""
_ALIVE = "a smaller learning rate, biases that start at 0, or leaky_relu, whose slope is never 0"
ADVICE = {
    "dead": _ALIVE,
    "dying": _ALIVE,
    "saturated": "smaller starting weights, normalised layers, or relu in hidden layers",
    "vanishing": "relu in hidden layers, whose slope above 0 is 1",
    "exploding": "smaller starting weights, normalised layers, or clipped gradients",
}
"""What to try, by the first word of the verdict."""
_SUMMED_NUMBERS = 65536  # at a time, by their place in the column: no bit depends on where batches end


@dataclass(frozen=True)
class Diagnosis:
    """What is known of one column; NaN and infinities are only counted, all else is about the finite numbers."""

    column: str
    count: int
    """The finite numbers."""
    nan: int
    infinite: int
    missing: int
    mean: float
    deviation: float
    """Standard deviation of these numbers (divided by their count)."""
    dead: float
    """Share of numbers at which the derivative is exactly 0."""
    saturated: float
    """Share of numbers at which the derivative is smaller than the threshold; the dead are among them."""
    slope: float
    """Mean size of the derivative."""
    histogram: list[int]
    """Counts below, between and above ``EDGES``."""

    def gradient_left(self, layers: int) -> float:
        """Return what so many such layers leave of a gradient: a factor of ``slope`` each, weights left out."""
        try:
            return self.slope**layers
        except OverflowError:
            return math.inf

    def verdict(self, layers: int, saturation: float) -> str:
        """Return what this means, in words, with the thresholds."""
        rest = f"{layers} layers leave {self.gradient_left(layers):.2g} of a gradient"
        most = f"more than {MAX_SHARE:.0%}"
        verdicts = {
            "no finite numbers": not self.count,
            "dead: f' = 0 at every number; nothing is learned from them": self.dead == 1,
            f"dying: f' = 0 at {self.dead:.1%} of the numbers ({most})": self.dead > MAX_SHARE,
            f"saturated: |f'| < {saturation:g} at {self.saturated:.1%} ({most})": self.saturated > MAX_SHARE,
            f"vanishing: {rest}; mean |f'| is below {WEAKEST:g}": self.slope < WEAKEST,
            f"exploding: {rest}; mean |f'| is above {STRONGEST:g}": self.slope > STRONGEST,
        }
        healthy = f"healthy: dead and saturated at most {MAX_SHARE:.0%}, mean |f'| from {WEAKEST:g} to {STRONGEST:g}"
        return next((words for words, true in verdicts.items() if true), healthy)


def diagnose(
    activation: Activation,
    batches: Batches,
    saturation: float,
    on_progress: Callable[[Batch], None] = lambda batch: None,
) -> list[Diagnosis]:
    """Return the diagnosis of each column of an elementwise activation's inputs; the same for every size of batches.

    Args:
        activation: the function.
        batches: the rows.
        saturation: below this size of its derivative a number counts as saturated.
        on_progress: called with each batch once it is counted.

    """
    columns: list[_Statistics] = []

    def slopes(batch: Callable[[], Batch]) -> tuple[Rows, list[Numbers]]:
        rows = require_rows(batch())
        return rows, [compute_derivatives(activation, column.values, "exact") for column in rows.columns]

    for rows, derivatives in in_order(slopes, iter(batches)):
        columns = columns or [_Statistics(column.name, saturation) for column in rows.columns]
        for statistics, column, slopes_of_column in zip(columns, rows.columns, derivatives, strict=True):
            statistics.add(column, slopes_of_column)
        on_progress(rows)
    return [statistics.result() for statistics in columns]


class _Moments:
    """Mean and sum of squared differences from it, of numbers in groups of one size."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, values: "NDArray[np.float64]") -> None:
        """Take a group of numbers (1-D, float64), with Chan's formula for two groups."""
        import numpy as np

        with np.errstate(over="ignore", invalid="ignore"):
            count, mean = len(values), float(values.sum()) / len(values)
            squares = float(((values - mean) ** 2).sum())
            apart, total = mean - self.mean, self.count + count
            self.squares += squares + apart * apart * self.count * count / total
            self.mean += apart * count / total if math.isfinite(apart) else mean
        self.count = total


class _Statistics:
    """The statistics of one column, number by number in the order of the column."""

    def __init__(self, name: str, saturation: float) -> None:
        self._name, self._saturation = name, saturation
        self._inputs, self._slopes = _Moments(), _Moments()
        self._waiting: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        self._nan = self._infinite = self._missing = self._dead = self._saturated = 0
        self._histogram = [0] * (len(EDGES) + 1)

    def add(self, column: Column, derivatives: Numbers) -> None:
        """Take the next numbers of the column and the derivatives at them."""
        import numpy as np

        values = column.values.astype(np.float64)
        missing = np.zeros(len(values), bool) if column.missing is None else column.missing
        finite = np.isfinite(values)
        self._missing += int(missing.sum())
        self._nan += int((np.isnan(values) & ~missing).sum())
        self._infinite += int(np.isinf(values).sum())
        values, slopes = values[finite], np.abs(derivatives.astype(np.float64)[finite])
        self._dead += int((slopes == 0).sum())
        self._saturated += int((slopes < self._saturation).sum())
        places = np.searchsorted(EDGES, values, side="right")
        counts = np.bincount(places, minlength=len(self._histogram))
        self._histogram = [count + int(more) for count, more in zip(self._histogram, counts, strict=True)]
        self._waiting.append((values, slopes))
        self._sum(_SUMMED_NUMBERS)

    def _sum(self, least: int) -> None:
        """Add up the waiting numbers in whole groups; all that wait, if one is enough."""
        import numpy as np

        if sum(len(values) for values, _ in self._waiting) < least:
            return
        values, slopes = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        end = len(values) if least == 1 else len(values) - len(values) % _SUMMED_NUMBERS
        for start in range(0, end, _SUMMED_NUMBERS):
            self._inputs.add(values[start : min(start + _SUMMED_NUMBERS, end)])
            self._slopes.add(slopes[start : min(start + _SUMMED_NUMBERS, end)])
        self._waiting = [(values[end:], slopes[end:])]

    def result(self) -> Diagnosis:
        """Return the diagnosis, after the last number."""
        self._sum(1)
        count = self._inputs.count
        return Diagnosis(
            self._name,
            count,
            self._nan,
            self._infinite,
            self._missing,
            mean=self._inputs.mean if count else math.nan,
            deviation=math.sqrt(self._inputs.squares / count) if count else math.nan,
            dead=self._dead / count if count else math.nan,
            saturated=max(self._saturated, self._dead) / count if count else math.nan,
            slope=self._slopes.mean if count else math.nan,
            histogram=self._histogram,
        )
