"""What a shell may complete the last word with: functions and commands, options, and what each declares to take."""

import contextlib
from collections.abc import Sequence

from actcli.cli.builtin import BUILTIN_COMMANDS, load_command
from actcli.cli.completers import function_names
from actcli.errors import ActcliError


def answer(words: Sequence[str]) -> None:
    """Print what may stand in place of the last word, one a line; nothing where a file may stand."""
    *before, begun = words or [""]
    with contextlib.suppress(ActcliError, OSError):
        print(
            "".join(f"{word}\n" for word in sorted(set(_candidates(before, begun))) if word.startswith(begun)), end=""
        )


def _candidates(before: list[str], begun: str) -> list[str]:
    """Return the words that may follow."""
    if not before:
        return [*function_names(), *BUILTIN_COMMANDS, "--help", "--version"]
    command = load_command(before[0])
    options = {flag: param for param in command.params for flag in (*param.opts, *param.secondary_opts)}
    taking = options.get(before[-1])
    if taking is None or getattr(taking, "is_flag", False):
        if begun.startswith("-"):
            return [flag for flag in options if flag.startswith("-")] + ["--help"]
        taking = next((param for param in command.params if param.param_type_name == "argument"), None)
    if taking is None:
        return []
    with command.make_context(before[0], [], resilient_parsing=True) as context:
        context.args = before
        return [item.value for item in taking.shell_complete(context, begun)]
