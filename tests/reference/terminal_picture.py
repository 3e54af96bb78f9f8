"""What a terminal shows of some commands, as SVG; lines and Braille dots are strokes, so that no font is needed."""

from collections.abc import Iterator, Sequence
from html import escape

from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.screen import screen

COLUMNS = 52  # few enough to be read on a phone
WIDTH, HEIGHT = 9.6, 20.0  # of a character
MARGIN = 18.0
DOT = 3.2
FONTS = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace'
FOREGROUND, DIM, BACKGROUND, BORDER = "#e6edf3", "#8b949e", "#161b22", "#484f58"
COLOURS = {1: "#ff7b72", 2: "#56d364", 4: "#58a6ff", 5: "#d2a8ff", 6: "#76e3ea"}
"""Red, green, blue, magenta and cyan by their ANSI numbers; the window is dark on light pages and dark ones."""
ARMS = {
    "─": "we",
    "│": "ns",
    "╭": "es",
    "╮": "ws",
    "╰": "en",
    "╯": "wn",
    "┬": "wes",
    "┴": "wen",
    "├": "nse",
    "┤": "nsw",
    "┼": "wens",
}
"""Where a line leaves its cell."""
ENDS = {"w": (-WIDTH / 2, 0.0), "e": (WIDTH / 2, 0.0), "n": (0.0, -HEIGHT / 2), "s": (0.0, HEIGHT / 2)}
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each dot of a Braille character, from the lowest bit of its code."""


def draw(*commands: str) -> str:
    """Return commands of actcli and what they print, as a terminal shows them."""
    lines = [line for command in commands for line in [*_prompt(command), *_output(command), Text("")]][:-1]
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">',
        f"<title>{escape('; '.join(commands))}</title>",
        f"<style>text {{ font-family: {FONTS}; font-size: 16px; white-space: pre }}</style>",
        f'<rect x="1" y="1" width="{width - 2:g}" height="{height - 2:g}" rx="8" '
        f'fill="{BACKGROUND}" stroke="{BORDER}"/>',
    ]
    for row, line in enumerate(lines):
        column = 0
        for segment in line.render(Console(), end=""):
            parts += _draw_segment(segment.text, segment.style or Style(), column, row)
            column += len(segment.text)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _prompt(command: str) -> list[Text]:
    return [Text.assemble(("$ ", "dim"), (command, "bold"))]


def _output(command: str) -> Sequence[Text]:
    """Return the lines that a run prints in a real terminal, with their colours."""
    shown = screen(*command.split()[1:], columns=COLUMNS)
    return Text.from_ansi(shown.rstrip("\n")).split("\n", allow_blank=True)


def _draw_segment(text: str, style: Style, column: int, row: int) -> Iterator[str]:
    """Yield the elements of a run of characters of one style."""
    number = style.color.number if style.color else None
    colour = COLOURS[number] if number is not None else DIM if style.dim else FOREGROUND
    lines, dots, rest = "", "", ""
    for i, character in enumerate(text):
        x, y = MARGIN + (column + i + 0.5) * WIDTH, MARGIN + (row + 0.5) * HEIGHT
        lines += _trace_line(ARMS.get(character, ""), x, y)
        is_braille = "\u2800" <= character <= "\u28ff"
        dots += _trace_dots(ord(character) - 0x2800, x, y) if is_braille else ""
        rest += " " if is_braille or character in ARMS else character
    if lines:
        yield f'<path d="{lines}" fill="none" stroke="{colour}"/>'
    if dots:
        yield f'<path d="{dots}" stroke="{colour}" stroke-width="{DOT}" stroke-linecap="round"/>'
    if words := rest.strip():
        x = MARGIN + (column + len(rest) - len(rest.lstrip())) * WIDTH
        weight = ' font-weight="bold"' if style.bold else ""
        yield (
            f'<text x="{x:.1f}" y="{MARGIN + (row + 0.75) * HEIGHT:.1f}" textLength="{len(words) * WIDTH:.1f}" '
            f'fill="{colour}"{weight}>{escape(words)}</text>'
        )


def _trace_line(arms: str, x: float, y: float) -> str:
    """Return the path of a line through the cell around a point; one that turns is rounded."""
    ends = [(x + ENDS[arm][0], y + ENDS[arm][1]) for arm in arms]
    if len(ends) == 2:
        (from_x, from_y), (to_x, to_y) = ends
        return f"M{from_x:.1f} {from_y:.1f}Q{x:.1f} {y:.1f} {to_x:.1f} {to_y:.1f}"
    return "".join(f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" for to_x, to_y in ends)


def _trace_dots(code: int, x: float, y: float) -> str:
    """Return the path of the dots of a Braille character, each a stroke without length."""
    places = [place for bit, place in enumerate(DOTS) if code >> bit & 1]
    return "".join(
        f"M{x + (across - 0.5) * WIDTH / 2:.1f} {y + (down - 1.5) * HEIGHT / 4:.1f}h0" for across, down in places
    )
