"""Consecutive layers: how a gradient's size changes from the last to the first, and whether that can be told."""

import math
from dataclasses import dataclass

import numpy as np

from actcli.compute import compute_values
from actcli.diagnosis.layer import ALIKE, Layer
from actcli.diagnosis.measure import Floats

LIMIT = 1e3
"""The factor between the last and the first layer from which a gradient is said to vanish or to explode."""
AGREEMENT = 3.0
"""The factor within which the two estimates have to agree."""
MIN_ROWS = 10
"""Rows from which the estimates are worth giving."""
_DIFFERING = 0.04  # how far the first layer's rows differ at least, if it is later layers that make them alike
_FIT = 0.9999  # the share of the next layer's variance that a plain chain explains
_SEEN = 1e-5  # how far rows have to reach in a direction, as a share of the widest, for the map to be fitted there
_UNSEEN = 1e-3  # how far a row may reach into other directions, as a share of the rows' size, to be judged by the map


@dataclass(frozen=True)
class Step:
    """From one layer to the next."""

    gain: float
    """How many times the weights enlarge what the function gives; NaN where it gives every row the same."""
    change: float
    """How many times as large a gradient is one layer back: RMS f' times the gain."""
    other_change: float
    """A second estimate of it, from the pre-activations alone."""
    is_plain: bool | None
    """Whether the next layer's numbers are a linear map of what this one gives; None: it could not be checked."""


class Chain:
    """Consecutive layers, from first to last; or a single one."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.steps: list[Step] = []
        """From each layer to the next."""

    def add(self, layer: Layer) -> None:
        """Take the next layer, which has as many rows."""
        if self.layers:
            self.steps.append(_compare(self.layers[-1], layer))
            if self.layers[-1].columns is not layer.columns:
                self.layers[-1].columns.forget_sample()
        self.layers.append(layer)

    def changes(self) -> list[float]:
        """Return for each layer how many times as large a gradient is there as at the last one."""
        products = [1.0]
        for step in reversed(self.steps):
            products.insert(0, step.change * products[0])
        return products

    def other_change(self) -> float:
        """Return the second estimate of the whole change."""
        return math.prod(step.other_change for step in self.steps)

    def usual_errors(self) -> tuple[float, float]:
        """Return the factors within which the estimate usually is, before and after training: 2 and 10 in ten steps."""
        return 2 ** (len(self.steps) / 10), 10 ** (len(self.steps) / 10)

    def breaks(self) -> list[int]:
        """Return the positions of the steps that are not those of a plain chain."""
        return [i for i, step in enumerate(self.steps) if step.is_plain is False]

    def unchecked(self) -> list[int]:
        """Return the positions of the steps of which that could not be checked."""
        return [i for i, step in enumerate(self.steps) if step.is_plain is None]

    def empty(self) -> list[Layer]:
        """Return the layers without finite numbers."""
        return [layer for layer in self.layers if not layer.count.any()]

    def blocked(self) -> list[Layer]:
        """Return the layers whose neurons are all dead."""
        return [layer for layer in self.layers if layer.dead.all()]

    def collapsed(self) -> list[Layer]:
        """Return the layers whose rows are alike, although those of the first one differ."""
        differ = self.layers[0].input_spread >= _DIFFERING
        return [layer for layer in self.layers if layer.rows_alike] if differ else []

    def disagreement(self) -> float:
        """Return the factor between the two estimates; infinite where one of them cannot be made."""
        first, second = self.changes()[0], self.other_change()
        if not (0 < first < math.inf and 0 < second < math.inf):
            return math.inf
        return max(first / second, second / first)

    def verdict(self) -> str:
        """Return what becomes of a gradient from the last layer to the first, in a word or two."""
        change = self.changes()[0]
        verdicts = {
            "no verdict": bool(self.breaks() or self.empty()),
            "blocked": bool(self.blocked()),
            "collapsed": bool(self.collapsed()),
            "undecided": self.layers[0].rows < MIN_ROWS or self.disagreement() > AGREEMENT,
            "vanishing": change < 1 / LIMIT,
            "exploding": change > LIMIT,
        }
        return next((word for word, true in verdicts.items() if true), "kept")


def _compare(lower: Layer, upper: Layer) -> Step:
    """Return the step from a layer to the next one."""
    gain = _root_ratio(upper.input_variance, lower.output_variance)
    change = 0.0 if lower.rms_slope == 0 else gain * lower.rms_slope
    return Step(gain, change, _root_ratio(upper.input_variance, lower.input_variance), _is_plain(lower, upper))


def _root_ratio(above: float, below: float) -> float:
    return math.sqrt(above / below) if below > 0 else math.nan


def _is_plain(lower: Layer, upper: Layer) -> bool | None:
    """Tell whether the numbers of a layer are a linear map, with a bias, of what the one before gives.

    It is fitted to every other row of a sample and judged on the rest; None where these are too few for its size, or
    hold little but rounding.
    """
    if lower.rows_alike:
        return False if upper.input_spread >= _DIFFERING else None
    if not upper.input_spread >= ALIKE:  # nor where it is NaN
        return None
    stride = max(lower.columns.stride, upper.columns.stride)
    below, above = (layer.sample(stride) for layer in (lower, upper))
    given = compute_values(lower.columns.activation, below.reshape(-1), "exact").reshape(below.shape)
    x, y = (each.astype(np.float64).T for each in (given, above))
    finite = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
    x, y = x[finite], y[finite]
    if len(x) < 2 * (x.shape[1] + 1):
        return None
    share = _explained_share(x[::2], y[::2], x[1::2], y[1::2])
    return None if math.isnan(share) else share > _FIT


def _explained_share(x: Floats, y: Floats, other_x: Floats, other_y: Floats) -> float:
    """Return how much of the other rows' variance a linear map explains that is fitted to these rows (R squared).

    Left out are rows of which these rows say nothing, as where a neuron is active that is not in any of them. NaN if
    those are more than half.
    """
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    left, sizes, right = np.linalg.svd(x - x_mean, full_matrices=False)
    seen = sizes > _SEEN * sizes[0]
    basis = right[seen]
    weights = basis.T @ (left[:, seen].T @ (y - y_mean) / sizes[seen, None])
    moved = other_x - x_mean
    unseen = np.linalg.norm(moved - moved @ basis.T @ basis, axis=1)
    known = unseen <= _UNSEEN * math.sqrt((moved**2).sum() / len(moved))
    errors, differences = ((other_y - y_mean - moved @ weights)[known], (other_y - other_y.mean(axis=0))[known])
    if known.sum() < len(known) / 2 or not differences.any():
        return math.nan
    return 1 - float((errors**2).sum() / (differences**2).sum())
