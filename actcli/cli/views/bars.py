"""Bars as text for the terminal: upright ones of a histogram, lying ones of a row before and after a function."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from actcli.cli.views import styles
from actcli.cli.views.grid import Grid
from actcli.cli.views.sampling import Histogram, Row

if TYPE_CHECKING:
    from rich.console import Console

HISTOGRAM_ROWS = 4
"""Lines of an upright bar, beside the lines that say what is counted."""
_LEVELS = " ▁▂▃▄▅▆▇█"
_NARROWEST = 20
"""Columns of the bars of a row, with their numbers."""
_GAP = 2


def upright(histogram: Histogram, gutter: int, width: int, *, unicode: bool) -> Grid:
    """Return a histogram with a heading; its bars fill the width beside a gutter, and are high or low by their count.

    A bar that is not empty can be seen.
    """
    most = int(histogram.counts.max())
    heading = textwrap.wrap(f"{histogram.label}; the highest bar is {most:,}", width)
    grid = Grid(len(heading) + HISTOGRAM_ROWS, width)
    for row, line in enumerate(heading):
        grid.put(row, 0, line)
    steps = 8 if unicode else 1
    bins, columns = len(histogram.counts), width - gutter
    for column in range(columns):
        first, last = column * bins // columns, max((column + 1) * bins // columns, column * bins // columns + 1)
        level = -(-int(histogram.counts[first:last].max()) * HISTOGRAM_ROWS * steps // max(most, 1))
        for row in range(HISTOGRAM_ROWS):
            filled = min(max(level - steps * row, 0), steps)
            grid.put(grid.height - 1 - row, gutter + column, _LEVELS[filled] if unicode else " #"[filled], styles.BARS)
    return grid


def lying(console: "Console", rows: Sequence[Row]) -> str:
    """Return rows of numbers as bars, side by side where they fit, as lines of text in the width of a console."""
    width = max(console.width, _NARROWEST)
    unicode = styles.has_unicode(console)
    abreast = min(len(rows), (width + _GAP) // (_NARROWEST + _GAP))
    panel = (width - _GAP * (abreast - 1)) // abreast
    texts = []
    for first in range(0, len(rows), abreast):
        grid = Grid(1 + max(len(row.values) for row in rows), width)
        for i, row in enumerate(rows[first : first + abreast]):
            style = styles.CURVES[(first + i - 1) % len(styles.CURVES)] if first + i else styles.BARS
            _put_panel(grid, i * (panel + _GAP), panel, row, style, unicode=unicode)
        texts.append(grid.text(console))
    return "\n".join(texts)


def _put_panel(  # noqa: PLR0913  what a panel is made of
    grid: Grid, start: int, width: int, row: Row, style: str, *, unicode: bool
) -> None:
    """Draw the bars of a row to the right of its numbers; those of negative numbers go to the left from 0."""
    numbers = [f"{value:.3g}" for value in row.values.tolist()]
    gutter = max(map(len, numbers)) + 1
    low, high = min(0.0, float(row.values.min())), max(0.0, float(row.values.max()))
    room = width - gutter
    zero = start + gutter + round(room * -low / (high - low))
    grid.put(0, start, row.label[:width], style)
    for line, (number, value) in enumerate(zip(numbers, row.values.tolist(), strict=True), 1):
        grid.put(line, start + gutter - 1 - len(number), number)
        cells = room * abs(value) / (high - low)
        if value > 0:
            grid.put(line, zero, _filled(min(cells, start + width - zero), "▏▎▍▌▋▊▉█" if unicode else "#"), style)
        elif value < 0:
            text = _filled(min(cells, zero - start - gutter), "▕▐█" if unicode else "#")[::-1]
            grid.put(line, zero - len(text), text, style)


def _filled(cells: float, levels: str) -> str:
    """Return a bar of so many cells, of which the last is filled in part; of one step at least."""
    steps = max(round(cells * len(levels)), 1)
    full, part = divmod(steps, len(levels))
    return levels[-1] * full + (levels[part - 1] if part else "")
