"""The tutorial as text: in the width, the colours and the characters of the terminal, or plain in a pipe."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from actcli.cli.tutorial.blocks import (
    Bars,
    Block,
    Code,
    Formula,
    Heading,
    Mark,
    Paragraph,
    Plot,
    Points,
    Run,
    Terms,
)
from actcli.cli.views import plot_terminal, styles

if TYPE_CHECKING:
    from rich.console import Console

_READABLE = 80
"""Columns of a line of prose at most; longer lines are hard to read."""
_NARROWEST = 20
"""Columns that are needed; a narrower terminal wraps the lines."""
_PLOT_LINES = 10
_WORD = re.compile(r"(?:`[^`]*`|[^\s`])+")  # code between backticks is one word


class Page:
    """Turns blocks into lines, none longer than the console is wide."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._columns = max(console.width, _NARROWEST)
        self._width = min(self._columns, _READABLE)

    def title(self, text: str) -> list[str]:
        """Return the lines above a section."""
        rule = "\N{BOX DRAWINGS LIGHT HORIZONTAL}" if styles.has_unicode(self._console) else "-"
        lines = [self._styled(line, styles.TITLE) for line in textwrap.wrap(text, self._width)]
        return [*lines, self._styled(rule * self._width, styles.NOTE)]

    def lines(self, block: Block) -> list[str]:
        """Return the lines of a block, a blank one first."""
        return ["", *self._lines(block)]

    def _lines(self, block: Block) -> Iterable[str]:
        lines: Iterable[str]
        match block:
            case Paragraph():
                lines = self._prose(block.text)
            case Heading():
                lines = (self._styled(line, styles.HEADING) for line in textwrap.wrap(block.text, self._width))
            case Formula():
                lines = self._formula(block)
            case Terms():
                lines = self._terms(block)
            case Points():
                lines = self._points(block)
            case Code():
                lines = self._code(block)
            case Run():
                lines = self._run(block)
            case Plot():
                lines = self._plot(block)
            case Bars():
                lines = self._bars(block)
        return lines

    def _styled(self, text: str, style: str) -> str:
        """Return a line with the control sequences of a style, if the console shows any."""
        from rich.text import Text

        with self._console.capture() as captured:
            self._console.print(Text(text, style), end="", soft_wrap=True)
        return captured.get()

    def _prose(self, text: str, first: str = "", indent: str = "", style: str = "") -> list[str]:
        """Return wrapped text: ``first`` stands before its first line, ``indent`` before the others."""
        lines = [""]
        for word in _WORD.findall(text):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if lines[-1] and len(longer.replace("`", "")) > self._width - len(indent):
                lines.append(word)
            else:
                lines[-1] = longer
        before = [self._styled(first, style), *[indent] * (len(lines) - 1)]
        return [start + self._with_code(line) for start, line in zip(before, lines, strict=True)]

    def _with_code(self, line: str) -> str:
        parts = line.split("`")
        return "".join(self._styled(part, styles.NAME) if i % 2 else part for i, part in enumerate(parts))

    def _formula(self, formula: Formula) -> Iterator[str]:
        longest = max(len(defined) for defined, _ in formula.definitions)
        for defined, expression in formula.definitions:
            line = f"{defined:<{longest}} = {expression}"
            wrapped = textwrap.wrap(line, self._width, subsequent_indent=" " * 8, break_long_words=False)
            yield from (self._styled(part, styles.NAME) for part in wrapped)

    def _terms(self, terms: Terms) -> Iterator[str]:
        longest = max(len(term.replace("`", "")) for term, _ in terms.entries)
        for term, text in terms.entries:
            if longest <= self._width // 2:
                yield from self._prose(text, f"{term.replace('`', ''):<{longest}}  ", " " * (longest + 2), styles.NAME)
            else:
                yield from self._prose(term)
                yield from self._prose(text, "    ", "    ")

    def _points(self, points: Points) -> Iterator[str]:
        for mark, style, texts in (("+ ", styles.GOOD, points.good), ("- ", styles.BAD, points.bad)):
            for text in texts:
                yield from self._prose(text, mark, "  ", style)

    def _code(self, code: Code) -> Iterator[str]:
        for line in code.text.splitlines():
            yield from textwrap.wrap(line, self._width, subsequent_indent="    ", break_long_words=False)

    def _run(self, run: Run) -> Iterator[str]:
        words = re.sub(
            r"(--\S+) (?=[^-])", "\\1\N{NO-BREAK SPACE}", run.command
        )  # an option and its value stay together
        lines = textwrap.wrap(
            f"$ {words}",
            self._columns - len(" \\"),
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for i, line in enumerate(lines, 1):
            end = " \\" if i < len(lines) else ""
            yield self._styled(line.replace("\N{NO-BREAK SPACE}", " ") + end, styles.NAME)
        for line in run.output.splitlines():
            yield from self._output_line(line)
        if run.mark is not None:
            yield from self._mark(run.mark)

    def _output_line(self, line: str) -> list[str]:
        """Return a line of output; the numbers of an array go on below each other where NumPy's line is too long."""
        if "array(" not in line or len(line) <= self._columns:
            return [line]
        return textwrap.wrap(line, self._columns, subsequent_indent=" " * len("array(["), break_on_hyphens=False)

    def _mark(self, mark: Mark) -> list[str]:
        style = styles.GOOD if mark.holds else styles.BAD
        word, _, text = mark.text.partition(" ")
        return self._prose(text, f"{word} ", "     ", style)

    def _plot(self, plot: Plot) -> list[str]:
        console = styles.console(width=self._width)
        return plot_terminal.shown(console, plot.curves, _PLOT_LINES).splitlines()

    def _bars(self, bars: Bars) -> Iterator[str]:
        full = "\N{FULL BLOCK}" if styles.has_unicode(self._console) else "#"
        before = max(len(name) for name, _ in bars.entries)
        after = max(len(share) for _, share in bars.entries)
        room = self._width - before - after - 4
        for name, share in bars.entries:
            bar = self._styled(full * round(float(share) * room), styles.CURVES[0])
            yield f"{name:>{before}}  {share:<{after}}  {bar}"
