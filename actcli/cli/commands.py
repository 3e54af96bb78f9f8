"""How a command is made: by Typer from a function, its help plain text that fits any width, with examples that run."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import typer

FIXED = {
    "info": "info",
    "list": "catalogue",
    "plot": "plot",
    "compare": "compare",
    "diagnose": "diagnose",
    "choose": "choose",
    "tutorial": "tutorial",
    "completion": "completion",
}
"""The commands beside the activations, and the module of each, which has a function ``command``."""

COMPLETING = "_ACTCLI_COMPLETE"
"""The variable of the environment with which a shell asks for completions of the last argument."""


def fixed(name: str) -> Any:
    """Return the fixed command of that name."""
    return importlib.import_module(f"actcli.cli.{FIXED[name]}").command()


def made(name: str, function: Callable[..., Any], *examples: str, **properties: Any) -> Any:
    """Return a command that runs the function; the properties are those of ``typer.Typer.command``."""
    single = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    single.command(name, epilog=shown(examples), **properties)(function)
    command = typer.main.get_command(single)
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            # The metavar alone says what is taken; Typer would add brackets, dots and the name of a Python type.
            parameter.display_type_rich = lambda ctx: None  # type: ignore[attr-defined]
            parameter.get_usage_pieces = partial(_pieces, parameter.metavar)  # type: ignore[method-assign]
    return command


def _pieces(metavar: str | None, ctx: Any) -> list[str]:
    return [metavar or ""]


def shown(examples: tuple[str, ...]) -> str:
    """Return the examples as the end of a help text, one a line."""
    return "\n".join(["\b", "Examples:", *(f"  $ {example}" for example in examples)])
