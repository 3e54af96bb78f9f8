"""Gated linear units: which half is the gate, exact products, limits, and halves of typed numbers, rows and columns."""

import json
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import actcli as library
from actcli.activation import Packed
from actcli.numerics import dtypes
from actcli.registry import registered
from tests.command import complaint, output
from tests.reference import mpfr

inf, nan = np.inf, np.nan
ACTIVATIONS = [activation for activation in registered() if issubclass(activation, Packed)]
CASES = [(activation, {}) for activation in ACTIVATIONS] + [
    (activation, {"gate": "second"} | given)
    for activation in ACTIVATIONS
    if "gate" in activation.parameters
    for given in [{}, *({"beta": beta} for beta in (0.0, -0.5, 3.0) if activation.name == "swiglu")]
]
CASES += [(library.get("geglu"), {"approximate": True}), (library.get("glu"), {"layout": "interleaved"})]
GPT_OSS = {"beta": 1.702, "limit": 7.0, "up_offset": 1.0}
KIMI = {"beta": 4.0, "linear_beta": 25.0}
STEP = {"limit": 7.0, "clamp_after": True}
CASES += [(library.get("situ_glu"), {"beta": 4.0, "linear_beta": 24.0, "gate": "second"})]
CASES += [
    (library.get("swiglu"), each)
    for each in (
        GPT_OSS | {"beta": 1.75, "layout": "interleaved", "gate": "second"},  # a number of every format
        {"limit": 10.0},
        STEP,
        {"up_offset": -0.75},
    )
]
IDS = [f"{activation.name}{given or ''}" for activation, given in CASES]


@pytest.mark.parametrize(("activation", "given_parameters"), CASES, ids=IDS)
@pytest.mark.parametrize("dtype", dtypes.FORMATS)
@settings(max_examples=25)
@example(values=[-3.0, 1e10, -740.0, 2.5])
@example(values=[-740.0, 2.5, -3.0, 1e10])
@example(values=[-38.0, -37.4, 1e300, 1e-5])
@example(values=[-683.0, 0.0, 1e5, -0.3])
@given(values=st.lists(st.floats(-800, 800), min_size=2, max_size=2).map(lambda pair: [*pair, 1e5, -0.3]))
def test_every_dtype_is_rounded_from_the_true_value(activation, given_parameters, dtype, values):
    """Within 0.501 ulp; in float64 within 1 ulp from 2**-960 up, also where the activated gate is subnormal."""
    row = library.evaluate("linear", values, dtype=dtype)
    if not np.isfinite(row.astype(np.float64)).all():
        return
    found = library.evaluate(activation.name, row, **given_parameters)
    for actual, true in zip(found, mpfr.along_axis(activation, row.tolist(), **given_parameters), strict=True):
        nearest, format = mpfr.rounded(true, dtype), dtypes.find(dtype)
        if not np.isfinite(nearest) or abs(true) > format.largest:
            assert str(float(actual)) == str(nearest)
            continue
        smallest, allowed = (-960, Fraction(1)) if dtype == "float64" else (format.min_exponent, Fraction("0.501"))
        ulp = Fraction(2) ** (max(int(np.frexp(nearest)[1]) - 1, smallest) - format.precision + 1)
        assert abs(Fraction(float(actual)) - Fraction(gmpy2.mpq(true))) <= allowed * ulp


def test_glu_takes_the_second_half_for_the_gate():
    """Values from the formula with 17 digits."""
    found = library.evaluate("glu", [0.3, -2, 1, 0.5], dtype="float64")
    np.testing.assert_allclose(found, [0.21931757358900147, -1.2449186624037092], rtol=1e-15)


