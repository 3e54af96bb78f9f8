"""Angles of any size as quarter turns, in integers with enough digits of pi: number by number, for the hardest."""

import math
from functools import cache
from itertools import starmap

import numpy as np
from numpy.typing import NDArray

from actcli.numerics.dtypes import Float64Array

_FEWEST_BITS = 256  # of the fraction of a quarter turn, of which half may cancel
_BLOCK = 512  # of bits of pi, taken together so that they are computed once


def reduce_exactly(
    high: Float64Array, low: Float64Array, exponent: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Float64Array, Float64Array]:
    """Return how many quarter turns, modulo 4, are nearest to an angle, and the rest in two parts.

    Args:
        high: finite numbers (1-D) other than 0.
        low: what is added to them, smaller.
        exponent: the power of 2 that the sums are multiplied by; the angles, at least 1/2 in size, are in radians.

    """
    found = list(starmap(_reduce_angle_exactly, zip(high.tolist(), low.tolist(), exponent.tolist(), strict=True)))
    columns = list(zip(*found, strict=True)) or [(), (), ()]
    return np.array(columns[0], np.int64), np.array(columns[1], float), np.array(columns[2], float)


def _reduce_angle_exactly(high: float, low: float, exponent: int) -> tuple[int, float, float]:
    mantissa, power = _add_exactly(high, low)
    power += exponent
    bits = _FEWEST_BITS
    while True:
        # So many bits that the error of 2 / pi counts less than the last bit of the fraction.
        scale = -(-(mantissa.bit_length() + power + bits) // _BLOCK) * _BLOCK
        turns = (mantissa * _digits_of_pi(scale)[0]) >> (scale - power - bits)
        count = (turns + (1 << (bits - 1))) >> bits
        rest = turns - (count << bits)
        if rest.bit_length() > bits // 2:
            break
        bits *= 2  # the angle is so close to a multiple of a quarter turn
    angle = (rest * _digits_of_pi(bits)[1]) >> bits
    angle, bits = angle >> (bits // 4), bits - bits // 4
    head = float(angle)
    return count & 3, math.ldexp(head, -bits), math.ldexp(float(angle - int(head)), -bits)


def _add_exactly(high: float, low: float) -> tuple[int, int]:
    """Return the sum of two numbers as an integer times a power of 2, and the power."""
    (first, power), (second, low_power) = (math.frexp(number) for number in (high, low))
    power, low_power = power - 53, low_power - 53
    least = min(power, low_power) if low else power
    return (int(first * 2**53) << (power - least)) + (int(second * 2**53) << (low_power - least) if low else 0), least


@cache
def _digits_of_pi(bits: int) -> tuple[int, int]:
    """Return 2 / pi and pi / 2, in units of that many bits; mpmath is loaded by the first angle that needs them."""
    from mpmath import MPContext

    context = MPContext()
    context.prec = bits + 16
    return int(context.ldexp(2 / context.pi, bits)), int(context.ldexp(context.pi / 2, bits))
