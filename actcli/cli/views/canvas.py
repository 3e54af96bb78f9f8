"""Curves as dots: in each cell of the terminal a Braille character of two by four dots, or a letter."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from actcli.cli.views.sampling import Curve
from actcli.cli.views.scales import Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BRAILLE = 0x2800
"""The character without dots; each dot is a bit of those that follow."""

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_POINTS_PER_DOT = 8


class Cells(NamedTuple):
    """How many dots a cell has, and the bit of each."""

    bits: tuple[tuple[int, ...], ...]

    @property
    def width(self) -> int:
        """Dots of a cell side by side."""
        return len(self.bits[0])

    @property
    def height(self) -> int:
        """Dots of a cell one below the other."""
        return len(self.bits)


DOTS = Cells(_BITS)
LETTERS = Cells(((1,),))


def draw(curves: Sequence[Curve], x: Scale, y: Scale, cells: Cells, limits: tuple[float, float]) -> "NDArray[np.uint8]":
    """Return the bits of each curve's dots (curves, rows, columns); a derivative is dashed where cells have dots."""
    import numpy as np

    size = (len(curves), y.dots // cells.height, x.dots // cells.width)
    drawn = np.zeros(size, np.uint8)
    bits = np.array(cells.bits, np.uint8)
    top, bottom = (round(y.dot(limit)) for limit in reversed(limits))
    for picture, curve in zip(drawn, curves, strict=True):
        rows, columns = _trace(curve, x, y)
        fits = (rows >= max(top, 0)) & (rows <= min(bottom, y.dots - 1))
        if curve.derivative and cells is DOTS:
            fits &= _dashes(rows, columns)
        rows, columns = rows[fits], columns[fits]
        place = (rows // cells.height, columns // cells.width)
        np.bitwise_or.at(picture, place, bits[rows % cells.height, columns % cells.width])
    return drawn


def owners(drawn: "NDArray[np.uint8]") -> "NDArray[np.intp]":
    """Return the curve that each cell shows, of which it has most dots; curves that share it equally take turns."""
    import numpy as np

    count = np.bitwise_count(drawn)
    most = (count == count.max(axis=0)) & (count > 0)
    turn = np.arange(drawn.shape[2]) // 2 % np.maximum(most.sum(axis=0), 1)
    place: NDArray[np.intp] = np.argmax(np.cumsum(most, axis=0) == turn + 1, axis=0)
    return place


def _trace(curve: Curve, x: Scale, y: Scale) -> "tuple[NDArray[np.intp], NDArray[np.intp]]":
    """Return the rows and columns of a curve's dots in its order, without gaps where it is steep."""
    import numpy as np

    points = np.linspace(curve.x[0], curve.x[-1], _POINTS_PER_DOT * x.dots)
    values = np.clip(np.interp(points, curve.x, curve.y), y.value(y.dots), y.value(-1))
    columns, rows = np.linspace(0, x.dots - 1, len(points)), y.dot(values)
    steps = np.diff(rows, append=np.nan)
    steps[np.searchsorted(points, curve.x[np.isnan(curve.y)]) - 1] = np.nan  # a jump between two points
    connected = np.isfinite(steps)
    steps = np.where(connected, steps, 0.0)
    counts = np.maximum(np.ceil(np.abs(steps)), 1).astype(np.intp)
    of = np.repeat(np.arange(len(points)), counts)
    share = (np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[of]
    rows = rows[of] + share * steps[of]
    columns = columns[of] + share * np.diff(columns, append=columns[-1])[of]
    there = np.isfinite(rows)
    return np.rint(rows[there]).astype(np.intp), np.rint(columns[there]).astype(np.intp)


def _dashes(rows: "NDArray[np.intp]", columns: "NDArray[np.intp]") -> "NDArray[np.bool]":
    """Return which points to draw: two dots of every four along the curve."""
    import numpy as np

    moved = (np.diff(rows, prepend=rows[:1]) != 0) | (np.diff(columns, prepend=columns[:1]) != 0)
    return np.cumsum(moved) % 4 < 2
