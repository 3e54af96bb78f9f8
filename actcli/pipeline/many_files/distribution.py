"""How files are handed to workers: a few at a time, and those of a lost worker to the others."""

import abc
import itertools
import math
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import NoReturn

import distributed
from distributed import Client, Future, KilledWorker

from actcli.errors import ActcliError, StorageError
from actcli.pipeline.many_files.loop import Failure, Outcome, Task
from actcli.pipeline.many_files.plan import Step
from actcli.pipeline.many_files.record import Entry, installed_versions
from actcli.storage import folders, tree

_AHEAD = 2
"""How many batches a worker has: the one it does, and the next."""
_BATCH_SECONDS = 0.3
"""How long a batch of small files lasts, at least."""
_SCHEDULING_SECONDS = 0.003
"""How long the scheduler takes for a batch: so many workers need longer ones, so that they do not wait for it."""
_BATCH_FILES = 256
_POLL_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0
"""How long there may be no worker at all."""


def _do_batch(task: Task, steps: Sequence[Step]) -> tuple[float, list[Entry | Failure]]:
    """Do files in a worker, and return how long it took, and what came of each."""
    _require_versions(distributed.get_worker().address, installed_versions(), task.versions)
    started_at = time.monotonic()
    with folders.once_for_many_files():
        outcomes = [task(step) for step in steps]
    return time.monotonic() - started_at, outcomes


def _require_versions(worker: str, found: Mapping[str, str], due: Mapping[str, str]) -> None:
    wrong = [
        f"{package} {found[package]} instead of {version}"
        for package, version in due.items()
        if found[package] != version
    ]
    if wrong:
        raise StorageError(f"the worker {worker} has {', '.join(wrong)}; install the same versions everywhere")


def _check_versions(client: Client, due: Mapping[str, str]) -> None:
    """Look at the workers that are there; those that come later are looked at with their first file."""
    for address, found in client.get_versions(packages=list(due))["workers"].items():
        _require_versions(address, {package: found["packages"][package] or "none" for package in due}, due)


class Workers(abc.ABC):
    """Processes that do files.

    Args:
        name: what messages call them.

    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.workers = 0
        self._threads = 0
        self._looked_at = -math.inf
        self._seen_at = math.inf
        self._batch_size = 1
        self._under_way: dict[Future, list[Step]] = {}
        self._suspects: list[Step] = []

    @abc.abstractmethod
    def connect(self) -> AbstractContextManager[Client]:
        """Return what has a scheduler's client in the meantime."""

    def run(self, task: Task, steps: Iterable[Step]) -> Generator[Outcome, None, None]:
        """Yield what came of each file, as soon as it is known.

        Raises:
            StorageError: if the scheduler or all workers are lost, or one has other versions.

        """
        left = iter(steps)
        for first in itertools.islice(left, 1):  # nothing is started where nothing is left to do
            with self.connect() as client:
                yield from self._run(client, task, itertools.chain([first], left))

    def _run(self, client: Client, task: Task, steps: Iterator[Step]) -> Generator[Outcome, None, None]:
        self._seen_at = time.monotonic()
        try:
            _check_versions(client, task.versions)
            self._fill(client, task, steps)
            while self._under_way:
                yield from self._collect(client)
                self._fill(client, task, steps)
            for step in self._suspects:  # one at a time, so that none is blamed for what another one does
                self._submit(client, task, [step])
                while self._under_way:
                    yield from self._collect(client, alone=True)
        except (OSError, CancelledError):
            self._lose("was lost")
        finally:
            if client.status == "running":
                client.cancel(list(self._under_way))

    def _fill(self, client: Client, task: Task, steps: Iterator[Step]) -> None:
        while len(self._under_way) < _AHEAD * max(1, self._count_threads(client)):
            if not (batch := list(itertools.islice(steps, self._batch_size))):
                return
            self._submit(client, task, batch)

    def _submit(self, client: Client, task: Task, batch: list[Step]) -> None:
        future = client.submit(_do_batch, task, [_with_whole_paths(step) for step in batch], pure=False)
        self._under_way[future] = batch

    def _collect(self, client: Client, *, alone: bool = False) -> Iterator[Outcome]:
        """Yield what has come of files since, after waiting for a moment."""
        for future in self._wait(client):
            batch = self._under_way.pop(future)
            error = future.exception()
            if error is None:
                seconds, outcomes = future.result()
                wanted = max(_BATCH_SECONDS, _SCHEDULING_SECONDS * self._threads)
                self._batch_size = max(1, min(_BATCH_FILES, int(wanted * len(batch) / (seconds or 1e-9))))
                for step, outcome in zip(batch, outcomes, strict=True):
                    yield step, _as_named(step, outcome)
            elif not isinstance(error, KilledWorker):
                raise self._explain(error)
            elif alone:
                yield batch[0], Failure(f"{batch[0].source}: every worker that began it was killed", 3)
            else:
                self._suspects += batch

    def _explain(self, error: BaseException) -> ActcliError:
        if isinstance(error, ActcliError):
            return error
        return StorageError(f"{self._name}: a worker failed with {type(error).__name__}: {error}")

    def _wait(self, client: Client) -> list[Future]:
        """Return the batches that have ended; none after a moment, so that what is lost is noticed."""
        try:
            distributed.wait(list(self._under_way), timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED")
        except TimeoutError:
            self._count_threads(client)
        return [future for future in self._under_way if future.done()]

    def _count_threads(self, client: Client) -> int:
        """Return how many files the workers do at a time."""
        now = time.monotonic()
        if now - self._looked_at < _POLL_SECONDS:
            return self._threads
        workers = client.nthreads()
        self._threads, self._looked_at = sum(workers.values()), now
        self.workers = len(workers)
        if workers:
            self._seen_at = now
        elif now - self._seen_at > _PATIENCE_SECONDS:
            self._lose("has no workers")
        return self._threads

    def _lose(self, how: str) -> NoReturn:
        raise StorageError(f"{self._name} {how}; what is done is recorded: give --resume for the rest")


def _with_whole_paths(step: Step) -> Step:
    """Return a step that means the same in every folder."""
    return Step(tree.whole_path(step.source), tree.whole_path(step.target))


def _as_named(step: Step, outcome: Entry | Failure) -> Entry | Failure:
    """Return what came of a file under the names that were typed."""
    if isinstance(outcome, Failure):
        return outcome._replace(message=outcome.message.replace(_with_whole_paths(step).source, step.source))
    return replace(outcome, source=step.source, target=step.target)
