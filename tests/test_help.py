"""Help that helps: at any width, with examples that run."""

import re
import shlex
import subprocess
import sys

import pytest

import actcli
from actcli.cli.builtin import BUILTIN_COMMANDS
from tests.command import ACTCLI, ENVIRONMENT, output
from tests.command import actcli as called
from tests.screen import plain, screen

RUN_ANYWHERE = [name for name in BUILTIN_COMMANDS if name != "audit"]
"""The commands whose examples run anywhere; those of audit need a framework: its own tests run them."""
PLACEHOLDER = "FILE.csv"
"""A name in an example that a reader puts another in place of."""


def examples(page: str) -> list[str]:
    """Return the examples of a page of help."""
    return [
        line.partition("$ ")[2].partition("  ")[0]
        for line in page.splitlines()
        if line.startswith((" " * 2 + "$", " " * 4 + "$"))
    ]


@pytest.mark.parametrize("name", ["", *RUN_ANYWHERE, *actcli.activations()])
def test_the_examples_of_a_help_run(name, tmp_path):
    """With status 0, an answer, and nothing on standard error, in a folder without files but a placeholder's."""
    found = examples(output(*name.split(), "--help"))
    assert len(found) >= (5 if not name else 1)
    for example in found:
        before, _, command = example.rpartition(" | ")
        given = shlex.split(before)[1].encode().decode("unicode_escape") if before else ""
        program, *words = shlex.split(command)
        if PLACEHOLDER in words:
            (tmp_path / PLACEHOLDER).write_text("layer1_a,layer1_b,layer2_a\n1,-2,3\n-1,2,0.5\n")
        run = called(*words, stdin=given, cwd=tmp_path)
        assert program == "actcli"
        assert (run.returncode, run.stderr) == (0, ""), example
        assert run.stdout


@pytest.mark.parametrize("name", ["", *RUN_ANYWHERE, "relu", "softmax", "prelu"])
def test_a_shell_runs_the_examples_as_they_are_typed(name, tmp_path):
    """In an empty folder, where nothing but actcli is on the path."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "actcli").symlink_to(ACTCLI)
    (tmp_path / "empty").mkdir()
    env = ENVIRONMENT | {"PATH": str(tmp_path / "bin")}
    for example in examples(output(*name.split(), "--help")):
        if PLACEHOLDER not in example:
            run = subprocess.run(
                ["/bin/sh", "-c", example], capture_output=True, text=True, env=env, cwd=tmp_path / "empty"
            )
            assert (run.returncode, run.stderr) == (0, ""), example
            assert run.stdout
            assert not [*(tmp_path / "empty").iterdir()]


def test_actcli_alone_shows_what_it_is():
    """The same page as --help: the purpose first, five examples, all functions and commands in order."""
    page = output()
    assert page == output("--help") == output("-h")
    assert page.startswith("Evaluate neural-network activation functions")
    positions = [re.search(rf"\n  {name} ", page).start() for name in BUILTIN_COMMANDS]
    assert positions == sorted(positions)
    positions = [re.search(rf"[ ,]{name}[,\n]", page).start() for name in actcli.activations()]
    assert positions == sorted(positions)


@pytest.mark.parametrize("columns", [40, 60, 200])
@pytest.mark.parametrize(
    "words", [["--help"], ["relu", "--help"], ["choose", "--help"], ["info", "--help"]], ids=" ".join
)
def test_help_fits_the_window(words, columns):
    """Options are not cut."""
    page = plain(screen(*words, columns=columns))
    assert "…" not in page
    assert re.match(
        r"Evaluate|Usage: actcli \w+ (\[NUMBER \| FILE \| -\]\.\.\. |FUNCTION\.\.\. |\[LAYER \| TASK\] )?\[OPTIONS\] ",
        " ".join(page.split()),
    )
    assert not re.search(r"<(list|str)|\[required|\[default", page)
    over = [line for line in page.splitlines() if len(line) > columns]
    assert [line for line in over if "$ " not in line] == []
    if words[0] == "relu":
        assert "--negative-slope, --alpha" in page


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        *([name, "--help"] for name in (*BUILTIN_COMMANDS, "relu", "softmax")),
        ["info", "leaky_relu"],
        ["list"],
    ],
)
def test_no_text_is_lost_without_docstrings(words):
    """Python drops them under PYTHONOPTIMIZE=2; what people read is data."""
    run = subprocess.run([sys.executable, "-OO", "-m", "actcli", *words], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == output(*words)


@pytest.mark.parametrize("name", ["relu", "softmax", "compare", "diagnose", "plot"])
def test_options_stand_in_groups_with_those_of_the_function_first(name):
    """Each option in one; parameters of other functions in none, though they are accepted."""
    page = output(name, "--help")
    groups = re.findall(r"(?m)^(\w[\w ]+):$", page.partition("Arguments:")[2])
    assert groups[0] == ("Parameters" if name in {"relu", "softmax"} else groups[0])
    assert groups[-1] == "General"
    assert len(groups) == len(set(groups)) > 2
    options = re.findall(r"(?m)^  (?:-\w, )?(--[\w-]+)", page)
    assert len(options) == len(set(options))
    assert ("--negative-slope" in options) == (name == "relu")
