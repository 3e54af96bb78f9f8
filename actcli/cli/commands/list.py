"""``actcli list``: the catalogue as a table, or a part of it."""

import csv
import json
import sys

import typer

from actcli.activation import Activation
from actcli.cli.command import Command, make_command, option
from actcli.cli.views import styles
from actcli.cli.views.formula import to_text
from actcli.dialects import ALIASES, FRAMEWORKS
from actcli.errors import ActcliError, require_choice, suggestion
from actcli.registry import registered

FLAGS = {
    "keras": "K",
    "keras2": "k",
    "torch": "T",
    "jax": "J",
    "onnx": "O",
    "flax": "F",
    "mlx": "M",
    "ggml": "G",
    "transformers": "H",  # of Hugging Face
}
"""The letter of each framework in the list."""
_FORMATS = ("text", "names", "json", "csv")
_WIDE_ENOUGH = 100  # columns of a terminal, to show the aliases too
_HELP = """List activation functions: name, formula, aliases, and the frameworks that have each."""


def command() -> Command:
    """Return the command, made by Typer."""
    return make_command(
        "list",
        catalogue,
        "actcli list",
        "actcli list --family sigmoids",
        "actcli list --in torch transformer",
        help=_HELP,
    )


def _families() -> list[str]:
    return list(dict.fromkeys(activation.family for activation in registered()))


def catalogue(
    word: str = typer.Argument("", metavar="[WORD]", help="Only those whose description contains this word."),
    family: str = option("NAME", "Only one family, such as sigmoids.", completer=_families),
    framework: str = option(
        "NAME", f"Only those of one framework: {', '.join(FRAMEWORKS)}.", "--in", completer=lambda: list(FRAMEWORKS)
    ),
    format: str = option(
        "NAME",
        f"Output format: {', '.join(_FORMATS)} (default: text)",
        "--format",
        "-f",
        completer=lambda: list(_FORMATS),
    ),
) -> None:
    """Run the command."""
    kind = require_choice("format", format or "text", _FORMATS)
    if family is not None:
        family = require_choice("family", family, _families())
    if framework is not None:
        framework = require_choice("in", framework, FRAMEWORKS, ALIASES)
    activations = [
        activation
        for activation in registered()
        if family in {None, activation.family}
        and (framework is None or framework in activation.dialects)
        and word.lower() in _searched_text(activation)
    ]
    if not activations:
        near = suggestion(word, [activation.name for activation in registered()]) if word else ""
        criteria = (
            [f"in {framework}"] * bool(framework)
            + [f"of {family}"] * bool(family)
            + [f"mentioning {word!r}"] * bool(word)
        )
        raise ActcliError(f"no activation {' and '.join(criteria)}{near or '; actcli list shows all'}")
    if kind == "text":
        _show(activations)
    else:
        _write(activations, kind)


def _searched_text(activation: type[Activation]) -> str:
    """Return everything an activation says of itself in words, in small letters."""
    phrases = (
        *activation.advantages,
        *activation.disadvantages,
        activation.use,
        *activation.aliases,
        *activation.calls.values(),
    )
    return "\n".join([activation.name, activation.family, activation.description, activation.source, *phrases]).lower()


def _show(activations: list[type[Activation]]) -> None:
    """Print a line for each activation, under its family on a terminal; with its aliases where they fit."""
    from rich.table import Table
    from rich.text import Text

    console = styles.console() if sys.stdout.isatty() else styles.console(width=styles.WIDE)
    if console.is_terminal:
        title = f"{len(activations)} functions, with default parameters; {_legend()}"
        styles.show(console, Text(title, styles.NOTE))
    table = Table.grid(padding=(0, 2, 0, 0))
    with_aliases = not console.is_terminal or console.width >= _WIDE_ENOUGH
    for heading in ("name", "formula", *(["aliases"] if with_aliases else []), "frameworks"):
        table.add_column(no_wrap=heading == "name", overflow="fold")
    family = ""
    for activation in activations:
        if console.is_terminal and activation.family != family:
            family = activation.family
            table.add_row(Text(family.replace("_", " "), styles.HEADING))
        aliases = [", ".join(activation.aliases)] if with_aliases else []
        flags = "".join(flag if name in activation.dialects else "-" for name, flag in FLAGS.items())
        cells = [to_text(activation.textbook), *aliases, flags]
        table.add_row(Text(f"  {activation.name}", styles.NAME), *map(Text, cells))
    styles.show(console, table)


def _legend() -> str:
    return ", ".join(f"{flag} {name}" for name, flag in FLAGS.items())


def _write(activations: list[type[Activation]], format: str) -> None:
    """Print the names, or everything as CSV or as JSON, one object a line."""
    for activation in activations if format == "names" else ():
        print(activation.name)
    if format == "names":
        return
    rows = [
        {
            "name": activation.name,
            "family": activation.family,
            "formula": to_text(activation.textbook),
            "general_formula": activation.formula,
            "aliases": list(activation.aliases),
            "frameworks": list(activation.dialects),
        }
        for activation in activations
    ]
    if format == "json":
        for row in rows:
            print(json.dumps(row))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([" ".join(cell) if isinstance(cell, list) else cell for cell in row.values()] for row in rows)
