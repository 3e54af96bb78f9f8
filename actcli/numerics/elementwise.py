"""Evaluate a function on every number of an array, rounded once: fast where float64 is sure, slower where it is not."""

import os
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actcli.numerics import rounding, vector
from actcli.numerics.dtypes import Format
from actcli.numerics.rounding import AnyArray, Float64Array

if TYPE_CHECKING:
    from actcli.numerics.pairs import DoubleDouble

BLOCK = 65536  # numbers worked on at a time: long enough to share two cores, short enough for the cache
_PARALLEL = 4 * BLOCK  # numbers from which a second thread pays
_PAIR_ERROR = 2.0**-55  # of results in double-double, whose functions are good to 2**-60


class Function(NamedTuple):
    """A function of one number, written against a mathematics (a module of numerics), and how far to trust it."""

    call: Callable[[ModuleType, Any], Any]
    error: float
    """Bound on its relative error in float64."""
    terms: Callable[[ModuleType, Any], Any] | None = None
    """Sum of the sizes of the terms that cancel in it: the error is relative to that."""
    rational: bool = False
    """Made of + - * / and comparisons alone: pairs of float64 then decide every rounding, exact ties included."""


def evaluated(function: Function, x: AnyArray, format: Format) -> AnyArray:
    """Return the function of every number of x (any shape, of the format's dtype), rounded once to the format.

    The bits depend neither on the array's length nor on the number of threads nor on the machine.
    """
    flat = x.reshape(-1)
    patterns = 2 ** (8 * format.dtype.itemsize)
    if patterns <= 2**16 and flat.size > patterns:
        bits = np.dtype(f"u{format.dtype.itemsize}")
        table = evaluated(function, np.arange(patterns).astype(bits).view(format.dtype), format)
        taken: AnyArray = table[flat.view(bits)].reshape(x.shape)
        return taken
    result = np.empty(flat.shape, format.dtype)

    def work(start: int) -> None:
        part = slice(start, start + BLOCK)
        with np.errstate(all="ignore"):
            _evaluate(function, flat[part].astype(np.float64), result[part], format)

    _run(work, range(0, flat.size, BLOCK), parallel=flat.size >= _PARALLEL)
    return result.reshape(x.shape)


def _run(work: Callable[[int], None], starts: Iterable[int], *, parallel: bool) -> None:
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not parallel or threads == 1:
        for start in starts:
            work(start)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, starts):
            pass


def _evaluate(function: Function, x: Float64Array, result: AnyArray, format: Format) -> None:
    """Fill the result for one block."""
    if format.name == "float64":
        result[...] = _pairs(function.call, x).high
    else:
        y = np.broadcast_to(function.call(vector, x), x.shape)
        result[...] = rounding.nearest(y, format)
        if function.error:
            unsure = undecided(function, x, y, format)
            if unsure.any():
                result[unsure] = _decided(function, x[unsure], format)
    finite = np.isfinite(x)
    if not finite.all():
        infinite = np.isinf(x)
        result[infinite] = _limits(function, x[infinite], format)
        result[np.isnan(x)] = np.nan


def undecided(function: Function, x: Float64Array, y: Float64Array, format: Format) -> NDArray[np.bool_]:
    """Tell where the function's float64 results y, off by as much as they may be, round to different numbers."""
    if function.terms is None:
        return rounding.disagree(y * (1.0 - function.error), y * (1.0 + function.error), format)
    error = function.terms(vector, x) * function.error
    mask: NDArray[np.bool_] = rounding.disagree(y - error, y + error, format) & (y != 0)
    return mask


def _pairs(call: Callable[[ModuleType, Any], Any], x: Float64Array) -> "DoubleDouble":
    """Return the call's results in pairs of float64; few short calls need them, so they are loaded late."""
    from actcli.numerics import double_double, pairs

    return pairs.as_pair(call(double_double, pairs.DoubleDouble(x)), x.shape)


def _decided(function: Function, x: Float64Array, format: Format) -> AnyArray:
    """Return the function of a few numbers that float64 could not decide."""
    y = _pairs(function.call, x)
    result = rounding.nearest_pair(y.high, y.low, format)
    if function.rational:
        return result
    size = np.abs(y.high) if function.terms is None else _pairs(function.terms, x).high
    unsure = rounding.disagree_pair(y.high, y.low, size * _PAIR_ERROR, format) & np.isfinite(x) & (y.high != 0)
    for i in np.flatnonzero(unsure):
        from actcli.numerics import precise

        result[i] = precise.rounded(function.call, x[i].item(), format)
    return result


def _limits(function: Function, x: Float64Array, format: Format) -> AnyArray:
    """Return the limits at infinities: where two huge numbers agree, that; else infinity or zero, by the trend."""
    near, far = (_pairs(function.call, np.copysign(2.0**n, x)) for n in (1000, 1020))
    same = (near.high == far.high) & (near.low == far.low)
    trend = np.copysign(np.where(np.abs(far.high) > np.abs(near.high), np.inf, 0.0), far.high)
    high, low = np.where(same, far.high, trend), np.where(same, far.low, 0.0)
    return high if format.name == "float64" else rounding.nearest_pair(high, low, format)
