"""Hexadecimal text: numbers as C and Python write them, bits in and out, and all numbers of a format."""

import io
import struct
from fractions import Fraction

import ml_dtypes
import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.errors import ActcliError
from actcli.formats.registry import FORMATS as FILE_FORMATS
from actcli.numerics import dtypes, hexadecimal, text
from tests.command import complaint, output

NARROW = [format for format in dtypes.FORMATS.values() if format.dtype.itemsize <= 2]
DIGITS = "0123456789abcdefABCDEF"


def patterns(format):
    """Return all codes of a format, and the numbers they stand for."""
    codes = np.arange(2 ** ml_dtypes.finfo(format.dtype).bits)
    return codes, codes.astype(f"u{format.dtype.itemsize}").view(format.dtype)


def round_exact(value, format):
    """Return the number of a format nearest to a fraction, ties to even, by counting steps of the least number."""
    if abs(value) < Fraction(2) ** format.min_exponent:
        exponent = format.min_exponent
    else:
        exponent = 0
        while Fraction(2) ** exponent > abs(value):
            exponent -= 1
        while Fraction(2) ** (exponent + 1) <= abs(value):
            exponent += 1
    step = Fraction(2) ** (exponent - format.precision + 1)
    rounded = round(value / step) * step
    return float(rounded) if abs(rounded) <= format.largest else float(np.copysign(format.overflow_value, float(value)))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_in_hexadecimal_reads_back(number):
    """To the same float64 number, with its sign, in capitals too."""
    for written in (number.hex(), number.hex().upper()):
        assert text.is_number(written)
        assert text.parse([written], dtypes.FORMATS["float64"]).tobytes() == np.float64(number).tobytes()
        assert text.to_fraction(written) == Fraction(number)


@given(
    st.sampled_from(list(dtypes.FORMATS.values())),
    st.sampled_from(["", "-", "+"]),
    st.text(DIGITS, min_size=1, max_size=24),
    st.text(DIGITS, max_size=24),
    st.integers(-160, 140),
)
def test_a_hexadecimal_number_is_rounded_once(format, sign, whole, part, exponent):
    """From all its digits, however many, to every format."""
    written = f"{sign}0x{whole}.{part}p{exponent}"
    exact = Fraction(int(whole + part, 16)) * Fraction(2) ** (exponent - 4 * len(part))
    expected = round_exact(-exact if sign == "-" else exact, format)
    found = float(text.parse([written], format)[0])
    assert found == expected or (np.isnan(found) and np.isnan(expected))


@pytest.mark.parametrize("format", dtypes.FORMATS.values(), ids=lambda format: format.name)
def test_what_lies_beyond_a_midpoint_by_a_digit_far_behind_is_rounded_up(format):
    """As float64 alone could not tell."""
    midpoint = Fraction(2) ** -format.precision
    digits = int(midpoint * 16**20)
    for tail, expected in (("0" * 30, 1.0), ("0" * 29 + "1", 1 + 2 * float(midpoint))):
        assert float(text.parse([f"0x1.{digits:020x}{tail}p0"], format)[0]) == expected


@pytest.mark.parametrize(("written", "value"), [("0x1p99999999999999999999", np.inf), ("-0x1p5000", -np.inf)])
def test_what_is_too_large_is_infinite(written, value):
    """And what is too small is zero, with its sign."""
    assert text.parse([written], dtypes.FORMATS["float64"])[0] == value
    tiny = text.parse([written.replace("p", "p-")], dtypes.FORMATS["float64"])[0]
    assert (tiny, np.signbit(tiny)) == (0.0, value < 0)


@given(st.text("-+0x.pP1aF e", max_size=8))
def test_a_text_is_hexadecimal_for_python_too(written):
    """No other one is; what has neither point nor exponent is bits, or refused."""
    if hexadecimal.is_number(written) or hexadecimal.is_integer(written):
        assert Fraction(float.fromhex(written)) == hexadecimal.to_fraction(written)


@pytest.mark.parametrize("format", NARROW, ids=lambda format: format.name)
def test_every_number_has_its_code_and_every_code_its_number(format):
    """In both directions, payloads of NaN included."""
    codes, numbers = patterns(format)
    assert hexadecimal.list_patterns(format).tobytes() == numbers.tobytes()
    written = hexadecimal.write_bits(numbers)
    assert written == [f"0x{code:0{2 * format.dtype.itemsize}x}" for code in codes]
    assert text.parse(written, format, bits=True).tobytes() == numbers.tobytes()


@given(st.integers(0, 2**64 - 1))
def test_bits_of_wide_numbers_are_those_of_struct(bits):
    """Of float32 and float64."""
    for letter, name, code in (("I", "float32", bits >> 32), ("Q", "float64", bits)):
        packed = struct.pack(f"={letter}", code)
        read = text.parse([hex(code)], dtypes.FORMATS[name], bits=True)
        assert read.tobytes() == packed
        assert hexadecimal.write_bits(read) == [f"0x{code:0{2 * len(packed)}x}"]


