"""The tutorial as a web page: whole, self-contained, true, and readable where there is a browser to look at it."""

import html
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest

from actcli.cli.tutorial import arithmetic, curves_svg, lessons, terminal, web_page
from actcli.cli.tutorial.blocks import Bars, Mark, Paragraph, Plot, Run, Section
from actcli.cli.tutorial.examples import Shell
from actcli.cli.views import styles
from tests.command import ENVIRONMENT, complaint, output

NAMES = [*lessons.LESSONS]
VOID = {"meta", "path", "rect"}


@pytest.fixture(scope="module")
def sections() -> list[Section]:
    """Return all sections."""
    return list(lessons.sections(NAMES, Shell()))


@pytest.fixture(scope="module")
def page() -> str:
    """Return the page of the whole tutorial."""
    return output("tutorial", "--output", "-")


class Reader(HTMLParser):
    """Reads a page, and fails on an element that is not closed, or closed twice."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, which names no attribute twice."""
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that has no content."""
        assert tag in VOID
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text, but not that of pictures."""
        if not {"style", "svg", "nav"} & set(self.open):
            self.text += data


def test_the_page_is_well_formed_and_needs_nothing_else(page):
    """No script, no address, nothing loaded; every identifier is one element's."""
    reader = Reader(page)
    assert page.startswith("<!doctype html>\n")
    assert not re.search(r"https?:|//\w|\burl\(|@import|<script|<link|<img|<iframe|\bsrc=", page)
    identifiers = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert len(identifiers) == len(set(identifiers))
    assert ("html", {"lang": "en"}) in reader.elements
    assert ("meta", {"charset": "utf-8"}) in reader.elements
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in reader.elements
    assert "prefers-color-scheme: dark" in page
    links = [attrs["href"] for tag, attrs in reader.elements if tag == "a"]
    assert links == [f"#{name}" for name in NAMES]
    assert [attrs["id"] for tag, attrs in reader.elements if tag == "section"] == NAMES


def test_the_page_says_what_the_terminal_says(sections):
    """The same words and numbers in the same order, in all but pictures."""
    without = [
        section._replace(blocks=[block for block in section.blocks if not isinstance(block, Plot | Bars)])
        for section in sections
    ]
    text = terminal.Page(styles.console(io.StringIO(), width=80))
    lines = [
        line
        for section in without
        for line in [section.title, *(line for block in section.blocks for line in text.lines(block))]
    ]
    shown = [word for line in lines for word in re.sub(r"^[+-] | \\$", "", line).split()]
    read = Reader(web_page.write("", (), without)).text.split()
    assert read == [*shown, "6", "of", "6", "examples", "bit-identical."]
    assert len(read) > 1500


def test_all_sections_are_on_the_page(page, sections):
    """With a picture for each function."""
    read = Reader(page)
    for section in sections:
        assert section.title in read.text
        assert all(block.output in read.text for block in section.blocks if isinstance(block, Run))
    assert [tag for tag, _ in read.elements].count("svg") == 4
    alone = Reader(output("tutorial", "tanh", "-o", "-"))
    assert [attrs["id"] for tag, attrs in alone.elements if tag == "section"] == ["tanh"]


def test_a_picture_can_be_read_aloud(page):
    """Each has a title and a description, which it names."""
    for picture in re.findall("<svg.*?</svg>", page, flags=re.DOTALL):
        title, description = re.search('aria-labelledby="([^ ]+) ([^"]+)"', picture).groups()
        assert 'role="img"' in picture
        assert re.search(f'<title id="{title}">[^<]+</title>', picture)
        assert len(re.search(f'<desc id="{description}">([^<]+)</desc>', picture)[1]) > 40


def positions(picture: str, anchor: str) -> dict[float, float]:
    """Return where the ticks of an axis are: x for those with a centred text, else y."""
    texts = re.findall(f'<text x="([^"]+)" y="([^"]+)" text-anchor="{anchor}">([^<]+)</text>', picture)
    return {float(number): float(x) if anchor == "middle" else float(y) - 5 for x, y, number in texts}


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_a_curve_goes_where_the_function_goes(name):
    """By the ticks of the axes, to a pixel."""
    function = {"relu": lambda x: np.maximum(x, 0), "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh}[name]
    picture = curves_svg.draw_curves(Plot(arithmetic.sample(name, 4)), "p")
    across, up = (np.array(sorted(positions(picture, anchor).items())) for anchor in ("middle", "end"))
    drawn = re.findall('<path class="value" d="([^"]+)"', picture)[0]
    points = np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn), float)
    x = across[0, 0] + (points[:, 0] - across[0, 1]) / np.diff(across[[0, -1], 1]) * np.diff(across[[0, -1], 0])
    y = up[0, 1] + (function(x) - up[0, 0]) / np.diff(up[[0, -1], 0]) * np.diff(up[[0, -1], 1])
    assert len(points) > 100
    np.testing.assert_allclose(points[:, 1], y, atol=1)


def test_a_curve_that_jumps_is_broken():
    """The slope of relu is two lines."""
    picture = curves_svg.draw_curves(Plot(arithmetic.sample("relu", 4)), "p")
    value, slope = (re.findall(f'<path class="{kind}" d="(M[^"]+)"', picture)[0] for kind in ("value", "slope"))
    assert (value.count("M"), slope.count("M")) == (1, 2)


