"""Curves as a picture for a slide or a page: PNG, SVG or PDF, drawn by matplotlib."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from actcli.cli.views import styles
from actcli.cli.views.sampling import Curve, Histogram, bars, limits
from actcli.errors import ActcliError, require_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
        raise ActcliError("--output needs matplotlib to draw; install it with: pip install 'actcli[plot]'") from None
    return ending


def write(
    curves: Sequence[Curve], out: IO[bytes], format: str, *, title: str = "", histogram: Histogram | None = None
) -> None:
    """Write curves as a picture; the same curves give the same bytes."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_LOOK)
        figure = Figure(figsize=(8, 5), dpi=160, layout="constrained")
        axes = figure.add_subplot()
        last = curves[-1].of
        for curve in curves:
            axes.plot(
                curve.x,
                curve.y,
                label=curve.label,
                color=styles.PRINTED[curve.of % len(styles.PRINTED)],
                linestyle=(0, (4, 2)) if curve.derivative else "-",
                linewidth=min(2 + 1.2 * (last - curve.of), 5.6),  # so that one under another can still be seen
                solid_capstyle="round",
                zorder=3,
            )
        if histogram is not None:
            _bars(axes, histogram, limits(curves))
        _dress(axes, curves, title)
        figure.savefig(out, format=format, metadata=_WITHOUT_DATE[format])


def _dress(axes: "Axes", curves: Sequence[Curve], title: str) -> None:
    """Draw lines through zero, and add a grid, a legend and a title."""
    axes.set_xlim(curves[0].x.min(), curves[0].x.max())
    axes.set_ylim(*limits(curves))
    axes.axhline(0, color="0.35", linewidth=0.8, zorder=2)
    axes.axvline(0, color="0.35", linewidth=0.8, zorder=2)
    axes.tick_params(colors="0.25", labelsize=10, length=0)
    axes.grid(color="0.9", linewidth=0.8, zorder=0)
    axes.set_axisbelow(True)
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=min(len([1 for label in labels if not label.endswith("'")]), 5),
        frameon=False,
    )
    if title:
        axes.set_title("\n".join(textwrap.wrap(title, 80)), pad=14, parse_math=False)


def _bars(axes: "Axes", histogram: Histogram, room: tuple[float, float]) -> None:
    """Draw a histogram behind the curves, on an axis of its own that is not shown."""
    behind = axes.twinx()
    axes.set_zorder(1)
    axes.patch.set_visible(False)
    behind.stairs(histogram.counts, histogram.edges, fill=True, color="0.82")
    base, each = bars(*room, histogram.counts.max())
    behind.set_ylim((room[0] - base) / each, (room[1] - base) / each)
    behind.set_axis_off()
    axes.fill_between([], [], color="0.82", label=histogram.label)
