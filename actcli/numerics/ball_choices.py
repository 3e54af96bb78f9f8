"""Choices between balls: doubt about a condition becomes doubt about the value."""

import numpy as np

from actcli.numerics.ball_parts import Parts, contains_zero
from actcli.numerics.balls import Ball, Operand, as_ball, difference_of
from actcli.numerics.dtypes import BoolArray
from actcli.numerics.pairs import Decision


def where(condition: Decision | BoolArray | bool, x: Operand, y: Operand) -> Ball:
    """Return one of the two, element by element; where the decision is in doubt and they differ, nothing is known."""
    chosen, other = as_ball(x), as_ball(y)
    if not isinstance(condition, Decision):
        return _choose(condition, chosen, other)
    result = _choose(condition.holds, chosen, other)
    if not condition.doubt.any():
        return result
    return forget(result, condition.doubt & _differ(chosen, other))


def _choose(condition: BoolArray | bool, x: Parts, y: Parts) -> Ball:
    return Ball(*(np.where(condition, one, other) for one, other in zip(x.parts, y.parts, strict=True)))


def _differ(x: Parts, y: Parts) -> BoolArray:
    """Tell where two balls are not the same."""
    mask: BoolArray = x.high != y.high
    for one, other in zip(x.parts[1:], y.parts[1:], strict=True):
        mask = mask | (one != other)
    return mask


def forget(x: Parts, places: BoolArray) -> Ball:
    """Return x, but balls of which nothing is known at some places."""
    return Ball(
        np.where(places, 0.0, x.high),
        np.where(places, 0.0, x.low),
        np.where(places, np.inf, x.radius),
        np.where(places, 0, x.exponent),
    )


def maximum(x: Operand, y: Operand) -> Ball:
    """Return the larger of the two, x if they are equal; where that is in doubt, a ball around both."""
    x, y = as_ball(x), as_ball(y)
    larger = x >= y
    return _cover(where(larger.holds, x, y), x, y, larger.doubt)


def minimum(x: Operand, y: Operand) -> Ball:
    """Return the smaller of the two, x if they are equal; where that is in doubt, a ball around both."""
    x, y = as_ball(x), as_ball(y)
    smaller = x <= y
    return _cover(where(smaller.holds, x, y), x, y, smaller.doubt)


def _cover(chosen: Ball, x: Ball, y: Ball, doubt: BoolArray) -> Ball:
    """Return what was chosen; in doubt, x plus the ball around zero that their difference is: it holds y too."""
    return _choose(doubt, x + difference_of(x, y), chosen) if doubt.any() else chosen


def copysign(size: Operand, sign: Operand) -> Ball:
    """Return the size with the sign of the other number; where that is in doubt, nothing is known."""
    size, sign = as_ball(size).__abs__(), as_ball(sign)
    unit = np.copysign(1.0, sign.high)
    result = Ball(*np.broadcast_arrays(size.high * unit, size.low * unit, size.radius, size.exponent))
    doubt = contains_zero(sign)
    return forget(result, doubt) if doubt.any() else result
