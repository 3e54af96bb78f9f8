"""Help that helps: at any width, with examples that run."""

import re
import shlex
import subprocess
import sys

import pytest

import actcli
from actcli.cli.builtin import BUILTIN_COMMANDS
from tests.command import actcli as called
from tests.command import output
from tests.screen import plain, screen


def examples(page: str) -> list[str]:
    """Return the examples of a page of help."""
    return [
        line.partition("$ ")[2].partition("  ")[0]
        for line in page.splitlines()
        if line.startswith((" " * 2 + "$", " " * 4 + "$"))
    ]


@pytest.mark.parametrize("name", ["", *BUILTIN_COMMANDS, *actcli.activations()])
def test_the_examples_of_a_help_run(name):
    """With status 0, an answer, and nothing on standard error."""
    found = examples(output(*name.split(), "--help"))
    assert len(found) >= (5 if not name else 1)
    for example in found:
        before, _, command = example.rpartition(" | ")
        given = shlex.split(before)[1].encode().decode("unicode_escape") if before else ""
        program, *words = shlex.split(command)
        run = called(*words, stdin=given)
        assert program == "actcli"
        assert (run.returncode, run.stderr) == (0, ""), example
        assert run.stdout


def test_actcli_alone_shows_what_it_is():
    """The same page as --help: the purpose first, five examples, all functions and commands in order."""
    page = output()
    assert page == output("--help") == output("-h")
    assert page.startswith("Tell what an activation function gives")
    positions = [re.search(rf"\n  {name} ", page).start() for name in BUILTIN_COMMANDS]
    assert positions == sorted(positions)
    positions = [re.search(rf"[ ,]{name}[,\n]", page).start() for name in actcli.activations()]
    assert positions == sorted(positions)


@pytest.mark.parametrize("columns", [60, 200])
@pytest.mark.parametrize(
    "words", [["--help"], ["relu", "--help"], ["choose", "--help"], ["info", "--help"]], ids=" ".join
)
def test_help_fits_the_window(words, columns):
    """Options are not cut."""
    page = plain(screen(*words, columns=columns))
    assert "…" not in page
    assert re.match(
        r"Tell|Usage: actcli \w+ (\[NUMBER \| FILE \| -\]\.\.\. |FUNCTION\.\.\. |\[LAYER \| TASK\] )?\[OPTIONS\]\n",
        page,
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
