"""What is due for inputs, chunk by chunk; for all numbers of a wide format from processes that work ahead."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Generator

import numpy as np

from actcli.numerics.dtypes import FloatArray, has_nan
from actcli.referee.inputs import CHUNK_NUMBERS, Inputs, list_patterns
from actcli.referee.kernels.about import count_processors
from actcli.referee.kernels.process import start_python
from actcli.referee.kernels.wire import receive_bytes
from actcli.referee.truth import Truth

_PART = 2**17  # numbers that are evaluated on one thread: every core has a process of its own


def compute_due(truth: Truth, inputs: Inputs) -> Generator[tuple[FloatArray, FloatArray], None, None]:
    """Yield the inputs in chunks, each with what is due for it.

    Where the results have no NaN, inputs for which NaN would be due are left out.
    """
    if not has_nan(truth.out_format):
        for x in inputs.chunks():
            if (x := x[truth.find_due(x)]).size:
                yield x, truth.round_once(x)
        return
    cores = count_processors()
    if not inputs.is_complete or inputs.size <= CHUNK_NUMBERS or cores == 1:
        for x in inputs.chunks():
            yield x, truth.round_once(x)
        return
    with contextlib.ExitStack() as stack:
        processes = [_TruthProcess(truth, first, cores) for first in range(cores)]
        for process in processes:
            stack.callback(process.close)
        for i, x in enumerate(inputs.chunks()):
            due = processes[i % cores].receive(x.size)
            yield x, truth.round_once(x) if due is None else due


class _TruthProcess:
    """A process that evaluates every k-th chunk of all numbers of a format, one ahead of what is received."""

    def __init__(self, truth: Truth, first: int, step: int) -> None:
        self._dtype = truth.out_format.dtype
        self._process = start_python(__name__, stderr=subprocess.DEVNULL)
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            pickle.dump((truth, first, step), self._process.stdin)
            self._process.stdin.flush()

    def receive(self, size: int) -> FloatArray | None:
        """Return the results for its next chunk; None if the process is lost."""
        assert self._process.stdout is not None
        try:
            return np.frombuffer(receive_bytes(self._process.stdout, size * self._dtype.itemsize), self._dtype)
        except EOFError:
            return None

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def main() -> None:
    """Write what is due to standard output, until nobody reads it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command decides what Control-C ends
    truth, first, step = pickle.load(sys.stdin.buffer)
    with contextlib.suppress(BrokenPipeError):
        for x in list_patterns(truth.format, first, step):
            parts = [truth.round_once(x[start : start + _PART]) for start in range(0, x.size, _PART)]
            left = np.concatenate(parts).view(np.uint8).data
            while left:
                left = left[os.write(1, left) :]
