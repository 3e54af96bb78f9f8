"""Numbers as text: read as the nearest number from all their digits, written with just enough of them."""

import math
import re
from decimal import Decimal, localcontext
from fractions import Fraction

import gmpy2
import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actcli.errors import ActcliError
from actcli.numerics import dtypes, rounding, text
from actcli.numerics.array_text import write_array, write_column
from tests.reference import mpfr

FORMATS = list(dtypes.FORMATS.values())
WIDTHS = {format.name: 16 if format.largest <= 65504 else max(32, 8 * format.dtype.itemsize) for format in FORMATS}


def as_float(text_: str, name: str) -> float:
    """Return what MPFR reads a text as, rounded once."""
    return mpfr.rounded(gmpy2.mpq(Fraction(text_)), name)


@given(
    st.from_regex(re.compile(r"\A[+-]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,2})?\Z", re.ASCII)),
    st.sampled_from(FORMATS),
)
def test_a_text_is_read_as_the_nearest_number(written, format):
    """MPFR agrees on any decimal."""
    assert text.is_number(written)
    np.testing.assert_array_equal(text.parse([written], format).astype(float), [as_float(written, format.name)])


@given(st.data(), st.sampled_from([format for format in FORMATS if format.name != "float64"]), st.integers(-12, 12))
def test_a_text_beside_a_midpoint_is_read_on_its_own_side(data, format, eighths):
    """Half way between two numbers, and up to 1.5 ulp of float64 from there, where reading as float64 goes wrong."""
    low = data.draw(st.floats(2.0**format.min_exponent, format.largest / 4, width=64))
    low = float(rounding.nearest(np.array([low]), format)[0])
    bits = f"u{format.dtype.itemsize}"
    high = (np.array([low]).astype(format.dtype).view(bits) + np.array([1], bits)).view(format.dtype)
    middle = (low + float(high[0])) / 2
    with localcontext(prec=1000):
        written = f"{Decimal(middle) + eighths * Decimal(math.ulp(middle)) / 8:f}"
    expected = as_float(written, format.name)
    np.testing.assert_array_equal(text.parse([written], format).astype(float), [expected])
    if format.name == "float32":  # in which the cells of tables are read by polars
        assert polars.Series([written]).cast(polars.Float32).to_list() == [expected]


def test_the_classic_double_rounding_is_avoided():
    """The text lies above a midpoint of float32 by less than float64 can tell."""
    parsed = text.parse(["1.0000000596046447753906251"], dtypes.FORMATS["float32"])
    assert parsed[0] == np.float32(1.0000001)


@pytest.mark.parametrize("format", FORMATS, ids=dtypes.FORMATS)
def test_numbers_out_of_range_become_infinite_or_zero(format):
    """From 1e400 to 1e-400, whatever the number of digits."""
    huge = "1" + "0" * 6000
    parsed = text.parse(["1e400", "-1e400", "1e-400", huge, f"{huge}e-6000", "1e999999999"], format)
    beyond = format.overflow_value
    np.testing.assert_array_equal(parsed.astype(np.float64), [beyond, -beyond, 0.0, beyond, 1.0, beyond])


@given(st.text(max_size=12))
def test_what_is_no_number_is_refused(written):
    """Everything that is_number refuses, parse refuses by name; what it accepts, Python reads too."""
    format = dtypes.FORMATS["float32"]
    if text.is_number(text.normalize(written)):
        float(text.normalize(written))
        text.parse([written], format)
    else:
        with pytest.raises(ActcliError, match="is not a number"):
            text.parse([written], format)


@pytest.mark.parametrize("written", ["1_000", "0x10", "1e", ".", "", "-", "1d5", "١", "1 2", "--1", "e5", "nan(1)"])
def test_python_and_c_spellings_are_no_numbers(written):
    """Only decimal digits, a point, an exponent, inf and nan."""
    assert not text.is_number(written)


@given(st.text(alphabet="0123456789.eE+-infatyN ", max_size=8))
def test_polars_takes_the_same_texts_for_numbers(written):
    """A cell of a file is a number exactly if it is one on the command line."""
    cell = polars.Series([written.strip()]).cast(polars.Float64, strict=False)
    assert (cell[0] is not None) == text.is_number(text.normalize(written))


@given(st.data(), st.sampled_from(FORMATS))
def test_the_shortest_text_reads_back_to_the_same_number(data, format):
    """And no decimal with fewer digits does."""
    number = data.draw(st.floats(width=WIDTHS[format.name], allow_nan=False))
    value = rounding.nearest(np.array([number]), format)
    written = text.shortest(value)[0]
    back = text.parse([written], format)
    assert back.tobytes() == value.tobytes() or np.isnan(float(value[0]))
    if np.isfinite(float(value[0])) and (digits := len(Decimal(written).normalize().as_tuple().digits)) > 1:
        shorter = Decimal(f"{Decimal(float(value[0])):.{digits - 2}e}")
        is_beyond = abs(shorter) > format.largest  # which is never the text of the largest number
        assert is_beyond or float(text.parse([str(shorter)], format)[0]) != float(value[0])


