"""The colours of all views, in one place: of the terminal's own sixteen, which look right on a dark and a light one."""

import shutil
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:  # loaded where something is shown
    from rich.console import Console, RenderableType

TITLE = "bold"
HEADING = "bold cyan"
NAME = "bold"
NOTE = "dim"
GOOD = "green"
BAD = "red"
CURVES = ("blue", "red", "green", "magenta")
"""One colour for each curve of a picture, in turn; yellow and white are left out, which no light terminal shows."""

BARS = "cyan"
"""Of a histogram below the curves."""
AXIS = "dim"
PRINTED = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""The same for pictures in files: Okabe and Ito's colours, which people with colour blindness can tell apart."""

_LETTERS = str.maketrans("┌┐└┘│─▔▁▂▃▄▅▆▇█", "++++|--12345678")
"""For what pictures are drawn with, where the encoding of the output lacks it."""

WIDE = 2**16
"""Columns that are enough for everything: Rich cuts what exceeds its width, and a number is never cut."""


def console(out: IO[str] | None = None, *, width: int | None = None) -> "Console":
    """Return Rich's console for a view: as wide as the terminal (80 columns in a pipe), or of that width.

    Colours obey the terminal, NO_COLOR and FORCE_COLOR; only the styles above are used.
    """
    from rich.console import Console, ConsoleDimensions

    class Ours(Console):
        def on_broken_pipe(self) -> None:
            # For the door; Rich itself would exit with 1, as if a check had said no.
            raise BrokenPipeError

    made = Ours(file=out, width=width, highlight=False, soft_wrap=width == WIDE, emoji=False, markup=False)
    if made.is_dumb_terminal:  # of which Rich believes that it has 80 columns
        columns, lines = shutil.get_terminal_size()
        made.size = ConsoleDimensions(width or columns, lines)
    return made


def has_unicode(console: "Console") -> bool:
    """Tell whether the encoding of the output has lines and blocks."""
    return str(console.encoding).startswith("utf")


def to_ascii(picture: str, console: "Console") -> str:
    """Return a picture of lines and blocks, made of letters where the encoding of the output lacks them."""
    return picture if has_unicode(console) else picture.translate(_LETTERS)


NARROWEST = 38
"""Columns for headings beside text; a narrower terminal wraps the lines, so that no word is lost."""


def show(console: "Console", *parts: "RenderableType") -> None:
    """Print parts of a view."""
    console.file.write(render(console, *parts))


def render(console: "Console", *parts: "RenderableType") -> str:
    """Return parts of a view one below the other, without blanks at the ends of lines."""
    narrow = console.width
    console.width = max(narrow, NARROWEST)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    console.width = narrow
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
