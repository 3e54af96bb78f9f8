"""A long description on a terminal opens in the user's pager."""

import shutil

import pexpect
import pytest

from tests.command import ACTCLI, ENVIRONMENT, output
from tests.screen import plain, screen

MARK = "sed 's/^/| /'"


def test_a_long_text_goes_through_the_pager_in_colour():
    """One or several functions, by a command with arguments; everything arrives."""
    for names in (["gelu"], ["gelu", "softmax"]):
        seen = screen("info", *names, PAGER=MARK)
        lines = plain(seen).splitlines()
        assert all(line.startswith("| ") for line in lines)
        assert "\x1b[1;36m" in seen
        assert [line[2:].rstrip() for line in lines] == [
            line.rstrip() for line in plain(screen("info", *names)).splitlines()
        ]


@pytest.mark.parametrize(
    ("options", "setting"),
    [
        ([], {"PAGER": ""}),
        ([], {"PAGER": "cat"}),
        ([], {"PAGER": MARK, "TERM": "dumb"}),
        ([], {"PAGER": MARK, "lines": 200}),
        (["--format", "json"], {"PAGER": MARK}),
        (["--format", "latex"], {"PAGER": MARK}),
        (["--format", "markdown"], {"PAGER": MARK}),
    ],
)
def test_there_are_ways_around_the_pager(options, setting):
    """No pager, a terminal that cannot go back, one on which all fits; formats for programs."""
    assert "| " not in plain(screen("info", "tanh", *options, **setting)).splitlines()[0][:2]


def test_a_pipe_has_no_pager():
    """Though the program is run from a terminal."""
    env = ENVIRONMENT | {"PAGER": MARK, "TERM": "xterm"}
    assert output("info", "tanh", env=env).startswith("tanh  ")


def test_a_pager_that_is_not_there_loses_nothing():
    """Its shell says so, and the text follows."""
    seen = plain(screen("info", "tanh", PAGER="no-such-pager"))
    assert "no-such-pager" in seen
    assert plain(screen("info", "tanh")) in seen


@pytest.mark.parametrize("pager", ["head -n 1", "true", "exit 3"])
def test_a_pager_that_ends_early_is_no_mistake(pager):
    """Though most of the text, longer than a pipe holds, is not read."""
    assert len(screen("info", *["gelu"] * 60, PAGER=pager).splitlines()) <= 1


def test_control_c_is_left_to_the_pager():
    """Which goes on, and then the command ends as after any page."""
    env = ENVIRONMENT | {
        "TERM": "xterm",
        "PAGER": "trap 'echo kept' INT; cat > /dev/null; echo ready; sleep 2; echo end",
    }
    child = pexpect.spawn(ACTCLI, ["info", "gelu"], env=env, encoding="utf-8", timeout=30)
    child.expect("ready")
    child.sendintr()
    rest = child.read()
    child.close()
    assert rest.split() == ["^C", "kept", "end"] or rest.split() == ["^Ckept", "end"]
    assert child.exitstatus == 0


@pytest.mark.skipif(not shutil.which("less"), reason="less is not installed")
def test_less_is_the_default_and_keeps_colours():
    """It stops at the first page, and q ends it without a word."""
    env = {name: value for name, value in ENVIRONMENT.items() if name not in {"PAGER", "LESS"}} | {"TERM": "xterm"}
    child = pexpect.spawn(ACTCLI, ["info", "gelu"], env=env, dimensions=(20, 80), encoding="utf-8", timeout=30)
    child.expect("\r\x1b\\[K:|:\x1b\\[K")
    first = child.before
    assert "\x1b[1;36mfamily" in first
    assert "source" not in first
    child.send("q")
    assert "source" not in child.read()
    child.close()
    assert child.exitstatus == 0
