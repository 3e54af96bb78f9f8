"""Rows of intervals: they enclose what they stand for, and decide what balls leave open."""

from fractions import Fraction
from itertools import accumulate

import gmpy2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.numerics import dtypes, interval_rows, intervals, row_wise
from tests.reference import mpfr

ROWS = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9)
WANTED = {
    "max_last": lambda x: [max(x)],
    "sum_last": lambda x: [sum(x)],
    "cumsum": lambda x: list(accumulate(x)),
    "sort_descending": lambda x: sorted(x, reverse=True),
    "positions": lambda x: list(range(1, len(x) + 1)),
}


def row_of(numbers: list[float], width: float = 0.0) -> interval_rows.IntervalRow:
    """Return intervals around numbers."""
    return interval_rows.IntervalRow(intervals.Interval([number - width, number + width]) for number in numbers)


def ends(row: interval_rows.IntervalRow) -> list[tuple[Fraction, Fraction]]:
    """Return the two ends of each interval."""
    return [tuple(Fraction(*gmpy2.mpq(str(end)).as_integer_ratio()) for end in _decimals(item)) for item in row.items]


def _decimals(item: intervals.Interval) -> tuple[str, str]:
    with intervals.mp.workprec(200):
        return tuple(intervals.mp.nstr(intervals.mp.mpf(end), 60) for end in (item.ends.a, item.ends.b))


@pytest.mark.parametrize("name", WANTED)
@pytest.mark.parametrize("width", [0.0, 1e3])
@given(numbers=ROWS)
def test_what_comes_of_a_row_is_enclosed(name, width, numbers):
    """Also where the intervals overlap, so that their order is open."""
    intervals.iv.prec = 128
    found = ends(getattr(interval_rows, name)(row_of(numbers, width)))
    exact = WANTED[name]([Fraction(number) for number in numbers])
    assert len(found) == len(exact)
    trace = Fraction(1, 10**40)
    for (low, high), number in zip(found, exact, strict=True):
        assert low - trace <= number <= high + trace
        assert high - low <= 2 * len(numbers) * Fraction(width) * (1 + Fraction(1, 10**9)) + trace * 10**20


def test_noise_goes_on_to_intervals_too():
    """Where balls cannot decide."""
    x, noise = [37.42994775023705, 0.0, -710.0], [-1.1902053746983427e-15, 0.0, 1e-300]
    with gmpy2.context(precision=2000):
        weights = [gmpy2.exp(gmpy2.mpfr(number) + gmpy2.mpfr(more)) for number, more in zip(x, noise, strict=True)]
        exact = [mpfr.rounded(weight / sum(weights), "float64") for weight in weights]
    assert actcli.evaluate("gumbel_softmax", x, noise=noise, dtype="float64").tolist() == exact


@given(numbers=ROWS, bound=st.floats(-1e9, 1e9))
def test_places_are_counted_as_far_as_that_is_known(numbers, bound):
    """What may or may not hold is in the interval."""
    for width in (0.0, 1e3):
        [(low, high)] = ends(interval_rows.count_last(row_of(numbers, width) < bound))
        assert low == sum(number + width < bound for number in numbers)
        assert high == sum(number - width < bound for number in numbers)


E_OF_199_DIGITS = gmpy2.context(precision=800).exp(1).digits(10, 199)[0]
E_OF_199_DIGITS = f"{E_OF_199_DIGITS[0]}.{E_OF_199_DIGITS[1:]}"


@pytest.mark.parametrize("format", [dtypes.FORMATS[name] for name in ("float64", "float32", "bfloat16")])
def test_intervals_decide_what_balls_leave_open(format):
    """What is left of e beyond its 199 digits."""

    def call(m, x):
        rest = m.exp(x) - m.constant(E_OF_199_DIGITS)
        return m.distrust(x >= 1.0, rest * 2.0**600)

    x = np.array([[1.0, 1.0], [0.0, 0.25]]).astype(format.dtype)
    found = row_wise.evaluate_rounded(call, (x,), format).astype(float)
    with gmpy2.context(precision=1200):
        exact = (gmpy2.exp(gmpy2.mpfr(1)) - gmpy2.mpfr(E_OF_199_DIGITS)) * gmpy2.exp2(600)
    assert found[0].tolist() == [mpfr.rounded(exact, format.name)] * 2
    assert 0 < abs(found[0, 0]) < 1e-15
