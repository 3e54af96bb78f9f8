"""Evaluate a function on every number of an array, rounded once: fast where float64 is sure, slower where it is not."""

import os
import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from actcli.backend import Backend, Formula
from actcli.numerics import dtypes, rounding, vector
from actcli.numerics.dtypes import Float64Array, FloatArray, Format, Positions

if TYPE_CHECKING:
    from actcli.numerics.pairs import DoubleDouble

CHUNK_NUMBERS = 2**15  # numbers worked on at a time: their temporaries stay in the cache of a core
_THREAD_CHUNK_NUMBERS = 2**18  # the same where threads work side by side: short steps would wait for Python's lock
_MIN_PARALLEL_NUMBERS = 2 * _THREAD_CHUNK_NUMBERS  # numbers from which a second thread pays
_MIN_PAIR_RESULT = 2.0**-960  # below it, what the second number of a pair holds is lost
_PAIR_ERROR = 2.0**-55  # of results in double-double, whose functions are good to 2**-60


_VECTOR = cast("Backend[Any]", vector)  # NumPy's functions are not typed as such


class Function(NamedTuple):
    """A function of one number, written against a backend, and how far to trust it."""

    call: Formula
    error: float
    """Bound on its relative error in float64."""
    condition_terms: Formula | None = None
    """Sum of the sizes of the terms that cancel in it: the error is relative to that."""
    is_rational: bool = False
    """Made of + - * / and comparisons alone: pairs of float64 then decide every rounding, exact ties included."""
    single_rounding: bool = False
    """At most one step rounds: float32 arithmetic gives the true value rounded once."""


def evaluate_rounded(function: Function, x: FloatArray, format: Format) -> FloatArray:
    """Return the function of every number of x (any shape, of the format's dtype), rounded once to the format.

    The bits depend neither on the array's length nor on the number of threads nor on the machine.
    """
    flat = x.reshape(-1)
    patterns = 2 ** (8 * format.dtype.itemsize)
    if patterns <= 2**16 and flat.size > patterns:
        bits = np.dtype(f"u{format.dtype.itemsize}")
        table = evaluate_rounded(function, np.arange(patterns).astype(bits).view(format.dtype), format)
        results: FloatArray = table[flat.view(bits)].reshape(x.shape)
        return results
    result = np.empty(flat.shape, format.dtype)
    special = _Special(function, format)

    def work(part: slice) -> Positions:
        with np.errstate(all="ignore"):
            return _fill(function, flat[part], result[part], format, special) + np.intp(part.start)

    unsure = np.concatenate([np.empty(0, np.intp), *_run(work, flat.size)])
    for start in range(0, unsure.size, CHUNK_NUMBERS):
        part = unsure[start : start + CHUNK_NUMBERS]
        with np.errstate(all="ignore"):
            result[part] = _resolve_hard_cases(function, flat[part].astype(np.float64), format)
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
    if format.name == "float64":
        result[...] = _evaluate_float64(function, x.astype(np.float64, copy=False))
    elif function.single_rounding and format.name == "float32":
        result[...] = function.call(_VECTOR, x)
    else:
        y = np.broadcast_to(function.call(_VECTOR, x.astype(np.float64)), x.shape)
        result[...] = rounding.representable(y, format)
        if function.error:
            unsure = find_hard_cases(function, x, y, result, format)
    if places.size:
        result[places] = special.at(x[places])
    return unsure[np.isfinite(x[unsure].astype(np.float64))] if unsure.size else unsure


def _evaluate_float64(function: Function, x: Float64Array) -> Float64Array:
    """Return the function of float64 numbers, for those to be rounded to float64 themselves."""
    y = _evaluate_pairs(function.call, x).high
    tiny = np.flatnonzero((np.abs(y) < _MIN_PAIR_RESULT) & (y != 0) & np.isfinite(x) & (x != 0))
    if function.is_rational or not tiny.size:
        return y
    from actcli.numerics import intervals

    y = y.copy()
    for i in tiny:
        y[i] = intervals.evaluate_rounded(function.call, x[i].item(), dtypes.FORMATS["float64"])
    return y


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
        results: FloatArray = self._results[2 * np.isinf(values) + np.signbit(values)]
        results[np.isnan(values)] = np.nan
        return results

    @cached_property
    def _results(self) -> FloatArray:
        zero, infinity = np.array([0.0, -0.0]), np.array([np.inf, -np.inf])
        limits = _limits(self._function, infinity, self._format)
        return np.concatenate(
            [_resolve_hard_cases(self._function, zero, self._format), limits.astype(self._format.dtype)]
        )


def _evaluate_pairs(call: Formula, x: Float64Array) -> "DoubleDouble":
    """Return the call's results in pairs of float64; few short calls need them, so they are loaded late."""
    from actcli.numerics import double_double, pairs

    return pairs.broadcast_pairs(call(double_double, pairs.DoubleDouble(x)), x.shape)


def _resolve_hard_cases(function: Function, x: Float64Array, format: Format) -> FloatArray:
    """Return the function of a few finite numbers, which float64 cannot decide."""
    y = _evaluate_pairs(function.call, x)
    if format.name == "float64":
        return _evaluate_float64(function, x)
    result = rounding.nearest_pair(y.high, y.low, format)
    if function.is_rational:
        return result
    size = np.abs(y.high) if function.condition_terms is None else _evaluate_pairs(function.condition_terms, x).high
    unsure = rounding.disagree_pair(y.high, y.low, size * _PAIR_ERROR, format) & (y.high != 0)
    for i in np.flatnonzero(unsure):
        from actcli.numerics import intervals

        result[i] = intervals.evaluate_rounded(function.call, x[i].item(), format)
    return result


def _limits(function: Function, x: Float64Array, format: Format) -> FloatArray:
    """Return the limits at infinities: where two huge numbers agree, that; else infinity or zero, by the trend."""
    near, far = (_evaluate_pairs(function.call, np.copysign(2.0**n, x)) for n in (1000, 1020))
    same = (near.high == far.high) & (near.low == far.low)
    trend = np.copysign(np.where(np.abs(far.high) > np.abs(near.high), np.inf, 0.0), far.high)
    high, low = np.where(same, far.high, trend), np.where(same, far.low, 0.0)
    return high if format.name == "float64" else rounding.nearest_pair(high, low, format)