def test_bars_are_as_long_as_their_shares():
    """In proportion, and with their numbers."""
    picture = curves_svg.draw_bars(Bars([("a", "0.25"), ("b", "0.75")]), "p")
    lengths = [float(length) for length in re.findall(r'<rect[^>]* width="([\d.]+)"', picture)]
    assert lengths[1] == pytest.approx(3 * lengths[0], rel=1e-3)
    assert ">0.75</text>" in picture


def test_what_is_shown_cannot_become_markup():
    """Not even where an output or a sentence has the characters of HTML."""
    run = Run("actcli <b>", "a & <i>\x1b[1mbold\x1b[0m", Mark(False, "<u>"))
    made = web_page.write("<t>", [Paragraph("1 < 2 & `x > 0`")], [Section("s", "<h>", [run])])
    read = Reader(made)
    assert not {"b", "i", "u", "t", "h"} & {tag for tag, _ in read.elements}
    assert "$ actcli <b>\na & <i>bold" in read.text
    assert "1 < 2 & x > 0" in read.text
    assert ("code", {}) in read.elements


def test_a_page_is_written_whole_over_an_old_one(tmp_path):
    """The same bytes each time, whatever the terminal; an ending that is no page's is refused before."""
    path = tmp_path / "guide.html"
    path.write_text("old")
    environment = ENVIRONMENT | {"FORCE_COLOR": "1", "COLUMNS": "30", "PYTHONIOENCODING": "ascii"}
    assert output("tutorial", "-o", "guide.html", cwd=tmp_path) == ""
    assert output("tutorial", "-o", "other.HTML", cwd=tmp_path, env=environment) == ""
    assert path.read_bytes() == (tmp_path / "other.HTML").read_bytes()
    assert path.read_text() == output("tutorial", "-o", "-")
    (tmp_path / "folder").mkdir()
    complaint("tutorial", "-o", "folder/no/guide.html", cwd=tmp_path, status=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "guide.html", "other.HTML"]


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1300,900",
    "--dump-dom",
)
MEASURE = """
<script>
function measure(frame) {
  const page = frame.contentDocument, view = frame.contentWindow, colours = [];
  for (const element of page.querySelectorAll("body, p, code, .prompt, .command, .mark, a, dt, svg text")) {
    let behind = element;
    while (view.getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
    const style = view.getComputedStyle(element);
    const colour = element.matches("svg text") ? style.fill : style.color;
    colours.push([colour, view.getComputedStyle(behind).backgroundColor]);
  }
  const texts = [...page.querySelectorAll("svg text")];
  return {
    width: view.innerWidth, needed: page.documentElement.scrollWidth, colours: colours,
    picture_text: Math.min(...texts.map(text => text.getBoundingClientRect().height)),
    longest_line: page.querySelector("main p").getBoundingClientRect().width,
    beyond: [...page.querySelectorAll("pre")].filter(e => e.scrollWidth > e.clientWidth
      && view.getComputedStyle(e).overflowX !== "auto").length,
    pictures: [...page.querySelectorAll("svg")].filter(e => e.getBoundingClientRect().right > view.innerWidth).length,
    outside: [...page.querySelectorAll("svg")].filter(svg => [...svg.querySelectorAll("text")].some(
      text => text.getBoundingClientRect().right > svg.getBoundingClientRect().right)).length,
  };
}
window.onload = () => {
  const found = [...document.querySelectorAll("iframe")].map(measure);
  document.body.innerHTML = "<pre id=found></pre>";
  document.getElementById("found").textContent = JSON.stringify(found);
};
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_browser_shows_it_well_on_a_phone_and_on_a_desk(scheme, page, tmp_path):
    """Nothing is wider than the window but code, which scrolls by itself; text stands out from what is behind it."""
    frames = "".join(
        f'<iframe width="{width}" height="800" srcdoc="{html.escape(page)}"></iframe>' for width in (390, 1200)
    )
    (tmp_path / "frames.html").write_text(f"<!doctype html><body>{frames}{MEASURE}</body>", encoding="utf-8")
    options = [
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--blink-settings=preferredColorScheme={scheme == 'light':d}",
    ]
    address = (tmp_path / "frames.html").as_uri()
    run = subprocess.run([BROWSER, *OPTIONS, *options, address], capture_output=True, text=True, timeout=120)
    found = re.search('<pre id="found">(.*?)</pre>', run.stdout, flags=re.DOTALL)
    assert found, run.stderr[-2000:]
    phone, desk = json.loads(html.unescape(found[1]))
    assert (phone["width"], desk["width"]) == (390, 1200)
    for seen in (phone, desk):
        assert seen["needed"] <= seen["width"]
        assert (seen["beyond"], seen["pictures"], seen["outside"]) == (0, 0, 0)
        assert seen["picture_text"] >= 12
        assert min(contrast(*colours) for colours in seen["colours"]) >= 4.5  # WCAG 2.2, level AA
        assert (brightness(seen["colours"][0][1]) < 0.2) == (scheme == "dark")
    assert desk["longest_line"] <= 46 * 16


def brightness(colour: str) -> float:
    """Return the relative luminance of a colour such as ``rgb(0, 114, 178)``, as WCAG defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted(map(brightness, (first, second)))
    return (light + 0.05) / (dark + 0.05)
