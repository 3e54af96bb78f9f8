"""How a call of a kernel fails, and at which input."""

import contextlib
import importlib
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from actcli.errors import StorageError
from actcli.numerics import text
from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelError

_SEARCH_SECONDS = 10.0  # spent on finding the first input that fails
_LONGEST = 300  # characters of a message that is not ours
_OURS = ("actcli/referee/kernels/", "actcli\\referee\\kernels\\")


class CallError(Exception):
    """A call failed; the text goes on after the kernel's name, as in ``died of SIGSEGV``."""

    def __init__(self, problem: str, *, by_input: bool = True) -> None:
        super().__init__(problem)
        self.by_input = by_input
        """Whether single inputs may be to blame."""


def leave_no_core(pid: int = 0) -> None:
    """Let no death of a process, 0 for this one, leave a file: many die while the input that kills is searched for."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # Windows; macOS, for others; gone already
        import resource

        limits = (0, resource.getrlimit(resource.RLIMIT_CORE)[1])
        if pid:
            resource.prlimit(pid, resource.RLIMIT_CORE, limits)
        else:
            resource.setrlimit(resource.RLIMIT_CORE, limits)


def describe_exception(error: BaseException, file: str | None = None, verb: str = "raised") -> str:
    """Return what an exception says, on one line, with the place where it was raised.

    Args:
        error: the exception.
        file: the user's file, whose innermost line is named; None or not part of it: the innermost of all.
        verb: what happened.

    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_ours(frame.filename)]
    own = [frame for frame in frames if file is not None and frame.filename.endswith(file)]
    place = ""
    if frame := ([None, *frames][-1] if not own else own[-1]):
        path = file if own else frame.filename.rpartition("site-packages/")[2]
        place = f" ({path}:{frame.lineno})"
    if isinstance(error, SyntaxError) and error.filename:
        place = f" ({error.filename}:{error.lineno})"
        error = type(error)(error.msg)
    try:
        message = to_one_line(str(error))
    except Exception:
        message = ""
    return f"{verb} {type(error).__name__}{': ' if message else ''}{message}{place}"


def describe_end(status: int) -> str:
    """Return how a process ended that should not have."""
    if status >= 0:
        return f"exited with status {status}"
    try:
        return f"died of {signal.Signals(-status).name}"
    except ValueError:
        return f"died of signal {-status}"


def describe_lateness(limit: float | None) -> str:
    """Return that a process was ended because it took too long."""
    return f"did not return within {limit:g} s (--timeout)"


def require_file(path: str, hint: str = "") -> None:
    """Raise StorageError unless there is a file at a path; the hint is for one where there is nothing."""
    if Path(path).is_dir():
        raise StorageError(f"cannot read {path}: it is a directory")
    if not Path(path).exists():
        raise StorageError(f"cannot read {path}: no such file{hint}")


def to_one_line(message: str) -> str:
    """Return a message that is not ours as one line of printable text, cut off if it is long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _is_ours(path: str) -> bool:
    return path.startswith("<frozen ") or path == importlib.__file__ or any(part in path for part in _OURS)


def explain_failure(
    name: str, failure: CallError, inputs: FloatArray, call: Callable[[FloatArray], object]
) -> KernelError:
    """Return the error for a call that failed, after searching for the first input that makes it fail.

    The search halves the inputs as long as a half of them fails on its own, for some seconds at most.
    """
    if not failure.by_input or not inputs.size:
        return KernelError(f"{name} {failure}", str(failure))
    ends = time.monotonic() + _SEARCH_SECONDS
    failed = failure
    if (found := _try(call, inputs[:1])) is not None:
        inputs, failed = inputs[:1], found
    while len(inputs) > 1 and time.monotonic() < ends:
        middle = len(inputs) // 2
        for half in (inputs[:middle], inputs[middle:]):
            if (found := _try(call, half)) is not None:
                inputs, failed = half, found
                break
        else:
            break
    return KernelError(f"{name} {failed} {_describe_inputs(inputs)}", str(failed))


def _try(call: Callable[[FloatArray], object], inputs: FloatArray) -> CallError | None:
    try:
        call(inputs)
    except CallError as failure:
        return failure if failure.by_input else None
    return None


def _describe_inputs(inputs: FloatArray) -> str:
    if inputs.size == 1:
        return f"for x = {describe_number(inputs.ravel(), 0)}"
    if inputs.ndim == 2 and len(inputs) == 1:
        return f"for a row that begins with {describe_number(inputs.ravel(), 0)}"
    what = f"{len(inputs):,} {'rows' if inputs.ndim == 2 else 'numbers'}"
    flat = inputs.ravel()
    return f"for {what} from {describe_number(flat, 0)} to {describe_number(flat, len(flat) - 1)}"


def describe_number(numbers: FloatArray, position: int) -> str:
    """Return a number of an array (1-D) as text, with its bits."""
    size = numbers.itemsize
    bits = int.from_bytes(numbers[position : position + 1].tobytes(), sys.byteorder)
    return f"{text.shortest(numbers[position : position + 1])[0]} ({bits:#0{2 + 2 * size}x})"
