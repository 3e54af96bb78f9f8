"""The pages made from the catalogue and the evidence are fresh: python tests/reference/write_docs.py writes them."""

import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from tests.reference import readme, terminal_picture, write_docs
from tests.screen import plain, screen


@pytest.mark.parametrize(("path", "text"), write_docs.texts().items(), ids=lambda value: value.partition("\n")[0])
def test_a_page_is_fresh(path, text):
    """Word for word: no row is missing, and none is invented."""
    assert (write_docs.ROOT / path).read_text() == text, f"{path}: run python tests/reference/write_docs.py"


def test_a_place_in_a_page_that_is_lost_is_an_error(monkeypatch, tmp_path):
    """Rather than a list that nobody keeps."""
    for name in readme.parts():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(readme.ROOT / name, tmp_path / name)
    monkeypatch.setattr(readme, "ROOT", tmp_path)
    assert readme.pages()["docs/library.md"] == (tmp_path / "docs/library.md").read_text()
    page = tmp_path / "docs/library.md"
    page.write_text(page.read_text().replace(">>> len(actcli.activations())", ">>> actcli.activations()"))
    with pytest.raises(ValueError, match=r"docs/library\.md has 0 places like"):
        readme.pages()


def test_every_picture_of_curves_is_there_and_one_is_fresh():
    """The same bytes, where the same matplotlib draws it."""
    import matplotlib

    for path in write_docs.pictures():
        assert "<svg" in (write_docs.ROOT / path).read_text()
    path, names = next(iter(write_docs.pictures().items()))
    drawn = (write_docs.ROOT / path).read_bytes()
    version = re.search(rb"Matplotlib v([\d.]+)", drawn)
    if version and version[1].decode() != matplotlib.__version__:
        pytest.skip(f"drawn by matplotlib {version[1].decode()}")
    assert drawn == write_docs.picture(names)


def test_the_picture_of_the_readme_is_what_the_commands_print():
    """A table and curves in colour; every character and every dot of both."""
    svg = (write_docs.ROOT / "docs/terminal.svg").read_text()
    assert svg == write_docs.terminal(), "docs/terminal.svg: run python tests/reference/write_docs.py"
    drawn = ElementTree.fromstring(svg)
    words = "".join("".join(element.itertext()) for element in drawn.findall(".//{*}text")).replace(" ", "")
    strokes = "".join(element.get("d", "") for element in drawn.findall(".//{*}path"))
    for command in write_docs.TERMINAL:
        shown = plain(screen(*command.split()[1:], columns=terminal_picture.COLUMNS))
        for line in shown.splitlines():
            assert re.sub(r"[\s\u2500-\u28ff]", "", line) in words
    assert strokes.count("h0") == sum(
        (ord(dots) - 0x2800).bit_count() for dots in shown if "\u2800" <= dots <= "\u28ff"
    )
    assert len({element.get("stroke") for element in drawn.findall(".//{*}path")}) >= 4


def test_every_picture_is_shown_on_a_page():
    """None is left behind when a page changes."""
    docs = write_docs.ROOT / "docs"
    pages = [write_docs.ROOT / "README.md", *docs.rglob("*.md")]
    shown = {
        (page.parent / link).resolve()
        for page in pages
        for link in re.findall(r"!\[[^]]*\]\(([^)\s]+)\)", page.read_text())
    }
    assert shown == {path.resolve() for path in docs.rglob("*.svg")}


def test_every_link_of_the_index_leads_somewhere():
    """To a page, and a heading on it."""
    folder = write_docs.ROOT / "docs" / "functions"
    for page, name in re.findall(r"\]\((\w+\.md)#(\w+)\)", write_docs.index()):
        assert f"\n## {name}\n" in (folder / page).read_text()


def test_the_man_page_has_no_mistake():
    """In the eyes of the formatter, where there is one."""
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    page = str(write_docs.ROOT / "docs/man/share/man/man1/actcli.1")
    run = subprocess.run(["groff", "-man", "-ww", "-Tascii", page], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert "Leaky rectified linear unit" in run.stdout


def test_contributors_are_sent_to_files_that_exist():
    """Every path and every program that CONTRIBUTING.md names."""
    text = (write_docs.ROOT / "CONTRIBUTING.md").read_text()
    paths = re.findall(r"(?<![\w.])(?:actcli|tests|docs|\.ci)/[\w./]*\w", text)
    assert len(paths) > 10
    for path in paths:
        assert (write_docs.ROOT / path).exists(), path


def test_recipes_are_short():
    """Ten lines at most."""
    sections = (write_docs.ROOT / "CONTRIBUTING.md").read_text().split("\n## ")[1:]
    assert {"Add an activation", "Add a dtype", "Add a dialect"} <= {section.partition("\n")[0] for section in sections}
    assert all(len(section.strip().splitlines()) - 2 <= 10 for section in sections)
