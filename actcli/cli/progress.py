"""How far a long run is, on the terminal; and at the end what was done."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from actcli import signals
from actcli.data.batch import ArraySlice, Batch, count_replacements, height
from actcli.storage.paths import input_state

if TYPE_CHECKING:
    from rich import progress

    from actcli.pipeline.many_files.loop import Summary

_PATIENCE_SECONDS = 1.0  # seconds before a run counts as long


class _Bar:
    """One line on standard error, where that is a terminal, from when a run is long until it ends.

    Args:
        text: what it says as long as nothing is done.
        free: whether the terminal is free for it.
        in_bytes: whether bytes are counted, so that their speed is told.
        sized: whether it is known how much there is.

    """

    def __init__(self, text: str, *, free: bool = True, in_bytes: bool = False, sized: bool = True) -> None:
        self._text, self._done = text, 0.0
        self._planned: float | None = None
        self._in_bytes, self._sized = in_bytes, sized
        self._shown = free and sys.stderr is not None and sys.stderr.isatty()
        self._started_at = time.monotonic()
        self._bar: progress.Progress | None = None
        self._lock = threading.RLock()
        self._ended = False

    def update(self, text: str, done: float, planned: float | None) -> None:
        """Show what is done, how much, and of how much."""
        self._text, self._done, self._planned = text, done, planned
        if time.monotonic() - self._started_at > _PATIENCE_SECONDS:
            self._show()

    def _show(self) -> None:
        if not self._shown:
            return
        with self._lock:
            if self._ended:
                return
            self._bar = self._bar or self._start()
            self._bar.update(self._bar.task_ids[0], description=self._text, completed=self._done, total=self._planned)

    def _start(self) -> "progress.Progress":
        from rich import progress
        from rich.console import Console

        columns: list[progress.ProgressColumn] = [progress.TextColumn("{task.description}")]
        if self._in_bytes:
            columns += [progress.TransferSpeedColumn()]
        if self._sized:
            columns += [progress.BarColumn(), progress.TaskProgressColumn(), progress.TimeRemainingColumn()]
        bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)
        bar.add_task("", total=None)
        bar.start()
        return bar

    def _clear(self) -> None:
        with self._lock:
            self._ended = True
            if self._bar is not None:
                self._bar.stop()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Clear the line at the end, however it comes."""
        waiting = threading.Timer(_PATIENCE_SECONDS, self._show)  # an input that pauses updates nothing
        waiting.daemon = True
        if self._shown:
            waiting.start()
        with signals.cleanup_on_signal(self._clear):
            try:
                yield
            finally:
                waiting.cancel()
                self._clear()


class Progress:
    """Counts what was read and written; shown on standard error where that is a terminal, once a run is long.

    Args:
        path: what is read, whose size tells how much there is.
        beside: whether the results go elsewhere, so that the terminal is free.
        verbose: whether to say at the end what was done.

    """

    def __init__(self, path: str, *, beside: bool, verbose: bool) -> None:
        self._verbose = verbose
        self._size = state.size if (state := input_state(path)) else None
        self._started_at = time.monotonic()
        self._bytes = self._rows = self._replacements = 0
        self._bar = _Bar("0 rows", free=beside, in_bytes=True, sized=bool(self._size))

    def read(self, count: int) -> None:
        """Count bytes that were read, on whichever thread; a first reading of all rows has nothing else to show."""
        self._bytes += count
        self._update()

    def on_batch(self, batch: Batch) -> None:
        """Count rows that were written, and non-numeric cells."""
        self._rows += count_rows(batch)
        if not isinstance(batch, ArraySlice):
            self._replacements += count_replacements(batch)
        self._update()

    def _update(self) -> None:
        total = self._size and self._size * -(-self._bytes // self._size)  # a file may be read twice
        self._bar.update(f"{self._rows:,} rows", self._bytes, total)

    @contextlib.contextmanager
    def running(self) -> Iterator["Progress"]:
        """Show it until the end; after success, say what was done if that is wanted."""
        with self._bar.running():
            yield self
        if self._verbose:
            seconds = time.monotonic() - self._started_at
            speed = f"{self._bytes / seconds / 1e6:.1f} MB/s"
            cells = (
                "1 cell was no number" if self._replacements == 1 else f"{self._replacements:,} cells were no numbers"
            )
            wrong = f"; {cells}" if self._replacements else ""
            print(f"actcli: {self._rows:,} rows in {seconds:.2f} s, {speed}{wrong}", file=sys.stderr)


def count_rows(batch: Batch) -> int:
    """Return how many rows a batch has; of an array, how many numbers or rows of it."""
    return len(batch.values) if isinstance(batch, ArraySlice) else height(batch)


@contextlib.contextmanager
def show_count(noun: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what takes how much is done, and of how much."""
    bar = _Bar(f"0 {noun}")
    with bar.running():
        yield lambda done, planned: bar.update(f"{done:,} {noun}", done, planned)


@contextlib.contextmanager
def show_files(planned: int) -> Iterator["Callable[[Summary], None]"]:
    """Yield what takes how far a run over many files is; files, rows, bytes a second and workers are shown."""
    started_at = time.monotonic()
    bar = _Bar(f"0 of {planned:,} files")

    def show(summary: "Summary") -> None:
        speed = summary.bytes / (time.monotonic() - started_at) / 1e6
        text = f"{summary.behind:,} of {planned:,} files, {summary.rows:,} rows, {speed:,.1f} MB/s"
        workers = f", {summary.workers} worker{'s' * (summary.workers != 1)}" if summary.workers else ""
        bar.update(text + workers, summary.behind, planned)

    with bar.running():
        yield show
