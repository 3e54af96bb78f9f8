"""Curves: what a function gives along a range of numbers, broken where it jumps."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from actcli.activation import Activation, Elementwise
from actcli.compute import compute_derivatives, compute_values
from actcli.formats.number_text import parameter_texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from actcli.compute import Compute
    from actcli.data.batch import Numbers

EXAMPLE = ("1", "2.5", "-2", "0.5", "2")
"""A row that shows softmax and its kin apart: sparsemax keeps two of the numbers, hardmax one."""
_HALVINGS = 30


class Curve(NamedTuple):
    """Points of a curve (1-D, float64); NaN where it is broken."""

    label: str
    x: "NDArray[np.float64]"
    y: "NDArray[np.float64]"
    of: int = 0
    """The place of its function among those of a picture."""
    derivative: bool = False


class Row(NamedTuple):
    """Numbers that belong together (1-D, float64)."""

    label: str
    values: "NDArray[np.float64]"


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
    # The side with the larger step is halved again and again: a jump stays, while the step of a curve shrinks.
    low, high, y_low, y_high = points[places], points[places + 1], y[places], y[places + 1]
    for _ in range(_HALVINGS):
        if not places.size:
            break
        middle = (low + high) / 2
        y_middle = function(activation, middle.astype(x.dtype), "exact").astype(np.float64)
        left = np.abs(y_middle - y_low) > np.abs(y_high - y_middle)
        low, y_low = np.where(left, low, middle), np.where(left, y_low, y_middle)
        high, y_high = np.where(left, middle, high), np.where(left, y_middle, y_high)
        jumps = np.abs(y_high - y_low) > steps[places] / 2
        places = places[jumps]
        low, high, y_low, y_high = (each[jumps] for each in (low, high, y_low, y_high))
    at = np.repeat(places + 1, 3)
    between = np.stack([low, low, high], axis=1).reshape(-1)
    heights = np.stack([y_low, np.full(len(places), np.nan), y_high], axis=1).reshape(-1)
    return np.insert(points, at, between), np.insert(y, at, heights)


def limits(drawn: Sequence[Curve]) -> tuple[float, float]:
    """Return the lowest and highest y of curves, and of 0."""
    import numpy as np

    values = np.concatenate([curve.y for curve in drawn])
    finite = values[np.isfinite(values)]
    return float(finite.min(initial=0.0)), float(finite.max(initial=0.0))


def window(activations: Sequence[Elementwise], dtype: str = "float32") -> tuple[float, float]:
    """Return the range of x in which several functions are worth seeing: the widest of theirs.

    A parameter that lies outside, such as a threshold, makes it wider.
    """
    low = min(activation.window[0] for activation in activations)
    high = max(activation.window[1] for activation in activations)
    given = [
        abs(value)
        for activation in activations
        for name in parameter_texts(activation, dtype, all=False)
        if isinstance(value := getattr(activation, name), float) and math.isfinite(value)
    ]
    farthest = max((value for value in given if value >= min(-low, high)), default=0.0)
    return min(low, -1.5 * farthest), max(high, 1.5 * farthest)


def rows(activations: Sequence[Activation], dtype: str = "float32") -> list[Row]:
    """Return a row of numbers, and what each function along an axis makes of it."""
    import numpy as np

    from actcli.numerics import dtypes, text

    x = text.parse(EXAMPLE, dtypes.FORMATS[dtype])
    results = [Row(label(each, dtype), compute_values(each, x, "exact").astype(np.float64)) for each in activations]
    return [Row("x", x.astype(np.float64)), *results]
