"""Integer codes: the tables of quantized models, each entry the true value rounded once."""

import json
import math
from fractions import Fraction
from pathlib import Path

import gmpy2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.numerics import dtypes
from actcli.numerics.quantized import DTYPES, ROUNDINGS, Quantization, round_to_codes
from tests.activations import ELEMENTWISE, parameters_of
from tests.command import actcli as run
from tests.command import complaint, output
from tests.reference import mpfr

RECORDED = json.loads((Path(__file__).parent / "golden" / "quantized_onnxruntime.json").read_text())["results"]
SETTINGS = [(0.25, 3, 0.5, -7), (0.0431, -5, 0.0177, 12)] * 9
"""Scale and zero point of the input and of the results: some that make ties, and some that make none."""
SIGMOID = ["sigmoid", "--quantize", "int8", "--input-scale", "0.0625", "--output-scale", "0x1p-8"]
SIGMOID += ["--output-zero-point", "-128"]
BITS = 8000  # of the referee: of gelu_tanh near 32, a value differs from a tie by the 3600th
NEAR_TIE = Fraction(1, 10**5)
"""How near a value lies to the middle between two codes where arithmetic in float32 may err."""


def keywords(setting):
    """Return scales and zero points as the library calls them."""
    names = ("input_scale", "input_zero_point", "output_scale", "output_zero_point")
    return dict(zip(names, setting, strict=True))


def rounded(steps, rounding):
    """Return the integer nearest to a fraction."""
    if rounding == "half-even":
        return round(steps)
    return int(math.copysign(math.floor(abs(steps) + Fraction(1, 2)), steps))


def middle_near(steps):
    """Return the middle between two integers that is nearest to a fraction."""
    return Fraction(math.floor(steps * 2) | 1, 2)


