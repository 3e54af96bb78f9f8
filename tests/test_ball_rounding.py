"""Balls are rounded once to a format, or left undecided where they could be two of its numbers."""

import math
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actcli.numerics import dtypes
from actcli.numerics.ball_parts import SCALE
from actcli.numerics.ball_rounding import round_ball
from actcli.numerics.balls import Ball
from tests.one_ball import ball, parts
from tests.reference import mpfr


@st.composite
def balls_at_boundaries(draw: st.DrawFn, format: dtypes.Format) -> Ball:
    """Draw one at or beside quarters of the steps of a format: ties, powers of two, subnormal numbers, the largest."""
    steps = 2**format.precision
    count = draw(st.integers(1, 4 * steps) | st.sampled_from([steps // 2, steps, 4 * steps]).flatmap(around))
    least = format.min_exponent - format.precision - 1  # exponent of a quarter of the smallest number
    top = math.frexp(format.largest)[1] - format.precision - 2
    power = draw(st.integers(least, top) | st.integers(least - 3, least + 3) | st.integers(top - 2, top + 2))
    scale = 301 - count.bit_length()
    high, low = float(count), float(count - int(float(count)))
    low = low * 2.0**scale or draw(st.sampled_from([0, 1, -1])) * 2.0 ** (246 - draw(st.integers(0, 1300)))
    radius = draw(st.sampled_from([0, 1])) * 2.0 ** (299 - draw(st.integers(0, 80) | st.integers(0, 1370)))
    y = ball(high * 2.0**scale, low, radius, power - scale)
    return y if draw(st.booleans()) else -y


def around(number: int) -> st.SearchStrategy[int]:
    """Draw the number or one of those next to it."""
    return st.integers(max(number - 3, 1), number + 3)


@pytest.mark.parametrize("format", dtypes.FORMATS.values(), ids=dtypes.FORMATS)
@settings(deadline=None, max_examples=200)
@given(st.data())
def test_balls_are_rounded_once_or_left_undecided(format, data):
    """Undecided where the two ends round differently, by MPFR."""
    y = data.draw(balls_at_boundaries(format))
    with np.errstate(all="ignore"):
        result, undecided = round_ball(y, format)
    high, low, radius, exponent = parts(y)
    ends = [(Fraction(high) + Fraction(low) + side * Fraction(radius)) * Fraction(2) ** exponent for side in (-1, 1)]
    below, above = (mpfr.rounded(gmpy2.mpq(end), format.name) for end in ends)
    same = below == above or (math.isnan(below) and math.isnan(above))
    if not same:
        assert undecided.all(), (parts(y), below, above)
    elif not undecided.all() or radius == 0 or not (abs(below) == format.overflow_value or is_close(ends, format)):
        assert np.array_equal(result.astype(float), [below], equal_nan=True), parts(y)
        assert math.isnan(below) or np.signbit(result.astype(float))[0] == has_sign(math.copysign(below, high), format)
        assert not undecided.any()


@pytest.mark.parametrize(
    ("format", "high", "radius", "exponent"),
    [
        ("float32", SCALE * (1.0 + 2.0**-52), 0.3 * 2.0 ** (300 - 23), -300),  # below 1 the numbers lie closer
        ("float32", -SCALE, 0.3 * 2.0 ** (300 - 23), -300),
        ("float16", SCALE * 1.01, SCALE * 0.1, -284),  # both ends next to high overflow, the lower one does not
        ("float16", -SCALE * 1.01, SCALE * 0.1, -284),
        ("float64", 0.0, SCALE, -9000),  # the sign of zero is not known
        ("float64", SCALE, math.inf, 0),  # any number beyond
        ("float64", SCALE, SCALE, 0),  # any number between
    ],
)
def test_what_could_be_two_numbers_is_left_undecided(format, high, radius, exponent):
    """Where the format's steps change, where one end overflows, and where little is known."""
    with np.errstate(all="ignore"):
        _, undecided = round_ball(ball(high, 0.0, radius, exponent), dtypes.FORMATS[format])
    assert undecided.all()


@pytest.mark.parametrize("format", dtypes.FORMATS.values(), ids=dtypes.FORMATS)
def test_what_lies_beyond_all_numbers_is_decided(format):
    """Below the smallest as a zero with its sign, above the largest as what overflows."""
    for sign in (1.0, -1.0):
        for exponent, radius, expected in ((-(2**40), SCALE, 0.0), (2**40, math.inf, format.overflow_value)):
            with np.errstate(all="ignore"):
                result, undecided = round_ball(ball(sign * SCALE, 0.0, radius, exponent), format)
            assert not undecided.any()
            assert np.array_equal(result.astype(float), [sign * expected], equal_nan=True)
            assert math.isnan(expected) or np.signbit(result.astype(float)).all() == has_sign(sign * expected, format)


def has_sign(number: float, format: dtypes.Format) -> bool:
    """Tell whether a number of a format is negative, zeros included where they have a sign."""
    return bool(np.signbit(number or mpfr.rounded(number, format.name)))


def is_close(ends: list[Fraction], format: dtypes.Format) -> bool:
    """Tell whether the ends of a ball four times as wide round differently: then the ball may be left undecided."""
    middle, half = sum(ends) / 2, (ends[1] - ends[0]) * 2
    wider = (mpfr.rounded(gmpy2.mpq(middle + side * half), format.name) for side in (-1, 1))
    return len(set(wider)) == 2