@pytest.mark.parametrize("format", NARROW, ids=lambda format: format.name)
def test_all_numbers_of_a_format_are_evaluated_in_the_order_of_their_bits(format, tmp_path):
    """So that a table is indexed by the code; as an array, as text and as bits."""
    codes, numbers = patterns(format)
    expected = actcli.evaluate("gelu", numbers)
    words = ["gelu", "--all", "--dtype", format.name]
    assert output(*words, "-o", "gelu.npy", cwd=tmp_path) == ""
    stored = np.load(tmp_path / "gelu.npy")
    np.testing.assert_array_equal(stored.astype(np.float64), expected.astype(np.float64))
    bits = output(*words, "--to", "hex").split()
    results = expected.view(f"u{expected.itemsize}").tolist()
    assert bits == [f"0x{code:0{2 * format.dtype.itemsize}x}" for code in results]
    rows = polars.read_csv(io.StringIO(output(*words, "--bits", "--to", "csv")), infer_schema=False)
    assert rows.columns == ["x", "x_bits", "x_gelu", "x_gelu_bits"]
    assert rows["x_bits"].to_list() == [f"0x{code:0{2 * format.dtype.itemsize}x}" for code in codes.tolist()]
    assert rows["x_gelu_bits"].to_list() == bits


def test_all_is_for_formats_with_few_numbers_and_functions_of_one():
    """The message says how many there are, and what to do."""
    message = complaint("gelu", "--all")
    assert message.startswith("--all: float32 has 2**32 numbers; choose a --dtype of 16 bits or fewer (float4_e2m1fn,")
    assert complaint("gelu", "--all", "--dtype", "float64").startswith("--all: float64 has 2**64 numbers")
    narrow = ("--all", "--dtype", "float16")
    assert complaint("gelu", *narrow, "1") == "--all cannot be combined with other numbers or a file"
    assert complaint("gelu", *narrow, "x.csv") == "--all cannot be combined with other numbers or a file"
    assert complaint("gelu", *narrow, "--output-dir", "x") == "--all cannot be combined with other numbers or a file"
    assert "give one of them" in complaint("gelu", *narrow, "--linspace", "0", "1", "3")
    assert complaint("softmax", *narrow) == "--all is for functions of one number; softmax works on vectors"
    assert complaint("swiglu", *narrow) == "--all is for functions of one number; swiglu works on vectors"
    assert "--columns selects columns of a file" in complaint("gelu", *narrow, "-c", "x")


def test_all_numbers_are_compared():
    """Function beside function."""
    rows = output("compare", "relu", "silu", "--all", "--dtype", "float8_e5m2", "--format", "csv").splitlines()
    assert len(rows) == 1 + 256


TYPED = {
    "-0x1.8p3 0x1P-3 +0x.8p0": "-12.0 0.125 0.5",
    "0x1.8": "1.5",
    "0x1.8p3,-0x1p-3": "12.0 -0.125",
    "[0x1p0,0x1p1]": "1.0 2.0",
    "--linspace 0x0p0 0x1p1 3": "0.0 1.0 2.0",
    "\N{MINUS SIGN}0x1p-3": "-0.125",
    "3 --alpha 0x1p-1 -2": "3.0 -1.0",
}


@pytest.mark.parametrize("line", TYPED)
def test_hexadecimal_numbers_are_typed_wherever_numbers_are(line):
    """In every place and notation."""
    alpha = [] if "--alpha" in line else ["--alpha", "1"]
    assert output("relu", *line.split(), *alpha, "--format", "plain").split() == TYPED[line].split()


def test_digits_that_may_be_a_number_or_its_bits_are_refused():
    """Rather than guessed; the message says how to write either."""
    expected = "'0x10' may be a number or its bits: write 0x10p0 for the number; --bits reads bits"
    assert complaint("relu", "0x10") == expected
    with pytest.raises(ActcliError) as caught:
        actcli.evaluate("relu", ["0x10"])
    assert str(caught.value) == expected
    assert output("relu", "0x10p0", "--format", "plain") == "16.0\n"
    assert output("relu", "0x10p0", "--bits", "--format", "plain") == "16.0\n"
    assert complaint("relu", "-0x10", "--bits") == "'-0x10' has a sign, which is one of the bits"
    assert complaint("relu", "0x1", "-0x10").startswith("'0x1' may be")


def test_bits_have_to_fit():
    """Into the dtype, to the last bit."""
    words = ["relu", "--bits", "--format", "hex", "--dtype"]
    assert complaint(*words, "bfloat16", "0x1ffff") == "'0x1ffff' has more than the 16 bits of bfloat16"
    assert output(*words, "bfloat16", "0x0ffff", "0x4140") == "0x7fc0\n0x4140\n"
    assert "more than the 8 bits" in complaint(*words, "float8_e5m2", "0x100")
    assert output(*words, "float64", "0x3ff0000000000001") == "0x3ff0000000000001\n"


