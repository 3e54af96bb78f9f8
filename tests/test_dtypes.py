"""The float formats: their numbers, what lies beyond them, and stacks that saturate; ml_dtypes and fractions judge."""

import json
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.activation import Elementwise
from actcli.errors import ActcliError
from actcli.numerics import dtypes, held, rounding, text
from actcli.numerics.dtypes import Format
from actcli.registry import registered
from tests.activations import NEEDED
from tests.command import actcli as run
from tests.command import complaint, output
from tests.reference.make_golden import finite

FORMATS = dtypes.FORMATS.values()
NARROW = [format for format in FORMATS if format.dtype.itemsize == 1]
WITHOUT_NAN = [format for format in NARROW if not dtypes.has_nan(format)]
each_format = pytest.mark.parametrize("format", FORMATS, ids=lambda each: each.name)
each_narrow_format = pytest.mark.parametrize("format", NARROW, ids=lambda each: each.name)
each_format_without_nan = pytest.mark.parametrize("format", WITHOUT_NAN, ids=lambda each: each.name)


def cast(numbers: list[float], format: Format) -> np.ndarray:
    """Return what ml_dtypes makes of float32 numbers, as float64; numbers of the format stay what they are."""
    with np.errstate(all="ignore"):
        return np.array(numbers, np.float32).astype(format.dtype).astype(np.float64)


def round_by_fractions(y: Fraction, format: Format) -> Fraction:
    """Return the number of a format nearest to y, of two the one whose last digit is even; there is no largest one."""
    size, exponent = abs(y), format.min_exponent
    while size >= Fraction(2) ** (exponent + 1):
        exponent += 1
    quantum = Fraction(2) ** (exponent - format.precision + 1)
    return round(y / quantum) * quantum


@each_format
def test_a_format_is_what_ml_dtypes_says(format):
    """Digits, range, bits, and what becomes of infinity, NaN and -0."""
    finfo = ml_dtypes.finfo(format.dtype)
    assert (format.precision, format.min_exponent) == (int(finfo.nmant) + 1, int(finfo.minexp))
    assert (format.largest, dtypes.width(format)) == (float(finfo.max), finfo.bits)
    if format.name == "float64":
        return
    infinity, nan, minus_zero = cast([np.inf, np.nan, -0.0], format)
    np.testing.assert_equal(format.overflow_value, infinity)
    assert dtypes.has_nan(format) == np.isnan(nan)
    assert np.signbit(minus_zero) == (not format.name.endswith("fnuz"))


@each_narrow_format
def test_the_middle_between_two_numbers_goes_to_the_even_one_and_a_hair_beside_it_to_the_nearer(format):
    """Of all neighbours, on both sides of zero; by fractions of float64 numbers, which ml_dtypes would round twice."""
    x = np.unique(finite(format.name))
    middle = (x[1:] + x[:-1]) / 2
    y = np.concatenate([middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)])
    found = rounding.nearest(y, format).astype(np.float64)
    assert [Fraction(number) for number in found] == [round_by_fractions(Fraction(number), format) for number in y]


@pytest.mark.parametrize(
    ("name", "last", "first_beyond"),
    [
        ("float8_e3m4", np.nextafter(15.75, 0), 15.75),
        ("float8_e4m3fn", 464.0, np.nextafter(464, 500)),
        ("float8_e4m3fnuz", np.nextafter(248, 0), 248.0),
        ("float8_e4m3b11fnuz", np.nextafter(31, 0), 31.0),
        ("float8_e5m2", np.nextafter(61440, 0), 61440.0),
        ("float8_e5m2fnuz", np.nextafter(61440, 0), 61440.0),
        ("float4_e2m1fn", 7.0, 1e300),
        ("float6_e2m3fn", 7.75, 1e300),
        ("float6_e3m2fn", 30.0, 1e300),
    ],
)
def test_overflow_begins_half_a_step_beyond_the_largest_number(name, last, first_beyond):
    """As infinity, as NaN, or nowhere; with saturation, nowhere."""
    format = dtypes.FORMATS[name]
    y = np.array([last, first_beyond, np.inf, -first_beyond])
    expected = [format.largest, format.overflow_value, format.overflow_value, -format.overflow_value]
    np.testing.assert_array_equal(rounding.nearest(y, format).astype(float), expected)
    np.testing.assert_array_equal(text.parse([repr(float(number)) for number in y], format).astype(float), expected)
    clamped = text.parse([repr(float(number)) for number in y], held.saturating(format)).astype(float)
    assert clamped.tolist() == [format.largest] * 3 + [-format.largest]


