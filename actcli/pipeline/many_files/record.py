"""What was done: a record beside the output folder, a line of JSON for each file."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from actcli.errors import ActcliError, StorageError
from actcli.pipeline.many_files.find import RECORD_ENDING
from actcli.pipeline.many_files.plan import Step
from actcli.storage import tree
from actcli.storage.shared_file import SharedFile, open_shared
from actcli.storage.tree import State, read_state


@dataclass(frozen=True, kw_only=True, slots=True)  # there may be millions
class Entry:
    """One file that was done."""

    key: str
    """What the results depend on beside the file: function, parameters, options, versions."""
    source: str
    source_size: int
    source_mtime_ns: int | None = None
    """Of a file."""
    source_etag: str | None = None
    """Of an object."""
    target: str
    target_size: int
    sha256: str | None = None
    """Of a target that is a file."""
    target_etag: str | None = None
    """Of a target that is an object, which changes whenever somebody writes it."""
    rows: int


def make_key(facts: Mapping[str, object]) -> str:
    """Return one word for everything that results depend on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def installed_versions() -> dict[str, str]:
    """Return the version of each package that results depend on."""
    return {package: version(package) for package in ("actcli", "numpy", "polars")}


def describe_result(key: str, step: Step, before: State, rows: int) -> Entry:
    """Return the entry of a file that was done; its state is that before it was read."""
    result = read_state(step.target)
    return Entry(
        key=key,
        source=step.source,
        source_size=before.size,
        source_mtime_ns=before.mtime_ns,
        source_etag=before.etag,
        target=step.target,
        target_size=result.size,
        sha256=None if result.mtime_ns is None else hash_file(step.target),
        target_etag=result.etag,
        rows=rows,
    )


def hash_file(path: str) -> str:
    """Return the SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_its_result(entry: Entry, *, verify: bool) -> bool:
    """Tell whether the result of a file is there and as it was, by its hash if it is to be read.

    Raises:
        OSError: if the result is a file that cannot be looked at.
        StorageError: if it is such an object.

    """
    result = read_state(entry.target)
    if (result.size, result.etag) != (entry.target_size, entry.target_etag):
        return False
    return not verify or entry.sha256 is None or hash_file(entry.target) == entry.sha256


class Record:
    """The record of an output folder; while it is open, no other run can open it.

    Args:
        shared: the file, open for reading and adding, and locked.
        path: its path.

    """

    def __init__(self, shared: SharedFile, path: str) -> None:
        self._file, self._save = shared
        self.path = path
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
            same = read_state(step.source) == (entry.source_size, entry.source_mtime_ns, entry.source_etag)
            return same and has_its_result(entry, verify=verify)
        except (OSError, StorageError):  # which doing it again will tell
            return False

    def add(self, entry: Entry) -> None:
        """Add a file that was done; raise StorageError if that cannot be written."""
        self._append({name: value for name in Entry.__slots__ if (value := getattr(entry, name)) is not None})
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
        self._save()


@contextlib.contextmanager
def open_record(output: str, *, resume: bool) -> Iterator[Record]:
    """Open the record of an output folder, new or to be continued.

    Raises:
        ActcliError: if another run has it open, or there is one and it is not to be continued.
        StorageError: if it cannot be written.

    """
    path = tree.beside(output, RECORD_ENDING)
    with open_shared(path, output) as shared:
        if not resume and shared.file.seek(0, os.SEEK_END):
            raise ActcliError(
                f"{path} tells of an earlier run; give --resume to do what is missing or has changed, or remove it"
            )
        yield Record(shared, path)
