"""Evaluate a function to the last bit, in three stages: pairs of float64, balls, intervals.

Pairs (``double_double``) decide all but some 15 in a million results. Of the others, balls (``ball_mathematics``)
decide nearly all: ties, and what overflows or underflows on the way. Intervals (``intervals``) take as many bits as
are needed.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias, cast

import numpy as np

from actcli.backend import Backend
from actcli.numerics import double_double, pairs, rounding, vector
from actcli.numerics.dtypes import FORMATS, BoolArray, Float64Array, FloatArray, Format

Inputs: TypeAlias = tuple[FloatArray, ...]
Numbers: TypeAlias = tuple[Float64Array, ...]
Call: TypeAlias = Callable[..., Any]
"""A function (m, x ...) of one kind of number, written once for all backends m."""

PAIR_ERROR = 2.0**-70
"""Bound on the relative error of results in pairs; their functions are good to 2**-74."""
_PAIR_NUMBERS = 2**13  # worked on at a time: their temporaries stay in the cache of a core
_BALL_NUMBERS = 2**14
_SIZES = (0.0, 2.0**-200, 1.0, 3.0, 8.0, 20.0, 60.0, 200.0, 600.0, np.inf)  # of inputs, tried apart where all raise
VECTOR = cast("Backend[Any]", vector)
"""The backend of float64 arrays."""


def evaluate_rounded(
    call: Call, condition_terms: Call | None, inputs: Inputs, format: Format, *, decide_ties: bool = True
) -> FloatArray:
    """Return a function of numbers, each on its own, rounded once to the format.

    Args:
        call: the function.
        condition_terms: sum of the sizes of the terms that cancel in it, to which errors are relative; None if none do.
        inputs: an array for each argument, all of one shape.
        format: the format of the results.
        decide_ties: whether to go on where digits a hundred bits behind the rounded ones would decide.

    """
    flat = [x.reshape(-1) for x in inputs]
    result = np.empty(flat[0].shape, format.dtype)
    undecided = np.zeros(result.shape, np.bool_)
    for start in range(0, result.size, _PAIR_NUMBERS):
        part = slice(start, start + _PAIR_NUMBERS)
        result[part], undecided[part] = _evaluate_pairs(call, condition_terms, _chosen(flat, part), format)
    left = np.flatnonzero(undecided)
    for start in range(0, left.size, _BALL_NUMBERS):
        some = left[start : start + _BALL_NUMBERS]
        result[some] = _evaluate_balls(call, _chosen(flat, some), format, decide_ties)
    return result.reshape(inputs[0].shape)


def _chosen(inputs: Sequence[FloatArray], places: Any) -> tuple[Float64Array, ...]:
    return tuple(x[places].astype(np.float64) for x in inputs)


def _evaluate_pairs(
    call: Call, condition_terms: Call | None, inputs: Numbers, format: Format
) -> tuple[FloatArray, BoolArray]:
    """Return the results that pairs decide, and where they decide none."""
    try:
        return _try_pairs(call, condition_terms, inputs, format)
    except FloatingPointError:
        pass
    result = np.zeros(inputs[0].shape, format.dtype)
    undecided = np.ones(result.shape, np.bool_)
    sizes = np.abs(inputs[0])
    for low, high in pairwise(_SIZES):
        part = np.flatnonzero((sizes >= low) & (sizes < high))
        if 0 < part.size < sizes.size:
            try:
                chosen = tuple(x[part] for x in inputs)
                result[part], undecided[part] = _try_pairs(call, condition_terms, chosen, format)
            except FloatingPointError:
                pass
    return result, undecided


def _try_pairs(
    call: Call, condition_terms: Call | None, inputs: Numbers, format: Format
) -> tuple[FloatArray, BoolArray]:
    with pairs.strict():
        y = pairs.as_double_double(call(double_double, *(pairs.DoubleDouble(x) for x in inputs)))
        size = np.zeros(()) if y.is_exact else np.abs(y.high)
    shape = inputs[0].shape
    if isinstance(y.high, float) and y.is_single:  # one number for all
        return np.broadcast_to(rounding.nearest(np.array(y.high), format), shape), np.zeros(shape, np.bool_)
    with np.errstate(all="ignore"):
        if condition_terms is not None and not y.is_exact:
            size = condition_terms(VECTOR, *inputs)
        high, low, error = (np.broadcast_to(part, shape) for part in (y.high, y.low, size * PAIR_ERROR))
        result, undecided = rounding.round_pair(high, low, error, format)
        zeros = np.flatnonzero((high == 0) & ~undecided)
        if zeros.size:  # pairs do not keep the sign of a zero, but where they find one, plain arithmetic does as well
            signs = np.broadcast_to(call(VECTOR, *(x[zeros] for x in inputs)), zeros.shape)
            result[zeros] = signs
            undecided[zeros] = signs != 0
    return result, undecided


def round_balls(call: Call, inputs: Numbers, format: Format) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Return a function in balls, rounded once; where that is undecided, and where the balls are wide."""
    from actcli.numerics import ball_mathematics, ball_rounding, balls

    with np.errstate(all="ignore"):
        y = balls.as_ball(call(ball_mathematics, *(balls.as_ball(x) for x in inputs)))
        rounded, undecided = ball_rounding.round_ball(y, format)
        is_wide = ~(y.radius <= PAIR_ERROR * np.abs(y.high))
    shape = inputs[0].shape
    result: FloatArray = np.broadcast_to(rounded, shape).copy()
    return result, np.broadcast_to(undecided, shape), np.broadcast_to(is_wide, shape)


def _evaluate_balls(call: Call, inputs: Numbers, format: Format, decide_ties: bool) -> FloatArray:
    result, undecided, is_wide = round_balls(call, inputs, format)
    if not decide_ties:
        undecided = undecided & is_wide
    if undecided.any():
        from actcli.numerics import intervals

        for i in np.flatnonzero(undecided):
            result[i] = intervals.evaluate_rounded(call, [x[i].item() for x in inputs], format)
    return result


def find_zeros(call: Call, inputs: Inputs) -> BoolArray:
    """Tell where a function of numbers (1-D) is exactly 0, rather than too small for a format.

    Where balls cannot tell, as in the middle of a cancellation, it is not 0: there its digits would go on.
    """
    from actcli.numerics import ball_mathematics, ball_parts, balls

    mask = np.zeros(inputs[0].shape, np.bool_)
    for start in range(0, mask.size, _BALL_NUMBERS):
        part = slice(start, start + _BALL_NUMBERS)
        with np.errstate(all="ignore"):
            y = call(ball_mathematics, *(balls.as_ball(x) for x in _chosen(inputs, part)))
            mask[part] = ball_parts.is_zero(balls.as_ball(y))
    return mask


def find_limits(call: Call, condition_terms: Call | None, signs: Float64Array, format: Format) -> FloatArray:
    """Return the limits at infinities: where two huge numbers agree, that; else infinity or zero, by the trend."""
    sizes = np.array([[2.0**1000], [2.0**1020]])
    near, far = evaluate_rounded(call, condition_terms, (np.copysign(sizes, signs),), FORMATS["float64"])
    limits = evaluate_rounded(call, condition_terms, (np.copysign(2.0**1020, signs),), format)
    trend = np.copysign(np.where(np.abs(far) > np.abs(near), np.inf, 0.0), far)
    result: FloatArray = np.where(near == far, limits, rounding.nearest(trend, format))
    return result
