"""``actcli list``: the catalogue as a table, or a part of it."""

import typer

from actcli.activation import Activation
from actcli.cli.command import Command, make_command, option
from actcli.cli.views import styles
from actcli.dialects import ALIASES, FRAMEWORKS
from actcli.errors import ActcliError, require_choice, suggestion
from actcli.registry import registered

_HELP = """Show all activations, or some: name, formula, further names, and the frameworks that have each."""


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
    word: str = typer.Argument("", metavar="[WORD]", help="Only those that say this word anywhere."),
    family: str = option("NAME", "Only one family, such as sigmoids.", completer=_families),
    framework: str = option(
        "NAME", f"Only those in one of {', '.join(FRAMEWORKS)}.", "--in", completer=lambda: list(FRAMEWORKS)
    ),
) -> None:
    """Run the command."""
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
            [f"in {framework}"] * bool(framework) + [f"of {family}"] * bool(family) + [f"saying {word!r}"] * bool(word)
        )
        raise ActcliError(f"no activation {' and '.join(criteria)}{near or '; actcli list shows all'}")
    _show(activations)


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
    """Print a table under a heading for each family; in a pipe, one line for each activation."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = styles.console()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style=styles.HEADING)
    headings = ["name", "formula", "also called", "frameworks"]
    narrow = console.is_terminal and console.width < 100
    for heading in headings[: 2 if narrow else 4]:
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    for i, activation in enumerate(activations):
        if console.is_terminal and (i == 0 or activations[i - 1].family != activation.family):
            table.add_row(Text(activation.family, styles.NOTE))
        frameworks = ", ".join(dialect for dialect in FRAMEWORKS if dialect in activation.dialects)
        cells = [
            Text(activation.name, styles.NAME),
            *map(Text, (activation.formula, ", ".join(activation.aliases), frameworks)),
        ]
        table.add_row(*cells[: len(table.columns)])
    styles.show(console if console.is_terminal else styles.console(width=styles.WIDE), table)
