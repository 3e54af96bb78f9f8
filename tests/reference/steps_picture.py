"""The picture of docs/check.md as SVG: numbers of a small format around 1 and around 0, with their places and steps."""

import numpy as np

from actcli.numerics import distance
from actcli.numerics.dtypes import FORMATS, FloatArray

FORMAT = FORMATS["float8_e5m2"]
"""So few numbers that all of them can be drawn."""
WIDTH, MARGIN = 720.0, 36.0
LINE = 104.0  # of a panel, below its top
PANEL = 190.0
FONTS = "ui-sans-serif, system-ui, Helvetica, Arial, sans-serif"
INK, DIM, GOT, DUE, SHADE, PAGE = "#1f2328", "#656d76", "#b35900", "#0a5cc2", "#e7edf5", "#ffffff"


def draw() -> str:
    """Return the picture."""
    one = int(distance.find_places(np.ones(1, FORMAT.dtype))[0])
    title = f"Steps of {FORMAT.name} around 1, a power of two, and around 0"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{2 * PANEL:g}" '
        f'viewBox="0 0 {WIDTH:g} {2 * PANEL:g}">',
        f"<title>{title}</title>",
        f"<style>text {{ font-family: {FONTS}; font-size: 13px; text-anchor: middle }}</style>",
        f'<rect width="{WIDTH:g}" height="{2 * PANEL:g}" fill="{PAGE}"/>',
        *_draw_panel(0.0, _numbers(one - 4, one + 4), got=-2, due=1),
        *_draw_panel(PANEL, _numbers(-6, 6), got=-2, due=3),
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _numbers(first: int, last: int) -> FloatArray:
    """Return the numbers at places of the format."""
    return distance.at_places(np.arange(first, last + 1), FORMAT)


def _draw_panel(top: float, numbers: FloatArray, got: int, due: int) -> list[str]:
    """Return numbers on a line, with the steps between two of them, which are counted from the middle one."""
    places = distance.find_places(numbers).tolist()
    values = numbers.astype(np.float64)
    across = (MARGIN + (values - values[0]) / (values[-1] - values[0]) * (WIDTH - 2 * MARGIN)).tolist()
    line, middle = top + LINE, len(places) // 2
    around_zero = places[middle] == 0
    parts = []
    if around_zero:
        normal = 2.0**FORMAT.min_exponent
        low, high = (across[int(np.flatnonzero(values == side)[0])] for side in (-normal, normal))
        parts += [
            f'<rect x="{low:.1f}" y="{line - 14:.1f}" width="{high - low:.1f}" height="28" fill="{SHADE}"/>',
            _write(
                across[middle], line + 70, f"shaded: up to the smallest normal number, 2^{FORMAT.min_exponent}", DIM
            ),
        ]
    else:
        parts.append(_write(across[middle], line + 70, "above a power of two the distance of neighbours doubles", DIM))
    parts.append(f'<path d="M{across[0]:.1f} {line:.1f}H{across[-1]:.1f}" stroke="{INK}"/>')
    for x, place, value in zip(across, places, values, strict=True):
        shown = "" if around_zero and place else f"{value:g}"
        parts.append(f'<path d="M{x:.1f} {line - 7:.1f}v14" stroke="{INK}" stroke-width="1.5"/>')
        parts.append(_write(x, line + 42, "-0 and 0" if around_zero and not place else shown, INK))
        parts.append(_write(x, line + 24, str(place), DIM))
    return [*parts, *_draw_steps(line, across, middle + got, middle + due)]


def _draw_steps(line: float, across: list[float], got: int, due: int) -> list[str]:
    """Return an arc for each step between two numbers, and what the two are."""
    steps = due - got
    parts = [
        f'<path d="M{here:.1f} {line - 9:.1f}Q{(here + there) / 2:.1f} {line - 40:.1f} {there:.1f} {line - 9:.1f}" '
        f'fill="none" stroke="{INK}"/>'
        for here, there in zip(across[got:due], across[got + 1 : due + 1], strict=True)
    ]
    for place, word, colour in ((got, "got", GOT), (due, "due", DUE)):
        parts.append(f'<circle cx="{across[place]:.1f}" cy="{line:.1f}" r="5" fill="{colour}"/>')
        parts.append(_write(across[place], line - 40, word, colour))
    return [*parts, _write((across[got] + across[due]) / 2, line - 64, f"{steps} steps", INK)]


def _write(x: float, y: float, words: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{words}</text>' if words else ""
