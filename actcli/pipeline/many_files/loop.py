"""The loop over a plan: what is done already is left, a file that fails is told, and the others go on."""

import contextlib
import contextvars
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

from actcli.errors import ActcliError, StorageError
from actcli.pipeline.many_files.plan import Step
from actcli.pipeline.many_files.record import Entry, Record, describe_result, installed_versions
from actcli.pipeline.threads import in_order
from actcli.storage import folders, tree


class Failure(NamedTuple):
    """What was wrong with a file."""

    message: str
    status: int
    """The exit status that stands for it."""


@dataclass(frozen=True)
class Task:
    """What is done with each file; it can be sent to another process."""

    evaluate: Callable[[Step], int]
    """Does one file, and returns how many rows it has."""
    key: str
    """Of what results depend on beside the file."""
    versions: Mapping[str, str] = field(default_factory=installed_versions)
    """Of the packages that results depend on."""

    def __call__(self, step: Step) -> Entry | Failure:
        """Do one file, and return what is to be recorded."""
        try:
            return self._do(step)
        except ActcliError as error:
            return Failure(error.on_command_line, error.status)

    def _do(self, step: Step) -> Entry:
        try:
            before = tree.read_state(step.source)
            tree.make_folder(os.path.dirname(step.target))
            rows = self.evaluate(step)
            entry = describe_result(self.key, step, before, rows)
            after = tree.read_state(step.source)
        except OSError as error:
            raise StorageError(f"{error.filename or step.source}: {error.strerror or error}") from error
        except MemoryError:
            raise StorageError(f"{step.source} does not fit into memory") from None
        if after != before:
            raise StorageError(f"{step.source} was changed while it was read; give --resume to do it again")
        return entry


_AT_ONCE = 2
"""How many files are done at once here: more take more memory, and have processes of their own."""

Outcome: TypeAlias = tuple[Step, Entry | Failure]


class Runner(Protocol):
    """What does files, here or elsewhere."""

    workers: int
    """How many processes do it, as far as is known; 0 for this one."""

    def run(self, task: Task, steps: Iterable[Step]) -> Generator[Outcome, None, None]:
        """Yield what came of each file, in any order; closing it gives up what is left."""


class Threads:
    """Does files here, two at a time."""

    workers = 0

    def run(self, task: Task, steps: Iterable[Step]) -> Generator[Outcome, None, None]:
        """Yield what came of each file, in order."""
        with folders.once_for_many_files():
            context = contextvars.copy_context()
            yield from in_order(lambda step: (step, context.copy().run(task, step)), iter(steps), _AT_ONCE)


@dataclass
class Summary:
    """What a run has done so far."""

    planned: int
    done: int = 0
    skipped: int = 0
    """How many were done before."""
    rows: int = 0
    """Of the files done now."""
    bytes: int = 0
    """Of the files done now."""
    failed: int = 0
    workers: int = 0
    """How many processes there are, beside this one."""
    status: int = 0
    """The exit status: of all failures the highest."""

    @property
    def behind(self) -> int:
        """How many files are behind us."""
        return self.done + self.skipped + self.failed


def _ignore_summary(summary: Summary) -> None:
    """Do nothing."""


def _ignore_outcome(step: Step, outcome: Entry | Failure) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Loop:
    """How the files of a plan are done."""

    record: Record
    """What was done before; each file is added as soon as it is done."""
    runner: Runner = field(default_factory=Threads)
    """Does the files."""
    on_outcome: Callable[[Step, Entry | Failure], None] = _ignore_outcome
    """Called with what came of each file, now or before."""
    on_progress: Callable[[Summary], None] = _ignore_summary
    """Called after each file."""
    stop_on_error: bool = False
    """Whether the first failure ends the run."""
    verify: bool = False
    """Whether the results of files done before are read again."""

    def run(self, task: Task, steps: Sequence[Step]) -> Summary:
        """Do what is left of a plan."""
        summary, record = Summary(len(steps)), self.record
        left = self._leave_done(task.key, steps, summary)
        with contextlib.closing(self.runner.run(task, left)) as outcomes:
            for step, outcome in outcomes:
                if isinstance(outcome, Failure):
                    summary.failed += 1
                    summary.status = max(summary.status, outcome.status)
                else:
                    record.add(outcome)
                    summary.done += 1
                    summary.rows += outcome.rows
                    summary.bytes += outcome.source_size
                summary.workers = self.runner.workers
                self.on_outcome(step, outcome)
                self.on_progress(summary)
                if summary.failed and self.stop_on_error:
                    break
        folders.tidy({os.path.dirname(step.target) for step in steps})
        if not summary.failed:
            record.complete(len(steps), sum(record.entries[step.target].rows for step in steps))
        return summary

    def _leave_done(self, key: str, steps: Sequence[Step], summary: Summary) -> Iterator[Step]:
        """Yield the files that are to be done, and count the others."""
        for step in steps:
            if self.record.is_done(key, step, verify=self.verify):
                summary.skipped += 1
                self.on_outcome(step, self.record.entries[step.target])
                self.on_progress(summary)
            else:
                yield step
