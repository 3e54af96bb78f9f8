"""Rounding, and the test of whether it is certain, against exact fractions at every distance from a boundary."""

from fractions import Fraction

import gmpy2
import numpy as np
import pytest

from actcli.numerics import dtypes, rounding
from actcli.numerics.dtypes import Format
from tests.reference import mpfr

NARROW = [name for name in dtypes.FORMATS if name != "float64"]
ERRORS = [2.0**-28, 2.0**-37, 1.3 * 2.0**-40, 2.0**-51]


def round_exactly(q: Fraction, format: Format) -> float:
    """Return a fraction rounded once to a format, by MPFR."""
    return mpfr.rounded(gmpy2.mpq(q.numerator, q.denominator), format.name)


def boundaries(format: Format) -> np.ndarray:
    """Return numbers in the middle of two neighbours of a format: at both ends and inside of many powers of two."""
    exponent = format.min_exponent
    quantum = 2.0 ** (exponent - format.precision + 1)
    last = 2.0 ** (np.frexp(format.largest)[1] - 1)
    found = [
        quantum * (place + 0.5) for place in (0, 1, 2, 3, 2 ** (format.precision - 1) - 1)
    ]  # below the normal ones
    found += [quantum * (2**bit + 0.5) for bit in range(format.precision - 1)]
    powers = {exponent, exponent + 1, exponent + 2, -1, 0, 1, 5, int(np.log2(last)) - 1, int(np.log2(last))}
    for power in powers:
        ulp = 2.0 ** (power - format.precision + 1)
        places = {0, 1, 2 ** (format.precision - 2), 2 ** (format.precision - 1) - 2, 2 ** (format.precision - 1) - 1}
        found += [2.0**power + ulp * (place + 0.5) for place in places]
    found += [
        2.0**power - 2.0 ** (power - format.precision - 1) for power in powers
    ]  # half a step below a power of two
    overflow = format.largest + 2.0 ** (np.frexp(format.largest)[1] - format.precision - 1)
    return np.unique([*found, overflow])


def to_both_sides(distances: list[int]) -> np.ndarray:
    """Return the steps to numbers at these distances."""
    return np.unique([*distances, *(-distance for distance in distances)])


def at_distances(centres: np.ndarray, distances: list[int]) -> np.ndarray:
    """Return the numbers that lie so many float64 numbers from each centre, to either side, with both signs."""
    near = (centres.view(np.int64)[:, None] + to_both_sides(distances)).reshape(-1).view(np.float64)
    return np.concatenate([near, -near])


def is_unsure(y: float, error: float, format: Format) -> bool:
    """Tell whether numbers from which y is off by that relative error at most do not all round to the same."""
    exact, bound = Fraction(y), Fraction(error)
    ends = (round_exactly(exact / (1 + side), format) for side in (bound, -bound))
    low, high = ((number, np.signbit(number)) for number in ends)
    return (low != high and not np.isnan(low[0]) | np.isnan(high[0])) or np.isnan(low[0]) != np.isnan(high[0])


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", NARROW)
def test_the_fast_test_finds_every_hard_case(name, error):
    """And no number farther from a boundary than the error reaches, but for what float64 rounds off meanwhile."""
    format = dtypes.FORMATS[name]
    reach = int(error * 2**53)
    distances = [
        0,
        1,
        2,
        *(reach * part // 16 + step for part in (3, 5, 9, 15, 16) for step in (-1, 0, 1)),
        *(reach + step for step in range(2, 9)),
        4 * reach + 8,
    ]
    distances = [distance for distance in distances if distance >= 0]
    y = at_distances(boundaries(format), distances)
    rounded = rounding.nearest(y, format)
    found = set(rounding.find_hard_cases(y, rounded, error, format).tolist())
    hard = set(np.flatnonzero([is_unsure(number, error, format) for number in y.tolist()]).tolist())
    assert hard
    assert hard - found == set(), [y[i].hex() for i in sorted(hard - found)][:5]
    if (
        name == "float32"
    ):  # its test counts steps, which are finest where a power of two ends; below 2**-125 it is coarser
        steps = np.resize(np.abs(to_both_sides(distances)), y.size)
        far = set(np.flatnonzero((steps > reach) & (np.abs(rounded) >= 2.0**-125)).tolist())
    else:
        far = {i for i in range(y.size) if not is_unsure(y[i].item(), error + 2.0**-51, format)}
    assert far
    assert not far & found


@pytest.mark.parametrize("name", NARROW)
def test_numbers_are_rounded_as_by_mpfr(name):
    """On the boundaries, beside them and far from them."""
    format = dtypes.FORMATS[name]
    y = at_distances(boundaries(format), [0, 1, 2, 3, 1000, 2**30, 2**40])
    expected = np.array([round_exactly(Fraction(number), format) for number in y.tolist()])
    found = rounding.nearest(y, format).astype(np.float64)
    np.testing.assert_array_equal(found, expected)
    numbers = ~np.isnan(found)
    np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(expected[numbers]))
    fractions = [rounding.nearest_fraction(Fraction(number), format) for number in y.tolist()]
    np.testing.assert_array_equal(fractions, expected)


