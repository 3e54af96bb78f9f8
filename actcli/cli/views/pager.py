"""A long text on a terminal goes to the user's pager, as git's does."""

import os
import shutil
import signal
import sys

_NOT_STARTED = {126, 127}  # a shell's exit status for a program that it cannot run


def show(text: str) -> None:
    """Write a text to standard output, by the pager if that is a terminal with fewer lines.

    PAGER is the pager, or less; empty, ``cat`` or a terminal without cursor (TERM=dumb) means none.
    """
    if not (command := _pager(text)) or not _page(command, text):
        sys.stdout.write(text)


def _pager(text: str) -> str | None:
    """Return the command that pages a text, if one should."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return None
    if text.count("\n") < shutil.get_terminal_size().lines:
        return None
    command = os.environ.get("PAGER", "less").strip()
    return None if command == "cat" or (command == "less" and not shutil.which("less")) else command


def _page(command: str, text: str) -> bool:
    """Run a pager, and tell whether it could be started; Control-C is left to it."""
    import subprocess

    sys.stdout.flush()
    # less: leave the text on the screen, end at once where it fits, keep colours, and know the encoding
    defaults = {"LESS": "FRX"} | ({"LESSCHARSET": "utf-8"} if sys.stdout.encoding == "utf-8" else {})
    process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env=defaults | os.environ)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # or the pager would go on without its terminal
    try:
        process.communicate(text.encode(sys.stdout.encoding, "backslashreplace"))  # quitting early is no error
    finally:
        signal.signal(signal.SIGINT, before)
    return process.returncode not in _NOT_STARTED
