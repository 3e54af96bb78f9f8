"""``actcli list``: the catalogue as a table, or a part of it."""

import typer

from actcli.activation import Activation
from actcli.cli.command import Command, make_command, option
from actcli.cli.views import styles
from actcli.dialects import FRAMEWORKS
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
    return list(dict.fromkeys(block.family for block in registered()))


def catalogue(
    word: str = typer.Argument("", metavar="[WORD]", help="Only those that say this word anywhere."),
    family: str = option("NAME", "Only one family, such as sigmoids.", completer=_families),
    framework: str = option(
        "NAME", f"Only those in one of {', '.join(FRAMEWORKS)}.", "--in", completer=lambda: list(FRAMEWORKS)
    ),
) -> None:
    """Run the command."""
    if family is not None:
        require_choice("--family", family, _families())
    if framework is not None:
        require_choice("--in", framework, FRAMEWORKS)
    found = [
        block
        for block in registered()
        if family in {None, block.family}
        and (framework is None or framework in block.dialects)
        and word.lower() in _said(block)
    ]
    if not found:
        near = suggestion(word, [block.name for block in registered()]) if word else ""
        asked = (
            [f"in {framework}"] * bool(framework) + [f"of {family}"] * bool(family) + [f"saying {word!r}"] * bool(word)
        )
        raise ActcliError(f"no activation {' and '.join(asked)}{near or '; actcli list shows all'}")
    _show(found)


def _said(block: type[Activation]) -> str:
    """Return everything a block says in words, in small letters."""
    phrases = (*block.advantages, *block.disadvantages, block.use, *block.aliases, *block.calls.values())
    return "\n".join([block.name, block.family, block.description, block.source, *phrases]).lower()


def _show(blocks: list[type[Activation]]) -> None:
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
    for i, block in enumerate(blocks):
        if console.is_terminal and (i == 0 or blocks[i - 1].family != block.family):
            table.add_row(Text(block.family, styles.NOTE))
        frameworks = ", ".join(dialect for dialect in FRAMEWORKS if dialect in block.dialects)
        cells = [Text(block.name, styles.NAME), *map(Text, (block.formula, ", ".join(block.aliases), frameworks))]
        table.add_row(*cells[: len(table.columns)])
    styles.show(console if console.is_terminal else styles.console(width=styles.WIDE), table)