@each_narrow_format
def test_every_number_has_a_text_that_reads_back(format):
    """And the largest is never written as a larger one that saturates to it."""
    x = rounding.nearest(finite(format.name), format)
    written = text.shortest(x)
    assert text.parse(written, format).tobytes() == x.tobytes()
    if format in WITHOUT_NAN:
        assert max(abs(float(number)) for number in written) == format.largest


ONE_OF_EACH_KIND = {(str(each.overflow_value), each.name[-4:] == "fnuz"): each for each in NARROW if each.largest > 8}


@pytest.mark.parametrize("format", ONE_OF_EACH_KIND.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("activation", registered(), ids=lambda each: each.name)
def test_saturation_clamps_what_lies_beyond_and_changes_nothing_else(activation, format):
    """Values, derivatives and products, against float32 rounded to a format without a largest number."""
    x = finite(format.name)[:: 1 if format in WITHOUT_NAN else 3]
    parameters = NEEDED[activation.name]
    calls = [actcli.evaluate]
    if issubclass(activation, Elementwise):
        calls += [actcli.derivative, lambda name, x, **more: actcli.vjp(name, x, x[::-1], **more)]
    else:
        x = x[: x.size // 2 * 2]
    for call in calls:
        true = call(activation.name, rounding.nearest(x, format).astype(np.float32), **parameters)
        numbers = ~np.isnan(true)
        if not numbers.all() and format in WITHOUT_NAN:
            continue
        found = call(activation.name, x, dtype=format.name, saturate=True, **parameters).astype(np.float64)
        assert np.isnan(found[~numbers]).all()
        assert np.isfinite(found[numbers]).all()
        beyond = numbers & (np.abs(true.astype(np.float64)) > format.largest)
        np.testing.assert_array_equal(found[beyond], np.copysign(format.largest, true[beyond]))
        plain = call(activation.name, x, dtype=format.name, **parameters).astype(np.float64)
        same = numbers & np.isfinite(plain)
        np.testing.assert_array_equal(found[same], plain[same])
        np.testing.assert_array_equal(np.signbit(found[same]), np.signbit(plain[same]))


@each_format
def test_inputs_saturate_as_they_are_read(format):
    """Typed or as an array: numbers too large, infinities of both signs; NaN stays, where there is one."""
    x = [1e300 if format.name != "float64" else np.inf, np.inf, -np.inf, 0.5]
    expected = [format.largest, format.largest, -format.largest, 0.5]
    for numbers in (x, [str(number) for number in x], np.array(x)):
        found = actcli.evaluate("linear", numbers, dtype=format.name, saturate=True).astype(np.float64)
        assert found.tolist() == expected
    written = output("linear", *map(str, x), "--dtype", format.name, "--saturate", "--format", "json")
    assert json.loads(written)["y"] == [float(number) for number in text.shortest(found.astype(format.dtype))]
    if dtypes.has_nan(format):
        assert np.isnan(actcli.evaluate("linear", ["nan"], dtype=format.name, saturate=True).astype(float)).all()


def test_an_array_that_has_the_dtype_is_clamped_too_and_is_not_written_to():
    """Infinities in float16."""
    x = np.array([np.inf, -np.inf, 1.0], np.float16)
    assert actcli.evaluate("linear", x, saturate=True).tolist() == [65504.0, -65504.0, 1.0]
    assert np.isinf(x[:2]).all()


@each_format_without_nan
def test_nan_is_an_error_where_the_format_has_none(format, tmp_path):
    """Typed, in an array, in the cells of a table, in a file of numbers; not a cell that is empty."""
    words = ("--dtype", format.name)
    ending = f"; {format.name} has no NaN: use another dtype"
    assert complaint("relu", "1", "nan", *words) == f"'nan' is not a number{ending}"
    for x in ([np.nan], np.array([1, np.nan], np.float32), ["nan"], np.array([np.nan], np.float64)):
        with pytest.raises(ActcliError, match=f"{format.name} has no NaN"):
            actcli.evaluate("relu", x, dtype=format.name)
    named = complaint("relu", *words, stdin="a,b\n1,2\n3,nan\n")
    assert named == f"standard input: row 3, column 'b' has NaN{ending}"
    assert output("relu", *words, "--only", stdin="a,b\n1,2\n,6\n") == "a_relu,b_relu\n1.0,2.0\n,6.0\n"
    assert complaint("softmax", *words, stdin="a,b\n1,2\n,6\n").endswith(ending)
    np.save(tmp_path / "x.npy", np.array([1, np.nan], np.float32))
    assert complaint("relu", str(tmp_path / "x.npy"), *words).endswith(f"x.npy has NaN{ending}")


@each_format_without_nan
def test_a_result_that_is_nan_is_an_error_where_the_format_has_none(format):
    """Never -0, which ml_dtypes makes of it."""
    with pytest.raises(ActcliError, match=f"place 1; {format.name} has no NaN"):
        held.release(np.array([1.0, np.nan, 0.0], np.float32), format, lambda i: f"place {i}")


@pytest.mark.parametrize("name", [format.name for format in NARROW if format.name.endswith("fnuz")])
def test_an_interval_of_any_number_is_not_taken_for_overflow(name):
    """Where both ends overflow, to the only NaN: beside 1e300, 0 and its neighbours are known to no digit."""
    found = actcli.vjp("softplus", [0.5], [1.0], dtype=name, beta=1e30)
    assert found.astype(float).tolist() == [1.0]
    from actcli.numerics import spacing

    ends = spacing.evenly_spaced(Fraction(0), Fraction(10**300), 2, dtypes.FORMATS[name]).astype(float)
    np.testing.assert_array_equal(ends, [0.0, np.nan])


@each_narrow_format
@pytest.mark.parametrize("to", ["npy", "npz", "safetensors", "csv", "jsonl", "parquet", "arrow"])
def test_files_keep_results_in_the_narrow_formats(format, to, tmp_path):
    """All finite numbers of a format, through each format of files and back."""
    x = finite(format.name)
    np.save(tmp_path / "x.npy", x)
    path = str(tmp_path / f"y.{to}")
    output("linear", str(tmp_path / "x.npy"), "--dtype", format.name, "--only", "-o", path)
    output("linear", path, "--dtype", format.name, "--only", "-o", str(tmp_path / "back.npy"))
    assert np.load(tmp_path / "back.npy").reshape(-1).tolist() == x.tolist()


@pytest.mark.parametrize("name", ["float8_e4m3fnuz", "float8_e5m2fnuz"])
def test_safetensors_keep_the_dtypes_that_they_have(name, tmp_path):
    """The others are float32 there."""
    for dtype, code in ((name, name.removeprefix("float8_").upper()), ("float8_e3m4", "F32")):
        path = tmp_path / f"{dtype}.safetensors"
        output("relu", "--dtype", dtype, "--to", "safetensors", "-o", str(path), stdin="a\n1\n-2\n")
        assert f'"dtype":"{"F8_" if code != "F32" else ""}{code}"'.encode() in path.read_bytes()


@given(st.floats(-1e4, 1e4), st.sampled_from(NARROW))
def test_inputs_that_saturate_are_otherwise_rounded_as_ever(number, format):
    """Within the largest number."""
    plain = text.parse([repr(number)], format).astype(float)[0]
    found = text.parse([repr(number)], held.saturating(format)).astype(float)[0]
    assert found == (plain if np.isfinite(plain) else np.copysign(format.largest, number))


def test_a_kernel_that_saturates_is_held_to_the_largest_number():
    """And one that does not, is wrong then."""
    dtype = dtypes.FORMATS["float8_e4m3fn"].dtype

    def saturating_exponential(x):
        with np.errstate(all="ignore"):
            y = np.exp(x.astype(np.float64))
        return rounding.nearest(np.where(np.isnan(y), np.nan, np.minimum(y, 448.0)), dtypes.find(dtype))

    report = actcli.check(saturating_exponential, "exponential", dtype=dtype, saturate=True)
    report.assert_within(max_steps=0)
    assert "saturate" in report.qualifiers
    with pytest.raises(AssertionError):
        actcli.check(saturating_exponential, "exponential", dtype=dtype).assert_within(max_steps=0)
    shown = run("check", "exponential", "numpy:exp", "--dtype", "float8_e4m3fn", "--saturate").stdout
    assert "NaN where a number is due: 50" in shown
    assert "--saturate" in shown


@each_format_without_nan
def test_results_that_would_be_nan_are_not_asked_of_a_kernel(format):
    """Such as for NaN in float16, where the results are of a format without it."""

    def kernel(x):
        assert not np.isnan(x).any()
        return rounding.nearest(np.maximum(x.astype(np.float64), 0.0), format)

    report = actcli.check(kernel, "relu", dtype="float16", out_dtype=format.name)
    report.assert_within(max_steps=0)
    assert report.tried == 2**16 - 2 * (2**10 - 1)
