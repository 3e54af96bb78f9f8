"""Functions of balls along the last axis."""

from collections.abc import Callable

import numpy as np

from actcli.backend import AxisBackend, Excess
from actcli.numerics.ball_choices import forget, maximum
from actcli.numerics.ball_parts import SCALE, TOP, contains_zero
from actcli.numerics.balls import Ball, as_ball
from actcli.numerics.dtypes import BoolArray
from actcli.numerics.newton import find_start
from actcli.numerics.pairs import Decision, as_decision

_FAR = 2**51  # exponents of numbers up to here are ordered exactly as float64 numbers; that of zero counts as less


def max_last(x: Ball) -> Ball:
    """Return the largest number along the last axis, which is kept with length 1; NaN if there is one."""
    is_nan = np.isnan(x.high).any(axis=-1, keepdims=True)
    x = _fold(x, maximum)
    return Ball(np.where(is_nan, np.nan, x.high), x.low, x.radius, x.exponent) if is_nan.any() else x


def sum_last(x: Ball) -> Ball:
    """Return the sum along the last axis, which is kept with length 1; halves are added to halves."""
    return _fold(x, Ball.__add__)


def _fold(x: Ball, operation: Callable[[Ball, Ball], Ball]) -> Ball:
    while (length := x.shape[-1]) > 1:
        half = length // 2
        total = operation(_slice(x, 0, half), _slice(x, half, 2 * half))
        x = _concatenate(total, _slice(x, length - 1, length)) if length % 2 else total
    return x


def count_last(condition: Decision | BoolArray) -> Ball:
    """Return at how many places along the last axis a condition holds; where that is in doubt, by the middle."""
    return as_ball(np.sum(as_decision(condition).holds, axis=-1, keepdims=True).astype(np.float64))


def cumsum(x: Ball) -> Ball:
    """Return the sums of the numbers up to each place along the last axis, doubling the reach in each step."""
    length, reach = x.shape[-1], 1
    while reach < length:
        moved = _slice(x, reach, length) + _slice(x, 0, length - reach)
        x = _concatenate(_slice(x, 0, reach), moved)
        reach *= 2
    return x


def sort_descending(x: Ball) -> Ball:
    """Return the numbers along the last axis from the largest to the smallest; nothing known of rows in doubt."""
    sign = np.sign(x.high)
    size = np.clip(x.exponent, -_FAR, _FAR) + (_FAR + 1.0)
    size = np.where(np.isfinite(x.high), sign * size, sign * np.inf)
    order = np.lexsort((-x.low, -x.high, -size), axis=-1)
    x = x.map(lambda part: np.take_along_axis(part, order, -1))
    length = x.shape[-1]
    in_doubt = contains_zero(_slice(x, 0, length - 1) - _slice(x, 1, length)).any(axis=-1, keepdims=True)
    return forget(x, np.broadcast_to(in_doubt, x.shape)) if in_doubt.any() else x


def positions(x: Ball) -> Ball:
    """Return 1, 2, 3 ... along the last axis."""
    return as_ball(np.arange(1.0, x.shape[-1] + 1.0))


def _concatenate(first: Ball, second: Ball) -> Ball:
    return Ball(*(np.concatenate(parts, axis=-1) for parts in zip(first.parts, second.parts, strict=True)))


def _slice(x: Ball, start: int, stop: int) -> Ball:
    return x.map(lambda part: part[..., start:stop])


def distrust(_: Decision | BoolArray, x: Ball) -> Ball:
    """Return x: balls know how good they are."""
    return x


def root_last(m: AxisBackend[Ball], excess: Excess[Ball], x: Ball) -> Ball:
    """Return where the excess is 0: the number next to it that Newton's method finds, and as far around as that is."""
    s = as_ball(find_start(excess, np.ldexp(x.high + x.low, x.exponent)))
    value, slope = excess(m, x, s)
    s = s + value / slope
    s = Ball(s.high, s.low, np.zeros_like(s.radius), s.exponent)
    value, _ = excess(m, x, s)
    root: Ball = s + 2.0 * value * Ball(*(np.array(part) for part in (0.0, 0.0, SCALE, -TOP)))
    return root