@pytest.mark.parametrize("name", NARROW)
def test_sums_of_two_are_rounded_once(name):
    """What lies below half an ulp of the first decides, on whichever side, and nothing is decided where it is 0."""
    format = dtypes.FORMATS[name]
    high = at_distances(boundaries(format), [0, 1, 2, 5])
    for part in (0.5, 0.25, 2.0**-40, -(2.0**-40), -0.5, 0.0):
        low = np.abs(high) * 2.0**-53 * part
        low = np.where(high + low == high, low, 0.0)
        pairs = zip(high.tolist(), low.tolist(), strict=True)
        expected = [round_exactly(Fraction(a) + Fraction(b), format) for a, b in pairs]
        np.testing.assert_array_equal(rounding.nearest_pair(high, low, format).astype(np.float64), expected)


@pytest.mark.parametrize("name", NARROW)
def test_the_test_of_pairs_finds_every_hard_case(name):
    """At distances of up to twice the error, of which each part is far below an ulp of float64."""
    format = dtypes.FORMATS[name]
    high = at_distances(boundaries(format), [0, 1])
    for error in (2.0**-55, 2.0**-60):
        for part in (-2.0, -1.01, -0.99, -0.6, -0.3, -0.1, 0.1, 0.3, 0.6, 0.99, 1.01, 2.0):
            low = high * error * part
            low = np.where(high + low == high, low, 0.0)
            size = np.abs(high) * error
            _, found = rounding.round_pair(high, low, size, format)
            for i, (a, b, bound) in enumerate(zip(high.tolist(), low.tolist(), size.tolist(), strict=True)):
                ends = [round_exactly(Fraction(a) + Fraction(b) + side * Fraction(bound), format) for side in (-1, 1)]
                unsure = not np.array_equal(*([end] for end in ends), equal_nan=True)
                assert found[i] or not unsure, (a.hex(), b.hex())
                if abs(part) > 1 and np.abs(high[i]) > 2.0**format.min_exponent and b:
                    assert found[i] == unsure


@pytest.mark.parametrize("name", dtypes.FORMATS)
@pytest.mark.parametrize("power", [-20000, -1076, -1075, -1074, 20000])
def test_fractions_beyond_any_float_are_rounded_too(name, power):
    """Such as the ends of a wide interval: to what MPFR rounds them to, or to what lies beyond the format."""
    format = dtypes.FORMATS[name]
    for sign in (1, -1):
        for trace in (Fraction(-1, 2**80), Fraction(0), Fraction(1, 2**80)):
            exact = sign * Fraction(2) ** power * (1 + trace)
            found, expected = rounding.nearest_fraction(exact, format), round_exactly(exact, format)
            assert found == expected or np.isnan([found, expected]).all()
            assert np.isnan(found) or np.signbit(found) == (sign < 0)
    assert rounding.nearest_fraction(Fraction(0), format) == 0


@pytest.mark.parametrize("name", dtypes.FORMATS)
def test_any_fraction_is_rounded_not_only_sums_of_powers_of_two(name):
    """Thirds and sevenths of every size, and zero without a sign."""
    format = dtypes.FORMATS[name]
    for power in range(-40, 41):
        for part in (Fraction(1, 3), Fraction(-2, 3), Fraction(5, 7), Fraction(-9, 7), Fraction(1000, 999)):
            exact = part * Fraction(2) ** power
            found, expected = rounding.nearest_fraction(exact, format), round_exactly(exact, format)
            np.testing.assert_array_equal([found], [expected])
    assert not np.signbit(rounding.nearest_fraction(Fraction(0), format))
