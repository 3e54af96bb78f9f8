"""Evaluate a function of the numbers along the last axis, in pairs of float64, balls, or intervals.

Each takes over where the one before fails; intervals do so for values only.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from actcli.numerics import double_double, pairs, rounding
from actcli.numerics.dtypes import BoolArray, Float64Array, FloatArray, Format
from actcli.numerics.exact import round_balls
from actcli.numerics.pairs import DoubleDouble

Reduction: TypeAlias = tuple[DoubleDouble, ...]
RowCall: TypeAlias = Callable[..., Any]
"""A function (m, rows ...) along the last axis, written once for all backends m with axes."""

_NUMBERS = 2**13  # worked on at a time: their temporaries stay in the cache of a core
_INFINITE = 2.0**1000  # in place of an infinity: what it gives is the limit
_LARGE = 2.0**900
_FARTHEST = float(np.finfo(np.float64).max)  # in place of an infinity where that has to be known again
_NEXT_TO_IT = float(np.nextafter(_FARTHEST, 0.0))


def evaluate_rounded(
    call: RowCall, inputs: tuple[FloatArray, ...], format: Format, is_product: bool = False
) -> FloatArray:
    """Return the function of the rows of one or more arrays, rounded once.

    Args:
        call: the function.
        inputs: an array for each argument; results have the shape of the first.
        format: the format of the results.
        is_product: whether exponentials, however small, may be multiplied by large numbers.

    """
    shape = inputs[0].shape
    if not inputs[0].size:
        return inputs[0].copy()
    rows = [x.reshape(-1, x.shape[-1]) for x in inputs]
    result = np.empty(rows[0].shape, format.dtype)
    count = max(1, _NUMBERS // shape[-1])
    backend = _backend(format, is_product)
    for start in range(0, len(result), count):
        part = slice(start, start + count)
        result[part] = _evaluate(call, backend, tuple(x[part].astype(np.float64) for x in rows), format, is_product)
    return result.reshape(shape)


def _evaluate(
    call: RowCall, backend: Any, inputs: tuple[Float64Array, ...], format: Format, is_product: bool
) -> FloatArray:
    try:
        with pairs.strict():
            y = call(backend, DoubleDouble(_draw_in(inputs[0])), *map(DoubleDouble, inputs[1:]))
    except FloatingPointError:
        return _round_surely(call, inputs, format, is_product)
    result = _round_pairs(y, inputs[0].shape, format)
    infinite = np.isinf(inputs[0])
    _restore_infinities(result, y.high, np.logical_or.reduce(infinite, axis=-1, keepdims=True))
    # Beside numbers as large as those that stand for infinities, these would not be infinite enough.
    left = np.isnan(y.high).any(-1) | (infinite.any(-1) & ((np.abs(inputs[0]) > _LARGE) & ~infinite).any(-1))
    if left.any():
        result[left] = _round_surely(call, tuple(x[left] for x in inputs), format, is_product)
    return result


def _round_surely(call: RowCall, inputs: tuple[Float64Array, ...], format: Format, is_product: bool) -> FloatArray:
    """Return a function of rows, rounded once from balls or, unless it is a product, intervals where those are wide."""
    result, undecided, _ = round_balls(call, inputs, format)
    if is_product or not undecided.any():
        return result
    from actcli.numerics import interval_rows

    for i in np.flatnonzero(undecided.any(axis=-1)):
        places = np.flatnonzero(undecided[i])
        result[i, places] = interval_rows.round_row(call, [_draw_to_the_end(x[i]) for x in inputs], places, format)
    return result


def _draw_in(x: Float64Array) -> Float64Array:
    """Return the numbers with huge ones for infinities; a function has its limit there, or is as huge itself."""
    return np.where(np.isinf(x), np.copysign(_INFINITE, x), x)


def _draw_to_the_end(x: Float64Array) -> Float64Array:
    """Return the numbers with the largest of float64 for infinities; the number itself counts as the one before it."""
    return np.where(np.isinf(x), np.copysign(_FARTHEST, x), np.clip(x, -_NEXT_TO_IT, _NEXT_TO_IT))


def _restore_infinities(result: FloatArray, y: Float64Array, places: BoolArray) -> None:
    """Put infinities where a result is as huge as what stands for them; only in some places."""
    huge = places & (np.abs(y) >= _INFINITE / 2)
    result[huge] = np.copysign(np.inf, y[huge])


def _round_pairs(y: DoubleDouble, shape: tuple[int, ...], format: Format) -> FloatArray:
    high, low = (np.broadcast_to(part, shape) for part in (y.high, y.low))
    with np.errstate(all="ignore"):
        return high.copy() if format.name == "float64" else rounding.nearest_pair(high, low, format)


def _backend(format: Format, is_product: bool) -> Any:
    """Return the mathematics of pairs, with exponentials that are 0 where a format has no use for their digits."""
    if format.name != "float64":
        return with_negligible(_NARROW)
    return double_double if is_product else with_negligible(-1000.0)


_NARROW = -200.0  # its exponential, times the largest number of a format up to float32, rounds to 0


def with_negligible(limit: float) -> SimpleNamespace:
    """Return the mathematics of pairs, with an exponential that is 0 below a limit."""

    def exp(x: DoubleDouble) -> DoubleDouble:
        negligible: BoolArray = np.less(x.high, limit)
        if not negligible.any():
            return double_double.exp(x)
        return double_double.where(negligible, 0.0, double_double.exp(double_double.where(negligible, 0.0, x)))

    return SimpleNamespace(**{**vars(double_double), "exp": exp})


def reduce(reduction: RowCall, x: FloatArray) -> Reduction:
    """Return what the numbers of each row reduce to; the calls are those of an ``AlongAxis``."""
    return _combine(reduction, DoubleDouble(_draw_to_the_end(x.astype(np.float64))))


def merge(merge_reductions: RowCall, first: Reduction, second: Reduction) -> Reduction:
    """Return what two parts of the rows reduce to together."""

    def call(m: Any, *parts: Any) -> Any:
        return merge_reductions(m, parts[: len(first)], parts[len(first) :])

    return _combine(call, *first, *second)


def merge_rows(merge_reductions: RowCall, reduction: Reduction) -> Reduction:
    """Return, for each row, what all rows reduce to together; halves are merged with halves."""
    rows = len(reduction[0].high)
    while (count := len(reduction[0].high)) > 1:
        half = count // 2
        merged = merge(merge_reductions, _choose_rows(reduction, 0, half), _choose_rows(reduction, half, 2 * half))
        if count % 2:
            merged = tuple(map(_stack_rows, merged, _choose_rows(reduction, count - 1, count)))
        reduction = merged
    return tuple(_map_halves(part, lambda half: np.repeat(half, rows, axis=0)) for part in reduction)


def _choose_rows(reduction: Reduction, start: int, stop: int) -> Reduction:
    return tuple(_map_halves(part, lambda half: half[start:stop]) for part in reduction)


def _map_halves(part: DoubleDouble, function: Callable[[Float64Array], Float64Array]) -> DoubleDouble:
    low = np.broadcast_to(part.low, part.high.shape)
    return DoubleDouble(function(part.high), function(low), part.is_exact).collapse()


def _stack_rows(first: DoubleDouble, second: DoubleDouble) -> DoubleDouble:
    low = [np.broadcast_to(part.low, part.high.shape) for part in (first, second)]
    return DoubleDouble(np.concatenate([first.high, second.high]), np.concatenate(low))


def is_largest_infinite(reduction: Reduction, sign: float) -> BoolArray:
    """Tell of each row whether the largest number, the first that it reduces to, stands for an infinity of a sign."""
    return reduction[0].high * sign >= _FARTHEST


def apply_reduction(apply: RowCall, x: FloatArray, reduction: Reduction, format: Format) -> FloatArray:
    """Return the function of some of the numbers that were reduced, rounded once."""

    def call(m: Any, rows: Any, *halves: Any) -> Any:
        rest = iter(halves)
        parts = [next(rest) if part.is_single else next(rest) + next(rest) for part in reduction]
        return apply(m, rows, parts)

    wide = x.astype(np.float64)
    halves = [half for part in reduction for half in ((part.high,) if part.is_single else (part.high, part.low))]
    result = evaluate_rounded(call, (_draw_to_the_end(wide), *halves), format)
    _restore_infinities(result, result.astype(np.float64), np.isinf(wide))
    return result


def _combine(call: RowCall, *numbers: DoubleDouble) -> Reduction:
    try:
        with pairs.strict():
            return tuple(call(with_negligible(_NARROW), *numbers))
    except FloatingPointError:
        from actcli.numerics import ball_mathematics, ball_rounding, balls

        with np.errstate(all="ignore"):
            parts = call(ball_mathematics, *(balls.as_ball(number.high) + number.low for number in numbers))
            return tuple(DoubleDouble(*ball_rounding.as_pair(part)) for part in parts)
