"""What measures for the page on accuracy measures right."""

import math

import numpy as np
import pytest

from actcli.numerics import dtypes, tabulated
from tests.activations import ELEMENTWISE, parameters_of
from tests.reference import many, mpfr, ulp
from tests.reference.sweep_float32 import KINDS, monotonic

FORMAT = dtypes.FORMATS["float32"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda each: each.name)
def test_the_referee_of_many_numbers_gives_what_that_of_one_gives(activation, kind):
    """Kinks and huge numbers included."""
    parameters = parameters_of(activation)[0]
    x = np.array([0.0, 1e-30, 0.3, 0.5, 1, 3, 6, 90, 1e20], np.float32)
    x = np.concatenate([x, -x])
    expected = [getattr(mpfr, kind)(activation, float(number), "float32", **parameters) for number in x]
    expected = [math.nan if number is None else number for number in expected]
    high, low, found = many.exact(activation, kind, x, parameters)
    np.testing.assert_array_equal(found, expected)
    assert (np.abs(low) <= np.spacing(np.abs(high)) / 2)[np.isfinite(high)].all()


@pytest.mark.parametrize(
    ("reference", "exact", "expected"),
    [
        (1.0, 1.0, 0.0),
        (1.0, 1 + 2.0**-24, 0.5),
        (1.0, 1 - 2.0**-25, 0.5),  # below 1 an ulp is half as large
        (0.0, 1.5, 1.5 * 2**23),
        (0.0, 2.0**-150, 0.5),
        (np.inf, 1.0, np.inf),
        (np.inf, 2.0**128, 0.0),
        (-np.inf, 2.0**128, np.inf),
        (np.nan, 1.0, np.nan),
    ],
)
def test_errors_are_measured_in_ulp_of_the_exact_value(reference, exact, expected):
    """By hand."""
    found = ulp.errors(np.array([reference], np.float32), np.array([exact]), FORMAT)
    np.testing.assert_array_equal(found, [expected])


def test_a_nan_is_the_largest_error():
    """And the input goes with it."""
    off, at = ulp.largest(np.array([1.0, np.nan, np.inf]), np.array([5.0, 6.0, 7.0]))
    assert math.isnan(off)
    assert at == 6


@pytest.mark.parametrize("x", [np.linspace(0, 1e-40, 99), np.linspace(-3, 3, 99), np.linspace(800, 900, 99)])
def test_the_short_way_of_the_sweep_changes_nothing(x):
    """Where all results are the same, and where they are not."""
    x = np.resize(x, tabulated.MIN_TABLE_NUMBERS)  # few numbers go to the C library
    np.testing.assert_array_equal(monotonic(tabulated.exp)(x), tabulated.exp(x))
