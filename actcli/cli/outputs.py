"""Where the results of a command go."""

import contextlib
from collections.abc import Iterator
from typing import IO

from actcli import signals
from actcli.cli import messages
from actcli.storage.output import Output


def resolve_output(path: str | None, source: str | None = None) -> Output:
    """Return the place of the results; to be called before the input, if there is one, is read.

    What could not be kept of a file that was replaced is said on standard error.
    """
    return Output(path, source, messages.say)


@contextlib.contextmanager
def open_output(place: Output) -> Iterator[IO[str]]:
    """Open the place of the results; a signal leaves nothing behind."""
    signals.clean_up_at_end()
    with place.opened() as out:
        yield out
