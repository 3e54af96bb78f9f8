"""Curves and bars as SVG inside a web page, whose style sheet colours them."""

import math
from collections.abc import Sequence
from html import escape

from actcli.cli.tutorial.blocks import Bars, Plot
from actcli.cli.views.sampling import Curve, limits
from actcli.cli.views.scales import ticks

_WIDTH, _HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 34, 30
_BAR_HEIGHT = 34
_TICKS = 5  # numbers beside an axis, about


def draw_curves(plot: Plot, identifier: str) -> str:
    """Return curves in one picture, with axes through 0, ticks, and a key above."""
    x_low, x_high = float(plot.curves[0].x[0]), float(plot.curves[0].x[-1])
    y_low, y_high = limits(plot.curves)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + (x - x_low) / (x_high - x_low) * (_WIDTH - _LEFT - _RIGHT),
            _TOP + (y_high - y) / (y_high - y_low) * (_HEIGHT - _TOP - _BOTTOM),
        )

    bottom, left = _HEIGHT - _BOTTOM, _LEFT
    parts = []
    for x, number in ticks(x_low, x_high, _TICKS).items():
        at, _ = place(x, 0)
        kind = "axis" if x == 0 else "grid"
        parts.append(f'<path class="{kind}" d="M{at:.1f} {_TOP}V{bottom}"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 20}" text-anchor="middle">{number}</text>')
    for y, number in ticks(y_low, y_high, _TICKS).items():
        _, at = place(0, y)
        kind = "axis" if y == 0 else "grid"
        parts.append(f'<path class="{kind}" d="M{left} {at:.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 5:.1f}" text-anchor="end">{number}</text>')
    for i, curve in enumerate(plot.curves):
        points = [place(float(x), float(y)) for x, y in zip(curve.x, curve.y, strict=True)]
        kind = "slope" if curve.derivative else "value"
        parts.append(f'<path class="{kind}" d="{_path(points)}"/>')
        start = left + 150 * i
        parts.append(f'<path class="{kind}" d="M{start} {_TOP - 18}h32"/>')
        parts.append(f'<text x="{start + 40}" y="{_TOP - 13}">{escape(curve.label)}</text>')
    title = " and ".join(curve.label for curve in plot.curves)
    return _picture(parts, _HEIGHT, identifier, f"Curves of {title}", " ".join(map(_describe, plot.curves)))


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return lines through points, broken where one has no height."""
    words = []
    pen = "M"
    for x, y in points:
        if math.isnan(y):
            pen = "M"
            continue
        words.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(words)


def _describe(curve: Curve) -> str:
    """Return where a curve begins, ends, and how low and high it is, for those who cannot see it."""
    heights = [float(y) for y in curve.y if not math.isnan(y)]
    return (
        f"{curve.label} is {heights[0]:.2g} at x = {curve.x[0]:g} and {heights[-1]:.2g} at x = {curve.x[-1]:g}; "
        f"between, it lies from {min(heights):.2g} to {max(heights):.2g}."
    )


def draw_bars(bars: Bars, identifier: str) -> str:
    """Return shares of 1 as bars below each other, each with its name before and its number behind."""
    parts = []
    room = _WIDTH - _LEFT - 110
    for i, (name, share) in enumerate(bars.entries):
        top, length = i * _BAR_HEIGHT + 4, float(share) * room
        middle = top + _BAR_HEIGHT / 2 + 3
        parts.append(f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<rect class="bar" x="{_LEFT}" y="{top}" width="{length:.1f}" height="{_BAR_HEIGHT - 8}"/>')
        parts.append(f'<text x="{_LEFT + length + 8:.1f}" y="{middle}">{escape(share)}</text>')
    description = "; ".join(f"{name} becomes {share}" for name, share in bars.entries)
    return _picture(parts, _BAR_HEIGHT * len(bars.entries), identifier, "Scores and their shares", f"{description}.")


def _picture(parts: Sequence[str], height: int, identifier: str, title: str, description: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="{identifier}-title {identifier}-desc">\n'
        f'<title id="{identifier}-title">{escape(title)}</title>\n'
        f'<desc id="{identifier}-desc">{escape(description)}</desc>\n' + "\n".join(parts) + "\n</svg>"
    )