@pytest.mark.parametrize("name", ["swiglu", "geglu", "reglu", "bilinear"])
def test_the_others_take_the_first_half_unless_told(name):
    """Half-way, 0 and a negative gate tell the halves apart."""
    act = {"swiglu": "silu", "geglu": "gelu", "reglu": "relu", "bilinear": "linear"}[name]
    gate, value = np.array([1.5, 0, -2]), np.array([-4.0, 2, 8])
    expected = library.evaluate(act, gate) * value
    for given_parameters, halves in (({}, [gate, value]), ({"gate": "first"}, [gate, value])):
        found = library.evaluate(name, np.concatenate(halves), **given_parameters)
        np.testing.assert_allclose(found, expected, rtol=1e-15)
    found = library.evaluate(name, np.concatenate([value, gate]), gate="second")
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("gate", ["first", "second"])
def test_interleaved_numbers_are_the_halves_shuffled(activation, gate):
    """Values, and what flows back to each number."""
    given_parameters = {"gate": gate} if "gate" in activation.parameters else {}
    halves = np.array([[1.5, -2, 0.3, 4, 5, -6], [0.5, 7, -0.25, 3, 2, 1]])
    interleaved = halves[:, [0, 3, 1, 4, 2, 5]]
    g = np.array([[1, -2, 0.5], [3, 0.1, 1]])
    for call, others in ((library.evaluate, ()), (library.vjp, (g,))):
        expected = call(activation.name, halves, *others, **given_parameters)
        found = call(activation.name, interleaved, *others, layout="interleaved", **given_parameters)
        assert found.tolist() == (expected[:, [0, 3, 1, 4, 2, 5]] if others else expected).tolist()


# Function, parameters, gate, value, result and what flows back to the two, by mpmath with 60 digits.
OF_MODELS = [
    ("situ_glu", KIMI, 1, 2, 1.4293511315552199, (1.7558989716144677, 0.7116353660348389)),
    ("situ_glu", KIMI, -2, 0.5, -0.11015674374971536, (-0.050158552912084466, -0.2202547482009635)),
    ("situ_glu", KIMI, 8, 3, 11.509260033493568, None),
    ("situ_glu", KIMI, 3, -30, -50.43830946782646, None),
    ("situ_glu", KIMI, 100, 100, 99.93292997390671, None),
    ("situ_glu", {"beta": 4.0}, 1, 2, 1.4323991137345409, None),
    ("swiglu", GPT_OSS, 1, 2, 2.537387297798464, (3.203338819669002, 0.8457957659328212)),
    ("swiglu", GPT_OSS, -2, 0.5, -0.09651206528368779, (-0.1107230314628129, -0.06434137685579186)),
    ("swiglu", GPT_OSS, 8, 3, 27.999812513213268, (0, 6.999953128303317)),
    ("swiglu", GPT_OSS, 12, 3, 27.999812513213268, None),
    ("swiglu", GPT_OSS, 3, -9, -17.891572141753283, None),
    ("swiglu", GPT_OSS, 1, -1, 0, None),
    ("swiglu", GPT_OSS, -100, 1, -2.421637737040844e-72, None),
    ("swiglu", {"limit": 10.0}, 1, 2, 1.4621171572600098, (1.8553410237429735, 0.7310585786300049)),
    ("swiglu", {"limit": 10.0}, -2, 0.5, -0.11920292202211756, (-0.04539212439244774, -0.23840584404423512)),
    ("swiglu", {"limit": 10.0}, 12, 3, 29.998638063938927, None),
    ("swiglu", {"limit": 10.0}, 3, -20, -28.577223804672997, None),
    ("swiglu", {"limit": 10.0}, -100, 5, -1.860037988010418e-41, None),
    ("swiglu", STEP, 8, 3, 21, (0, 7)),
    ("swiglu", STEP, 7.001, 3, 20.983884299601346, None),
    ("swiglu", STEP, 3, -9, -20.004056663271097, None),
    ("swiglu", {"beta": 1.702}, 1, 2, 1.6915915318656425, (2.135559213112668, 0.8457957659328212)),
    ("swiglu", {"beta": 1.702}, -20, 4, -1.3173640965597499e-13, None),
]


