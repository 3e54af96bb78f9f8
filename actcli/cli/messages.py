"""Messages to the user: one line each, on standard error."""

import contextlib
import sys

_MAX_CHARACTERS = 1000  # characters of a message; data it quotes may be of any length


def say(message: str) -> None:
    """Write a message; where standard error is closed or full, it is not said elsewhere."""
    if sys.stderr is not None:  # None where it was closed; print would take standard output instead
        with contextlib.suppress(OSError):
            print(f"actcli: {one_line(message)}", file=sys.stderr, flush=True)


def one_line(message: str) -> str:
    """Return a message cut to a bearable length, with escapes for line ends and all else that moves a terminal."""
    shown = message if len(message) <= _MAX_CHARACTERS else f"{message[:_MAX_CHARACTERS]}..."
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in shown)
