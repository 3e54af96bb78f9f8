"""What is done for the folder of a file: its new name is synced, and what killed runs left there is removed."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from actcli.storage import paths, temporary

_written: ContextVar[set[str] | None] = ContextVar("written", default=None)
"""Folders that were written to, while what is done for them is put off."""


@contextlib.contextmanager
def once_for_many_files() -> Iterator[None]:
    """Do it once for each folder that this thread writes to in the meantime, and not for each file.

    It is done at the end: until then the name of a new file may be lost with the whole system.
    """
    folders: set[str] = set()
    token = _written.set(folders)
    try:
        yield
    finally:
        _written.reset(token)
        for folder in folders:
            _sync(folder)


def tidy(folders: Iterable[str]) -> None:
    """Remove what killed runs, or processes of this one, left in folders."""
    for folder in folders:
        if not paths.is_object(folder):
            temporary.remove_leftovers(folder or ".")


def before_writing(folder: str) -> None:
    """Remove what killed runs left."""
    folders = _written.get()
    if folders is None or folder not in folders:
        temporary.remove_leftovers(folder)


def after_writing(folder: str) -> None:
    """Let a new name outlast a crash of the system, where folders can be synced."""
    folders = _written.get()
    if folders is None:
        _sync(folder)
    else:
        folders.add(folder)


def _sync(folder: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
