"""Ended by a signal (Control-C, kill, a closed terminal): at once, quietly, with nothing left behind."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_undone: list[Callable[[], None]] = []


def end_quietly() -> None:
    """Let Control-C end the process as other programs are ended, without a KeyboardInterrupt somewhere in it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell's background job ignores it
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def is_command() -> bool:
    """Tell whether the process was started as the command, and not by a program that uses the library."""
    started = sys.orig_argv[1:3]
    return started == ["-m", "actcli"] or os.path.basename((started or [""])[0]) == "actcli"


@contextlib.contextmanager
def undone(undo: Callable[[], None]) -> Iterator[None]:
    """Call undo if a signal ends the process in the meantime; a signal that was to be ignored still is."""
    _undone.append(undo)
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    try:
        yield
    finally:
        _undone.remove(undo)


def _end(number: int, frame: Any) -> None:
    for undo in reversed(_undone):
        with contextlib.suppress(Exception):
            undo()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
