"""``actcli choose``: advice on the activation of a layer."""

import sys
from collections.abc import Collection

from actcli import registry
from actcli.advice import HIDDEN, LAYERS, OUTPUT, Advice
from actcli.cli.command import Command, make_command, option
from actcli.cli.views import styles
from actcli.errors import ActcliError, require_choice

_HELP = """Recommend an activation for a layer: which, why, and what to avoid.

Without options it asks, on a terminal.
"""


def command() -> Command:
    """Return the command, made by Typer."""
    return make_command(
        "choose", choose, "actcli choose --layer hidden", "actcli choose --layer output --task multiclass", help=_HELP
    )


def choose(
    layer: str = option("NAME", f"Which layer: {' or '.join(LAYERS)}.", completer=lambda: list(LAYERS)),
    task: str = option("NAME", f"What the output tells: {', '.join(OUTPUT)}.", completer=lambda: list(OUTPUT)),
) -> None:
    """Run the command."""
    layer = require_choice("--layer", layer or ("output" if task else _ask("layer", LAYERS)), LAYERS)
    if task is not None:
        require_choice("--task", task, OUTPUT)
    if layer == "hidden":
        _show("hidden layers", HIDDEN)
        return
    task = require_choice("--task", task or _ask("task", OUTPUT), OUTPUT)
    _show(f"output layer, {task}", OUTPUT[task])


def _ask(what: str, words: Collection[str]) -> str:
    """Return the user's answer; raise ActcliError where nobody can be asked."""
    layer_option = "--layer output " if what == "task" else ""
    needed = ActcliError(
        f"choose needs --{what} {'|'.join(words)}; try actcli choose {layer_option}--{what} {next(iter(words))}"
    )
    if sys.stdin is None or not sys.stdin.isatty():
        raise needed
    print(f"Which {what}? {', '.join(words)}: ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip().lower()
    if not answer:
        raise needed
    near = [word for word in words if word.startswith(answer)]
    return near[0] if len(near) == 1 else answer


def _show(place: str, advice: Advice) -> None:
    """Print the advice, with what the activations say of themselves."""
    from rich.table import Table
    from rich.text import Text

    activation = registry.find(advice.take)
    title = Text.assemble((place, styles.TITLE), ": take ", (advice.take, styles.GOOD), f" ({advice.by})")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=styles.HEADING, no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    rows = [("why", "", advice.why), ("but", "", activation.disadvantages[0])]
    rows += [("avoid", name, why) for name, why in advice.avoid.items()]
    rows += [("today also", name, f"{where}{_source(name)}") for name, where in advice.since.items()]
    numbers = "1 2 3" if advice.take == "softmax" else "-2 0 2 --derivative"
    rows += [("try it", "", f"actcli {advice.take} {numbers}"), ("more", "", f"actcli info {advice.take}")]
    before = ""
    for heading, name, phrase in rows:
        shown = "" if heading in {"", before} else heading
        style = styles.BAD if heading == "avoid" else styles.NAME
        grid.add_row(shown, Text(name, style), Text(phrase))
        before = heading or before
    styles.show(styles.console(), title, grid)


def _source(name: str) -> str:
    source = registry.find(name).source
    return "" if source.startswith("no paper") else f" ({source})"
