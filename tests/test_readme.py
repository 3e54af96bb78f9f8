"""The commands of README and of the pages of docs print what is said there."""

import doctest
import re
import subprocess
from pathlib import Path

import pytest

from tests.command import ACTCLI, shell

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EVERY_PAGE = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")])


def find_examples(page: Path) -> list[str]:
    """Return the commands of a page, each with its output."""
    blocks = re.findall(r"^```console\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return [example for block in blocks for example in re.split(r"(?m)^\$ ", block)[1:]]


IN_FOLDERS = {"check.md", "many-files.md"}
"""Pages whose examples need a folder of their own: tests/test_check_page.py and test_many_files_page.py run them."""
EXAMPLES = [example for page in PAGES if page.name not in IN_FOLDERS for example in find_examples(page)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.partition("\n")[0])
def test_a_command_of_the_readme_prints_its_output(example):
    """Standard output and standard error, as a shell shows them."""
    command, _, expected = example.partition("\n")
    assert shell(command, ROOT).stdout.rstrip("\n") == expected.rstrip("\n")


def test_the_readme_is_short_and_shows_commands_and_a_failure():
    """The rest stands in docs, whose index leads to every page."""
    assert len(README.splitlines()) <= 155
    examples = find_examples(ROOT / "README.md")
    assert len(examples) > 10
    assert sum("\nactcli: " in example for example in examples) >= 1
    index = (ROOT / "docs" / "README.md").read_text()
    assert all(f"({page.name})" in index for page in PAGES if page.name != "README.md")


@pytest.mark.parametrize("page", [page for page in PAGES if "```pycon" in page.read_text()], ids=lambda page: page.name)
def test_the_examples_in_python_hold(page):
    """As a session of Python."""
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted >= 3
    assert result.failed == 0


def find_prose(page: Path) -> str:
    """Return the text of a page without code and formulas."""
    return re.sub(r"(?ms)^```.*?^```|\$\$.*?\$\$|`[^`\n]*`", "", page.read_text())


def find_anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"(?m)^#+ (.*)$", find_prose(page))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: f"{page.relative_to(ROOT)}")
def test_every_link_of_a_page_leads_somewhere(page):
    """To a file of the repository and, where it names a heading, to one that is there; to no other site."""
    for link in re.findall(r"\]\(([^)\s]+)\)", find_prose(page)):
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.is_relative_to(ROOT), link
        assert path.exists(), link
        assert not anchor or anchor in find_anchors(path), link


def test_the_version_stands_in_one_place():
    """The project file; the command reads it back from what is installed."""
    project = (ROOT / "pyproject.toml").read_text()
    version = re.search(r'^version = "(.*)"$', project, flags=re.MULTILINE)[1]
    run = subprocess.run([ACTCLI, "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"actcli {version}\n"
    sources = [path.read_text() for path in (ROOT / "actcli").rglob("*.py")]
    assert not any(version in source for source in sources)
