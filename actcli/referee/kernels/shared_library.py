"""C functions in shared libraries, ``void f(const T *x, T *y, size_t n)``, and what they write where they must not."""

import ctypes
import os
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.arrays import expected_shape
from actcli.referee.kernels.failures import CallError, describe_number
from actcli.referee.kernels.frameworks import Compute
from actcli.referee.kernels.words import Code

_GUARD_BYTES = 4096  # before and after an array
_ALIGNED_BYTES = 64  # a cache line, and the longest vector

_Bits: TypeAlias = NDArray[np.unsignedinteger[Any]]
_Function: TypeAlias = Callable[[int, int, int], None]


def load_function(code: Code, options: KernelOptions) -> Compute:
    """Return a C function as a function on arrays; the rows of a matrix are calls of their own.

    Raises:
        CallError: if the library cannot be loaded, or has no such function.

    """
    try:
        library = ctypes.CDLL(os.path.abspath(code.place))
        function = library[code.name]
    except OSError as error:
        raise CallError(f"cannot be loaded: {error}", by_input=False) from None
    except AttributeError:
        problem = f"does not exist: {code.place} exports no {code.name!r} (in C++, declare it extern 'C')"
        raise CallError(problem, by_input=False) from None
    function.restype = None
    function.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)

    def compute(inputs: FloatArray) -> FloatArray:
        rows = inputs if inputs.ndim == 2 else inputs[None]
        results = [_call(function, row, options) for row in rows]
        return np.stack(results) if inputs.ndim == 2 else results[0]

    return compute


def _call(function: _Function, inputs: FloatArray, options: KernelOptions) -> FloatArray:
    """Return the results of a call; a second one tells whether results that look like garbage are."""
    results, garbage = _call_over(0xA5, function, inputs, options)
    unchanged = results == garbage
    if unchanged.any():
        others, garbage = _call_over(0x5A, function, inputs, options)
        unwritten = np.flatnonzero(unchanged & (others == garbage))
        if unwritten.size:
            number = describe_number(inputs, int(unwritten[0])) if len(results) == len(inputs) else ""
            first = f"result {unwritten[0] + 1}{number and f', for x = {number}'}"
            problem = f"left {len(unwritten):,} of {len(results):,} results unwritten, the first of them {first}"
            raise CallError(problem, by_input=False)
    return results.view(options.out_dtype.dtype)


def _call_over(byte: int, function: _Function, inputs: FloatArray, options: KernelOptions) -> tuple[_Bits, int]:
    """Return the bits of the results, written over garbage, and the bits of that garbage."""
    size = options.out_dtype.dtype.itemsize
    (count,) = expected_shape(inputs, options)
    given = np.ascontiguousarray(inputs).view(np.uint8)
    x, y = _GuardedBytes(len(given), byte), _GuardedBytes(count * size, byte)
    x.content[:] = given
    function(x.address, y.address, len(inputs))
    for what, guarded in (("results", y), ("inputs", x)):
        if side := guarded.overwritten():
            raise CallError(f"wrote {side} the array of {len(inputs):,} {what}", by_input=False)
    if not np.array_equal(x.content, given):
        raise CallError("wrote to its inputs", by_input=False)
    return y.content.view(f"u{size}"), int.from_bytes(bytes([byte]) * size, "little")


class _GuardedBytes:
    """Bytes for an array, aligned, between zones that nobody should write to; a byte of garbage fills all."""

    def __init__(self, length: int, byte: int) -> None:
        self._all = np.full(2 * _GUARD_BYTES + _ALIGNED_BYTES + length, byte, np.uint8)
        start = _GUARD_BYTES + -self._all.ctypes.data % _ALIGNED_BYTES
        self._before, self.content, self._after = np.split(self._all, [start, start + length])
        self._byte = byte
        self.address = self._all.ctypes.data + start

    def overwritten(self) -> str:
        """Return on which side of the array something was written, if anything was."""
        sides = {"before": self._before, "behind the end of": self._after}
        return next((side for side, zone in sides.items() if (zone != self._byte).any()), "")
