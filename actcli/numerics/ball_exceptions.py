"""What the operations on balls give where the result is not regular: zeros, cancellation, bounds, infinities, NaN.

Each function gets some operands and the results (high, low, radius, exponent) as ``balls`` computed them, before they
were scaled; all are arrays of one dimension.
"""

import numpy as np

from actcli.numerics.ball_parts import (
    SCALE,
    SEPARATE,
    TOP,
    UNDERFLOW,
    UP,
    ZERO_EXPONENT,
    Parts,
    choose,
    contains_zero,
    is_between,
    is_beyond,
    is_zero,
    power_of_two,
)
from actcli.numerics.dtypes import BoolArray, Float64Array


def add(x: Parts, y: Parts, raw: Parts) -> Parts:
    """Return x + y."""
    result = choose(is_beyond(x) | is_beyond(y), _add_beyond(x, y), _settle(raw))
    result = choose(is_zero(y), x, choose(is_zero(x), y, result))
    special = (is_zero(x) & is_zero(y)) | ~(np.isfinite(x.high) & np.isfinite(y.high))
    return choose(special, _exact(x.high + y.high), result)


def _add_beyond(x: Parts, y: Parts) -> Parts:
    """Return the sum where one of the two is beyond a bound: what the other takes off the bound is at most half."""
    bound = choose(is_beyond(x), x, y)
    other = choose(is_beyond(x), y, x)
    same_side = is_beyond(other) & (np.signbit(x.high) == np.signbit(y.high))
    smaller = np.isfinite(other.radius) & (other.exponent + 4 < bound.exponent)
    halved = Parts(bound.high, 0.0 * bound.high, bound.radius, bound.exponent - 1)
    return choose(same_side | smaller, halved, _unknown(x.high))


def multiply(x: Parts, y: Parts, raw: Parts) -> Parts:
    """Return x * y."""
    bounded = (x.high != 0) & (y.high != 0) & (_is_bound(x) | _is_bound(y))
    (x_least, x_most), (y_least, y_most) = _powers(x), _powers(y)
    negative = np.signbit(x.high) ^ np.signbit(y.high)
    result = choose(bounded, _between(x_least + y_least, x_most + y_most, negative), _settle(raw))
    result = choose(is_zero(x) | is_zero(y), _zero(x, y, x.high * y.high), result)
    special = ~(np.isfinite(x.high) & np.isfinite(y.high))
    result = choose(special, _exact(x.high * y.high), result)
    # What underflows at any exponent counts as 0 beside an infinity.
    return choose(special & (is_between(x) | is_between(y)), _exact(np.full_like(x.high, np.nan)), result)


def divide(x: Parts, y: Parts, raw: Parts) -> Parts:
    """Return x / y."""
    bounded = (x.high != 0) & (y.high != 0) & (_is_bound(x) | _is_bound(y))
    (x_least, x_most), (y_least, y_most) = _powers(x), _powers(y)
    negative = np.signbit(x.high) ^ np.signbit(y.high)
    result = choose(bounded, _between(x_least - y_most, x_most - y_least, negative), _settle(raw))
    result = choose(is_zero(x), _zero(x, y, x.high * y.high), result)
    result = choose(contains_zero(y), _unknown(x.high), result)
    special = ~(np.isfinite(x.high) & np.isfinite(y.high)) | is_zero(y)
    return choose(special, _exact(x.high / y.high), result)


def settle(x: Parts, y: Parts, raw: Parts) -> Parts:
    """Return what was computed from finite numbers: around zero if the radius reaches it, else scaled."""
    return _settle(raw)


def square_root(x: Parts, _: Parts, raw: Parts) -> Parts:
    """Return the square root of x, which is at least 0 if nothing more is known of it."""
    least = np.full(np.shape(x.high), -np.inf)
    half = (x.exponent + TOP + 3) >> 1
    zero = np.zeros_like(x.high)
    known = np.isfinite(x.radius) & ~np.signbit(x.high)
    bounded = choose(
        contains_zero(x),
        Parts(zero, zero, zero + SCALE, half - TOP),
        _between(least, half.astype(np.float64), least > 0),
    )
    result = choose(known, bounded, _unknown(x.high))
    return choose(is_zero(x) | ~np.isfinite(x.high), _exact(np.sqrt(x.high)), result)


def _exact(high: Float64Array) -> Parts:
    """Return exact zeros, infinities and NaN."""
    zero = np.zeros_like(high)
    return Parts(high, zero, zero, np.where(high == 0, ZERO_EXPONENT, 0))


def _unknown(like: Float64Array) -> Parts:
    zero = np.zeros_like(like)
    return Parts(zero, zero, zero + np.inf, np.zeros(np.shape(like), np.int64))


def _zero(x: Parts, y: Parts, high: Float64Array) -> Parts:
    """Return the zero that a product with zero is; of a factor of unknown sign, with an unknown sign."""
    known = ~(contains_zero(x) | contains_zero(y))
    zero = _exact(high)
    return choose(known, zero, Parts(np.abs(zero.high), zero.low, zero.low + SCALE, zero.exponent))


def _is_bound(x: Parts) -> BoolArray:
    return is_between(x) | is_beyond(x)


def _powers(x: Parts) -> tuple[Float64Array, Float64Array]:
    """Return n and m with 2**n <= abs(x) <= 2**m, for numbers of known sign."""
    exponent = (x.exponent + TOP).astype(np.float64)
    # The lower end of a regular ball is at least 2**-51 of high: the radius is below SEPARATE times that.
    least = np.where(is_between(x), -np.inf, np.where(is_beyond(x), exponent, exponent - 52))
    return least, np.where(is_beyond(x), np.inf, exponent + 2)


def _between(least: Float64Array, most: Float64Array, negative: BoolArray) -> Parts:
    """Return the numbers of known sign of which one of the two bounds is known."""
    sign = np.where(negative, -SCALE, SCALE)
    has_least, has_most = np.isfinite(least), np.isfinite(most)
    exponent = np.where(has_most, most - (TOP + 1), np.where(has_least, least - TOP, 0.0))
    bounded = Parts(sign, 0.0 * sign, np.where(has_most, SCALE, np.inf), exponent.astype(np.int64))
    return choose(has_least | has_most, bounded, _unknown(sign))


def _settle(raw: Parts) -> Parts:
    """Return the balls of what was computed: around zero if the radius reaches it, else scaled."""
    size = np.abs(raw.high)
    spread = np.where(raw.radius < size * SEPARATE, size, (size + np.abs(raw.low) + raw.radius) * UP)
    power = np.frexp(spread)[1].astype(np.int64)
    down = np.minimum(TOP + 1 - power, 2000)
    first, second = np.minimum(down, 1000), np.maximum(down - 1000, 0)

    def scaled(part: Float64Array) -> Float64Array:
        product: Float64Array = part * power_of_two(first) * power_of_two(second)
        return product

    radius = np.where(raw.radius > 0, scaled(raw.radius) * UP + UNDERFLOW, 0.0)
    separate = Parts(scaled(raw.high), scaled(raw.low), radius, raw.exponent - down)
    zero = np.zeros_like(size)
    around = Parts(zero, zero, scaled(spread), raw.exponent - down)
    result = choose(raw.radius < size * SEPARATE, separate, around)
    result = choose(spread < np.inf, result, _unknown(size))
    return choose((size == 0) & (raw.radius == 0), _exact(raw.high), result)
