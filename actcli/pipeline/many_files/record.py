"""What was done: a record beside the output folder, a line of JSON for each file."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import IO

from actcli.errors import ActcliError, StorageError
from actcli.pipeline.many_files.find import RECORD_ENDING
from actcli.pipeline.many_files.plan import Step


@dataclass(frozen=True)
class Entry:
    """One file that was done."""

    key: str
    """What the results depend on beside the file: function, parameters, options, versions."""
    source: str
    source_size: int
    source_mtime_ns: int
    target: str
    target_size: int
    sha256: str
    """Of the target."""
    rows: int


def make_key(facts: Mapping[str, object]) -> str:
    """Return one word for everything that results depend on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def installed_versions() -> dict[str, str]:
    """Return the version of each package that results depend on."""
    return {package: version(package) for package in ("actcli", "numpy", "polars")}


def describe_result(key: str, step: Step, before: os.stat_result, rows: int) -> Entry:
    """Return the entry of a file that was done; its status is that before it was read."""
    size, digest = os.path.getsize(step.target), hash_file(step.target)
    return Entry(key, step.source, before.st_size, before.st_mtime_ns, step.target, size, digest, rows)


def hash_file(path: str) -> str:
    """Return the SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Record:
    """The record of an output folder; while it is open, no other run can open it.

    Args:
        file: the file, open for reading and appending, and locked.
        path: its path.

    """

    def __init__(self, file: IO[bytes], path: str) -> None:
        self._file, self.path = file, path
        self.entries: dict[str, Entry] = {}
        """By target, the last one."""
        self._read()

    def _read(self) -> None:
        """Read the lines; what follows the last newline was cut, and is removed."""
        self._file.seek(0)
        data = self._file.read()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            self._file.truncate(len(whole))
        for line in whole.splitlines():
            with contextlib.suppress(ValueError, TypeError):  # the end of a run is no entry, and damage none either
                entry = Entry(**json.loads(line))
                self.entries[entry.target] = entry

    def is_done(self, key: str, step: Step, *, verify: bool) -> bool:
        """Tell whether a file was done, with the same options, and neither it nor its results have changed since."""
        entry = self.entries.get(step.target)
        if entry is None or (entry.key, entry.source) != (key, step.source):
            return False
        try:
            now, result = os.stat(step.source), os.stat(step.target)
            same = (now.st_size, now.st_mtime_ns) == (entry.source_size, entry.source_mtime_ns)
            same = same and result.st_size == entry.target_size
            return same and (not verify or hash_file(step.target) == entry.sha256)
        except OSError:
            return False

    def add(self, entry: Entry) -> None:
        """Add a file that was done; raise StorageError if that cannot be written."""
        self._append(asdict(entry))
        self.entries[entry.target] = entry

    def complete(self, files: int, rows: int) -> None:
        """Say that nothing is left to do."""
        self._append({"complete": True, "files": files, "rows": rows})

    def _append(self, line: Mapping[str, object]) -> None:
        data = json.dumps(line, ensure_ascii=True).encode() + b"\n"
        end = self._file.seek(0, os.SEEK_END)
        try:
            while data:  # a disk that gets full takes some of it first
                data = data[self._file.write(data) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(end)
            raise StorageError(f"cannot write {self.path}: {error.strerror or error}") from error


def place_record(output: str) -> str:
    """Return the path of the record of an output folder, which may be the current one."""
    folder = os.path.normpath(output)
    if os.path.basename(folder) in {".", ".."}:
        folder = os.path.normpath(os.path.join(folder, os.pardir, os.path.basename(os.path.realpath(folder))))
    return folder + RECORD_ENDING


@contextlib.contextmanager
def open_record(output: str, *, resume: bool) -> Iterator[Record]:
    """Open the record of an output folder, new or to be continued.

    Raises:
        ActcliError: if another run has it open, or there is one and it is not to be continued.
        StorageError: if it cannot be written.

    """
    path = place_record(output)
    with _open(path) as file:
        _lock(file, output)
        if not resume and file.seek(0, os.SEEK_END):
            raise ActcliError(
                f"{path} tells of an earlier run; give --resume to do what is missing or has changed, or remove it"
            )
        yield Record(file, path)


def _open(path: str) -> IO[bytes]:
    try:
        return open(path, "a+b", buffering=0)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def _lock(file: IO[bytes], output: str) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ActcliError(f"another run is writing to {output}; wait until it has ended") from None
