"""A kernel in a process of its own, which can die or hang without harm."""

import contextlib
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.arrays import step_of
from actcli.referee.kernels.failures import CallError, describe_end, describe_lateness, explain_failure, require_file
from actcli.referee.kernels.wire import receive, send
from actcli.referee.kernels.words import Code

T = TypeVar("T")
_LOAD_SECONDS = 120.0  # for imports and compilation, where calls are limited at all
_END_SECONDS = 5.0  # between the end of what a process says and its own
_ROOT = Path(__file__).parents[3]
_START = "import sys; sys.path.append(sys.argv[1]); from actcli.referee.kernels.worker import main; main()"


class ChildKernel:
    """A callable or a C function in a process of its own, which is started at once and again after it died.

    Args:
        code: what is called.
        options: how it is called.

    Raises:
        StorageError: if there is no file of the kernel.

    """

    def __init__(self, code: Code, options: KernelOptions) -> None:
        if code.kind != "module":
            require_file(code.place)
        self.name = code.word
        self._code, self._options = code, options
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def compute(self, inputs: FloatArray) -> FloatArray:
        """Return the results for inputs, as every kernel does."""
        try:
            return self._call(inputs)
        except CallError as failure:
            raise explain_failure(self.name, failure, inputs, self._call) from None

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> None:
        command = [sys.executable, "-P", "-c", _START, str(_ROOT)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._is_loaded, self._is_compiled = False, not self._options.compile
        formats = {"dtype": self._options.dtype.name, "out_dtype": self._options.out_dtype.name}
        options = {**vars(self._options), **formats, "with_": dict(self._options.with_)}
        with contextlib.suppress(BrokenPipeError):  # of a process that died already: noticed when it should answer
            send(_require(self._process.stdin), {"code": self._code._asdict(), "options": options})

    def _call(self, inputs: FloatArray) -> FloatArray:
        if self._process is None:
            self._start()
        if not self._is_loaded:
            self._exchange(None, "while it was loaded", _LOAD_SECONDS)
            self._is_loaded = True
        message: dict[str, Any] = {"shape": inputs.shape, "step": step_of(inputs)}
        data = np.ascontiguousarray(inputs).view(np.uint8).data
        message, results = self._exchange((message, data), "", 0.0 if self._is_compiled else _LOAD_SECONDS)
        self._is_compiled = True
        return np.frombuffer(results, self._options.out_dtype.dtype).reshape(message["shape"])

    def _exchange(
        self, request: tuple[dict[str, Any], memoryview] | None, when: str, least: float
    ) -> tuple[dict[str, Any], bytearray]:
        """Send a request, if there is one, and return the answer; end the process if it takes too long.

        Raises:
            CallError: if the answer says so, or there is none.

        """
        process, is_late = _require(self._process), threading.Event()
        limit = None if self._options.timeout is None else max(self._options.timeout, least)

        def end() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(limit or 0.0, end)
        try:
            if limit is not None:
                timer.start()
            if request is not None:
                send(_require(process.stdin), *request)
            answer, data = receive(_require(process.stdout))
        except (EOFError, BrokenPipeError):
            problem = describe_lateness(limit) if is_late.is_set() else _describe_end(process)
            self.close()
            raise CallError(f"{problem} {when}".rstrip(), by_input=request is not None) from None
        except BaseException:  # an answer that nobody has read would be taken for the next one
            self.close()
            raise
        finally:
            timer.cancel()
        if is_late.is_set():  # it was ended just after it had answered
            self.close()
        if "failure" in answer:
            raise CallError(answer["failure"], by_input=answer["by_input"] and request is not None)
        return answer, data


def _describe_end(process: subprocess.Popen[bytes]) -> str:
    try:
        return describe_end(process.wait(_END_SECONDS))
    except subprocess.TimeoutExpired:  # it runs, but nothing is heard of it any more
        return "closed its pipe to the command"


def _require(value: T | None) -> T:
    assert value is not None
    return value
