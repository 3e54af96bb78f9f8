"""The commands: one for each activation, and the built-in ones."""

import importlib

from actcli import registry
from actcli.cli.command import Command
from actcli.errors import ActcliError, suggestion

BUILTIN_COMMANDS = ("info", "list", "plot", "compare", "check", "audit", "diagnose", "choose", "tutorial", "completion")
"""The commands beside the activations; each is made by the function ``command`` of its module in ``cli.commands``."""


def load_builtin(name: str) -> Command:
    """Return the built-in command of that name."""
    command: Command = importlib.import_module(f"actcli.cli.commands.{name}").command()
    return command


def load_command(name: str) -> Command:
    """Return the command of an activation, under any of its names, or a built-in one; raise ActcliError otherwise."""
    if name in BUILTIN_COMMANDS:
        return load_builtin(name)
    from actcli.cli.commands import evaluate

    try:
        return evaluate.command(registry.find(name))
    except ActcliError:
        if not (near := suggestion(name, BUILTIN_COMMANDS)):
            raise
        raise ActcliError(f"unknown activation or command {name!r}{near}") from None
