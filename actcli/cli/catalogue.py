"""``actcli list``: the catalogue as a table."""

from typing import Any

import typer

from actcli.activation import FRAMEWORKS, registered
from actcli.cli import styles


def command() -> Any:
    """Return the command, made by Typer."""
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command("list")(catalogue)
    return typer.main.get_command(single)


def catalogue() -> None:
    """Show all activations: name, formula, further names, and the frameworks that have each."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("name", "formula", "also called", "frameworks"):
        table.add_column(heading, no_wrap=heading == "name", overflow="fold")
    for block in registered():
        frameworks = ", ".join(dialect for dialect in FRAMEWORKS if dialect in block.dialects)
        table.add_row(*map(Text, (block.name, block.formula, ", ".join(block.aliases), frameworks)))
    console = styles.console()
    console.print(table) if console.is_terminal else styles.console(width=styles.WIDE).print(table)
