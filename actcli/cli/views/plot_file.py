"""Curves as a picture for a slide or a page: PNG, SVG or PDF, drawn by matplotlib."""

import contextlib
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from actcli.cli.views import styles
from actcli.cli.views.picture_names import name_curves
from actcli.cli.views.sampling import Curve, Histogram, Row, limits
from actcli.errors import ActcliError, require_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ENDINGS = ("png", "svg", "pdf")
_LOOK: Any = {
    "axes.spines.bottom": False,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 13,
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "pdf.fonttype": 42,
    "svg.hashsalt": "actcli",
}
_DARK, _LIGHT = "0.35", "0.72"
_WITHOUT_DATE: dict[str, dict[str, None]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def check(path: str) -> str:
    """Return the format that a path's ending asks for.

    Raises:
        ActcliError: if it is no format of pictures, or matplotlib is missing.

    """
    ending = require_choice(f"the ending of {path!r}", Path(path).suffix.lower().removeprefix("."), ENDINGS)
    try:
        import matplotlib  # noqa: F401  only to see whether it is there
    except ImportError:
        raise ActcliError(
            "--output needs matplotlib; install it with: pip install 'actcli[plot]' "
            "(from a clone: pip install '.[plot]')"
        ) from None
    return ending


def write(  # noqa: PLR0913  what a picture is made of
    curves: Sequence[Curve],
    out: IO[bytes],
    format: str,
    *,
    title: str = "",
    histogram: Histogram | None = None,
    ylim: tuple[float, float] | None = None,
) -> None:
    """Write curves as a picture, with a histogram in a panel below; the same curves give the same bytes."""
    with _figure(out, format) as figure:
        if histogram is None:
            axes = figure.add_subplot()
        else:
            axes, below = figure.subplots(2, sharex=True, height_ratios=(4, 1))
            _draw_histogram(below, histogram)
        last = curves[-1].of
        lines = [
            axes.plot(
                curve.x,
                curve.y,
                label=curve.label,
                color=styles.PRINTED[curve.of % len(styles.PRINTED)],
                linestyle=(0, (4, 2)) if curve.derivative else "-",
                linewidth=min(2 + 1.2 * (last - curve.of), 5.6),  # so that one under another can still be seen
                solid_capstyle="round",
                zorder=3,
            )[0]
            for curve in curves
        ]
        axes.set_xlim(curves[0].x.min(), curves[0].x.max())
        axes.set_ylim(ylim or _with_room(*limits(curves)))
        axes.axvline(0, color=_DARK, linewidth=0.8, zorder=2)
        _dress(axes)
        if title:
            axes.set_title("\n".join(textwrap.wrap(title, 80)), pad=14, parse_math=False)
        name_curves(figure, axes, curves, lines)


def write_rows(rows: Sequence[Row], out: IO[bytes], format: str) -> None:
    """Write rows of numbers as a picture: bars, a panel for each row."""
    with _figure(out, format) as figure:
        panels = figure.subplots(len(rows), squeeze=False)[:, 0]
        for i, (axes, row) in enumerate(zip(panels, rows, strict=True)):
            colour = styles.PRINTED[(i - 1) % len(styles.PRINTED)] if i else _LIGHT
            drawn = axes.bar([str(place) for place in range(len(row.values))], row.values, color=colour, zorder=3)
            axes.bar_label(drawn, fmt="%.3g", padding=2, fontsize=10)
            axes.set_ylim(_with_room(min(row.values.min(), 0.0), max(row.values.max(), 0.0), 0.2))
            axes.set_ylabel(row.label)
            _dress(axes)
            axes.tick_params(labelbottom=False)


@contextlib.contextmanager
def _figure(out: IO[bytes], format: str) -> "Iterator[Figure]":
    """Give a figure to draw in, and write it; the user's settings of matplotlib have no say."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_LOOK)
        figure = Figure(figsize=(8, 5), dpi=160, layout="constrained")
        yield figure
        figure.savefig(out, format=format, metadata=_WITHOUT_DATE[format])


def _with_room(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    room = share * ((high - low) or 1.0)
    return low - room, high + room


def _dress(axes: "Axes") -> None:
    """Draw a line through zero, and a grid."""
    axes.axhline(0, color=_DARK, linewidth=0.8, zorder=2)
    axes.tick_params(colors="0.25", labelsize=10, length=0)
    axes.grid(color="0.9", linewidth=0.8, zorder=0)
    axes.set_axisbelow(True)


def _draw_histogram(axes: "Axes", histogram: Histogram) -> None:
    """Draw how often numbers occur, on a scale of its own."""
    axes.stairs(histogram.counts, histogram.edges, fill=True, color=_LIGHT, zorder=3)
    axes.set_ylim(0, 1.06 * max(int(histogram.counts.max()), 1))
    axes.locator_params(axis="y", nbins=3, integer=True)
    axes.set_xlabel(textwrap.fill(histogram.label, 80), fontsize=10, parse_math=False)
    _dress(axes)
