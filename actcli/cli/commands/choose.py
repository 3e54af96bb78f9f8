"""``actcli choose``: advice on the activation of a layer."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from actcli import registry
from actcli.advice import HIDDEN, LAYERS, OUTPUT, Advice
from actcli.cli.command import Command, make_command, option
from actcli.cli.views import styles
from actcli.errors import ActcliError, require_choice

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDE_ENOUGH = 70  # columns for reasons beside headings and names
_FORMATS = ("text", "json")
_HELP = """Recommend an activation for a layer: which, why, and what to avoid.

Without arguments it asks, on a terminal.
"""


def command() -> Command:
    """Return the command, made by Typer."""
    return make_command(
        "choose",
        choose,
        "actcli choose hidden",
        "actcli choose --layer output --task multiclass",
        "actcli choose regression --format json",
        help=_HELP,
    )


def choose(
    place: str = typer.Argument(
        None, metavar="[LAYER | TASK]", help="hidden, output or a task.", autocompletion=lambda: [*LAYERS, *OUTPUT]
    ),
    layer: str = option("NAME", f"Which layer: {' or '.join(LAYERS)}.", completer=lambda: list(LAYERS)),
    task: str = option("NAME", f"What the output predicts: {', '.join(OUTPUT)}.", completer=lambda: list(OUTPUT)),
    format: str = option(
        "NAME", "Output format: text or json (default: text)", "--format", "-f", completer=lambda: list(_FORMATS)
    ),
) -> None:
    """Run the command."""
    kind = require_choice("format", format or "text", _FORMATS)
    if place is not None:
        word = require_choice("LAYER or TASK", place, (*LAYERS, *OUTPUT))
        layer, task = (word, task) if word in LAYERS else (layer or "output", task or word)
    if task is not None:
        task = require_choice("task", task, OUTPUT)
    layer = require_choice("layer", layer or ("output" if task else _ask("layer", LAYERS)), LAYERS)
    if layer == "output":
        task = task or _ask("task", list(OUTPUT))
        title, advice, note = f"output layer, {task}", OUTPUT[task], ""
    else:
        title, advice = "hidden layers", HIDDEN
        note = f"; the task, {task}, matters for the output layer only" if task else ""
    if kind == "json":
        print(json.dumps({"layer": layer, "task": task if layer == "output" else None, **advice._asdict()}))
    else:
        _show(title, advice, note)


def _ask(what: str, choices: Sequence[str]) -> str:
    """Return the user's choice, by name, its beginning or its number; raise ActcliError where nobody can be asked."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise ActcliError(f"choose requires --{what} ({', '.join(choices)}), as in actcli choose {choices[0]}")
    while True:
        for number, choice in enumerate(choices, 1):
            print(f"  {number}  {choice}", file=sys.stderr)
        print(f"Which {what}? ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise ActcliError(f"choose needs an answer: one of {', '.join(choices)}")
        word = answer.strip().lower()
        matches = [
            choice for i, choice in enumerate(choices, 1) if word and (choice.startswith(word) or word == f"{i}")
        ]
        if len(matches) == 1:
            return matches[0]
        print(f"{word!r} is not one of them; type a name or a number.", file=sys.stderr)


def _show(place: str, advice: Advice, note: str) -> None:
    """Print the advice, with what the activations say of themselves."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = styles.console()
    activation = registry.find(advice.use)
    title = Text.assemble((place, styles.TITLE), ": use ", (advice.use, styles.GOOD), f" ({advice.source}){note}")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=styles.HEADING, no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    rows = [("why", "", advice.why), ("drawback", "", activation.disadvantages[0])]
    rows += [("avoid", name, why) for name, why in advice.avoid.items()]
    rows += [("modern alternatives", name, f"{where}{_source(name)}") for name, where in advice.alternatives.items()]
    numbers = "1 2 3" if advice.use == "softmax" else "-2 0 2 --derivative"
    rows += [("try it", "", f"actcli {advice.use} {numbers}"), ("more", "", f"actcli info {advice.use}")]
    narrow: list[RenderableType] = []
    before = ""
    for heading, name, phrase in rows:
        shown = "" if heading == before else heading
        style = styles.BAD if heading == "avoid" else styles.NAME
        grid.add_row(shown, Text(name, style), Text(phrase))
        narrow += [Text(shown, styles.HEADING)] if shown else []
        narrow.append(Padding(Text.assemble((name, style), ": " if name else "", phrase), (0, 0, 0, 2)))
        before = heading
    styles.show(console, title, *([grid] if console.width >= _WIDE_ENOUGH else narrow))


def _source(name: str) -> str:
    source = registry.find(name).source
    return "" if source.startswith("no paper") else f" ({source})"
