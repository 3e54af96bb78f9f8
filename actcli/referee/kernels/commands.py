"""A command as a kernel: raw little-endian numbers on standard input, as many on standard output."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import IO

import numpy as np

from actcli.errors import StorageError
from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.arrays import expected_shape
from actcli.referee.kernels.failures import CallError, describe_end, describe_lateness, explain_failure, leave_no_core
from actcli.referee.kernels.words import Command


class CommandKernel:
    """A command that is run, without a shell, for each call; the rows of a matrix are calls of their own."""

    def __init__(self, command: Command, options: KernelOptions) -> None:
        self.name = command.word
        self._args, self._options = command.args, options

    def compute(self, inputs: FloatArray) -> FloatArray:
        """Return the results for inputs, as every kernel does."""
        try:
            return self._call(inputs)
        except CallError as failure:
            raise explain_failure(self.name, failure, inputs, self._call) from None

    def _call(self, inputs: FloatArray) -> FloatArray:
        if inputs.ndim == 2:
            return np.stack([self._call(row) for row in inputs])
        format = self._options.out_dtype
        (count,) = expected_shape(inputs, self._options)
        size = format.dtype.itemsize
        written = self._run(_little_endian(inputs).tobytes(), count * size)
        if len(written) != count * size:
            many = f"{len(written):,}" if len(written) < count * size else "too many"
            raise CallError(
                f"wrote {many} bytes for {len(inputs):,} numbers; expected {count * size:,}, {size} for "
                f"each {format.name} number",
                by_input=False,
            )
        return _little_endian(np.frombuffer(written, format.dtype))

    def _run(self, data: bytes, expected: int) -> bytes:
        """Return what the command writes, with a byte too many at most: some write for ever."""
        limit, is_late = self._options.timeout, threading.Event()
        try:
            process = subprocess.Popen(
                self._args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise StorageError(f"--command cannot run {self._args[0]}: {error.strerror or error}") from None
        leave_no_core(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None

        def end() -> None:
            is_late.set()
            _kill(process)

        timer = threading.Timer(limit or 0.0, end)
        threading.Thread(target=_feed, args=(process.stdin, data), daemon=True).start()
        try:
            if limit is not None:
                timer.start()
            written = process.stdout.read(expected + 1)
            status = process.wait() if len(written) <= expected else 0
        finally:
            timer.cancel()
            if process.returncode is None:
                _kill(process)
                process.wait()
            process.stdout.close()
        if is_late.is_set():
            raise CallError(describe_lateness(limit))
        if status:
            raise CallError(describe_end(status))
        return written


def _feed(pipe: IO[bytes], data: bytes) -> None:
    """Write all that a command reads; it need not read all."""
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(data)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a command with all that it has started, which may hold its pipes open."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _little_endian(numbers: FloatArray) -> FloatArray:
    """Return numbers between this machine's order of bytes and that of commands."""
    return numbers if sys.byteorder == "little" else numbers.byteswap()
