"""Activations on balls: right wherever they are decided, and decided almost everywhere."""

import math
from typing import Any

import numpy as np
import pytest

import actcli
from actcli.activation import AlongAxis, Packed
from actcli.numerics import ball_mathematics, dtypes, intervals
from actcli.numerics.ball_rounding import round_ball
from actcli.numerics.balls import as_ball
from actcli.registry import registered
from tests.activations import CASES, IDS
from tests.reference import many, mpfr

ACTIVATIONS = {activation.name: activation for activation in registered()}
SUBNORMAL_TIES = ["silu", "gelu", "gelu_tanh", "quick_gelu", "xielu"]
FLOAT32, FLOAT64 = dtypes.FORMATS["float32"], dtypes.FORMATS["float64"]


def evaluate(activation: Any, kind: str, x: np.ndarray, format: dtypes.Format) -> tuple[np.ndarray, np.ndarray]:
    """Return an activation's values or derivatives, and where they are undecided."""
    with np.errstate(all="ignore"):
        y = as_ball(getattr(activation, kind)(ball_mathematics, as_ball(x)))
        result, undecided = round_ball(y, format)
    return np.broadcast_to(result, x.shape).astype(np.float64), np.broadcast_to(undecided, x.shape)


@pytest.mark.parametrize("name", SUBNORMAL_TIES)
def test_near_ties_of_subnormal_numbers_are_decided(name):
    """There the function is x / 2 plus something positive and tiny, so every odd number is beside a tie."""
    generator = np.random.default_rng(2)
    count = np.concatenate([np.arange(1, 500), generator.integers(1, 2**23, 3000)])
    for sign in (1, -1):
        result, undecided = evaluate(ACTIVATIONS[name](), "value", sign * count * 2.0**-149, FLOAT32)
        expected = sign * ((count + 1) // 2 if sign > 0 else count // 2) * 2.0**-149
        assert not undecided.any()
        assert (result == expected).all()
        assert (np.signbit(result) == (sign < 0)).all()


@pytest.mark.parametrize(
    ("name", "parameters", "kind", "x"),
    [
        ("mish", {}, "derivative", 1e308),
        ("mish", {}, "derivative", -1e308),
        ("rrelu", {}, "value", -1e308),
        ("celu", {"alpha": 1e200}, "value", -1e-200),
        ("celu", {"alpha": -1.0}, "value", -1e300),
        ("silu", {}, "value", 5e-324),
        ("silu", {}, "value", 1e-310),
        ("silu", {"beta": 1e10}, "derivative", 1e300),
        ("gelu", {}, "value", -38.5),
        ("gelu", {}, "value", -1e10),
        ("gelu_10", {"min_value": 1e-300}, "value", -1e10),
        ("tanh_shrink", {}, "value", 1e-107),
        ("softplus", {}, "value", -745.1),
    ],
)
def test_hard_float64_results_are_right(name, parameters, kind, x):
    """Where a step overflows or underflows though the result does not, by MPFR."""
    activation = ACTIVATIONS[name]
    result, undecided = evaluate(activation(**parameters), kind, np.array([x]), FLOAT64)
    defaults = {key: parameter.default for key, parameter in activation.parameters.items()}
    expected = getattr(mpfr, kind)(activation, x, "float64", **defaults | parameters)
    assert not undecided.any()
    assert result.tolist() == [expected]


@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
@pytest.mark.parametrize("kind", ["value", "derivative"])
def test_every_activation_is_right_where_it_is_decided(activation, parameters, kind):
    """In float64, at numbers of every size and sign; and almost everywhere it is decided."""
    generator = np.random.default_rng(5)
    sizes = np.concatenate([generator.uniform(-1074, 1023, 16), generator.uniform(-60, 10, 24)])
    x = np.ldexp(generator.choice([-1.5, -1.0, 1.0, 1.1], 40), sizes.astype(int))
    result, undecided = evaluate(activation(**parameters), kind, x, FLOAT64)
    exact = many.exact(activation, kind, x, parameters, "float64")[2]
    known = ~np.isnan(exact)
    assert (undecided | (result == exact))[known].all()
    assert undecided[known].sum() <= 4


@pytest.mark.parametrize(
    ("name", "kind", "x"),
    [
        ("mish", "derivative", -1.1924312145154952),
        ("xielu", "value", -2.432484276931448),
        ("gelu_tanh", "derivative", -0.7524614220710163),
    ],
)
def test_a_root_that_needs_more_digits_is_left_undecided(name, kind, x):
    """What cancels there is more than balls have; their middle is near all the same."""
    activation = ACTIVATIONS[name]
    result, undecided = evaluate(activation(), kind, np.array([x]), FLOAT64)
    assert undecided.all()
    defaults = {key: parameter.default for key, parameter in activation.parameters.items()}
    assert np.abs(result / getattr(mpfr, kind)(activation, x, "float64", **defaults) - 1.0) < 1e-3


ALONG_AXIS = [activation for activation in registered() if issubclass(activation, AlongAxis)]


@pytest.mark.parametrize("activation", ALONG_AXIS, ids=lambda activation: activation.name)
@pytest.mark.parametrize("scale", [1.0, 40.0, 3000.0])
def test_rows_are_right_where_they_are_decided(activation, scale):
    """Along an axis and packed, by MPFR; in float32 open only beside terms below 2**-1320."""
    generator = np.random.default_rng(8)
    rows = (generator.normal(0, scale, (20, 6))).astype(np.float32).astype(np.float64)
    rows[:5, 1] = rows[:5, 0]  # equal numbers
    for format in (FLOAT32, FLOAT64):
        result, undecided = evaluate_rows(activation(), rows, format)
        expected = np.array([[mpfr.rounded(y, format.name) for y in mpfr.along_axis(activation, row)] for row in rows])
        assert (undecided | (result == expected)).all()
        assert format is FLOAT64 or scale > 100 or not undecided.any()


def evaluate_rows(activation: Any, rows: np.ndarray, format: dtypes.Format) -> tuple[np.ndarray, np.ndarray]:
    """Return an activation's values along the last axis, and where they are undecided."""
    with np.errstate(all="ignore"):
        if isinstance(activation, Packed):
            half = rows.shape[-1] // 2
            first, second = as_ball(rows[:, :half]), as_ball(rows[:, half:])
            gate, value = (first, second) if activation.gate == "first" else (second, first)
            y = activation.product(ball_mathematics, gate, value)
        else:
            y = activation.value(ball_mathematics, as_ball(rows))
        result, undecided = round_ball(y, format)
    return result.astype(np.float64), undecided


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        ("softmax", [-math.inf, 0.0, math.inf, 1.0], [0, 0, 1, 0]),
        ("softmax", [math.inf, 0.0, math.inf, 1.0], [0.5, 0, 0.5, 0]),
        ("softmax", [-math.inf, -math.inf, -math.inf, -math.inf], [0.25, 0.25, 0.25, 0.25]),
        ("softmax", [math.nan, 0.0, math.inf, 1.0], [math.nan] * 4),
        ("softmin", [-math.inf, 0.0, math.inf, 1.0], [1, 0, 0, 0]),
        ("log_softmax", [-math.inf, 0.0, -math.inf, -math.inf], [-math.inf, 0, -math.inf, -math.inf]),
        ("sparsemax", [-math.inf, 0.0, math.inf, 1.0], [0, 0, 1, 0]),
        ("sparsemax", [math.nan, 0.0, math.inf, 1.0], [math.nan] * 4),
        ("hardmax", [-math.inf, 0.0, math.inf, math.inf], [0, 0, 1, 0]),
        ("glu", [2.0, 3.0, -math.inf, math.inf], [0, 3]),
        ("bilinear", [-math.inf, 2.0, 2.0, math.nan], [-math.inf, math.nan]),
    ],
)
def test_rows_with_infinities_and_nan_give_their_limits(name, row, expected):
    """As IEEE 754 has them, with no warning."""
    result, undecided = evaluate_rows(ACTIVATIONS[name](), np.array([row]), FLOAT32)
    assert np.array_equal(result[0], expected, equal_nan=True)
    assert not undecided.any()


@pytest.mark.parametrize(("dtype", "power"), [("float16", 11), ("float32", 24), ("float64", 53)])
def test_ties_of_tanh_shrink_are_decided_without_intervals(dtype, power, monkeypatch):
    """There x - 1 is halfway between two numbers, and x - tanh(x) a trace more: x is nearer."""
    monkeypatch.setattr(intervals, "evaluate_rounded", None)
    x = (2.0**power + 2.0 * np.arange(1, 1000)).astype(dtype)
    np.testing.assert_array_equal(actcli.evaluate("tanh_shrink", x), x)
    np.testing.assert_array_equal(actcli.evaluate("tanh_shrink", -x), -x)
