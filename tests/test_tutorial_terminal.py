"""The tutorial in a window: its width, its characters, and the keys that lead through it."""

import io
import re
import signal
import subprocess

import pexpect
import pytest
from rich.console import Console

from actcli.cli.tutorial import lessons, terminal
from actcli.cli.tutorial.blocks import Paragraph, Run, Section
from actcli.cli.tutorial.examples import Shell
from tests.command import ACTCLI, ENVIRONMENT, output
from tests.screen import plain
from tests.test_tutorial_text import prose, prose_of


@pytest.fixture(scope="module")
def sections() -> list[Section]:
    """Return all sections, as a pipe gets them."""
    return list(lessons.sections(lessons.LESSONS, Shell()))


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_too_long_and_no_word_broken(width, sections):
    """In a terminal of that width, whose input nobody types; commands go on with a backslash."""
    line = f"{ACTCLI} tutorial < /dev/null"
    child = pexpect.spawn("sh", ["-c", line], env=ENVIRONMENT | {"TERM": "xterm"}, dimensions=(24, width))
    seen = plain(child.read().decode().replace("\r\n", "\n"))
    child.close()
    assert child.exitstatus == 0
    assert max(map(len, seen.splitlines())) <= width
    assert "…" not in seen
    assert_complete(seen, sections)


def assert_complete(seen: str, sections: list[Section]) -> None:
    """Fail unless all prose and all commands are there, with no word broken."""
    shown = prose(seen.replace(" \\\n", " "))
    for block in (block for section in sections for block in section.blocks):
        for text in prose_of(block):
            assert prose(text.replace("`", "")) in shown
        if isinstance(block, Run):
            assert f"$ {block.command}" in shown


def test_prose_stays_readable_in_a_wide_window(sections):
    """In lines of 80 characters at most."""
    page = terminal.Page(Console(file=io.StringIO(), width=200, highlight=False))
    paragraphs = [block for section in sections for block in section.blocks if isinstance(block, Paragraph)]
    assert max(len(line) for block in paragraphs for line in page.lines(block)) <= 80


def test_an_encoding_without_lines_and_blocks_gets_letters_that_are_the_commands_own():
    """Tables in the tutorial are those which the commands print there."""
    environment = ENVIRONMENT | {"PYTHONIOENCODING": "ascii"}
    run = subprocess.run([ACTCLI, "tutorial", "relu"], capture_output=True, env=environment, check=True)
    alone = subprocess.run([ACTCLI, "relu", "0.5", "1", "2", "--derivative"], capture_output=True, env=environment)
    assert run.stdout.isascii()
    assert alone.stdout in run.stdout


PROMPT = "-- .*, q quits --"


def spawn(*words: str) -> pexpect.spawn:
    """Return the tutorial in a terminal of 24 lines, where Control-C is not ignored, as it is in the background."""
    environment = ENVIRONMENT | {"TERM": "xterm", "NO_COLOR": "1"}
    command = ["--default-signal=INT", ACTCLI, "tutorial", *words]
    return pexpect.spawn("env", command, env=environment, dimensions=(24, 80), encoding="utf-8")


def test_a_key_goes_on_to_the_next_section_or_screen(sections):
    """No line leaves the screen unread, each section begins on a new one, and nothing is left out."""
    child = spawn()
    screens, prompts = [], []
    while child.expect([PROMPT, pexpect.EOF]) == 0:
        child.waitnoecho()  # it listens
        screens.append(child.before)
        prompts.append(child.after)
        child.send(" ")
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)
    screens.append(child.before)
    assert max(screen.count("\n") for screen in screens) < 24
    begun = [re.match(r"-- (\w+): any key", prompt)[1] for prompt in prompts if " more " not in prompt]
    assert begun == [*lessons.LESSONS]
    assert "-- more relu: any key, q quits --" in prompts
    assert_complete(plain("".join(screens)).replace("\r", ""), sections)


@pytest.mark.parametrize("key", ["q", "Q", "\x1b", "\x04"])
def test_q_ends_it(key):
    """Escape and the end of input, too; with status 0, and the terminal as it was."""
    child = spawn("relu")
    child.expect(PROMPT)
    child.waitnoecho()
    child.send(key)
    rest = child.read()
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)
    assert rest.strip() == ""


def test_control_c_ends_it_quietly():
    """By the signal, as it ends other commands."""
    child = spawn("relu")
    child.expect(PROMPT)
    child.waitnoecho()
    child.sendcontrol("c")
    rest = child.read()
    child.close()
    assert child.signalstatus == signal.SIGINT
    assert "Traceback" not in rest
    assert rest.strip() in {"", "^C"}


def test_a_pipe_gets_everything_at_once():
    """Without a question, also where the input is a terminal."""
    text = output("tutorial")
    assert "any key" not in text
    child = pexpect.spawn("sh", ["-c", f"{ACTCLI} tutorial | cat"], env=ENVIRONMENT, encoding="utf-8", timeout=30)
    assert child.read().replace("\r\n", "\n") == text
    child.close()
    assert child.exitstatus == 0
