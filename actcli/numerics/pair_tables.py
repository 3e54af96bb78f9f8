"""The tables behind ``double_double``, computed from integers when they are first needed: some milliseconds each."""

import math
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from actcli.numerics.dtypes import Float64Array

_BITS = 160  # of the fractions of these integers
_ONE = 1 << _BITS

POWERS = 1024
"""Steps to a factor of 2."""


class Powers(NamedTuple):
    """The powers 2**(j / POWERS) for j from -POWERS / 2, an array each."""

    high: Float64Array
    """Of at most 27 bits: their product with a number of 26 is exact."""
    low: Float64Array
    less_1_high: Float64Array
    """Their differences from 1, in pairs."""
    less_1_low: Float64Array


@cache
def powers() -> Powers:
    """Return the table of powers of 2."""
    step = 2 * _ONE
    for _ in range(int(math.log2(POWERS))):
        step = math.isqrt(step << _BITS)
    exact = [math.isqrt(_ONE * _ONE // 2)]
    for _ in range(POWERS - 1):
        exact.append((exact[-1] * step) >> _BITS)
    exact[POWERS // 2] = _ONE
    cut = _BITS - 26
    heads = [(number + (1 << (cut - 1))) >> cut << cut for number in exact]
    rest = [number - head for number, head in zip(exact, heads, strict=True)]
    return Powers(_floats(heads), _floats(rest), *_pairs([number - _ONE for number in exact]))


def _float(number: int) -> float:
    return math.ldexp(float(number), -_BITS)


def _floats(numbers: list[int]) -> Float64Array:
    return np.array([_float(number) for number in numbers])


def _pairs(numbers: list[int]) -> tuple[Float64Array, Float64Array]:
    high = [_float(number) for number in numbers]
    low = [
        _float(number - int(math.ldexp(head, _BITS))) if abs(head) > 2.0**-80 else 0.0
        for number, head in zip(numbers, high, strict=True)
    ]
    return np.array(high), np.array(low)


@cache
def ln2_steps() -> tuple[float, float, float]:
    """Return ln 2 / POWERS in three parts, of which two have 31 bits."""
    parts, rest = [], _ln2() // POWERS
    for bits in (31, 31, 53):
        cut = rest.bit_length() - bits
        parts.append(_float(rest >> cut << cut))
        rest -= rest >> cut << cut
    return parts[0], parts[1], parts[2]


def _ln2() -> int:
    return _atanh_twice(1, 3)


def _atanh_twice(numerator: int, denominator: int) -> int:
    """Return 2 atanh of a fraction, which is ln((d + n) / (d - n))."""
    z = (numerator << _BITS) // denominator
    square, power, total, n = (z * z) >> _BITS, z, 0, 1
    while power:
        total += power // n
        power = (power * square) >> _BITS
        n += 2
    return 2 * total


LOGARITHMS = 1024
"""Steps from 1 to 2."""


class Logarithms(NamedTuple):
    """For numbers m = 1 + j / LOGARITHMS up to 2: reciprocals of 24 bits, and minus the logarithms of those."""

    reciprocal: Float64Array
    high: Float64Array
    low: Float64Array


@cache
def logarithms() -> Logarithms:
    """Return the table of logarithms."""
    reciprocals = [round((LOGARITHMS << 24) / (LOGARITHMS + j)) for j in range(LOGARITHMS + 1)]
    exact = [0]
    for before, after in pairwise(reciprocals):
        exact.append(exact[-1] + _atanh_twice(before - after, before + after))
    return Logarithms(np.array(reciprocals) / 2.0**24, *_pairs(exact))


@cache
def ln2_pair() -> tuple[float, float]:
    """Return ln 2 as a number of 40 bits, whose products with exponents are exact, and the rest."""
    cut = _BITS - 40
    head = _ln2() >> cut << cut
    return _float(head), _float(_ln2() - head)


ERFCX_CENTRES = 64
"""Centres per unit, up to 28."""
ERFCX_PAIRS = 4
_ERFCX_TERMS = 12


class Erfcx(NamedTuple):
    """Taylor coefficients of exp(z**2) * erfc(z) about 0, 1/64 ... 28: a row a power, a column a centre."""

    high: Float64Array
    low: Float64Array
    """Of the first ``ERFCX_PAIRS`` powers."""


@cache
def erfcx_series() -> Erfcx:
    """Return the table of erfcx: from the top down, in which direction its differential equation damps errors."""
    two_by_root_pi = 2 * math.isqrt((_ONE * _ONE << _BITS) // _pi())
    value = _erfcx_at(28, two_by_root_pi // 2)
    step = int(math.log2(ERFCX_CENTRES))
    columns = []
    for centre in range(28 * ERFCX_CENTRES, -1, -1):
        # y' = 2 z y - 2 / sqrt(pi) gives each coefficient from the two before it.
        row = [value, (2 * centre * value >> step) - two_by_root_pi]
        for n in range(1, 22):
            row.append(2 * ((centre * row[n] >> step) + row[n - 1]) // (n + 1))
        columns.append(row[:_ERFCX_TERMS])
        value = 0
        for coefficient in reversed(row):
            value = coefficient - (value >> step)
    columns.reverse()
    rows = list(zip(*columns, strict=True))
    high = np.array([_floats(list(row)) for row in rows])
    return Erfcx(high, np.array([_pairs(list(row))[1] for row in rows[:ERFCX_PAIRS]]))


ERF_PAIRS = 7
_ERF_TERMS = 17


class Erf(NamedTuple):
    """Maclaurin coefficients of the error function over its argument: of the powers of its square."""

    high: Float64Array
    low: Float64Array
    """Of the first ``ERF_PAIRS`` powers."""


@cache
def erf_series() -> Erf:
    """Return the coefficients that count for a number up to 1/2."""
    two_by_root_pi = 2 * math.isqrt((_ONE * _ONE << _BITS) // _pi())
    terms = [(-1) ** n * two_by_root_pi // (math.factorial(n) * (2 * n + 1)) for n in range(_ERF_TERMS)]
    return Erf(_floats(terms), _pairs(terms[:ERF_PAIRS])[1])


def _pi() -> int:
    """Return pi by Machin's formula: 16 atan(1/5) - 4 atan(1/239)."""
    return 16 * _atan_inverse(5) - 4 * _atan_inverse(239)


def _atan_inverse(x: int) -> int:
    power, total, n, sign = _ONE // x, 0, 1, 1
    while power:
        total += sign * power // n
        power //= x * x
        n, sign = n + 2, -sign
    return total


def _erfcx_at(z: int, inverse_root_pi: int) -> int:
    """Return erfcx of a large whole number by its continued fraction."""
    fraction = z << _BITS
    for n in range(200, 0, -1):
        fraction = (z << _BITS) + (n << (2 * _BITS - 1)) // fraction
    return (inverse_root_pi << _BITS) // fraction


@cache
def half_pi_steps() -> tuple[float, float, float]:
    """Return pi / 2 in three parts, of which two have 33 bits."""
    first = math.ldexp(_pi() >> (_BITS - 32), -33)
    rest = _pi() // 2 - int(math.ldexp(first, _BITS))
    cut = rest.bit_length() - 33
    second = _float(rest >> cut << cut)
    return first, second, _float(rest - int(math.ldexp(second, _BITS)))


SINES = 2048
"""Steps to 1."""
LAST_SINE = 1610
"""The step beyond pi / 4 up to which the table goes."""


class Sines(NamedTuple):
    """Sines and cosines of the numbers j / SINES for j from -LAST_SINE to LAST_SINE, in pairs."""

    sine_high: Float64Array
    sine_low: Float64Array
    cosine_high: Float64Array
    cosine_low: Float64Array


@cache
def sines() -> Sines:
    """Return the table of sines and cosines, each made from the one before by the addition theorems."""
    step = _ONE // SINES
    sine, cosine, power = 0, 0, _ONE
    for n in range(0, 20, 2):
        sign = 1 - n % 4
        cosine += sign * power
        power = power * step // (n + 1) >> _BITS
        sine += sign * power
        power = power * step // (n + 2) >> _BITS
    column = [(0, _ONE)]
    for _ in range(LAST_SINE):
        s, c = column[-1]
        column.append(((s * cosine + c * sine) >> _BITS, (c * cosine - s * sine) >> _BITS))
    whole = [(-s, c) for s, c in column[:0:-1]] + column
    return Sines(*_pairs([s for s, _ in whole]), *_pairs([c for _, c in whole]))


@cache
def sine_series(count: int) -> tuple[Float64Array, Float64Array]:
    """Return so many Taylor coefficients of x - sin(x), in pairs: those of x**3, x**5 ..."""
    return _pairs([(-1) ** k * _ONE // math.factorial(2 * k + 3) for k in range(count)])
