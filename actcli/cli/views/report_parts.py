"""What the reports on kernels are made of as text for people: tables, paragraphs, lists."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from actcli.cli.views import styles

if TYPE_CHECKING:
    from rich.console import RenderableType

INDENT = 2
_GAP = 2
_SHARE_DIGITS = 4


def write_share(count: int, of: int) -> str:
    """Return a share, which is 100 % only if nothing is missing."""
    if count == of:
        return "100 %"
    unit = 10 ** (_SHARE_DIGITS + 2)
    return f"{count * unit // of / 10**_SHARE_DIGITS:.{_SHARE_DIGITS}f} %"


def make_section(title: str, headings: Sequence[str], rows: list[list[str]], width: int) -> list["RenderableType"]:
    """Return rows as a table, or, where that is too wide, a few lines for each."""
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return []
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    if sum(widths) + _GAP * (len(widths) - 1) > width:
        return [Text(""), *make_paragraph([_one_line(headings, row) for row in rows], width)]
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style=styles.HEADING)
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return [Text(title), indent(table)]


def _one_line(headings: Sequence[str], row: Sequence[str]) -> str:
    facts = [f"{heading} {cell}" for heading, cell in zip(headings[1:], row[1:], strict=True) if cell]
    return f"{row[0]}: {', '.join(facts)}"


def make_paragraph(lines: Sequence[str], width: int, style: str = "") -> list["RenderableType"]:
    """Return lines, each of which goes on a little further in when it is long."""
    from rich.text import Text

    wrapped = [part for line in lines for part in textwrap.wrap(line, width, subsequent_indent=" " * INDENT)]
    return [indent(Text(part, style)) for part in wrapped]


def indent(part: "RenderableType") -> "RenderableType":
    """Return a part, a little further in."""
    from rich.padding import Padding

    return Padding(part, (0, 0, 0, INDENT), expand=False)


def make_list(title: str, lines: Sequence[str], width: int, style: str = "") -> list["RenderableType"]:
    """Return lines under a heading; nothing without lines."""
    from rich.text import Text

    if not lines:
        return []
    return [Text(""), indent(Text(title, styles.HEADING)), *make_paragraph(lines, width, style)]
