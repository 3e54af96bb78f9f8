"""A kernel in a process of its own."""

import numpy as np

from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.arrays import step_of
from actcli.referee.kernels.failures import CallError, explain_failure, require_file
from actcli.referee.kernels.process import KernelProcess
from actcli.referee.kernels.wire import Message
from actcli.referee.kernels.words import Code

_LOAD_SECONDS = 120.0  # for imports and compilation, where calls are limited at all
_INSTALLED = {"module", "line"}


class ChildKernel:
    """A callable or a C function in another process, which is started again after it died.

    Args:
        code: what is called.
        options: how it is called.
        process: that of several kernels, which are loaded when they are called; None for one of its own, in which the
            kernel is loaded at once.

    Raises:
        StorageError: if there is no file of the kernel.

    """

    def __init__(self, code: Code, options: KernelOptions, process: KernelProcess | None = None) -> None:
        if code.kind not in _INSTALLED:
            require_file(code.place)
        self.name = code.word
        self._code, self._options = code, options
        self._process = process or KernelProcess()
        self._is_loaded = self._is_compiled = False
        self._begun: FloatArray | None = None
        if process is None:
            self._post_load()

    def compute(self, inputs: FloatArray) -> FloatArray:
        """Return the results for inputs, as every kernel does."""
        try:
            return self._call(inputs)
        except CallError as failure:
            raise explain_failure(self.name, failure, inputs, self._call) from None

    def begin(self, inputs: FloatArray) -> None:
        """Let the process compute, while this one does something else."""
        if self._is_loaded and self._process.user is self:
            self._begun = inputs
            self._post(inputs)

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _post_load(self) -> None:
        """Ask the process to load the kernel."""
        self._process.start()
        formats = {"dtype": self._options.dtype.name, "out_dtype": self._options.out_dtype.name}
        options = {**vars(self._options), **formats, "with_": dict(self._options.with_)}
        self._process.post({"code": self._code._asdict(), "options": options})
        self._process.user = self
        self._is_loaded, self._is_compiled = False, not self._options.compile

    def _post(self, inputs: FloatArray) -> None:
        message: Message = {"shape": inputs.shape, "step": step_of(inputs)}
        self._process.post(message, np.ascontiguousarray(inputs).view(np.uint8).data)

    def _call(self, inputs: FloatArray) -> FloatArray:
        process = self._process
        if process.user is not self:
            self._post_load()
        if not self._is_loaded:
            try:
                process.receive("while it was loaded", self._limit(_LOAD_SECONDS), by_input=False)
            except CallError:
                process.user = None
                raise
            self._is_loaded = True
        begun, self._begun = self._begun, None
        if begun is not inputs:
            self._post(inputs)
        limit = self._limit(0.0 if self._is_compiled else _LOAD_SECONDS)
        message, results = process.receive("", limit, by_input=True)
        self._is_compiled = True
        return np.frombuffer(results, self._options.out_dtype.dtype).reshape(message["shape"])

    def _limit(self, least: float) -> float | None:
        return None if self._options.timeout is None else max(self._options.timeout, least)
