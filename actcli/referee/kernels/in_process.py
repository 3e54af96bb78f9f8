"""A callable of this process as a kernel."""

import threading
from collections.abc import Callable

from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.arrays import check_result, spread, step_of
from actcli.referee.kernels.failures import CallError, describe_exception, explain_failure
from actcli.referee.kernels.frameworks import Compute, as_compute


class CallableKernel:
    """A callable that runs on threads of its own: flush-to-zero that its libraries switch on stays there.

    Arguments are as for ``wrap_callable``. What a callable raises is the cause of the error.
    """

    def __init__(self, function: Callable[..., object], options: KernelOptions, name: str | None = None) -> None:
        self.name = name or _name_of(function)
        self._function, self._options = function, options
        self._compute: Compute | None = None

    def compute(self, inputs: FloatArray) -> FloatArray:
        """Return the results for inputs, as every kernel does."""
        try:
            return self._call(inputs)
        except CallError as failure:
            raise explain_failure(self.name, failure, inputs, self._call) from failure.__cause__

    def _call(self, inputs: FloatArray) -> FloatArray:
        return _run_on_thread(lambda: self._call_here(spread(inputs, step_of(inputs))))

    def _call_here(self, inputs: FloatArray) -> FloatArray:
        options = self._options
        try:
            if self._compute is None:
                self._compute = as_compute(self._function, None, options, differentiate=options.derivative)
            return check_result(self._compute(inputs), inputs, options)
        except CallError:
            raise
        except BaseException as error:
            raise CallError(describe_exception(error)) from error


def _name_of(function: Callable[..., object]) -> str:
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    return f"{getattr(function, '__module__', None) or type(function).__module__}:{name}"


def _run_on_thread(call: Callable[[], FloatArray]) -> FloatArray:
    """Return what a call returns on a new thread, which begins with this one's settings of the processor."""
    results: list[FloatArray] = []
    failures: list[CallError] = []

    def run() -> None:
        try:
            results.append(call())
        except CallError as failure:
            failures.append(failure)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    for failure in failures:
        raise failure
    return results[0]
