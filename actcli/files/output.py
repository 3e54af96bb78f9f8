"""Where results go: standard output, or a file that appears whole or not at all."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from actcli.errors import StorageError


@contextlib.contextmanager
def opened(path: str | None) -> Iterator[IO[str]]:
    """Open the output for text in UTF-8 (its ``buffer`` takes bytes); None is standard output.

    A file is written beside its target under a temporary name, synced and then renamed, with the permissions of
    the file it replaces; if anything fails, the target is as it was and the temporary file is gone.

    Raises:
        StorageError: if the file cannot be written.

    """
    if path is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        if Path(path).exists() and not Path(path).is_file():
            with open(path, "w", encoding="utf-8", newline="\n") as device:
                yield device
        else:
            with _replacement(Path(path).resolve()) as file:
                yield file
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _replacement(target: Path) -> Iterator[IO[str]]:
    import tempfile

    descriptor, temporary = tempfile.mkstemp(".tmp", f".{target.name}.", target.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), _permissions(target))
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _permissions(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