@pytest.mark.parametrize("row", OF_MODELS, ids=str)
def test_the_variants_of_models_give_what_they_compute(row):
    """Clamped, moved, steeper: Kimi-K3, gpt-oss, DeepSeek-V4, Step-3.7 and ggml's quick geglu."""
    name, given_parameters, gate, value, result, back = row
    assert library.evaluate(name, np.array([gate, value], float), **given_parameters).tolist() == [result]
    found = library.vjp(name, np.array([gate, value], float), np.ones(1), **given_parameters)
    assert back is None or found.tolist() == list(back)


def test_at_its_limit_a_clamped_number_has_the_slope_below_it():
    """As in the frameworks' clamps; beyond it none."""
    at, beyond = np.array([7.0, -7.0]), np.array([7.0000001, -7.0000001])
    assert library.vjp("swiglu", at, np.ones(1), **GPT_OSS).all()
    assert not library.vjp("swiglu", beyond, np.ones(1), **GPT_OSS).any()


# Rows: value; columns: gate. Where the product has no limit it is NaN.
GATES = [inf, -inf, 0.0, -0.0, 2.0, -2.0, 1e6, -1e6]
LIMITS = {
    "glu": {
        inf: [inf, nan, inf, inf, inf, inf, inf, inf],
        -inf: [-inf, nan, -inf, -inf, -inf, -inf, -inf, -inf],
        0.0: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        -3.0: [-3.0, -0.0, -1.5, -1.5, None, None, -3.0, -0.0],
    },
    "reglu": {
        inf: [inf, 0.0, nan, nan, inf, 0.0, inf, 0.0],
        -inf: [-inf, -0.0, nan, nan, -inf, -0.0, -inf, -0.0],
        0.0: [nan, 0.0, 0.0, -0.0, 0.0, 0.0, 0.0, 0.0],
        -3.0: [-inf, -0.0, -0.0, 0.0, -6.0, -0.0, -3e6, -0.0],
    },
    "bilinear": {
        inf: [inf, -inf, nan, nan, inf, -inf, inf, -inf],
        -inf: [-inf, inf, nan, nan, -inf, inf, -inf, inf],
        0.0: [nan, nan, 0.0, -0.0, 0.0, -0.0, 0.0, -0.0],
        -3.0: [-inf, inf, -0.0, 0.0, -6.0, 6.0, -3e6, 3e6],
    },
    "swiglu": {
        inf: [inf, nan, nan, nan, inf, -inf, inf, -inf],
        -inf: [-inf, nan, nan, nan, -inf, inf, -inf, inf],
        0.0: [nan, -0.0, 0.0, -0.0, 0.0, -0.0, 0.0, -0.0],
        -3.0: [-inf, 0.0, -0.0, 0.0, None, None, -3e6, 0.0],
    },
}
LIMITS["geglu"] = LIMITS["swiglu"]


@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
@pytest.mark.parametrize(
    ("name", "given_parameters"),
    [*((name, {}) for name in LIMITS), ("geglu", {"approximate": True}), ("swiglu", {"beta": 2})],
)
def test_infinities_give_the_limit_where_there_is_one(name, given_parameters, dtype):
    """With the sign of zero that the product has; NaN stays in its place."""
    for value, expected in LIMITS[name].items():
        halves = [GATES, [value] * len(GATES)]
        row = np.array(halves if name != "glu" else halves[::-1]).reshape(-1)
        x = library.evaluate("linear", row, dtype=dtype)
        found = library.evaluate(name, x, **given_parameters).astype(np.float64)
        known = np.array([number is not None for number in expected])
        wanted = library.evaluate("linear", [number or 0.0 for number in expected], dtype=dtype).astype(np.float64)
        wanted = np.copysign(wanted, [number if number is not None else 0.0 for number in expected])
        np.testing.assert_allclose(found[known], wanted[known], rtol=0.01)
        numbers = known & ~np.isnan(wanted)
        np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(wanted[numbers]))
        assert np.isfinite(found[~known]).all()


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_nan_in_either_half_makes_its_result_nan(activation):
    """And no other."""
    for row in ([nan, 1, 2, 3], [-1, 1, nan, 3]):
        assert np.isnan(library.evaluate(activation.name, row)).tolist() == [True, False]


