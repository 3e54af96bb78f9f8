"""Elementwise results are the true value rounded once, whatever the machine, the array and its length."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.activation import Elementwise, registered
from actcli.numerics import dtypes, vector
from tests.reference import mpfr

ELEMENTWISE = [block for block in registered() if issubclass(block, Elementwise)]
THIRD = float(np.float32(0.3))
PARAMETERS = {
    "relu": (
        {"negative_slope": 0.0, "max_value": None, "threshold": 0.0},
        {"negative_slope": THIRD, "max_value": None, "threshold": 0.0},
        {"negative_slope": 0.5, "max_value": 6.0, "threshold": THIRD},
        {"negative_slope": -THIRD, "max_value": 2.0, "threshold": -1.0},
    )
}
CASES = [(block, parameters) for block in ELEMENTWISE for parameters in PARAMETERS.get(block.name, ({},))]
IDS = [f"{block.name}-{i}" for i, (block, _) in enumerate(CASES)]
FUNCTIONS = ((actcli.evaluate, mpfr.value), (actcli.derivative, mpfr.derivative))


def all_finite(name: str) -> np.ndarray:
    """Return every finite number of a format of 16 bits."""
    dtype = dtypes.FORMATS[name].dtype
    patterns = np.arange(2**16, dtype=np.uint16).view(dtype)
    with np.errstate(invalid="ignore"):
        return patterns[np.isfinite(patterns.astype(np.float64))]


def away_from_kinks(x: np.ndarray, parameters: dict) -> np.ndarray:
    """Return the numbers where the formula has one slope: at a kink the derivative is a convention."""
    kinks = [0.0, *(value for value in (parameters.get("threshold"), parameters.get("max_value")) if value is not None)]
    return x[~np.isin(x.astype(np.float64), kinks)] if parameters else x


def assert_equal(x: np.ndarray, ours: np.ndarray, expected: list[float]) -> None:
    """Compare numbers, and name the first that differ."""
    wrong = np.flatnonzero(ours.astype(np.float64) != np.array(expected))
    found = [(float(x[i]), float(ours[i]), expected[i]) for i in wrong[:5]]
    assert not wrong.size, f"{wrong.size} of {x.size} differ: (x, ours, MPFR) {found}"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(("block", "parameters"), CASES, ids=IDS)
def test_every_16_bit_input_gives_what_mpfr_gives(block, parameters, dtype):
    """Values of all inputs; derivatives of every seventh, for time."""
    x = all_finite(dtype)
    assert_equal(
        x,
        actcli.evaluate(block.name, x, **parameters),
        [mpfr.value(block, float(number), dtype, **parameters) for number in x],
    )
    x = away_from_kinks(x[::7], parameters)
    assert_equal(
        x,
        actcli.derivative(block.name, x, **parameters),
        [mpfr.derivative(block, float(number), dtype, **parameters) for number in x],
    )


def hard_inputs(block: type[Elementwise], parameters: dict, function: str) -> np.ndarray:
    """Return float32 inputs whose float64 result cannot be rounded with certainty, from a few million."""
    from actcli.numerics import rounding

    instance = block(**parameters)
    found = []
    with np.errstate(all="ignore"):
        for start in range(0, 2**32, 2**27):
            x = np.arange(start, start + 2**17, dtype=np.uint32).view(np.float32)
            y = getattr(instance, function)(vector, x.astype(np.float64))
            unsure = rounding.unsure(np.asarray(y), instance.error or 2.0**-49, dtypes.FORMATS["float32"])
            found.append(x[unsure & np.isfinite(x)][:20])
    return np.concatenate(found)


@pytest.mark.parametrize(("block", "parameters"), CASES, ids=IDS)
def test_float32_inputs_give_what_mpfr_gives(block, parameters):
    """A spread over all patterns, and inputs that float64 cannot decide."""
    spread = np.arange(7, 2**32, 2**32 // 1000, dtype=np.uint64).astype(np.uint32).view(np.float32)
    near = np.linspace(-20, 20, 500, dtype=np.float32)
    for (ours, theirs), name in zip(FUNCTIONS, ("value", "derivative"), strict=True):
        x = np.concatenate([spread[np.isfinite(spread)], near, hard_inputs(block, parameters, name)])
        if name == "derivative":
            x = away_from_kinks(x, parameters)
        expected = [theirs(block, float(number), "float32", **parameters) for number in x]
        assert_equal(x, ours(block.name, x, **parameters), expected)


@pytest.mark.parametrize(("block", "parameters"), CASES, ids=IDS)
def test_float64_results_are_within_one_ulp(block, parameters):
    """On a spread that reaches from the smallest to the largest number."""
    exponents = np.arange(-1074, 1024, 7, dtype=np.float64)
    spread = np.concatenate([np.ldexp(1.37, exponents.astype(int)), np.linspace(0.01, 760, 700)])
    x = np.concatenate([-spread, spread])
    for ours, theirs in FUNCTIONS:
        x = x if theirs is mpfr.value else away_from_kinks(x, parameters)
        results = ours(block.name, x, **parameters)
        expected = np.array([theirs(block, float(number), "float64", **parameters) for number in x])
        same = results == expected
        assert np.all(np.abs(results - expected)[~same] <= np.spacing(np.abs(expected[~same])))


@pytest.mark.parametrize(("block", "parameters"), CASES, ids=IDS)
def test_results_do_not_rest_on_the_vector_library(block, parameters, monkeypatch):
    """With every library function off by up to 4 ulp at random, no bit of a float32 result changes."""
    x = np.concatenate([np.linspace(-30, 30, 20001, dtype=np.float32), hard_inputs(block, parameters, "value")])
    before = [function(block.name, x, **parameters) for function, _ in FUNCTIONS]
    generator = np.random.default_rng(4)
    calls = itertools.count()

    def off(function):
        def wrong(argument):
            next(calls)
            y = function(argument)
            return y + generator.integers(-4, 5, np.shape(y)) * np.spacing(y)

        return wrong

    for name in ("exp", "expm1", "tanh"):
        monkeypatch.setattr(vector, name, off(getattr(np, name)))
    for expected, (function, _) in zip(before, FUNCTIONS, strict=True):
        np.testing.assert_array_equal(function(block.name, x, **parameters), expected)
    assert next(calls) > 0 or block.name == "relu"


@given(
    data=st.lists(st.floats(width=32), min_size=1, max_size=40),
    case=st.sampled_from(CASES),
    block_size=st.integers(1, 50),
)
def test_results_do_not_depend_on_array_length_or_block_size(data, case, block_size):
    """One by one, in one piece or in blocks of any size: the same bits, NaN and signs of zero included."""
    block, parameters = case
    x = np.array(data, np.float32)
    whole = actcli.evaluate(block.name, x, **parameters)
    single = np.concatenate([actcli.evaluate(block.name, x[i : i + 1], **parameters) for i in range(x.size)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["actcli.evaluate"], "_BLOCK", block_size)  # the package has a function of that name
        blocks = actcli.evaluate(block.name, x, **parameters)
    assert whole.tobytes() == single.tobytes() == blocks.tobytes()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_special_inputs_give_the_limits(dtype):
    """Infinities, NaN and signed zeros in every dtype, values and derivatives."""
    special = [np.inf, -np.inf, 0.0, -0.0, np.nan]
    for name, parameters, values, slopes in (
        ("relu", {}, [np.inf, 0.0, 0.0, -0.0, np.nan], [1.0, 0.0, 0.0, 0.0, np.nan]),
        ("relu", {"negative_slope": 0.5}, [np.inf, -np.inf, 0.0, -0.0, np.nan], [1.0, 0.5, 0.5, 0.5, np.nan]),
        ("relu", {"threshold": 1}, [np.inf, -0.0, 0.0, -0.0, np.nan], [1.0, 0.0, 0.0, 0.0, np.nan]),
        ("relu", {"max_value": 6}, [6.0, 0.0, 0.0, -0.0, np.nan], [0.0, 0.0, 0.0, 0.0, np.nan]),
        ("sigmoid", {}, [1.0, 0.0, 0.5, 0.5, np.nan], [0.0, 0.0, 0.25, 0.25, np.nan]),
        ("tanh", {}, [1.0, -1.0, 0.0, -0.0, np.nan], [0.0, 0.0, 1.0, 1.0, np.nan]),
    ):
        for function, expected in ((actcli.evaluate, values), (actcli.derivative, slopes)):
            found = function(name, special, dtype=dtype, **parameters).astype(np.float64)
            np.testing.assert_array_equal(found, expected)
            np.testing.assert_array_equal(np.signbit(found[:4]), np.signbit(expected[:4]), f"{name} {parameters}")


@pytest.mark.parametrize(
    ("parameters", "x", "expected"),
    [
        ({"max_value": 2}, 2.0, 1.0),
        ({"max_value": 6}, 6.0, 0.0),
        ({"threshold": 1}, 1.0, 0.0),
        ({"negative_slope": 0.5}, 0.0, 0.5),
        ({"negative_slope": 0.5, "max_value": 2}, 0.0, 0.0),
        ({"negative_slope": 0.5, "threshold": 1}, 1.0, 0.0),
    ],
)
def test_derivatives_at_kinks_are_those_of_keras(parameters, x, expected):
    """What automatic differentiation of Keras 3 on TensorFlow returns exactly there."""
    assert actcli.derivative("relu", [x], **parameters) == [expected]
