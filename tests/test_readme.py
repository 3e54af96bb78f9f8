"""The README's commands print what it says they print."""

import doctest
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.command import ACTCLI, ENVIRONMENT

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def code_blocks(language: str) -> list[str]:
    """Return the fenced code of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


EXAMPLES = [example for block in code_blocks("console") for example in re.split(r"(?m)^\$ ", block)[1:]]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.partition("\n")[0])
def test_a_command_of_the_readme_prints_its_output(example):
    """Standard output and standard error, as a shell shows them."""
    command, _, expected = example.partition("\n")
    path = f"{Path(ACTCLI).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT | {"PATH": path},
    )
    assert run.stdout.rstrip("\n") == expected.rstrip("\n")


def test_the_readme_shows_ten_commands_and_a_failure():
    """After the picture of a table."""
    assert len(EXAMPLES) > 10
    assert sum("\nactcli: " in example for example in EXAMPLES) >= 1


def test_the_library_examples_of_the_readme_hold():
    """As a session of Python."""
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 5
    assert result.failed == 0


def test_the_readme_names_every_format():
    """So that none is added in silence."""
    from actcli.formats.registry import FORMATS

    assert f"`--format` | {', '.join(f'`{name}`' for name in FORMATS)} |" in README


def test_the_version_stands_in_one_place():
    """The project file; the command reads it back from what is installed."""
    project = (ROOT / "pyproject.toml").read_text()
    version = re.search(r'^version = "(.*)"$', project, flags=re.MULTILINE)[1]
    run = subprocess.run([ACTCLI, "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"actcli {version}\n"
    sources = [path.read_text() for path in (ROOT / "actcli").rglob("*.py")]
    assert not any(version in source for source in sources)
