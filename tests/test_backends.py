"""Every kind of number keeps its bound, function by function and activation by activation, against MPFR."""

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import gmpy2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actcli.numerics import double_double, exact, intervals, pairs, tabulated, vector
from tests.activations import CASES, IDS
from tests.reference import many

SMALL = np.geomspace(1e-30, 0.1, 60)
WIDE = np.concatenate([np.linspace(-30, 30, 301), SMALL, -SMALL])
GENERATOR = np.random.default_rng(3)
QUARTERS = np.concatenate([np.arange(-400, 400), (2.0 ** GENERATOR.uniform(0, 900, 400)) // 1])
ANGLES = np.concatenate([WIDE[WIDE != 0], np.pi / 2 * QUARTERS[QUARTERS != 0], [6381956970095103 * 2.0**797, 1e22]])
HALF_TURNS = np.concatenate([np.linspace(-30.03, 30.05, 301), SMALL, QUARTERS / 2 + 2.0**-52, [2.0**51 + 0.25]])
"""Angles next to multiples of pi / 2, with the float64 number that is nearest to one; and numbers next to halves."""
HALF_TURNS = HALF_TURNS[HALF_TURNS % 0.5 != 0]
POSITIVE = np.concatenate([np.linspace(0.01, 27.9, 300), SMALL])
NEAR_1 = np.concatenate([1 + 2.0 ** -np.arange(1, 53), 1 - 2.0 ** -np.arange(1, 54), np.linspace(0.6, 1.6, 200)])


def sine_of_half_turns(x: gmpy2.mpfr) -> gmpy2.mpfr:
    """Return sin(pi * x), exactly 0 at integers."""
    count = int(gmpy2.rint(x))
    return gmpy2.sin(gmpy2.const_pi() * (x - count)) * (-1) ** (count % 2)


EXACT: dict[str, tuple[Callable, np.ndarray]] = {
    "exp": (gmpy2.exp, np.concatenate([WIDE, np.linspace(-600, 600, 101)])),
    "expm1": (gmpy2.expm1, WIDE),
    "log1p": (gmpy2.log1p, np.concatenate([np.linspace(0.001, 2, 300), SMALL, 1 - 2.0 ** -np.arange(40, 54)])),
    "ln": (gmpy2.log, np.concatenate([POSITIVE, 1 / POSITIVE, NEAR_1, np.geomspace(1e-290, 1e140, 99)])),
    "sqrt": (gmpy2.sqrt, POSITIVE),
    "tanh": (gmpy2.tanh, WIDE),
    "tanh_shrink": (lambda x: x - gmpy2.tanh(x), np.concatenate([np.linspace(-30, 30, 301), SMALL])),
    "sin": (gmpy2.sin, ANGLES),
    "cos": (gmpy2.cos, ANGLES),
    "sinpi": (sine_of_half_turns, HALF_TURNS),
    "cospi": (lambda x: sine_of_half_turns(0.5 - abs(x - 2 * gmpy2.rint(x / 2))), HALF_TURNS),
    "sin_shrink": (lambda x: x - gmpy2.sin(x), np.concatenate([np.linspace(-30, 30, 301), SMALL])),
    "erf": (gmpy2.erf, POSITIVE),
    "erfcx": (lambda x: gmpy2.exp(x * x) * gmpy2.erfc(x), POSITIVE),
    "logistic": (lambda x: 1 / (1 + gmpy2.exp(-x)), WIDE),
    "normal_cdf": (lambda x: gmpy2.erfc(-x / gmpy2.sqrt(gmpy2.mpfr(2))) / 2, np.linspace(-14, 9, 301)),
}
"""The functions of a backend: by MPFR, and arguments to try."""
OF_ANY_SIZE = {"sin", "cos", "sinpi", "cospi"}
VECTOR_BOUNDS = {
    "erf": 2.0**-43,
    "normal_cdf": 2.0**-37,
    "erfcx": 2.0**-37,
    "tanh_shrink": 2.0**-41,
    "sin_shrink": 2.0**-41,
    "logistic": 2.0**-43,
}


def exact_values(name: str, x: np.ndarray) -> list[gmpy2.mpfr]:
    """Return a function of some numbers, with 600 bits."""
    with gmpy2.context(precision=600):
        return [EXACT[name][0](gmpy2.mpfr(number)) for number in x.tolist()]


def largest_error(high: np.ndarray, low: np.ndarray, expected: list[gmpy2.mpfr]) -> float:
    """Return the largest relative error of sums of two."""
    with gmpy2.context(precision=600):
        found = (gmpy2.mpfr(a) + gmpy2.mpfr(b) for a, b in zip(high.tolist(), low.tolist(), strict=True))
        both = zip(found, expected, strict=True)
        return max(float(abs(actual / reference - 1 if reference else actual)) for actual, reference in both)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("has_low", [False, True])
def test_double_double_is_good_to_74_bits(name, has_low):
    """As its module says; the largest error of each function, of single numbers and of pairs."""
    high = EXACT[name][1]
    largest = np.inf if name in OF_ANY_SIZE else {"erf": 20, "erfcx": 27.9}.get(name, 300)
    high = high[(np.abs(high) < largest) & (high != 0)]
    low = np.spacing(high) * np.resize([-0.49, 0.21, 0.37], high.size) if has_low else 0.0
    with pairs.strict():
        found = getattr(double_double, name)(pairs.DoubleDouble(high, low))
    with gmpy2.context(precision=1300):
        sums = zip(high.tolist(), np.broadcast_to(low, high.shape).tolist(), strict=True)
        expected = [EXACT[name][0](gmpy2.mpfr(a) + gmpy2.mpfr(b)) for a, b in sums]
    assert largest_error(found.high, found.low, expected) < double_double.FUNCTION_ERROR


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=300)
@given(data=st.data())
def test_a_function_of_pairs_raises_or_keeps_its_bound(name, data):
    """Whatever the size of the number; NaN says that it is out of reach."""
    low = 0.0 if name in {"log1p", "ln", "sqrt", "erf", "erfcx"} else None
    root = 1.0 if name == "ln" else 0.0
    x = data.draw(st.floats(low, allow_nan=False, allow_infinity=False).filter(lambda x: x not in {0.0, root}))
    try:
        with pairs.strict():
            found = getattr(double_double, name)(pairs.DoubleDouble(np.array([x])))
    except FloatingPointError:
        return
    if np.isfinite(found.high[0]):
        with gmpy2.context(precision=8000):
            expected = [EXACT[name][0](gmpy2.mpfr(x))]
        assert largest_error(found.high, np.broadcast_to(found.low, 1), expected) < double_double.FUNCTION_ERROR


LIBRARIES = {"numpy": np, "tables": tabulated}


def use_library(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the functions that ``vector`` takes on another processor than this one."""
    for name in ("exp", "expm1", "log1p", "tanh"):
        monkeypatch.setattr(vector, name, getattr(library, name))


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("length", [1, tabulated.MIN_TABLE_NUMBERS])
@pytest.mark.parametrize("library", LIBRARIES.values(), ids=LIBRARIES)
def test_float64_is_good_to_44_bits(name, length, library, monkeypatch):
    """Or to the fewer bits that its module states; in short arrays and in those that are long enough for tables."""
    use_library(library, monkeypatch)
    x = EXACT[name][1]
    x = x[np.abs(x) < (np.inf if name in OF_ANY_SIZE else 500)]
    if name == "erfcx":
        x = x[x < 10]
    with np.errstate(all="ignore"):
        found = getattr(vector, name)(np.resize(x, max(length, x.size)))[: x.size]
    assert largest_error(found, np.zeros(x.size), exact_values(name, x)) < VECTOR_BOUNDS.get(name, 2.0**-44)


def fraction(end: tuple) -> Fraction:
    """Return the end of an interval."""
    sign, mantissa, exponent, _ = end
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


@pytest.mark.parametrize("name", EXACT)
def test_intervals_enclose_the_true_value(name):
    """At any precision, and are narrow: a few units of it."""
    x = EXACT[name][1][::3]
    for precision in (64, 128, 256):
        intervals.iv.prec = precision
        for number, true in zip(x.tolist(), exact_values(name, x), strict=True):
            y = getattr(intervals, name)(intervals.Interval(number)).ends
            low, high = map(fraction, y._mpi_)
            value = Fraction(*map(int, true.as_integer_ratio()))
            assert low <= value <= high, number
            around = intervals.Interval([number - abs(number) / 64, number + abs(number) / 64])
            lowest, highest = map(fraction, getattr(intervals, name)(around).ends._mpi_)
            assert lowest <= value <= highest, number
            if name not in {
                "expm1",
                "log1p",
                "tanh_shrink",
                "sin_shrink",
                "erf",
                "tanh",
            }:  # digits cancel there
                assert high - low < abs(value) * Fraction(2) ** (12 - precision) * (
                    1 + int(min(number * number, 2000.0))
                )


def usual(x: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Tell where a value is known and within the range of float32."""
    with np.errstate(invalid="ignore"):
        return (np.abs(exact) > 2.0**-149) & (np.abs(exact) < 2.0**128) & np.isfinite(exact) & (x != 0)


POINTS = np.concatenate([np.linspace(-14.97, 14.03, 401), (np.arange(-60, 60, 3) + 0.499) / 512, [-80.3, 33.1, 80.7]])


@pytest.mark.parametrize("relation", [operator.lt, operator.le, operator.gt, operator.ge])
def test_intervals_that_overlap_leave_a_comparison_open(relation):
    """Where mpmath 1.4 raises ValueError."""
    around_1 = intervals.Interval([0, 2])
    assert relation(around_1, intervals.Interval([1, 3])).holds is None
    assert relation(around_1, 1.0).holds is None
    assert relation(around_1, 3.0).holds is relation(1.0, 3.0)


@pytest.mark.parametrize("kind", ["value", "derivative"])
@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_every_activation_keeps_its_stated_error(activation, parameters, kind, monkeypatch):
    """In float64 its own, in double-double that of all; of the terms, where they cancel."""
    x = POINTS.astype(np.float32).astype(np.float64)
    high, low, _ = many.exact(activation, kind, x, parameters)
    known = usual(x, high)
    if not known.any():
        assert not high.any()
        return
    x, high, low = x[known], high[known], low[known]
    instance = activation(**parameters)
    call, terms = getattr(instance, kind), getattr(instance, f"{kind}_condition_terms")
    with np.errstate(all="ignore"):
        padded = np.resize(x, tabulated.MIN_TABLE_NUMBERS)
        size = np.abs(high) if terms is None else terms(vector, x)
        slow = pairs.as_double_double(call(double_double, pairs.DoubleDouble(x)))
        slow_high, slow_low = (np.broadcast_to(part, x.shape) for part in (slow.high, slow.low))
        for library in LIBRARIES.values():
            use_library(library, monkeypatch)
            fast = np.broadcast_to(call(vector, padded), padded.shape)[: x.size]
            assert (np.abs((fast - high) - low) <= size * max(instance.error, 2.0**-53)).all()
    known = ~np.isnan(slow_high)  # the others say that they are out of reach
    assert known.mean() > 0.8
    off = np.abs((slow_high - high) + (slow_low - low))
    assert (off <= size * exact.PAIR_ERROR)[known].all()


def exact_sums(x: pairs.DoubleDouble) -> list[Fraction]:
    """Return what pairs stand for."""
    low = np.broadcast_to(x.low, x.high.shape)
    return [Fraction(high) + Fraction(rest) for high, rest in zip(x.high.tolist(), low.tolist(), strict=True)]


_SMALLEST = 2.0**-800


@pytest.mark.parametrize("operate", [operator.add, operator.sub, operator.mul, operator.truediv])
@pytest.mark.parametrize("exponent", [-480, -300, -30, 0, 40, 300, 480])
def test_operations_on_pairs_are_good_to_98_bits(operate, exponent):
    """Down to the smallest result that pairs are trusted with, and what they return is a pair again."""
    generator = np.random.default_rng(6)
    a, b = (1 + generator.random(200) ** 9 for _ in range(2))  # many next to 1
    left = pairs.DoubleDouble(a * 2.0**exponent, np.spacing(a * 2.0**exponent) * generator.random(200) / 2)
    right = pairs.DoubleDouble(b * _SMALLEST * 2.0**-exponent)
    one, other = (left * right, left) if operate is operator.truediv else (left, right)
    with pairs.strict():
        found = operate(one, other)
    assert (np.abs(found.low) <= np.spacing(np.abs(found.high)) / 2).all()
    for result, x, y in zip(*map(exact_sums, (found, one, other)), strict=True):
        exact = operate(x, y)
        assert abs(result - exact) <= abs(exact) * Fraction(2) ** -98


def test_signs_reach_both_parts_of_a_pair():
    """Of the absolute value, the negation and the sign that is copied."""
    x = pairs.DoubleDouble(np.array([1.0, 1.0, -1.0, -1.0]), np.array([2.0, -2.0, 2.0, -2.0]) * 2.0**-60)
    exact = exact_sums(x)
    assert exact_sums(abs(x)) == exact_sums(double_double.abs(x)) == [abs(number) for number in exact]
    assert exact_sums(-x) == [-number for number in exact]
    signs = pairs.DoubleDouble(np.array([-3.0, 3.0, 3.0, -3.0]))
    expected = [-abs(exact[0]), abs(exact[1]), abs(exact[2]), -abs(exact[3])]
    assert exact_sums(double_double.copysign(x, signs)) == expected
