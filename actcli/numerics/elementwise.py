"""Evaluate a function on every number of an array, rounded once: fast where float64 is sure, slower where it is not."""

import os
import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np

from actcli.backend import Backend, Formula
from actcli.numerics import rounding, vector
from actcli.numerics.dtypes import Float64Array, FloatArray, Format, Positions

CHUNK_NUMBERS = 2**15  # numbers worked on at a time: their temporaries stay in the cache of a core
_THREAD_CHUNK_NUMBERS = 2**18  # the same where threads work side by side: short steps would wait for Python's lock
_MIN_PARALLEL_NUMBERS = 2 * _THREAD_CHUNK_NUMBERS  # numbers from which a second thread pays

_VECTOR = cast("Backend[Any]", vector)  # NumPy's functions are not typed as such


class Function(NamedTuple):
    """A function of one number, written against a backend, and how far to trust it."""

    call: Formula
    error: float
    """Bound on its relative error in float64."""
    condition_terms: Formula | None = None
    """Sum of the sizes of the terms that cancel in it: the error is relative to that."""
    single_rounding: bool = False
    """At most one step rounds: arithmetic in float32 and float64 gives the true value rounded once."""


def evaluate_rounded(function: Function, x: FloatArray, format: Format) -> FloatArray:
    """Return the function of every number of x (any shape, any float dtype), rounded once to the format.

    The bits depend neither on the array's length nor on the number of threads nor on the machine.
    """
    flat = x.reshape(-1)
    patterns = 2 ** (8 * x.dtype.itemsize)
    if patterns <= 2**16 and flat.size > patterns:
        bits = np.dtype(f"u{x.dtype.itemsize}")
        table = evaluate_rounded(function, np.arange(patterns).astype(bits).view(x.dtype), format)
        results: FloatArray = table[flat.view(bits)].reshape(x.shape)
        return results
    result = np.empty(flat.shape, format.dtype)
    special = _Special(function, format)

    def work(part: slice) -> Positions:
        with np.errstate(all="ignore"):
            return _fill(function, flat[part], result[part], format, special) + np.intp(part.start)

    unsure = np.concatenate([np.empty(0, np.intp), *_run(work, flat.size)])
    if unsure.size:
        result[unsure] = _decide(function, flat[unsure], format)
    return result.reshape(x.shape)


def _run(work: Callable[[slice], Positions], size: int) -> Iterable[Positions]:
    """Return what the work gives for each chunk, done on all cores if the numbers are many.

    On a thread of the caller's own there are none but that: its other threads have use for the cores.
    """
    alone = threading.current_thread() is threading.main_thread()
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = threads if alone and size >= _MIN_PARALLEL_NUMBERS else 1
    length = CHUNK_NUMBERS if alone and threads == 1 else _THREAD_CHUNK_NUMBERS
    parts = (slice(start, start + length) for start in range(0, size, length))
    if threads == 1:
        return map(work, parts)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, parts))


def _fill(function: Function, x: FloatArray, result: FloatArray, format: Format, special: "_Special") -> Positions:
    """Fill the result for one chunk, and return the positions that float64 cannot decide."""
    places = special.places(x)
    unsure = np.empty(0, np.intp)
    if function.single_rounding and x.dtype == format.dtype and format.name in ("float32", "float64"):
        result[...] = function.call(_VECTOR, x)
    elif "float64" in (format.name, x.dtype.name):
        usual = np.delete(np.arange(x.size), places) if places.size else slice(None)
        result[usual] = _decide(function, x[usual], format)
    else:
        y = np.broadcast_to(function.call(_VECTOR, x.astype(np.float64)), x.shape)
        result[...] = rounding.representable(y, format)
        if function.error:
            unsure = find_hard_cases(function, x, y, result, format)
            if not np.isfinite(result.sum()):  # what overflowed on the way need not be infinite
                unsure = np.union1d(unsure, np.flatnonzero(~np.isfinite(y)))
    if places.size:
        result[places] = special.at(x[places])
    return unsure[np.isfinite(x[unsure].astype(np.float64))] if unsure.size else unsure


def _decide(function: Function, x: FloatArray, format: Format) -> FloatArray:
    from actcli.numerics import exact

    return exact.evaluate_rounded(function.call, function.condition_terms, (x,), format)


def find_hard_cases(
    function: Function, x: FloatArray, y: Float64Array, rounded: FloatArray, format: Format
) -> Positions:
    """Return the positions where the function's float64 results y, off by as much as they may be, are unsure."""
    if function.condition_terms is None:
        return rounding.find_hard_cases(y, rounded, function.error, format)
    error = function.condition_terms(_VECTOR, x.astype(np.float64)) * (function.error + rounding.ENDS_ERROR)
    return np.flatnonzero(rounding.disagree(y - error, y + error, format))


class _Special:
    """The results at zeros, infinities and NaN: signs and limits that arithmetic does not give by itself."""

    def __init__(self, function: Function, format: Format) -> None:
        self._function, self._format = function, format

    def places(self, x: FloatArray) -> Positions:
        """Return where in a chunk they have to be put."""
        size = np.abs(x if x.dtype == np.float32 else x.astype(np.float64))
        if size.min() > 0 and size.max() < np.inf:  # never true with a NaN
            return np.empty(0, np.intp)
        return np.flatnonzero(~((size > 0) & (size < np.inf)))

    def at(self, x: FloatArray) -> FloatArray:
        """Return them for such numbers."""
        values = x.astype(np.float64)
        results: FloatArray = np.full(values.shape, np.nan, self._format.dtype)
        signs = np.signbit(values).astype(np.intp)
        if (zeros := values == 0).any():
            results[zeros] = self._at_zeros[signs[zeros]]
        if (infinite := np.isinf(values)).any():
            results[infinite] = self._at_infinities[signs[infinite]]
        return results

    @cached_property
    def _at_zeros(self) -> FloatArray:
        return _decide(self._function, np.array([0.0, -0.0]), self._format)

    @cached_property
    def _at_infinities(self) -> FloatArray:
        from actcli.numerics import exact

        signs = np.array([1.0, -1.0])
        return exact.find_limits(self._function.call, self._function.condition_terms, signs, self._format)