def true_steps(activation, q, setting, parameters):
    """Return the formula's value for a code, in units of the scale, as a fraction; a middle, if it is next to one.

    NaN, where the function has no value, is beyond the lowest code.
    """
    scale, zero_point, output_scale, _ = setting
    x = float(np.float32(scale)) * (q - zero_point)
    with gmpy2.context(precision=BITS):
        value = mpfr._at(activation, gmpy2.mpfr(x), parameters, BITS).value
        if gmpy2.is_nan(value):
            return Fraction(-(2**32))
        y = gmpy2.mpq(value)
    steps = Fraction(int(y.numerator), int(y.denominator)) / Fraction(float(np.float32(output_scale)))
    middle = middle_near(steps)
    return middle if abs(steps - middle) < Fraction(1, 2 ** (BITS // 2)) else steps


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_every_function_has_its_table(activation, rounding):
    """That of its formula with thousands of bits; with scales that give ties, and that give none."""
    for parameters, setting in zip(parameters_of(activation), SETTINGS, strict=False):
        q = np.arange(-128, 128, 7, dtype=np.int8)
        found = actcli.evaluate_quantized(activation.name, q, rounding=rounding, **keywords(setting), **parameters)
        steps = [true_steps(activation, code, setting, parameters) for code in q.tolist()]
        expected = [min(127, max(-128, rounded(each, rounding) + setting[-1])) for each in steps]
        assert found.dtype == np.int8
        assert found.tolist() == expected


@pytest.mark.parametrize("record", RECORDED, ids=lambda record: f"{record['operator']}-{record['setting']}")
def test_onnx_runtime_gives_the_same_but_where_float32_cannot_tell(record):
    """Within one code, and only where the true value lies within its rounding errors of a tie; NaN is the lowest."""
    activation = actcli.get(record["function"])
    dtype, *setting = record["setting"]
    dialect = "onnx" if "onnx" in activation.dialects else None
    options = {"dtype": dtype, "dialect": dialect, **record["parameters"]}
    found = actcli.evaluate_quantized(activation.name, **keywords(setting), **options)
    prepared = activation.create(record["parameters"], dtypes.FORMATS["float32"], dialect)
    parameters = {name: getattr(prepared, name) for name in activation.parameters}
    codes, limits = np.array(record["codes"]), np.iinfo(dtype)
    q = range(limits.min, limits.max + 1)
    assert len(codes) == len(found) == 256
    scale, zero_point, *_ = (np.float32(number) for number in setting)
    for i in np.flatnonzero(found != codes).tolist():
        if (np.float32(q[i]) - zero_point) * scale in prepared.domain:
            continue  # its kernel takes the input of float32 that the code's own number is rounded to
        steps = true_steps(activation, q[i], setting, parameters)
        assert abs(int(found[i]) - int(codes[i])) == 1
        assert abs(steps - middle_near(steps)) < NEAR_TIE
    if record["operator"] in ("Sigmoid", "QLinearSigmoid", "Tanh"):
        assert found.tolist() == record["codes"]


@pytest.mark.parametrize(
    ("name", "output_scale", "zero_point", "expected"),
    [
        ("sigmoid", 1 / 256, -128, [-128, -123, -97, -59, -4, 0, 4, 59, 97, 123, 127]),
        ("tanh", 1 / 128, 0, [-128, -128, -123, -97, -8, 0, 8, 97, 123, 127, 127]),
    ],
)
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_sigmoid_and_tanh_are_those_of_tflite_micro(name, output_scale, zero_point, expected, rounding):
    """Its own integer kernels, built and run, gave these."""
    codes = [-128, -64, -32, -16, -1, 0, 1, 16, 32, 64, 127]
    setting = keywords((1 / 16, 0, output_scale, zero_point))
    assert actcli.evaluate_quantized(name, codes, rounding=rounding, **setting).tolist() == expected


def test_a_value_below_the_middle_by_less_than_any_float_is_below_it():
    """tanh(2032) is 1 to every float, and half a step: rounded away from zero still code 0, where hard_tanh is 1."""
    for name, expected in (("tanh", 0), ("hard_tanh", 1)):
        assert actcli.evaluate_quantized(name, 127, input_scale=16, output_scale=2, rounding="half-away") == expected


@given(
    st.lists(st.integers(-128, 127), min_size=1, max_size=8),
    st.tuples(
        st.sampled_from([2.0**-4, 2.0**-5, 0.1, 3.0]),
        st.integers(-128, 127),
        st.sampled_from([2.0**-3, 0.1, 2.0**-6, 7.0]),
        st.integers(-128, 127),
    ),
    st.sampled_from(ROUNDINGS),
)
def test_the_identity_of_codes_is_that_of_fractions(codes, setting, rounding):
    """Requantization, with ties everywhere."""
    found = actcli.evaluate_quantized("linear", codes, rounding=rounding, **keywords(setting))
    scale, zero_point, output_scale, other = setting
    ratio = Fraction(float(np.float32(scale))) / Fraction(float(np.float32(output_scale)))
    expected = [rounded((code - zero_point) * ratio, rounding) + other for code in codes]
    assert found.tolist() == [min(127, max(-128, code)) for code in expected]


@pytest.mark.parametrize("dtype", DTYPES)
def test_infinities_are_the_ends_and_nan_is_the_lowest_code(dtype):
    """As in ONNX Runtime; what is far beyond the codes is an end too."""
    quantization = Quantization(dtype, 1.0, 0, 2.0**-149, 1)
    y = np.array([math.inf, -math.inf, math.nan, 1e300, -1e300])
    found = round_to_codes(lambda m, x: x, None, y, y, quantization)
    limits = np.iinfo(dtype)
    assert found.dtype == dtype
    assert found.tolist() == [limits.max, limits.min, limits.min, limits.max, limits.min]


def test_tables_of_16_bits_hold_every_code():
    """Those of q15, as CMSIS had them, are codes with a power of two for their scale."""
    table = actcli.evaluate_quantized("relu", dtype="int16", input_scale=2.0**-15, output_scale=2.0**-15)
    assert table.tolist() == [0] * 2**15 + list(range(2**15))
    q = np.arange(0, 2**15, 1001, dtype=np.int16).reshape(3, -1)
    tanh = actcli.evaluate_quantized("tanh", q, dtype="int16", input_scale=2.0**-12, output_scale=2.0**-15)
    expected = [min(32767, round(float(mpfr.value(actcli.get("tanh"), x / 4096, "float64")) * 32768)) for x in q.flat]
    assert (tanh.shape, tanh.ravel().tolist()) == (q.shape, expected)


def test_the_command_prints_a_table_of_all_codes_or_of_those_that_are_given(tmp_path):
    """In every format; integers are written as integers."""
    rows = output(*SIGMOID, "--format", "csv").splitlines()
    assert rows[:2] == ["x,x_sigmoid", "-128,-128"]
    assert [int(row.partition(",")[0]) for row in rows[1:]] == list(range(-128, 128))
    table = actcli.evaluate_quantized("sigmoid", input_scale=0.0625, output_scale=2.0**-8, output_zero_point=-128)
    assert [int(row.partition(",")[2]) for row in rows[1:]] == table.tolist()
    assert output(*SIGMOID, "--all", "--format", "csv").splitlines() == rows
    assert output(*SIGMOID, "-o", "s.npy", cwd=tmp_path) == ""
    stored = np.load(tmp_path / "s.npy")
    assert (stored.dtype, stored.tolist()) == (np.int8, table.tolist())
    assert output(*SIGMOID, "-1", "1", "--format", "hex") == "0xfc\n0x04\n"
    assert output(*SIGMOID, "-1", "1", "--format", "plain") == "-4\n4\n"
    assert output(*SIGMOID, "-1", "1", "--format", "array") == "array([-4,  4], dtype=int8)\n"
    found = json.loads(output(*SIGMOID, "-1", "1", "--format", "json"))
    assert (found["dtype"], found["x"], found["y"]) == ("int8", [-1, 1], [-4, 4])
    assert found["quantization"] == {
        "input_scale": 0.0625,
        "input_zero_point": 0,
        "output_scale": 0.00390625,
        "output_zero_point": -128,
        "rounding": "half-even",
    }
    assert output(*SIGMOID, "-1", "100", "--digits", "2") == (
        "sigmoid, int8, input scale 0.0625, input zero point 0, output scale 0.00390625, output zero point -128, "
        "rounding half-even\n"
        "╭─────┬────────────╮\n"
        "│   x │ sigmoid(x) │\n"
        "├─────┼────────────┤\n"
        "│  -1 │         -4 │\n"
        "│ 100 │        127 │\n"
        "╰─────┴────────────╯\n"
    )


@pytest.mark.parametrize("name", ["csv", "tsv", "jsonl", "parquet", "arrow", "arrows", "npy", "npz", "safetensors"])
def test_codes_of_a_file_are_converted(name, tmp_path):
    """Those of an array of two axes, into every format that is read; results have the dtype of the codes."""
    np.save(tmp_path / "q.npy", np.array([[-128, -1], [1, 127]], np.int8))
    assert output(*SIGMOID, "q.npy", "-o", f"r.{name}", "--only", cwd=tmp_path) == ""
    chosen = ["--tensor", "x"] if name in ("npz", "safetensors") else []
    read = output("linear", f"r.{name}", *chosen, "--only", "--to", "plain", cwd=tmp_path)
    assert read == "-128.0\t-4.0\n4.0\t127.0\n"


def test_text_beside_codes_passes_through_and_what_is_no_code_is_named():
    """By column, with what is accepted."""
    assert output(*SIGMOID, "-", "-c", "q", stdin="a,q\nt,1\nu,-1\n") == "a,q,q_sigmoid\nt,1,4\nu,-1,-4\n"
    wrong = "column 'x' has 3.5; codes of int8 are integers from -128 to 127"
    assert complaint(*SIGMOID, "3.5") == wrong
    assert complaint(*SIGMOID, "-", stdin="x\n3.5\n") == wrong
    assert complaint(*SIGMOID, "128").startswith("column 'x' has 128; codes of int8")
    assert complaint(*SIGMOID, "nan").startswith("column 'x' has nan;")
    assert complaint(*SIGMOID, "-", "-c", "q", stdin="a,q\nt,1\nu,\n") == (
        "column 'q' has an empty cell, for which int8 has no code"
    )


BOTH = "sigmoid --quantize int8 --input-scale 1 --output-scale"
MISTAKES = {
    "sigmoid 1 --input-scale 3": "--input-scale is for codes: give --quantize int8 too",
    "sigmoid 1 --rounding half-away": "--rounding is for codes: give --quantize int8 too",
    "sigmoid --quantize int8": "--input-scale is required: what one step of the codes is",
    "sigmoid --quantize int9": "--quantize must be one of int8, uint8, int16, uint16, got 'int9'; did you mean int8?",
    "sigmoid --quantize int8 --input-scale 0 --output-scale 1": "--input-scale must be a positive number of float32",
    f"{BOTH} 1e-60": "--output-scale must be a positive number of",
    f"{BOTH} inf": "--output-scale must be a positive number of",
    f"{BOTH} x": "--output-scale must be a positive number of",
    f"{BOTH} 1 --input-zero-point 128": "--input-zero-point must be an integer from -128 to 127, got '128'",
    f"{BOTH} 1 --quantize uint8 --output-zero-point -1": "--output-zero-point must be an integer from 0 to 255, got",
    f"{BOTH} 1 --rounding up": "--rounding must be one of half-even,",
    "sigmoid --quantize int8 --dtype float16": "--quantize cannot be combined with --dtype, which is for floats",
    "sigmoid --quantize int8 --derivative": "--quantize cannot be combined with --derivative",
    "sigmoid --quantize int8 --numerics tensorflow2": "--quantize cannot be combined with --numerics",
    "sigmoid --quantize int8 --saturate": "--quantize cannot be combined with --saturate",
    "sigmoid --quantize int8 --bits": "--quantize cannot be combined with --bits, which is for floats; --format hex",
    "softmax --quantize int8": "--quantize is for functions of one number; softmax works on vectors",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_line(line):
    """That says what is accepted."""
    assert complaint(*line.split()).startswith(MISTAKES[line])


def test_the_library_refuses_what_the_command_does():
    """With the names of its own arguments."""
    given = {"input_scale": 1.0, "output_scale": 1.0}
    for wrong, message in (
        ({"dtype": "int9"}, "dtype must be one of int8"),
        ({"input_zero_point": 0.5}, "input_zero_point must be an integer"),
        ({"output_zero_point": 300}, "output_zero_point must be an integer from -128 to 127, got 300"),
        ({"output_scale": -1}, "output_scale must be a positive number"),
        ({"rounding": "up"}, "rounding must be one of"),
        ({"q": [1.5]}, "q has 1.5; codes of int8"),
        ({"alpha": 2}, "sigmoid has no parameter 'alpha'"),
    ):
        with pytest.raises(actcli.ActcliError, match=message):
            actcli.evaluate_quantized("sigmoid", **given | wrong)
    with pytest.raises(actcli.ActcliError, match="softmax works on vectors"):
        actcli.evaluate_quantized("softmax", **given)
    slopes = actcli.evaluate_quantized("prelu", [[-4, -4]], slope=[0.5, 0.25], **given)
    assert slopes.tolist() == [[-2, -1]]


def test_codes_of_many_files_are_done_again_when_what_they_stand_for_changes(tmp_path):
    """As with every option that results depend on."""
    (tmp_path / "q.csv").write_text("x\n1\n")
    for scale, expected in (("0x1p-8", "x,x_linear\n1,16\n"), ("0x1p-7", "x,x_linear\n1,8\n")):
        codes = ["--quantize", "int8", "--input-scale", "0x1p-4", "--output-scale", scale]
        assert run("linear", "q.csv", *codes, "--output-dir", "out", "--resume", cwd=tmp_path).returncode == 0
        assert (tmp_path / "out" / "q.csv").read_text() == expected
