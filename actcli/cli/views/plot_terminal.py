"""Curves as text for the terminal."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from actcli.cli.views import styles
from actcli.cli.views.sampling import Curve, Histogram, bars, limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

Look = Literal["colours", "blocks", "letters"]
_MARKS = "*o+x#@%&$=~"  # tell curves apart where there is no colour
_LABELS = 8  # columns that uniplot may put beside the frame


def shown(
    console: "Console", curves: Sequence[Curve], height: int, *, title: str = "", histogram: Histogram | None = None
) -> str:
    """Return curves as lines of text in the width, the colours and the characters of a console."""
    colour = console.is_terminal and not console.no_color and console.color_system is not None
    look: Look = "letters" if not styles.has_unicode(console) else "colours" if colour else "blocks"
    return styles.to_ascii(terminal(curves, (console.width, height), look, title=title, histogram=histogram), console)


def terminal(
    curves: Sequence[Curve],
    size: tuple[int, int] = (80, 16),
    look: Look = "blocks",
    *,
    title: str = "",
    histogram: Histogram | None = None,
) -> str:
    """Return curves as lines of text, none longer than the width.

    Args:
        curves: the curves.
        size: the width in columns, and the lines between the upper and the lower edge.
        look: what curves are drawn with. Several have a letter each, unless there is a colour for each.
        title: stands above, on several lines if it is long.
        histogram: bars to draw behind the curves.

    """
    from uniplot import plot_to_string

    width, height = size
    low, high = limits(curves)
    series = [(curve.x, curve.y, curve.label) for curve in curves]
    colours = [styles.CURVES[i % len(styles.CURVES)] for i in range(len(series))]
    marks = [_MARKS[i % len(_MARKS)] for i in range(len(series))]
    if histogram is not None:
        series.insert(0, (*_bars(histogram, low, high, 2 * width), histogram.label))
        colours.insert(0, styles.BARS)
        marks.insert(0, ":")
    alike = look == "blocks" or len(curves) > len(styles.CURVES)
    letters = look == "letters" or (len(series) > 1 and alike)
    lettered = {"character_set": "ascii", "force_ascii_characters": marks} if letters else {}
    text: str = plot_to_string(
        [y for _, y, _ in series],
        [x for x, _, _ in series],
        lines=True,
        width=max(width - _LABELS, 10),
        height=height,
        line_length_hard_cap=max(width, 20),
        x_min=float(curves[0].x.min()),
        x_max=float(curves[0].x.max()),
        y_min=low,
        y_max=high,
        legend_labels=[label for _, _, label in series],
        legend_placement="auto",
        color=colours if look == "colours" else False,
        **lettered,
    )
    heading = "".join(f"{line}\n" for line in textwrap.wrap(title, max(width, 20)))
    return heading + "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _bars(
    histogram: Histogram, low: float, high: float, count: int
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return a line that goes up and down close enough to fill the bars; a point out of sight where there are none."""
    import numpy as np

    if not histogram.counts.any():
        return np.array([histogram.edges[0] - 1]), np.array([low - 1])
    x = np.linspace(histogram.edges[0], histogram.edges[-1], 2 * count, endpoint=False)
    places = np.clip(np.searchsorted(histogram.edges, x, side="right") - 1, 0, len(histogram.counts) - 1)
    base, each = bars(low, high, histogram.counts.max())
    y = np.where(np.arange(len(x)) % 2, base + each * histogram.counts[places], base)
    return x, np.where(histogram.counts[places] > 0, y, np.nan)
