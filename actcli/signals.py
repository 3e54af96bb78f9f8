"""Ended by a signal (Control-C, kill, a closed terminal): at once, quietly, with nothing left behind.

Anything may register what is to be cleaned up, on any thread; the process's signals are the command's alone to set.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_cleanups: list[Callable[[], None]] = []


@contextlib.contextmanager
def cleanup_on_signal(cleanup: Callable[[], None]) -> Iterator[None]:
    """Call cleanup if a signal ends the command in the meantime."""
    _cleanups.append(cleanup)
    try:
        yield
    finally:
        _cleanups.remove(cleanup)


def end_quietly() -> None:
    """Let Control-C end the command as other programs are ended, without a KeyboardInterrupt somewhere in it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell's background job ignores it
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Control-C raise KeyboardInterrupt in the meantime: for work that has something to say when it is stopped."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_by_interrupt() -> None:
    """End as Control-C ends other programs, after what was to be said is written."""
    clean_up()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def clean_up_at_end() -> None:
    """Let signals that end the command clean up first; one that was to be ignored still is.

    To be called before polars is imported and again after it: polars puts a handler of its own in front, which passes
    Control-C on, but does not end a read that waits for data. On another thread than the main one the process is
    somebody else's, and its signals too.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _ENDING:
        if (handler := signal.getsignal(number)) is not None:  # None: of code that is not Python's
            signal.signal(number, _end if handler is signal.SIG_DFL else handler)


def clean_up() -> None:
    """Clean up after work that is given up, on whichever thread it is still going on."""
    for cleanup in reversed([*_cleanups]):
        with contextlib.suppress(Exception):
            cleanup()


def _end(number: int, frame: FrameType | None) -> None:
    clean_up()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
