"""What the tutorial is made of: sections of blocks, which the terminal and the web page show each in its own way.

Prose is plain ASCII; words between backticks are code.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from actcli.cli.views.sampling import Curve


class Paragraph(NamedTuple):
    """Some sentences."""

    text: str


class Heading(NamedTuple):
    """The title of a part of a section."""

    text: str


class Formula(NamedTuple):
    """Definitions one below the other: what is defined, and as what, in Python's notation."""

    definitions: Sequence[tuple[str, str]]


class Terms(NamedTuple):
    """Terms or commands, each with what is to say about it."""

    entries: Sequence[tuple[str, str]]


class Points(NamedTuple):
    """What speaks for a function and what against it."""

    good: Sequence[str]
    bad: Sequence[str]


class Code(NamedTuple):
    """Lines of Python."""

    text: str


class Mark(NamedTuple):
    """Whether an output is bit for bit what it should be, and what to say of it."""

    holds: bool
    text: str


class Run(NamedTuple):
    """A command line, what it printed when it was run, and its mark if it has one."""

    command: str
    output: str
    mark: Mark | None = None


class Plot(NamedTuple):
    """Curves in one picture."""

    curves: Sequence[Curve]


class Bars(NamedTuple):
    """Shares of 1 as bars: the name of each, and the number."""

    entries: Sequence[tuple[str, str]]


Block: TypeAlias = Paragraph | Heading | Formula | Terms | Points | Code | Run | Plot | Bars


class Section(NamedTuple):
    """One section: the name by which it is called, its title, and its blocks."""

    name: str
    title: str
    blocks: Sequence[Block]


def marks(sections: Iterable[Section]) -> list[Mark]:
    """Return the marks of all outputs that were compared."""
    return [block.mark for section in sections for block in section.blocks if isinstance(block, Run) and block.mark]


def summary(found: Sequence[Mark]) -> str:
    """Return how many of the outputs that were compared are as they should be."""
    return f"{sum(mark.holds for mark in found)} of {len(found)} examples bit-identical."
