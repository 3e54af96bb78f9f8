"""Results are the true value rounded once with any parameters and inputs, extremes included, in every format."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import actcli
from actcli.api import prepare
from actcli.numerics import double_double, dtypes, pairs, rounding, spacing
from tests.activations import ELEMENTWISE
from tests.reference import mpfr
from tests.reference.prove_rounding import prove

NAMES = [activation.name for activation in ELEMENTWISE]


NARROW = [name for name in dtypes.FORMATS if name != "float64"]
TASKS = [(name, format) for i, name in enumerate(NAMES) for format in ("float64", NARROW[i % len(NARROW)])]


@pytest.mark.parametrize(("name", "format"), TASKS)
def test_parameters_and_inputs_of_any_size_give_what_mpfr_gives(name, format):
    """Values and derivatives; reference/prove_rounding.py tries many more."""
    proof = prove((name, format, 4, 64, 7))
    assert proof.results > 40
    assert not proof.wrong


@pytest.mark.parametrize(
    ("name", "kind", "x", "dtype", "parameters"),
    [
        ("mish", "derivative", -1.1924312145154952, "float64", {}),
        ("silu", "derivative", -1.278464542761074, "float64", {}),
        ("gelu_tanh", "derivative", -0.7524614220710163, "float64", {}),
        ("xielu", "derivative", -0.9808292530117262, "float64", {}),
        ("xielu", "value", -2.432484276931448, "float64", {}),
        ("mish", "derivative", 1e308, "float64", {}),
        ("rrelu", "value", -1e308, "float64", {}),
        ("silu", "derivative", 1e300, "float64", {"beta": 1e10}),
        ("celu", "value", -1e-200, "float64", {"alpha": 1e200}),
        ("hard_sigmoid", "derivative", -1e-20, "float32", {"slope": 0.3, "offset": 1.0}),
        ("softplus", "value", 5.0, "float32", {"beta": 0.1, "threshold": 0.5}),
        ("softplus", "value", 5.0, "float64", {"beta": 0.1, "threshold": 0.5}),
        ("rrelu", "derivative", -3.5, "float64", {"lower": -0.984782137948714, "upper": 1.0}),
        ("gelu_10", "value", -1e10, "float64", {"min_value": 1e-300}),
        ("xielu", "value", -1e-38, "float32", {"beta": 1e-45}),
        ("elu", "value", -1e-307, "float64", {"alpha": 2.2e-308}),
        ("logit", "value", 0.5 + 2.0**-53, "float64", {}),
        ("logit", "value", 0.5 - 2.0**-25, "float32", {}),
        ("logit", "value", 0.75, "float64", {}),
        ("logit", "value", 5e-324, "float64", {}),
        ("logit", "value", 2.0, "float64", {"eps": 1e-300}),
        ("serf", "value", -740.0, "float64", {}),
        ("serf", "derivative", -745.0, "float64", {}),
        ("serf", "derivative", -2000.0, "float32", {}),
        ("serf", "derivative", -1.193059968928188, "float64", {}),
        ("serf", "value", 1e300, "float64", {}),
        ("gelu_fast", "derivative", -0.7524614220734264, "float64", {}),
    ],
)
def test_what_once_went_wrong_is_right(name, kind, x, dtype, parameters):
    """Roots, steps that overflow or underflow, branches that a rounding decided, and signs of zeros; by MPFR."""
    format = dtypes.FORMATS[dtype]
    rounded = {key: float(rounding.nearest(np.array(number), format)) for key, number in parameters.items()}
    number = float(rounding.nearest(np.array(x), format))
    activation = actcli.get(name)
    defaults = {key: parameter.default for key, parameter in activation.parameters.items()}
    expected = getattr(mpfr, kind)(activation, number, dtype, **defaults | rounded)
    call = actcli.evaluate if kind == "value" else actcli.derivative
    found = float(call(name, number, dtype=dtype, **parameters))
    assert (found, np.signbit(found)) == (expected, np.signbit(expected))


@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_too_large_or_small(name):
    """With every parameter at its smallest and largest, too; no warning, and no exception but for what is refused."""
    parameters = actcli.get(name).parameters
    x = np.array([1e300, -1e300, 1e-300, -1e-300, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for size in (5e-324, 1e-300, 1e300, 1.7976931348623157e308):
            given = {key: size for key, parameter in parameters.items() if parameter.kind is float}
            if "lambd" not in given and {"min_value", "min_val"} & set(given):
                given.update({key: -size for key in given if key.startswith("min")})
            try:
                low, high = prepare(name, given, "float64").domain
            except actcli.ActcliError as error:
                assert (name, size > 1) == ("logit", True), error  # whose eps is at most 1
                continue
            for call in (actcli.evaluate, actcli.derivative):
                assert not np.isnan(call(name, x, **given)[(low <= x) & (x <= high)]).any()


@pytest.mark.parametrize("format", dtypes.FORMATS.values(), ids=dtypes.FORMATS)
@given(
    first=st.floats(allow_nan=False, allow_infinity=False),
    last=st.floats(allow_nan=False, allow_infinity=False),
    count=st.integers(1, 40),
)
@example(first=0.0, last=1.0, count=11)
@example(first=-1e308, last=1e308, count=3)
@example(first=-5e-324, last=5e-324, count=5)
def test_evenly_spaced_numbers_are_the_exact_ones_rounded_once(format, first, last, count):
    """By fractions; both ends are exact."""
    first, last = Fraction(str(first)), Fraction(str(last))
    found = spacing.evenly_spaced(first, last, count, format).astype(np.float64)
    exact = [first + (last - first) * i / max(count - 1, 1) for i in range(count)]
    np.testing.assert_array_equal(found, [rounding.nearest_fraction(number, format) for number in exact])


def test_a_choice_in_doubt_says_so_and_leaves_the_others_alone():
    """A comparison that 70 bits do not decide."""
    x = pairs.DoubleDouble(np.array([1.0, 1.0, 2.0]), np.array([0.0, 2.0**-80, 2.0**-60]))
    chosen = double_double.where(x > 1.0, x, -x)
    assert np.isnan(chosen.high).tolist() == [True, True, False]
    assert (chosen.high[2], chosen.low[2]) == (2.0, 2.0**-60)
    both = (x > 1.0) & (x < 0.5)
    assert not both.holds.any()
    assert both.doubt.tolist() == [False, False, False]


def test_a_row_does_not_depend_on_the_rows_beside_it():
    """An infinity in one of them, and in another a result as huge as what stands for infinities inside."""
    rows = np.array([[1e302, -1e302, 0.0], [np.inf, 0.0, 1.0]])
    for name in ("softmax", "log_softmax", "softmin", "sparsemax", "hardmax"):
        alone = np.stack([actcli.evaluate(name, row) for row in rows])
        np.testing.assert_array_equal(actcli.evaluate(name, rows), alone)
    assert actcli.evaluate("log_softmax", rows)[0].tolist() == [0.0, -2e302, -1e302]
