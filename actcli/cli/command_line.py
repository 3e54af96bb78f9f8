"""The command line as people write it: other words for commands, and options before the command."""

from actcli import registry
from actcli.cli.builtin import BUILTIN_COMMANDS

_ALIASES = {"help": "--help", "-h": "--help", "version": "--version", "explain": "info", "describe": "info"}
_SHORTHANDS = {"--json": ("--format", "json"), "--daz=min": ("--daz-min",)}


def put_command_first(args: list[str]) -> list[str]:
    """Return the arguments with the command, as it is called here, before its options.

    ``help NAME`` becomes ``NAME --help``, ``--json`` ``--format json``, and ``--format plain relu 1`` becomes
    ``relu --format plain 1``.
    """
    if not args:
        return []
    args = [word for arg in args for word in _SHORTHANDS.get(arg, (arg,))]
    first, *others = args
    first = "--version" if first == "-V" else _ALIASES.get(first.lower(), first)
    if first == "--help":
        return [*others[:1], "--help"]
    if first == "--version":
        return [first]
    if not first.startswith("-"):
        return [first.lower() if first.lower() in BUILTIN_COMMANDS else first, *others]
    position = _find_command(args)
    return [first, *others] if position is None else [args[position], *args[:position], *args[position + 1 :]]


def _find_command(args: list[str]) -> int | None:
    """Return the position of the first word that names a command and is not the value of an option."""
    from actcli.cli.options import count_values

    counts = count_values()
    position = 0
    while position < len(args):
        word = args[position]
        if not word.startswith("-"):
            return position if _is_command(word) else None
        if word not in counts and not word.startswith("--"):
            return None
        position += 1 + (0 if "=" in word else counts.get(word, 1))  # an option unknown here is a parameter
    return None


def _is_command(word: str) -> bool:
    return word.lower() in BUILTIN_COMMANDS or registry.is_activation(word)
