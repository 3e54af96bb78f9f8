"""Run the command in a pseudo-terminal, as a person sees it."""

import re
from collections.abc import Sequence

import pexpect

from tests.command import ACTCLI, ENVIRONMENT


def screen(*words: str, columns: int = 80, lines: int = 24, typed: Sequence[str] = (), **environment: str) -> str:
    """Return what a run in a terminal of that size prints, line ends as on disk, while lines are typed there."""
    env = ENVIRONMENT | {"TERM": "xterm-256color", "PAGER": "cat"} | environment
    child = pexpect.spawn(ACTCLI, list(words), env=env, dimensions=(lines, columns), encoding="utf-8", timeout=30)
    for line in typed:
        child.sendline(line)
    text = child.read()
    child.close()
    assert child.exitstatus == 0, text
    return text.replace("\r\n", "\n")


def plain(text: str) -> str:
    """Return a text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
