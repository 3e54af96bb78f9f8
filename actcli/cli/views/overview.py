"""The first page of help: what ``actcli`` is, five examples, and all commands, in the width of the terminal."""

import shutil
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from actcli.cli.builtin import BUILTIN_COMMANDS
from actcli.registry import registered

if TYPE_CHECKING:
    from typer._click import Context

    from actcli.cli.command import Command

PURPOSE = "Evaluate neural-network activation functions, correct to the last bit."
EXAMPLES = (
    ("actcli relu -5 -8 0 3 9 --threshold 7", "five numbers"),
    ("actcli tanh --linspace -2 2 5 --derivative", "a range, with the derivative"),
    ("printf 'z1,z2\\n1,2\\n' | actcli softmax", "a table, from a pipe or a file"),
    ("actcli info gelu", "describe a function"),
    ("actcli choose --layer hidden", "which function to use"),
)
STATUS = "Exit status: 0 success; 1 check failed; 2 invalid usage or data; 3 I/O error."
_NARROWEST, _WIDEST = 40, 120


def page(command: "Callable[[Context, str], Command]", context: "Context") -> str:
    """Return the page; ``command`` is the function (context, name) that returns a command."""
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))
    longest = max(len(call) for call, _ in EXAMPLES)
    beside = longest + max(len(meaning) for _, meaning in EXAMPLES) + 6 <= width
    lines = [
        *textwrap.wrap(PURPOSE, width),
        "",
        *_usage("Usage: actcli FUNCTION", "[NUMBER | FILE | -]... [OPTIONS]", width),
        "       actcli COMMAND [OPTIONS]",
    ]
    lines += ["", "Examples:"]
    lines += [f"  $ {call:<{longest}}  {meaning}" if beside else f"  $ {call}" for call, meaning in EXAMPLES]
    lines += ["", "Commands (see actcli COMMAND --help):"]
    lines += _entries({name: command(context, name).get_short_help_str(200) for name in BUILTIN_COMMANDS}, width)
    lines += ["", *textwrap.wrap("Functions, by family (see actcli info FUNCTION):", width)]
    families: dict[str, list[str]] = {}
    for activation in registered():
        families.setdefault(activation.family, []).append(activation.name)
    lines += _entries({family: ", ".join(names) for family, names in families.items()}, width)
    lines += ["", "Options:"]
    lines += _entries({"-V, --version": "Print the version and exit.", "-h, --help": "Show this help and exit."}, width)
    return "\n".join([*lines, "", *textwrap.wrap(STATUS, width)])


def _usage(call: str, rest: str, width: int) -> list[str]:
    """Return a call, on two lines where it does not fit on one."""
    line = f"{call} {rest}"
    return [line] if len(line) <= width else [call, f"        {rest}"]


def _entries(texts: dict[str, str], width: int) -> list[str]:
    """Return each name with its text beside it, in lines of that width."""
    column = max(map(len, texts)) + 4
    lines = []
    for name, text in texts.items():
        wrapped = textwrap.wrap(text, width - column)
        lines += [f"  {name:<{column - 2}}{wrapped[0]}", *(" " * column + line for line in wrapped[1:])]
    return lines