@pytest.mark.parametrize("format", [dtypes.FORMATS["float32"], dtypes.FORMATS["float64"]], ids=lambda f: f.name)
def test_texts_are_those_polars_writes(format):
    """A number has one text, typed or from a file, in every format that writes shortest texts."""
    generator = np.random.default_rng(3)
    bits = generator.integers(0, 2 ** (8 * format.dtype.itemsize), 20000, dtype=f"u{format.dtype.itemsize}")
    scales = np.logspace(-20, 20, 4001)
    values = np.concatenate(
        [bits.view(format.dtype), scales.astype(format.dtype), -np.round(scales).astype(format.dtype)]
    )
    values = values[~np.isnan(values)]
    assert text.shortest(values) == polars.Series(values).cast(polars.String).to_list()


def test_known_texts():
    """A few by hand."""
    values = np.array([0.1, 1, -0.0, 1e-7, 123456789, np.inf, -np.inf, np.nan, 1e20], np.float32)
    expected = ["0.1", "1.0", "-0.0", "1e-7", "123456790.0", "inf", "-inf", "nan", "1e+20"]
    assert text.shortest(values) == expected
    bfloat16 = rounding.nearest(np.array([0.1, 1.0, 3.14159, 1e-40, 300]), dtypes.FORMATS["bfloat16"])
    assert text.shortest(bfloat16) == ["0.1", "1.0", "3.14", "9e-41", "300.0"]


def test_a_column_is_written_as_numpy_writes_the_array():
    """One notation down the column, and digits enough where NumPy's default would cut them."""
    assert write_column(np.array([-0.0, 9.0], np.float32)) == ["-0.", " 9."]
    small = np.array([0.00012345679, 0.1], np.float32)
    assert write_column(small) == ["0.00012345679", "0.1          "]
    assert text.parse(write_column(small), dtypes.FORMATS["float32"]).tobytes() == small.tobytes()
    third = np.array([1 / 3])
    assert write_column(third) == ["0.3333333333333333"]


def test_an_array_is_never_shortened():
    """Neither its digits nor its middle."""
    values = np.linspace(0, 1, 3001)
    assert "..." not in write_array(values)
    written = write_array(values).removeprefix("array([").removesuffix("])").replace(",", " ").split()
    assert np.array([float(number) for number in written]).tobytes() == values.tobytes()


@pytest.mark.parametrize("format", [format for format in FORMATS if format.name != "float64"], ids=lambda f: f.name)
def test_rounding_agrees_with_mpfr_beside_every_kind_of_midpoint(format):
    """Subnormal, normal and largest numbers, half way to their neighbours and a hair to each side."""
    exponents = range(format.min_exponent - format.precision - 1, format.min_exponent + 4)
    numbers = [2.0**exponent * odd for exponent in exponents for odd in (1, 3, 5)]
    numbers += [format.largest, format.largest * (1 + 2.0**-format.precision), 1.0, 1 + 2.0**-format.precision]
    around = [np.nextafter(number, end) for number in numbers for end in (-np.inf, number, np.inf)]
    y = np.array([*around, *(-number for number in around), 0.0, -0.0, np.inf])
    rounded = rounding.nearest(y, format).astype(np.float64)
    expected = np.array([mpfr.rounded(number, format.name) for number in y])
    np.testing.assert_array_equal(rounded, expected)
    numbers = ~np.isnan(expected)
    assert np.array_equal(np.signbit(rounded[numbers]), np.signbit(expected[numbers]))
    finite = y[np.isfinite(y)]
    np.testing.assert_array_equal(
        [rounding.nearest_fraction(Fraction(number), format) for number in finite],
        [mpfr.rounded(number, format.name) for number in finite],
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@given(data=st.data())
@settings(max_examples=15)
def test_a_long_array_is_written_as_numpy_writes_it(dtype, data):
    """Vectors and matrices of any sizes of numbers, NaN and infinities among them, to the last line."""
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    count, width = data.draw(st.integers(2001, 2300)), data.draw(st.integers(1, 12))
    values = random.normal(0, 10.0 ** data.draw(st.integers(-6, 4 - 2 * (dtype is np.float16))), count).astype(dtype)
    if data.draw(st.booleans()):
        values = np.round(values, 1)
    for special in data.draw(st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0]), max_size=3)):
        values[random.integers(0, count, 5)] = special
    for array in (values, np.abs(values), values[: count // width * width].reshape(-1, width)):
        with np.printoptions(floatmode="unique", threshold=array.size + 1):
            assert write_array(array) == repr(array)
    written = np.array2string(values, floatmode="unique", separator="\n", threshold=count + 1, max_line_width=2**31)
    assert write_column(values) == written[1:-1].split("\n")
