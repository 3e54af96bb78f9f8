"""The names of curves in a picture: each beside its curve where there is room, the others in a legend below."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from actcli.cli.views import canvas, labels, styles
from actcli.cli.views.sampling import Curve
from actcli.cli.views.scales import Scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

_ROW = 1.4
"""The height of a line of text, and of the cells in which a place is sought, in font sizes."""
_COLUMN = 0.5
"""The width of these cells."""


def name_curves(figure: "Figure", axes: "Axes", curves: Sequence[Curve], lines: Sequence["Line2D"]) -> None:
    """Write the names of curves into a picture that is ready but for them; the lines are what draws the curves."""
    texts = [
        axes.text(
            *(0, 0, curve.label),
            color=styles.PRINTED[curve.of % len(styles.PRINTED)],
            transform=axes.transAxes,
            fontweight="bold",
            ha="center",
            va="center_baseline",
            parse_math=False,
            in_layout=False,
            zorder=4,
        )
        for curve in curves
    ]
    beside = list(range(len(curves)))
    while beside:
        found = _places(figure, axes, curves, {i: texts[i] for i in beside})
        if len(found) == len(beside):
            break
        beside = list(found)
        _write_legend(figure, [line for i, line in enumerate(lines) if i not in found])
    for i, text in enumerate(texts):
        if i in beside:
            text.set_position(found[i])
        else:
            text.remove()


def _places(
    figure: "Figure", axes: "Axes", curves: Sequence[Curve], texts: dict[int, "Text"]
) -> dict[int, tuple[float, float]]:
    """Return where the middle of each text is, as shares of the axes; one for which there is no room is left out."""
    import numpy as np

    figure.draw_without_rendering()  # or the size of the axes is not known
    size = float(next(iter(texts.values())).get_fontsize()) * figure.dpi / 72
    columns, rows = (max(round(part / size), 2) for part in (axes.bbox.width / _COLUMN, axes.bbox.height / _ROW))
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x, y = Scale(left, -0.5, right, columns - 0.5, columns), Scale(top, -0.5, bottom, rows - 0.5, rows)
    drawn = canvas.draw(curves, x, y, canvas.LETTERS, (bottom, top)) > 0
    taken = np.zeros(drawn.shape[1:], bool)
    for places, cell, count in ((taken, y.cell(0.0, 1), rows), (taken.T, x.cell(0.0, 1), columns)):
        if 0 <= cell < count:
            places[cell] = True
    lengths = {i: math.ceil(text.get_window_extent().width / axes.bbox.width * columns) for i, text in texts.items()}
    found = labels.place([lengths.get(i) for i in range(len(curves))], drawn, taken)
    return {
        i: ((column + lengths[i] / 2) / columns, 1 - (row + 0.5) / rows) for i, (row, column) in sorted(found.items())
    }


def _write_legend(figure: "Figure", lines: Sequence["Line2D"]) -> None:
    for legend in figure.legends[:]:
        legend.remove()
    figure.legend(handles=lines, loc="outside lower center", ncols=min(len(lines), 5), frameon=False)
