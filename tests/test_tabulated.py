"""Functions from tables keep their bounds, over all they may be asked for."""

import gmpy2
import numpy as np
import pytest

from actcli.numerics import tabulated

MIDDLES = (np.arange(-500, 500) + 0.49999) / 512  # as far from the points of a table as it gets
SMALL = np.geomspace(1e-44, 1, 300)
FUNCTIONS = {
    "exp": (gmpy2.exp, -44, np.concatenate([np.linspace(-510, 510, 2003), MIDDLES])),
    "expm1": (gmpy2.expm1, -44, np.concatenate([np.linspace(-510, 510, 2003), MIDDLES, SMALL, -SMALL])),
    "tanh": (gmpy2.tanh, -44, np.concatenate([np.linspace(-40, 40, 2003), MIDDLES / 2, SMALL, -SMALL])),
    "log1p": (gmpy2.log1p, -44, np.concatenate([np.linspace(0.001, 2, 2003), np.abs(MIDDLES) / 2, SMALL])),
    "erf": (gmpy2.erf, -43, np.concatenate([np.linspace(0.001, 5.999, 4003), np.abs(MIDDLES) / 2, SMALL])),
    "normal_cdf": (lambda x: gmpy2.erfc(-x / gmpy2.sqrt(2)) / 2, -37, np.linspace(-14.9, 8.9, 4001)),
}


POSITIVE = {"log1p", "erf"}  # what their callers give


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_from_tables_are_within_their_bounds(name):
    """Against MPFR, in arrays long enough for the table."""
    assert largest_error(name, FUNCTIONS[name][2]) < 2.0 ** FUNCTIONS[name][1]


def largest_error(name, x):
    """Return the largest relative error of a function in a long array of some numbers."""
    exact = FUNCTIONS[name][0]
    found = getattr(tabulated, name)(np.resize(x, tabulated.MIN_TABLE_NUMBERS))[: x.size]
    with gmpy2.context(precision=200):
        expected = [exact(gmpy2.mpfr(number)) for number in x.tolist()]
        off = [
            abs(gmpy2.mpfr(actual) / reference - 1) for actual, reference in zip(found.tolist(), expected, strict=True)
        ]
    return float(max(off))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_tiny_numbers_only_are_within_their_bounds(name):
    """As all inputs of a format come, in order."""
    x = np.concatenate([SMALL[SMALL < tabulated._TINY], [tabulated._TINY, 0.75 * tabulated._TINY]])
    x = x if name in POSITIVE else np.concatenate([x, -x])
    assert largest_error(name, x) < 2.0 ** FUNCTIONS[name][1]


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - POSITIVE))
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_functions_of_huge_numbers_only_are_what_they_are_beside_others(name, sign):
    """Where all lie beyond the table."""
    x = sign * np.resize(np.geomspace(513, 1e300, 50), tabulated.MIN_TABLE_NUMBERS)
    mixed = x.copy()
    mixed[-1] = 0.25
    alone, beside = (getattr(tabulated, name)(values)[:-1] for values in (x, mixed))
    assert np.allclose(alone, beside, rtol=2.0**-44, atol=0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_from_tables_take_any_number(name):
    """Beyond the tables, too: never NaN for a number, and what is given stays as it is."""
    x = np.resize(np.array([0.0, 1e-300, 1e300, np.finfo(float).max]), tabulated.MIN_TABLE_NUMBERS)
    x[::3] *= 1 if name in POSITIVE else -1
    x.flags.writeable = False
    with np.errstate(over="ignore"):
        assert not np.isnan(getattr(tabulated, name)(x)).any()
