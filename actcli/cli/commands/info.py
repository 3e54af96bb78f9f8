"""``actcli info FUNCTION``: everything that is known of one activation."""

from typing import TYPE_CHECKING

import typer

from actcli import registry
from actcli.activation import Activation, Elementwise, Packed
from actcli.api import prepare
from actcli.cli.command import Command, make_command
from actcli.cli.completers import function_names
from actcli.cli.views import describe, pager, styles
from actcli.cli.views.formula import to_text
from actcli.errors import require_choice

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

FORMATS = ("text", "json", "markdown", "latex")

_HELP = """Describe activation functions.

Formula and derivative, curve, range, parameters in each framework, advantages, disadvantages, use, special values,
the call in each framework, and the source. On a terminal, a text longer than the screen opens in $PAGER (default:
less); PAGER=cat turns that off.
"""


def command() -> Command:
    """Return the command, made by Typer."""
    return make_command(
        "info",
        info,
        "actcli info gelu",
        "actcli info softmax --format markdown",
        "actcli info relu --format json",
        help=_HELP,
    )


def info(
    functions: list[str] = typer.Argument(  # noqa: B008  Typer reads it there
        ..., metavar="FUNCTION...", help="Names or aliases of activations.", autocompletion=function_names
    ),
    format: str = typer.Option(
        "text",
        "--format",
        "-f",
        metavar="NAME",
        help=f"Output format: {', '.join(FORMATS)} (default: text)",
        show_default=False,
        autocompletion=lambda: list(FORMATS),
    ),
) -> None:
    """Run the command."""
    kind = require_choice("format", format, FORMATS, {"md": "markdown"})
    activations = list(map(registry.find, functions))
    if kind == "text":
        pager.show("\n".join(map(_page, activations)))
        return
    for i, activation in enumerate(activations):
        description = describe.describe(activation)
        if kind == "json":
            import json

            print(json.dumps(description, ensure_ascii=False))
            continue
        if kind == "latex":
            print(description["latex"])
            continue
        if i:
            print()
        print(describe.markdown(description), end="")


def _page(activation: type[Activation]) -> str:
    """Return the facts for people, in the width of the terminal."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    description = describe.describe(activation)
    console = styles.console()
    title = Text.assemble((description["function"], styles.TITLE), "  ", description["summary"])
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=styles.HEADING, no_wrap=True)
    grid.add_column(overflow="fold")
    for heading, lines in _sections(description):
        for i, line in enumerate(lines):
            grid.add_row(heading if i == 0 else "", _item(line))
    parts = [styles.render(console, title, Padding(grid, (1, 0)))]
    if not issubclass(activation, Packed) and description["special_values"]:
        parts.append(f"{_picture(activation, console)}\n")
    for heading, headings, rows in _tables(description):
        table = Table(box=None, padding=(0, 2, 0, 0), header_style=styles.NOTE)
        for i, name in enumerate(headings):
            table.add_column(name, overflow="fold", no_wrap=i == 0)
        for row in rows:
            table.add_row(*map(Text, row))
        parts.append(styles.render(console, Text(heading, styles.HEADING), Padding(table, (0, 0, 1, 2))))
    return "".join([*parts, styles.render(console, Text.assemble(("source  ", styles.HEADING), description["source"]))])


def _item(line: str) -> "Table | Text":
    """Return a line, which goes on behind its mark if it has one and is long."""
    from rich.table import Table
    from rich.text import Text

    if line[:2] not in {"+ ", "- "}:
        return Text(line)
    item = Table.grid()
    item.add_row(line[:2], Text(line[2:]))
    return item


def _picture(activation: type[Activation], console: "Console") -> str:
    """Return a small plot of a function and its derivative, or the bars of a row before and after it."""
    import numpy as np

    from actcli.cli.views import bars, plot_terminal, sampling

    narrow = styles.console(width=min(console.width, 72))
    prepared = prepare(activation.name, {}, "float32")
    if not isinstance(prepared, Elementwise):
        return bars.lying(narrow, sampling.rows([prepared]))
    x = np.linspace(*prepared.window, 481, dtype=np.float32)
    return plot_terminal.shown(narrow, sampling.curves([prepared], x, derivative=True), 10)


def _sections(description: describe.Description) -> list[tuple[str, list[str]]]:
    variable, by = (
        ("x[i]", " by x[j]") if "[i]" in description["formula"] or "[j]" in description["derivative"] else ("x", "")
    )
    general = to_text(description["general_formula"]) if description["parameters"] else description["formula"]
    kinks = [f"at kinks: {description['at_kinks']}"] if description["at_kinks"] else []
    return [
        ("family", [description["family"]]),
        *([("also called", [", ".join(description["aliases"])])] if description["aliases"] else []),
        ("formula", [description["formula"]]),
        *([("with parameters", [general])] if general != description["formula"] else []),
        (f"derivative{by}", [to_text(description["derivative"]), *kinks]),
        ("range", [description["range"]]),
        (f"monotonic in {variable}" if by else "monotonic", [description["monotonic"]]),
        ("advantages", [f"+ {phrase}" for phrase in description["advantages"]]),
        ("disadvantages", [f"- {phrase}" for phrase in description["disadvantages"]]),
        ("use", [description["use"]]),
    ]


def _tables(description: describe.Description) -> list[tuple[str, list[str], list[list[str]]]]:
    name = description["function"]
    heads = ["x", f"{name}(x)", f"{name}'(x)"]
    found = [
        (
            "parameters",
            ["name", "default", "meaning"],
            [describe.parameter_cells(each) for each in description["parameters"]],
        ),
        (
            "variants",
            list(describe.VARIANT_HEADINGS),
            [describe.variant_cells(each) for each in description["variants"]],
        ),
        ("values in float32", heads, describe.special_rows(description)),
        ("in code", ["framework", "call"], [[framework, line] for framework, line in description["calls"].items()]),
    ]
    return [(title, headings[: len(rows[0])], rows) for title, headings, rows in found if rows]
