"""The process that runs a kernel: what it prints, how it dies and what its libraries switch on stay in it."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO

import numpy as np

from actcli.numerics import dtypes
from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.about import describe_framework
from actcli.referee.kernels.arrays import check_result, spread
from actcli.referee.kernels.failures import CallError, describe_exception, leave_no_core
from actcli.referee.kernels.frameworks import Compute
from actcli.referee.kernels.wire import Message, receive, send
from actcli.referee.kernels.words import Code

_Request = tuple[Message, bytearray]
_Answer = tuple[Message, bytes | memoryview]


def main() -> None:
    """Answer the command, until it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command decides what Control-C ends
    leave_no_core()
    requests, answers = _take_over_pipes()
    arrived: SimpleQueue[_Request] = SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests, arrived), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        _serve(arrived.get, answers)


def _serve(next_request: Callable[[], _Request], answers: IO[bytes]) -> None:
    """Answer requests: load a kernel, call the one that was loaded last for an array, or describe a framework."""
    compute: Compute | None = None
    options: KernelOptions | None = None
    file: str | None = None
    while True:
        message, data = next_request()
        try:
            if "code" in message:
                code, options, compute = Code(**message["code"]), _read_options(message["options"]), None
                file = code.place if code.kind == "file" else None
                compute = _load(code, options)
                answer: _Answer = {}, b""
            elif "packages" in message:
                answer = {**describe_framework(message["packages"])}, b""
            else:
                assert compute is not None
                assert options is not None
                answer = _call(compute, options, message, data)
        except BaseException as error:
            send(answers, _describe(error, file, "raised" if compute else "cannot be loaded: it raised"))
        else:
            send(answers, *answer)


def _call(compute: Compute, options: KernelOptions, message: Message, data: bytearray) -> _Answer:
    """Return the answer to a request with an array."""
    inputs = _read_inputs(message, data, options)
    result = check_result(compute(inputs), inputs, options)
    return {"shape": result.shape}, np.ascontiguousarray(result).view(np.uint8).data


def _take_over_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return the two ends that lead to the command; a kernel reads nothing, and prints to standard error."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # standard error is closed
        os.dup2(nothing, 1)
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _read_requests(requests: IO[bytes], arrived: "SimpleQueue[_Request]") -> None:
    """Pass requests on; end the process, whatever the kernel is busy with, once the command is gone."""
    try:
        while True:
            arrived.put(receive(requests))
    finally:
        os._exit(0)


def _read_options(values: Message) -> KernelOptions:
    formats = {name: dtypes.FORMATS[values[name]] for name in ("dtype", "out_dtype")}
    return KernelOptions(**(values | formats))


def _load(code: Code, options: KernelOptions) -> Compute:
    if code.kind == "library":
        from actcli.referee.kernels.shared_library import load_function

        return load_function(code, options)
    if code.kind == "line":
        from actcli.referee.kernels.lines import load_line

        return load_line(code, options)
    from actcli.referee.kernels.frameworks import as_compute
    from actcli.referee.kernels.loading import load_object

    function, module = load_object(code)
    return as_compute(function, module, options, differentiate=code.differentiate)


def _read_inputs(message: Message, data: bytearray, options: KernelOptions) -> FloatArray:
    """Return the array of a request, with the distance between its numbers that it had there."""
    inputs: FloatArray = np.frombuffer(data, options.dtype.dtype).reshape(message["shape"])
    return inputs if message["step"] == 1 else spread(inputs, message["step"])


def _describe(error: BaseException, file: str | None, verb: str = "raised") -> Message:
    """Return the answer for a call that failed."""
    if isinstance(error, CallError):
        return {"failure": str(error), "by_input": error.by_input}
    return {"failure": describe_exception(error, file, verb), "by_input": True}
