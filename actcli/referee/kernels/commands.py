"""A command as a kernel: raw little-endian numbers on standard input, as many on standard output."""

import subprocess
import sys

import numpy as np

from actcli.errors import StorageError
from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.arrays import expected_shape
from actcli.referee.kernels.failures import CallError, describe_end, describe_lateness, explain_failure
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
        written = self._run(_little_endian(inputs).tobytes())
        size = format.dtype.itemsize
        if len(written) != count * size:
            raise CallError(
                f"wrote {len(written):,} bytes for {len(inputs):,} numbers; expected {count * size:,}, {size} for "
                f"each {format.name} number",
                by_input=False,
            )
        return _little_endian(np.frombuffer(written, format.dtype))

    def _run(self, data: bytes) -> bytes:
        limit = self._options.timeout
        try:
            run = subprocess.run(self._args, input=data, stdout=subprocess.PIPE, timeout=limit, check=False)
        except OSError as error:
            raise StorageError(f"--command cannot run {self._args[0]}: {error.strerror or error}") from None
        except subprocess.TimeoutExpired:
            raise CallError(describe_lateness(limit)) from None
        if run.returncode:
            raise CallError(describe_end(run.returncode))
        return run.stdout


def _little_endian(numbers: FloatArray) -> FloatArray:
    """Return numbers between this machine's order of bytes and that of commands."""
    return numbers if sys.byteorder == "little" else numbers.byteswap()