def test_swiglu_without_sharpness_is_half_the_product():
    """Its limits are those of bilinear."""
    found = library.evaluate("swiglu", [inf, -inf, 2, 3, -4, 5], beta=0)
    assert found.tolist() == [inf, inf, 5]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_an_odd_number_is_refused(activation):
    """With what it would be split into."""
    expected = f"{activation.name} splits the numbers .* into .* and .*; expected an even number of them, got 3$"
    with pytest.raises(library.ActcliError, match=expected):
        library.evaluate(activation.name, [1, 2, 3])
    with pytest.raises(library.ActcliError, match="got 1"):
        library.evaluate(activation.name, np.zeros((4, 1)))
    assert library.evaluate(activation.name, np.zeros((4, 1)), axis=0).shape == (2, 1)


TYPED = {
    "csv": "value,gate,glu\n3.0,0.0,1.5\n-2.0,-inf,-0.0\n",
    "tsv": "value\tgate\tglu\n3.0\t0.0\t1.5\n-2.0\t-inf\t-0.0\n",
    "json": '{"function": "glu", "parameters": {"layout": "halves", "axis": -1}, "dtype": "float32", '
    '"numerics": "exact", "dialect": "keras", "x": [3.0, -2.0, 0.0, "-inf"], "y": [1.5, -0.0]}\n',
    "jsonl": '{"value": 3.0, "gate": 0.0, "glu": 1.5}\n{"value": -2.0, "gate": "-inf", "glu": -0.0}\n',
    "array": "array([ 1.5, -0. ], dtype=float32)\n",
    "plain": "1.5\n-0.0\n",
    "markdown": "| value | gate | glu |\n| --- | --- | ---: |\n| 3.0 | 0.0 | 1.5 |\n| -2.0 | -inf | -0.0 |\n",
    "table": "glu, float32, exact\n"
    "╭───────┬──────┬──────────────────╮\n"
    "│ value │ gate │ glu(value, gate) │\n"
    "├───────┼──────┼──────────────────┤\n"
    "│    3. │   0. │              1.5 │\n"
    "│   -2. │ -inf │             -0.  │\n"
    "╰───────┴──────┴──────────────────╯\n",
}


@pytest.mark.parametrize("name", TYPED)
def test_typed_numbers_are_one_vector(name):
    """Its halves stand side by side, named by what they are; JSON has the vector as it was given."""
    assert output("glu", "3", "-2", "0", "-inf", "--format", name) == TYPED[name]
    if name == "csv":
        assert output("glu", stdin="3\n-2\n0\n-inf\n") == TYPED[name]
        assert output("glu", "--axis", "0", stdin="x\n3\n-2\n0\n-inf\n") == TYPED[name]


def test_the_gate_can_be_the_other_half():
    """The names of the columns say so, and the parameters."""
    assert output("bilinear", "3", "2", "--format", "csv") == "gate,value,bilinear\n3.0,2.0,6.0\n"
    line = ["reglu", "3", "-2", "--gate", "second"]
    assert output(*line, "--format", "csv") == "value,gate,reglu\n3.0,-2.0,0.0\n"
    assert json.loads(output(*line, "--format", "json"))["parameters"] == {
        "gate": "second",
        "layout": "halves",
        "axis": -1,
    }
    assert output(*line).startswith("reglu(gate=second), float32, exact\n")


