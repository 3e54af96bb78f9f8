"""A process of its own for kernels, which can die or hang without harm."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast

from actcli.referee.kernels.about import About
from actcli.referee.kernels.failures import CallError, describe_end, describe_lateness
from actcli.referee.kernels.wire import Message, receive, send

T = TypeVar("T")
_END_SECONDS = 5.0  # between the end of what a process says and its own
_ROOT = Path(__file__).parents[3]
_START = "import sys; sys.path.append(sys.argv[1]); from {} import main; main()"


class KernelProcess:
    """A process that runs kernels, one at a time; it is started at once, and again after it died.

    Args:
        environment: variables that it has beside those of the command.

    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self.user: object = None
        """The kernel that was loaded last; None in a new process."""
        self.start()

    def start(self) -> None:
        """Start it, unless it is running."""
        if self._process is None:
            self._process = start_python("actcli.referee.kernels.worker", environment=self._environment)

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        self.user = None

    def post(self, message: Message, data: bytes | memoryview = b"") -> None:
        """Send a request whose answer is received later."""
        with contextlib.suppress(BrokenPipeError):  # of a process that died already: noticed when it should answer
            send(_require(_require(self._process).stdin), message, data)

    def describe(self, packages: Sequence[str]) -> About:
        """Return what packages say of themselves there, as ``describe_framework`` does.

        Raises:
            CallError: if one of them cannot be imported.

        """
        self.post({"packages": list(packages)})
        about, _ = self.receive("while it was loaded", None, by_input=False)
        return cast("About", about)

    def receive(self, when: str, limit: float | None, *, by_input: bool) -> tuple[Message, bytearray]:
        """Return the answer to the request that was posted; end the process if that takes too long.

        Args:
            when: what is added to the message if the process ends.
            limit: how many seconds the answer may take; None: any.
            by_input: whether a failure may be one of the request's input.

        Raises:
            CallError: if the answer says so, or there is none.

        """
        process, is_late = _require(self._process), threading.Event()

        def end() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(limit or 0.0, end)
        try:
            if limit is not None:
                timer.start()
            answer, data = receive(_require(process.stdout))
        except EOFError:
            problem = describe_lateness(limit) if is_late.is_set() else _describe_end(process)
            self.close()
            raise CallError(f"{problem} {when}".rstrip(), by_input=by_input) from None
        except BaseException:  # an answer that nobody has read would be taken for the next one
            self.close()
            raise
        finally:
            timer.cancel()
        if is_late.is_set():  # it was ended just after it had answered
            self.close()
        if "failure" in answer:
            raise CallError(answer["failure"], by_input=answer["by_input"] and by_input)
        return answer, data


def start_python(
    module: str, *, environment: Mapping[str, str] | None = None, stderr: int | None = None
) -> subprocess.Popen[bytes]:
    """Start the ``main`` of a module of this package in a process of its own, with pipes to and from it."""
    command = [sys.executable, "-P", "-c", _START.format(module), str(_ROOT)]
    environment = {**os.environ, **(environment or {})}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=environment)


def _describe_end(process: subprocess.Popen[bytes]) -> str:
    try:
        return describe_end(process.wait(_END_SECONDS))
    except subprocess.TimeoutExpired:  # it runs, but nothing is heard of it any more
        return "closed its pipe to the command"


def _require(value: T | None) -> T:
    assert value is not None
    return value
