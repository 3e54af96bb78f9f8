"""Completion, as the shells ask for it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import actcli
from actcli.cli.commands.completion import SCRIPTS
from tests.command import ACTCLI, ENVIRONMENT, complaint, output

PATH = f"{Path(ACTCLI).parent}{os.pathsep}{os.environ['PATH']}"


def completed(*words: str, cwd: str | Path = ".") -> list[str]:
    """Return what bash offers for the last of the words."""
    typed = " ".join(f"'{word}'" for word in ("actcli", *words))
    script = f'COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _actcli; printf "%s\\n" "${{COMPREPLY[@]}}"'
    run = subprocess.run(
        ["bash", "-c", f'eval "$(actcli completion bash)"; {script}'],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=ENVIRONMENT | {"PATH": PATH},
        check=True,
    )
    assert run.stderr == ""
    return run.stdout.split("\n")[:-1]


def test_bash_completes_functions_and_commands():
    """From the beginning of a name."""
    assert completed("so") == [name for name in sorted(actcli.activations()) if name.startswith("so")]
    assert completed("tut") == ["tutorial"]
    assert completed("info", "gelu_") == ["gelu_10", "gelu_fast", "gelu_tanh"]


def test_bash_completes_options_and_their_words():
    """Those of the function, and of a command."""
    assert completed("relu", "--neg") == ["--negative-slope"]
    assert completed("relu", "1", "--dialect", "k") == ["keras", "keras2"]
    assert completed("choose", "--task", "multi") == ["multiclass", "multilabel"]
    assert completed("info", "relu", "--format", "") == ["json", "latex", "markdown", "text"]
    assert completed("diagnose", "relu", "1", "-f", "") == ["csv", "json", "markdown", "table", "tsv"]
    assert completed("compare", "gelu", "--dialects", "torch,k") == ["torch,keras", "torch,keras2"]
    assert completed("relu", "x.csv", "--on-error", "k") == ["keep"]
    assert completed("relu", "-", "--from", "par") == ["parquet"]


def test_bash_completes_the_columns_of_the_file(tmp_path):
    """Names with blanks too."""
    (tmp_path / "x.csv").write_text('id,z cat,"z,dog"\n1,2,3\n')
    assert completed("softmax", "x.csv", "-c", "z", cwd=tmp_path) == ["z cat", "z,dog"]
    assert completed("softmax", "none.csv", "-c", "z", cwd=tmp_path) == [""]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_of_each_shell_is_one(shell):
    """In the eyes of the shell itself, where it is installed."""
    script = output("completion", shell)
    assert "_ACTCLI_COMPLETE=1 actcli" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=script, text=True).returncode == 0


def test_an_unknown_shell_is_a_mistake():
    """The line names those that are known."""
    assert "bash, zsh, fish" in complaint("completion", "tcsh")


ASKED = {
    "fish": """actcli completion fish | source; complete -C 'actcli choose --task multi'""",
    "zsh": """autoload -Uz compinit; compinit -u -D; eval "$(actcli completion zsh)"
        compadd() { shift; print -l -- "$@" }
        words=(actcli choose --task multi); CURRENT=4; _actcli""",
}


@pytest.mark.parametrize("shell", ASKED)
def test_other_shells_complete_too(shell, tmp_path):
    """Where they are installed."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    env = ENVIRONMENT | {"PATH": PATH, "HOME": str(tmp_path)}
    run = subprocess.run([shell, "-c", ASKED[shell]], capture_output=True, text=True, env=env)
    assert run.stdout.split() == ["multiclass", "multilabel"], run.stderr
