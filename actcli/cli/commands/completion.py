"""``actcli completion``: the script that lets a shell ask for completions."""

import typer

from actcli.cli.command import COMPLETION_VARIABLE, Command, make_command
from actcli.errors import require_choice

SCRIPTS = {
    "bash": f"""_actcli() {{
    local IFS=$'\\n'
    COMPREPLY=($({COMPLETION_VARIABLE}=1 actcli "${{COMP_WORDS[@]:1:COMP_CWORD}}" 2>/dev/null))
}}
complete -o default -F _actcli actcli
""",
    "zsh": f"""#compdef actcli
_actcli() {{
    local -a found
    found=("${{(@f)$({COMPLETION_VARIABLE}=1 actcli "${{(@)words[2,CURRENT]}}" 2>/dev/null)}}")
    if [[ -n "$found" ]]; then compadd -- "${{found[@]}}"; else _files; fi
}}
compdef _actcli actcli
""",
    "fish": f"""complete -c actcli \\
    -a '({COMPLETION_VARIABLE}=1 actcli (commandline -opc)[2..-1] "$(commandline -ct)" 2>/dev/null)'
""",
}

_HELP = """Print the script for tab completion of functions, options, files and columns.

For bash: eval "$(actcli completion bash)" in ~/.bashrc; for zsh: the same in ~/.zshrc, after compinit; for fish:
actcli completion fish > ~/.config/fish/completions/actcli.fish
"""


def command() -> Command:
    """Return the command, made by Typer."""
    return make_command("completion", completion, "actcli completion bash", help=_HELP)


def completion(
    shell: str = typer.Argument(
        ..., metavar="SHELL", help=f"One of {', '.join(SCRIPTS)}.", autocompletion=lambda: list(SCRIPTS)
    ),
) -> None:
    """Run the command."""
    print(SCRIPTS[require_choice("SHELL", shell, SCRIPTS)], end="")
