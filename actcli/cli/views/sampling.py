"""Curves: what a function gives along a range of numbers, broken where it jumps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from actcli.activation import Activation
from actcli.compute import compute_derivatives, compute_values
from actcli.formats.number_text import parameter_texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from actcli.compute import Compute
    from actcli.data.batch import Numbers

_HALVINGS = 30


class Curve(NamedTuple):
    """Points of a curve (1-D, float64); NaN where it is broken."""

    label: str
    x: "NDArray[np.float64]"
    y: "NDArray[np.float64]"
    of: int = 0
    """The place of its function among those of a picture."""
    derivative: bool = False


class Histogram(NamedTuple):
    """How many numbers fall between each two edges (one edge more than counts)."""

    label: str
    edges: "NDArray[np.float64]"
    counts: "NDArray[np.int64]"


def label(activation: Activation, dtype: str = "float32") -> str:
    """Return the function as people write it, with the parameters that are not at their defaults."""
    given = ", ".join(f"{name}={value}" for name, value in parameter_texts(activation, dtype, all=False).items())
    return f"{activation.name}({given})" if given else activation.name


def curves(activations: Sequence[Activation], x: "Numbers", *, derivative: bool = False) -> list[Curve]:
    """Return the curve of each elementwise function over x (1-D, of a float dtype, ascending), and of each f'."""
    curves_drawn = []
    for i, activation in enumerate(activations):
        name = label(activation, x.dtype.name)
        curves_drawn.append(Curve(name, *_points(activation, compute_values, x), i))
        if derivative:
            curves_drawn.append(Curve(f"{name}'", *_points(activation, compute_derivatives, x), i, derivative=True))
    return curves_drawn


def _points(
    activation: Activation, function: "Compute", x: "Numbers"
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return x and the function's values, with a break in each jump."""
    import numpy as np

    y = function(activation, x, "exact").astype(np.float64)
    points = x.astype(np.float64)
    y[~np.isfinite(y)] = np.nan
    if len(x) < 3 or x.dtype.itemsize < 4:
        return points, y
    steps = np.abs(np.diff(y))
    places = np.flatnonzero(steps > 4 * np.nanmedian(steps) + 0.01 * np.nanmax(steps, initial=0.0))
    low, high = points[places], points[places + 1]
    for _ in range(_HALVINGS):
        ends = [
            function(activation, end.astype(x.dtype), "exact").astype(np.float64)
            for end in (low, (low + high) / 2, high)
        ]
        left = np.abs(ends[1] - ends[0]) > np.abs(ends[2] - ends[1])
        low, high = np.where(left, low, (low + high) / 2), np.where(left, (low + high) / 2, high)
    last = [function(activation, end.astype(x.dtype), "exact").astype(np.float64) for end in (low, high)]
    jumps = np.abs(last[1] - last[0]) > steps[places] / 2
    at = np.repeat(places[jumps] + 1, 3)
    between = np.stack([low[jumps], low[jumps], high[jumps]], axis=1).reshape(-1)
    heights = np.stack([last[0][jumps], np.full(jumps.sum(), np.nan), last[1][jumps]], axis=1).reshape(-1)
    return np.insert(points, at, between), np.insert(y, at, heights)


def limits(drawn: Sequence[Curve]) -> tuple[float, float]:
    """Return the lowest and highest y of a picture, with 0 and some room."""
    import numpy as np

    values = np.concatenate([curve.y for curve in drawn])
    finite = values[np.isfinite(values)]
    low, high = min(0.0, finite.min(initial=0.0)), max(0.0, finite.max(initial=0.0))
    room = 0.06 * ((high - low) or 1.0)
    return low - room, high + room


def bars(low: float, high: float, most: int) -> tuple[float, float]:
    """Return where the bars of a histogram stand in a picture, and the height of each number in them.

    They stand on 0, or at the bottom where there is little room above 0; the highest takes 45 % of that room.
    """
    base = 0.0 if high > (high - low) / 2 else low
    return base, 0.45 * (high - base) / max(most, 1)