def test_bits_stand_beside_numbers_in_tables():
    """Inputs first, then each result with its own."""
    assert output("relu", "0x40490fdb", "-2", "--bits") == (
        "relu, float32, exact\n"
        "╭────────────┬────────────┬───────────┬─────────────╮\n"
        "│          x │     x_bits │   relu(x) │ x_relu_bits │\n"
        "├────────────┼────────────┼───────────┼─────────────┤\n"
        "│  3.1415927 │ 0x40490fdb │ 3.1415927 │  0x40490fdb │\n"
        "│ -2.        │ 0xc0000000 │ 0.        │  0x00000000 │\n"
        "╰────────────┴────────────┴───────────┴─────────────╯\n"
    )
    glu = output("glu", "1", "2", "0", "0", "--bits", "--format", "csv").splitlines()
    assert glu[0] == "value,gate,value_bits,gate_bits,glu,glu_bits"
    assert glu[2] == "2.0,0.0,0x40000000,0x00000000,1.0,0x3f800000"
    assert output("relu", "1", "--bits", "--only", "--format", "csv") == "x_relu,x_relu_bits\n1.0,0x3f800000\n"
    compared = output("compare", "relu", "--dialects", "keras,torch", "1", "--bits", "--format", "csv").splitlines()
    assert compared[0] == "x,x_bits,relu_keras,relu_keras_bits,relu_torch,relu_torch_bits,relu_ulps"
    assert complaint("relu", "x.csv", "--bits", "--replace").startswith("--replace cannot be combined with --bits")


TABLE = "id,x\n0xbeef,0x1.8p3\n0xbeef,\n0xbeef,-2\n"


def test_hexadecimal_cells_are_read(tmp_path):
    """The text of each stays; a column of bare digits is text, as it was, unless --bits says otherwise."""
    (tmp_path / "x.csv").write_text(TABLE)
    assert output("relu", "x.csv", cwd=tmp_path) == "id,x,x_relu\n0xbeef,0x1.8p3,12.0\n0xbeef,,\n0xbeef,-2,0.0\n"
    bits = output("linear", "x.csv", "--bits", "--dtype", "bfloat16", "--only", cwd=tmp_path).splitlines()
    assert bits[0] == "id_linear,id_linear_bits,x_linear,x_linear_bits"
    assert bits[1].endswith(",0xbeef,12.0,0x4140")
    assert bits[2].endswith(",0xbeef,,")
    assert complaint("relu", "x.csv", "-c", "id", cwd=tmp_path) == (
        "x.csv: row 2, column 'id': '0xbeef' may be a number or its bits: write 0xbeefp0 for the number; --bits reads "
        "bits"
    )
    (tmp_path / "wide.csv").write_text("x\n0x7f\n0x1ff\n")
    wide = ["relu", "wide.csv", "--bits", "--dtype", "float8_e5m2", "--format", "plain"]
    assert complaint(*wide, cwd=tmp_path) == (
        "wide.csv: row 3, column 'x': '0x1ff' has more than the 8 bits of float8_e5m2"
    )
    assert output(*wide, "--on-error", "keep", cwd=tmp_path) == "nan\n0x1ff\n"
    assert output("relu", "--decimal", ",", "-d", ";", "--format", "plain", stdin="0x1,8p3\n") == "12,0\n"


@pytest.mark.parametrize("dtype", dtypes.FORMATS)
def test_a_column_of_hexadecimal_numbers_is_rounded_once(dtype):
    """As typed ones are, beside decimal ones."""
    words = [number.hex() for number in np.linspace(-3, 3, 101).tolist()] + ["0.1", "0x1.000001000000000000001p0"]
    typed = output("linear", *words, "--dtype", dtype, "--format", "hex")
    assert output("linear", "--dtype", dtype, "--format", "hex", stdin="x\n" + "\n".join(words) + "\n") == typed


@pytest.mark.parametrize("name", [name for name, format in FILE_FORMATS.items() if format.open_reader])
def test_bits_go_into_every_format_that_is_read(name, tmp_path):
    """Where columns have names, in columns of their own; elsewhere they are what is stored anyway."""
    path = tmp_path / f"y{FILE_FORMATS[name].endings[0]}"
    output("relu", "1", "0x40490fdb", "--bits", "-o", str(path))
    if name in ("npy", "npz", "safetensors"):
        return
    found = output("linear", str(path), "-c", "x_relu", "--only", "--format", "hex")
    assert found.split() == ["0x3f800000", "0x40490fdb"]
    assert "x_relu_bits" in output("linear", str(path), "-c", "x_relu", "--as", "y", "--to", "csv").partition("\n")[0]


def test_results_are_written_as_bits_from_files(tmp_path):
    """A line for each row, a tab between several; nothing for an empty cell."""
    (tmp_path / "x.csv").write_text("x,y\n1,-2\n,0.5\n")
    words = ["relu", "x.csv", "--dtype", "float16"]
    expected = "0x3c00\t0x0000\n\t0x3800\n"
    assert output(*words, "--format", "hex", cwd=tmp_path) == expected
    assert output(*words, "-o", "y.hex", cwd=tmp_path) == ""
    assert (tmp_path / "y.hex").read_text() == expected
