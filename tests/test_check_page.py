"""What docs/check.md shows is real: its kernel is compiled, its commands, its pytest and its workflow are run."""

import re
import shutil
import sys
import tomllib

import pytest

from tests.command import shell
from tests.kernels import needs_compiler
from tests.test_readme import ROOT, find_examples

PAGE = ROOT / "docs" / "check.md"
KERNELS = ROOT / "docs" / "kernels"


def block(language: str) -> str:
    """Return the only block of code of a language on the page."""
    (found,) = re.findall(rf"(?ms)^```{language}\n(.*?)^```", PAGE.read_text())
    return found


@pytest.fixture(name="folder", scope="module")
def folder_of_the_page(tmp_path_factory):
    """Return a copy of the folder of kernels, with the library that the page compiles there."""
    folder = tmp_path_factory.mktemp("page") / "kernels"
    shutil.copytree(KERNELS, folder)
    compiled = shell(block("sh"), folder)
    assert (compiled.returncode, compiled.stdout) == (0, "")
    return folder


@needs_compiler
@pytest.mark.parametrize("example", find_examples(PAGE), ids=lambda example: example.partition("\n")[0])
def test_a_command_of_the_page_prints_its_output(example, folder):
    """To the last digit with any C library: exp of double is rounded to float, which hides its last bits."""
    command, _, expected = example.partition("\n")
    assert shell(command, folder).stdout.rstrip("\n") == expected.rstrip("\n")


@needs_compiler
def test_the_pytest_of_the_page_passes_and_fails_on_the_broken_kernel(folder):
    """It guards what it says it guards."""
    test = folder / "test_kernels.py"
    for kernel, status, words in (
        ("silu_mended", 0, "3 passed"),
        ("silu", 1, "NaN where a number is due: 1, first at -inf"),
    ):
        test.write_text(block("python").replace("libsilu.so:silu_mended", f"libsilu.so:{kernel}"))
        run = shell(f"{sys.executable} -m pytest -q -p no:cacheprovider {test.name}", folder)
        assert run.returncode == status, run.stdout
        assert words in run.stdout


@needs_compiler
def test_the_workflow_of_the_page_passes_and_leaves_a_report(folder):
    """Every command of it runs, but for the installation; its file is the one that is uploaded."""
    workflow = block("yaml")
    commands = re.findall(r"(?m)^ +- run: (.*)$", workflow)
    assert commands[0].startswith("pip install ")
    for command in commands[1:]:
        run = shell(command, folder)
        assert run.returncode == 0, run.stdout
    (uploaded,) = re.findall(r"path: (.*)", workflow)
    assert 'failures="0"' in (folder / uploaded).read_text()


def test_the_page_shows_its_files():
    """The kernel and the budget, as they are in the folder."""
    assert block("c") in (KERNELS / "silu.c").read_text()
    assert block("toml") == (KERNELS / "budget.toml").read_text()
    tomllib.loads(block("toml"))
