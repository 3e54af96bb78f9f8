"""The loop over a plan: what is done already is left, a file that fails is told, and the others go on."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actcli.errors import ActcliError, StorageError
from actcli.pipeline.many_files.plan import Step
from actcli.pipeline.many_files.record import Record, describe_result
from actcli.storage import tree


@dataclass
class Summary:
    """What a run has done so far."""

    planned: int
    done: int = 0
    skipped: int = 0
    """How many were done before."""
    rows: int = 0
    """Of the files done now."""
    failed: int = 0
    status: int = 0
    """The exit status: of all failures the highest."""


def _ignore_step(step: Step, summary: Summary) -> None:
    """Do nothing."""


def _ignore_failure(step: Step, error: ActcliError) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Loop:
    """How the files of a plan are done."""

    record: Record
    """What was done before; each file is added as soon as it is done."""
    key: str
    """Of what results depend on beside the file."""
    evaluate: Callable[[Step], int]
    """Does one file, and returns how many rows it has."""
    on_step: Callable[[Step, Summary], None] = _ignore_step
    """Called after each file that was done or skipped."""
    on_failure: Callable[[Step, ActcliError], None] = _ignore_failure
    """Called with what was wrong with a file."""
    stop_on_error: bool = False
    """Whether the first failure ends the run."""
    verify: bool = False
    """Whether the results of files done before are read again."""

    def run(self, steps: Sequence[Step]) -> Summary:
        """Do what is left of a plan, file after file."""
        summary, record = Summary(len(steps)), self.record
        for step in steps:
            if record.is_done(self.key, step, verify=self.verify):
                summary.skipped += 1
                self.on_step(step, summary)
                continue
            try:
                summary.rows += self._do(step)
            except ActcliError as error:
                summary.failed += 1
                summary.status = max(summary.status, error.status)
                self.on_failure(step, error)
                if self.stop_on_error:
                    break
            else:
                summary.done += 1
                self.on_step(step, summary)
        if not summary.failed:
            record.complete(len(steps), sum(record.entries[step.target].rows for step in steps))
        return summary

    def _do(self, step: Step) -> int:
        """Do one file, and note it."""
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
        self.record.add(entry)
        return rows
