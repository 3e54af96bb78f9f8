"""Steps and ulp, against Python's integers and fractions."""

import math
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actcli.numerics import distance, dtypes

FORMATS = list(dtypes.FORMATS.values())


def place(bits: int, width: int) -> int:
    """Return where a pattern of bits stands in the order of its format, by Python's integers."""
    sign, size = divmod(bits, 2 ** (width - 1))
    return -size if sign else size


def number(bits: int, format: dtypes.Format) -> np.ndarray:
    """Return the number of a pattern, as an array."""
    return np.array([bits], f"u{format.dtype.itemsize}").view(format.dtype)


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@given(data=st.data())
def test_steps_are_the_difference_of_places(format, data):
    """Also where that needs 64 bits; the zeros share a place."""
    width = int(ml_dtypes.finfo(format.dtype).bits)
    a, b = (data.draw(st.integers(0, 2**width - 1)) for _ in range(2))
    first, second = number(a, format), number(b, format)
    with np.errstate(invalid="ignore"):  # a signalling NaN of bfloat16 counts as an invalid cast
        if np.isnan([*first.astype(float), *second.astype(float)]).any():
            return
    expected = abs(place(a, width) - place(b, width))
    assert int(distance.count_steps(first, second)[0]) == expected
    assert int(distance.count_steps(second, first)[0]) == expected


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_every_number_has_a_place_next_to_its_neighbours(format):
    """Infinity is the place after the largest number; -0 and 0 are one."""
    ends = np.array([format.largest, -format.largest]).astype(np.float32 if format.name != "float64" else float)
    largest = distance.find_places(ends.astype(format.dtype))
    if dtypes.has_nan(format):
        after = distance.at_places(largest + np.array([1, -1]), format).astype(float)
        np.testing.assert_array_equal(after, [format.overflow_value, -format.overflow_value])
        nan = np.array([math.nan, -math.nan]).astype(format.dtype)
        assert (np.abs(distance.find_places(nan)) > largest[0]).all()
    else:
        assert largest.tolist() == [2 ** (ml_dtypes.finfo(format.dtype).bits - 1) - 1, -largest[0]]
    zeros = np.array([0.0, -0.0]).astype(format.dtype)
    assert distance.find_places(zeros).tolist() == [0, 0]
    count = min(5, 2**format.precision)  # as far as the numbers lie evenly
    places = np.arange(-count, count + 1)
    near = distance.at_places(places, format).astype(float)
    smallest = 2.0 ** (format.min_exponent - format.precision + 1)
    assert near.tolist() == [k * smallest for k in range(-count, count + 1)]
    assert distance.find_places(distance.at_places(places, format)).tolist() == places.tolist()


@pytest.mark.parametrize("format", FORMATS[:-1], ids=lambda format: format.name)
@example(got=32641, true=0.0)  # a signalling NaN
@given(got=st.integers(0, 2**32), true=st.floats(-1e300, 1e300))
def test_ulp_are_those_of_the_true_value(format, got, true):
    """(y - t) / 2^(max(floor(log2 |t|), emin) - p + 1), by fractions; of 0 the smallest subnormal number."""
    result = number(got % 2 ** int(ml_dtypes.finfo(format.dtype).bits), format)
    with np.errstate(invalid="ignore"):  # a signalling NaN of bfloat16 counts as an invalid cast
        y = float(result[0])
    if not math.isfinite(y):
        return
    exponent = format.min_exponent
    if true:
        exponent = max(math.frexp(true)[1] - 1, format.min_exponent)
    expected = (Fraction(y) - Fraction(true)) / Fraction(2) ** (exponent - format.precision + 1)
    found = float(distance.count_ulps(result, np.array([true]), format)[0])
    assert found == pytest.approx(float(expected), rel=1e-12, abs=1e-300)


def test_zero_for_a_small_number_is_many_steps_and_few_ulp():
    """-7.4e-8 answered by 0 in bfloat16."""
    format = dtypes.FORMATS["bfloat16"]
    due = np.array([-7.4e-8], np.float32).astype(format.dtype)
    zero = np.zeros(1, format.dtype)
    assert abs(int(distance.count_steps(zero, due)[0]) - 13_215) <= 1
    assert distance.count_ulps(zero, due.astype(float), format)[0] == pytest.approx(158.8, rel=0.01)
