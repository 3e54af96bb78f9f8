"""Curves as text for the terminal: axes through 0, names beside the curves, a histogram below."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from actcli.cli.views import bars, canvas, labels, scales, styles
from actcli.cli.views.canvas import Cells
from actcli.cli.views.grid import Grid
from actcli.cli.views.sampling import Curve, Histogram, limits
from actcli.cli.views.scales import Scale

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

_MARKS = "*o+x#@%&$=~"
"""What curves are drawn with where the encoding has no dots."""
_NARROWEST = 20
_ROWS_PER_NUMBER = 2.5
_COLUMNS_PER_NUMBER = 9
_FEWEST_NUMBERS = 3


class _Frame(NamedTuple):
    """A grid with the scales of its axes, and how many of its columns the numbers beside the y axis take."""

    grid: Grid
    gutter: int
    x: Scale
    y: Scale
    cells: Cells

    @property
    def height(self) -> int:
        return self.y.dots // self.cells.height

    @property
    def width(self) -> int:
        return self.x.dots // self.cells.width

    @property
    def origin(self) -> tuple[int, int]:
        """The row and the column of the axes; as many as there are, for an axis out of sight."""
        row, column = self.y.cell(0.0, self.cells.height), self.x.cell(0.0, self.cells.width)
        return row if 0 <= row < self.height else self.height, column if 0 <= column < self.width else self.width

    def put(self, row: int, column: int, text: str, style: str) -> None:
        """Write a text into the drawing, or nothing outside of it."""
        if row < self.height:
            self.grid.put(row, self.gutter + column, text, style)


def shown(  # noqa: PLR0913  what a picture is made of
    console: "Console",
    curves: Sequence[Curve],
    height: int,
    *,
    title: str = "",
    histogram: Histogram | None = None,
    ylim: tuple[float, float] | None = None,
) -> str:
    """Return curves as lines of text in the width, the colours and the characters of a console.

    Args:
        console: where they will be shown.
        curves: the curves, all over the same range of x.
        height: lines from the upper to the lower edge.
        title: stands above, on several lines if it is long.
        histogram: bars to draw below the curves, over the same range.
        ylim: the lowest and highest y to draw; if left out, those of the curves.

    """
    width = max(console.width, _NARROWEST)
    cells = canvas.DOTS if styles.has_unicode(console) else canvas.LETTERS
    low, high = ylim or limits(curves)
    y = scales.vertical(low, high, height, cells.height)
    numbers = scales.ticks(*y.span(), max(height / _ROWS_PER_NUMBER, _FEWEST_NUMBERS))
    gutter = max(map(len, numbers.values()), default=0) + 1
    x = scales.horizontal(float(curves[0].x[0]), float(curves[0].x[-1]), (width - gutter) * cells.width)
    frame = _Frame(Grid(height + 1, width), gutter, x, y, cells)
    _put_axes(frame)
    for value, number in numbers.items():
        frame.grid.put(y.cell(value, cells.height), gutter - 1 - len(number), number)
    _put_x_numbers(frame)
    key = _put_curves(frame, curves, canvas.draw(curves, x, y, cells, (low, high)))
    parts = [frame.grid]
    if histogram is not None:
        parts.append(bars.upright(histogram, gutter, width, unicode=cells is canvas.DOTS))
    if key:
        parts.append(_key(key, width))
    return "".join(f"{line}\n" for line in textwrap.wrap(title, width)) + "".join(part.text(console) for part in parts)


def _put_axes(frame: _Frame) -> None:
    across, up, both = "─│┼" if frame.cells is canvas.DOTS else "-|+"
    row, column = frame.origin
    frame.put(row, 0, across * frame.width, styles.AXIS)
    for i in range(frame.height):
        frame.put(i, column, both if i == row else up, styles.AXIS)


def _put_x_numbers(frame: _Frame) -> None:
    """Write numbers below the curves, as far as they fit side by side."""
    end = 0
    for value, number in scales.ticks(*frame.x.span(), max(frame.width / _COLUMNS_PER_NUMBER, _FEWEST_NUMBERS)).items():
        middle = frame.gutter + frame.x.cell(value, frame.cells.width)
        start = max(0, min(middle - len(number) // 2, frame.grid.width - len(number)))
        if start >= end:
            frame.grid.put(frame.height, start, number)
            end = start + len(number) + 1


def _put_curves(frame: _Frame, curves: Sequence[Curve], drawn: "NDArray[np.uint8]") -> list[tuple[str, str]]:
    """Draw curves and write their names; return key and style of those beside which there is no room."""
    import numpy as np

    dots = frame.cells is canvas.DOTS
    colours = len(styles.CURVES)
    look = [styles.CURVES[(i if len(curves) <= colours else curve.of) % colours] for i, curve in enumerate(curves)]
    marks = [_MARKS[i % len(_MARKS)] for i in range(len(curves))]
    union, owner = np.bitwise_or.reduce(drawn), canvas.owners(drawn)
    for i, j in zip(*(places.tolist() for places in union.nonzero()), strict=True):
        k = int(owner[i, j])
        frame.put(i, j, chr(canvas.BRAILLE + int(union[i, j])) if dots else marks[k], look[k])
    taken = np.zeros(union.shape, bool)
    row, column = frame.origin
    taken[row : row + 1] = taken[:, column : column + 1] = True
    found = labels.place([len(curve.label) for curve in curves], drawn > 0, taken)
    key: list[tuple[str, str]] = []
    marked = np.zeros(union.shape, bool)
    for k, curve in enumerate(curves):
        if k in found:
            frame.put(*found[k], curve.label, look[k])
            continue
        mark = str(len(key) + 1) if dots else 2 * marks[k]
        if dots and (cell := labels.own_cell(k, drawn > 0, marked)):
            frame.put(*cell, mark, look[k])
            marked[cell[0], max(cell[1] - 2, 0) : cell[1] + 3] = True
        key.append((f"{mark} {curve.label}", look[k]))
    return key


def _key(entries: Sequence[tuple[str, str]], width: int) -> Grid:
    """Return names side by side, on as many lines as they take; a name longer than a line goes on below."""
    places: list[tuple[int, int, str, str]] = []
    row, column = 0, 0
    for entry, style in entries:
        if column and column + len(entry) > width:
            row, column = row + 1, 0
        for part in textwrap.wrap(entry, width):
            places.append((row, column, part, style))
            row, column = row + 1, 0
        row, column = row - 1, len(places[-1][2]) + places[-1][1] + 3
    grid = Grid(row + 1, width)
    for place in places:
        grid.put(*place)
    return grid