def test_the_halves_of_a_row_are_the_halves_of_its_columns():
    """Results are called after the value; what misses a number stays empty."""
    text = "id,a,b,c,d\np,1,2,3,4\nq,0,,5,6\nr,-1,7,8,\n"
    assert output("bilinear", stdin=text).splitlines() == [
        "id,a,b,c,d,c_bilinear,d_bilinear",
        "p,1,2,3,4,3.0,8.0",
        "q,0,,5,6,0.0,",
        "r,-1,7,8,,-8.0,",
    ]
    rows = output("bilinear", "--gate", "second", "-c", "b,c", stdin=text).splitlines()
    assert rows == ["id,a,b,c,d,b_bilinear", "p,1,2,3,4,6.0", "q,0,,5,6,", "r,-1,7,8,,56.0"]
    found = json.loads(output("bilinear", "--format", "json", stdin=text))
    assert (found["columns"], found["y"]) == (["a", "b", "c", "d"], [[3, 8], [0, None], [-8, None]])
    shown = output("bilinear", "--format", "table", stdin=text)
    assert "bilinear(a, c)" in shown
    assert "bilinear(b, d)" in shown


def test_interleaved_columns_are_pairs():
    """Results are called after the value of each; what misses a number stays empty."""
    text = "id,a,b,c,d\np,1,2,3,4\nq,0,,5,6\n"
    assert output("bilinear", "--layout", "interleaved", stdin=text).splitlines() == [
        "id,a,b,c,d,b_bilinear,d_bilinear",
        "p,1,2,3,4,2.0,12.0",
        "q,0,,5,6,,30.0",
    ]
    assert "bilinear(a, b)" in output("bilinear", "--layout", "interleaved", "--format", "table", stdin=text)
    typed = output("reglu", "--layout", "interleaved", "--gate", "second", stdin="x\n1\n\n3\n4\n")
    assert typed == "value,gate,reglu\n1.0,,\n3.0,4.0,12.0\n"
    words = ["--layout", "interleaved", "--on-error", "keep"]
    assert output("bilinear", *words, stdin="x\n1\n2\n3\n?\n") == "gate,value,bilinear\n1.0,2.0,2.0\n3.0,?,?\n"


def test_an_empty_cell_of_a_vector_stays_empty():
    """In the column of its half, and in the result."""
    assert output("reglu", stdin="x\n1\n\n3\n4\n") == "gate,value,reglu\n1.0,3.0,3.0\n,4.0,\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("glu 1 2 3", "glu splits the numbers along the axis into value and gate; expected an even"),
        ("glu 1 2 --axis 1", "glu: --axis 1 is out of range (-1 to 0)"),
        ("glu 1 2 --derivative", "glu has a Jacobian, not a derivative per value"),
        ("glu 1 2 --layout pairs", "glu: --layout must be one of halves, interleaved, got 'pairs'"),
        ("swiglu 1 2 --limit 0", "swiglu: --limit must be > 0, got"),
        ("glu 1 2 --gate first", "glu has no option '--gate'"),
        ("swiglu 1 2 --gate frist", "swiglu: --gate must be one of first, second, got 'frist'; did you mean first?"),
        ("glu 1 2 --dialect onnx", "onnx has no glu; the nearest is sigmoid of one half, times the other"),
        ("glu -", "glu splits the columns into value and gate; expected an even number of them, "),
        ("glu -", "got 3 (a, b, c): choose with --columns"),
        ("glu - -c a", "got 1 (a): choose with --columns"),
        ("glu - -c a,b --axis 0", "glu splits each row of a table in two (a, b); with --axis 0 half of the rows"),
        ("glu - -c a,b --axis 3", "glu: --axis 3 is out of range (-2 to 1)"),
        ("glu - -c a,b --derivative", "glu has a Jacobian, not a derivative per value"),
    ],
)
def test_a_mistake_is_one_line(line, message):
    """With what was given and what is accepted."""
    assert message in complaint(*line.split(), stdin="a,b,c\n1,2,3\n")
