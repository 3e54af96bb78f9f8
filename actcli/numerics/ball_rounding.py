"""Round balls once to a format, and tell where they leave the result open."""

import numpy as np

from actcli.numerics.ball_parts import TOP, UP, Exponents, contains_zero, is_beyond, power_of_two
from actcli.numerics.balls import Ball
from actcli.numerics.dtypes import BoolArray, Float64Array, FloatArray, Format
from actcli.numerics.pairs import two_sum

_MAX_QUANTUM = TOP + 20  # its exponent, as of high parts; larger ones give the same zeros


def round_ball(y: Ball, format: Format) -> tuple[FloatArray, BoolArray]:
    """Return balls rounded once to the format, and where that is undecided: their two ends round differently.

    There the result is the centre of the ball, rounded.
    """
    beyond = is_beyond(y)
    radius = np.where(beyond, 0.0, y.radius * UP)  # the near end decides, if it overflows
    low_end, high_end = (_round_end(y, end, format) for end in (-radius, radius))
    undecided: BoolArray = (low_end != high_end) | contains_zero(y) | (beyond & np.isfinite(high_end))
    is_finite = np.isfinite(y.high)
    if not is_finite.all():
        high_end = np.where(is_finite, high_end, y.high)
        undecided &= is_finite
    sign = y.high
    if undecided.any():
        sign = np.where(contains_zero(y), 0.0, sign)
        high_end = np.where(undecided, _round_end(y, np.zeros_like(radius), format), high_end)
    signed = np.copysign(high_end, sign)
    result = np.where(np.isinf(signed), np.copysign(format.overflow_value, signed), signed)
    return result.astype(format.dtype), undecided


def _round_end(y: Ball, end: Float64Array, format: Format) -> Float64Array:
    """Return high + low + end, times 2**exponent, rounded to the format's numbers; beyond the largest, infinity."""
    power = np.maximum(y.exponent + TOP, format.min_exponent)
    quantum = np.minimum(power - (format.precision - 1) - y.exponent, _MAX_QUANTUM)
    count, rest = _divide(y.high, quantum)
    # Below a power of two the numbers of the format lie closer.
    inward = (np.abs(count) == 2.0 ** (format.precision - 1)) & (power > format.min_exponent)
    inward &= np.signbit(_add_end(rest, y.low, end)) != np.signbit(y.high)
    if inward.any():
        quantum = quantum - inward
        count, rest = _divide(y.high, quantum)
    half = power_of_two(quantum - 1)
    is_odd = 2.0 * np.rint(0.5 * count) != count
    above, below = (_add_end(side, y.low, end) for side in (rest - half, rest + half))
    count = count + ((above > 0) | ((above == 0) & is_odd))
    count = count - ((below < 0) | ((below == 0) & is_odd))
    is_far = np.abs(end) > half  # then the two ends round alike only where both overflow, which the nearer one decides
    if is_far.any():
        count = np.where(is_far, count + np.copysign(np.ceil(np.abs(end) * power_of_two(-quantum)), end), count)
    return _scale(count, quantum + y.exponent, format)


def _divide(high: Float64Array, quantum: Exponents) -> tuple[Float64Array, Float64Array]:
    """Return how many quanta are nearest, and the rest: exact, as are its differences from half a quantum."""
    count = np.rint(high * power_of_two(-quantum))
    return count, high - count * power_of_two(quantum)


def _add_end(side: Float64Array, low: Float64Array, end: Float64Array) -> Float64Array:
    """Return a number with the sign of the sum of the three, of which the last may be a little too large."""
    total, error = two_sum(side, low)
    return total + (error + end)


def _scale(count: Float64Array, exponent: Exponents, format: Format) -> Float64Array:
    exponent = np.clip(exponent, -1200, 1200)  # where the count is 0, and where it overflows
    half = exponent >> 1
    result: Float64Array = count * power_of_two(half) * power_of_two(exponent - half)
    return np.where(np.abs(result) > format.largest, np.copysign(np.inf, result), result)


def as_pair(y: Ball) -> tuple[Float64Array, Float64Array]:
    """Return balls as pairs of float64, without their radius."""
    return np.ldexp(y.high, y.exponent), np.ldexp(y.low, y.exponent)
