"""Completion in the shell: functions, options and their words, files, and the columns of the file that is given."""

import contextlib
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from actcli import registry
from actcli.cli import app, commands
from actcli.cli.commands import COMPLETING
from actcli.dialects import FRAMEWORKS
from actcli.errors import ActcliError, require_choice
from actcli.storage.paths import is_file

SCRIPTS = {
    "bash": f"""_actcli() {{
    local IFS=$'\\n'
    COMPREPLY=($({COMPLETING}=1 actcli "${{COMP_WORDS[@]:1:COMP_CWORD}}" 2>/dev/null))
}}
complete -o default -F _actcli actcli
""",
    "zsh": f"""#compdef actcli
_actcli() {{
    local -a found
    found=("${{(@f)$({COMPLETING}=1 actcli "${{(@)words[2,CURRENT]}}" 2>/dev/null)}}")
    if [[ -n "$found" ]]; then compadd -- "${{found[@]}}"; else _files; fi
}}
compdef _actcli actcli
""",
    "fish": f"""complete -c actcli \\
    -a '({COMPLETING}=1 actcli (commandline -opc)[2..-1] "$(commandline -ct)" 2>/dev/null)'
""",
}

_HELP = """Print the script that completes functions, options, files and columns in a shell.

For bash: eval "$(actcli completion bash)" in ~/.bashrc; for zsh the same in ~/.zshrc, after compinit; for fish:
actcli completion fish > ~/.config/fish/completions/actcli.fish
"""


def command() -> Any:
    """Return the command, made by Typer."""
    return commands.made("completion", completion, "actcli completion bash", help=_HELP)


def completion(shell: str = typer.Argument(..., metavar="SHELL", help=f"One of {', '.join(SCRIPTS)}.")) -> None:
    """Run the command."""
    print(SCRIPTS[require_choice("SHELL", shell, SCRIPTS)], end="")


def answer(words: Sequence[str]) -> None:
    """Print what may stand in place of the last word, one a line; nothing where a file may stand."""
    *before, begun = words or [""]
    with contextlib.suppress(ActcliError, OSError):
        print("".join(f"{word}\n" for word in sorted(set(_accepted(before, begun))) if word.startswith(begun)), end="")


def _accepted(before: list[str], begun: str) -> list[str]:
    """Return the words that may follow."""
    functions = [block.name for block in registry.registered()]
    if not before:
        return [*functions, *commands.FIXED, "--help", "--version"]
    if before[-1] in {"-c", "--columns"}:
        return _columns(before)
    if (choices := _words(before[0], begun).get(before[-1])) is not None:
        return choices
    if begun.startswith("-"):
        made = app.command_of(before[0])
        return [name for param in made.params for name in (*param.opts, *param.secondary_opts)] + ["--help"]
    if before[0] in {"info", "plot", "compare", "diagnose"}:
        return functions
    return list(SCRIPTS) if before[0] == "completion" else []


def _words(command: str, begun: str) -> dict[str, list[str]]:
    """Return the words that each option of a command takes; of several, all so far and one more."""
    from actcli.advice import LAYERS, OUTPUT
    from actcli.cli import diagnose, info
    from actcli.compute import NUMERICS
    from actcli.data.read_options import ON_ERROR
    from actcli.formats.registry import FORMATS
    from actcli.numerics import dtypes

    formats = list({"info": info.FORMATS, "diagnose": diagnose.FORMATS}.get(command, FORMATS))
    chosen, comma, _ = begun.rpartition(",")
    families = [block.family for block in registry.registered()]
    return {
        "--dialect": list(FRAMEWORKS),
        "--dialects": [chosen + comma + name for name in FRAMEWORKS if name not in chosen.split(",")],
        "--dtype": list(dtypes.FORMATS),
        "--numerics": list(NUMERICS),
        "--format": formats,
        "-f": formats,
        "--from": [name for name, format in FORMATS.items() if format.open_reader],
        "--on-error": list(ON_ERROR),
        "--family": families,
        "--in": list(FRAMEWORKS),
        "--layer": list(LAYERS),
        "--task": list(OUTPUT),
    }


def _columns(before: list[str]) -> list[str]:
    """Return the names of the columns of the first file that is named."""
    for path in before:
        if is_file(path):
            separator = "\t" if path.endswith(".tsv") else ","
            with Path(path).open(newline="", encoding="utf-8-sig", errors="replace") as file:
                return next(csv.reader(file, delimiter=separator), [])
    return []
