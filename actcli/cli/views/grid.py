"""Cells of the terminal, each a character in a style, that are filled in any order."""

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


class Grid:
    """Rows of cells, blank at first."""

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self._cells = [[(" ", "")] * width for _ in range(height)]

    def put(self, row: int, column: int, text: str, style: str = "") -> None:
        """Write a text into a row; what would stand outside is cut."""
        for i, character in enumerate(text, column):
            if 0 <= row < self.height and 0 <= i < self.width:
                self._cells[row][i] = character, style

    def text(self, console: "Console") -> str:
        """Return the rows as lines of text, in colour where the console has it."""
        from rich.text import Text

        has_colour = console.color_system is not None and not console.no_color
        with console.capture() as captured:
            for cells in self._cells:
                end = max((i for i, (character, _) in enumerate(cells, 1) if character != " "), default=0)
                runs = (
                    ("".join(character for character, _ in run), style if has_colour else "")
                    for style, run in groupby(cells[:end], itemgetter(1))
                )
                console.print(Text.assemble(*runs), soft_wrap=True)
        return captured.get()
