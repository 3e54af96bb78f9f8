"""Elementwise results are the true value rounded once, whatever the machine, the array and its length."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.activation import Elementwise
from actcli.numerics import dtypes, elementwise, rounding, vector
from tests.activations import CASES, IDS, label, parameters_of
from tests.reference import make_golden, many, mpfr, special_inputs
from tests.reference.make_golden import FORMATS, GOLDEN, GOLDEN_TINY, TINY, digest, finite
from tests.reference.measure_other_dtypes import results_at

GOLDEN_DIGESTS = json.loads(GOLDEN.read_text())
TINY_DIGESTS = json.loads(GOLDEN_TINY.read_text())

FUNCTIONS = ((actcli.evaluate, mpfr.value), (actcli.derivative, mpfr.derivative))


def assert_equal(x: np.ndarray, actual: np.ndarray, expected: np.ndarray) -> None:
    """Compare numbers, and name the first that differ."""
    wrong = np.flatnonzero(actual.astype(np.float64) != expected)
    found = [(float(x[i]), float(actual[i]), expected[i]) for i in wrong[:5]]
    assert not wrong.size, f"{wrong.size} of {x.size} differ: (x, actual, MPFR) {found}"


@pytest.mark.parametrize("format", [*TINY, *FORMATS])
@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_every_input_of_the_small_formats_gives_what_mpfr_gave(activation, parameters, format):
    """Values and derivatives of all finite inputs, by the digests that reference/make_golden.py made."""
    recorded = (TINY_DIGESTS if format in TINY else GOLDEN_DIGESTS)["cases"][label((activation, parameters))][format]
    x = finite(format)
    assert digest(results_at("value", activation.name, x, format, **parameters)) == recorded["value"]
    slopes = results_at("derivative", activation.name, x, format, **parameters)
    slopes[np.isin(x, recorded["kinks"])] = 0
    assert digest(slopes) == recorded["derivative"]


@pytest.mark.parametrize(("golden", "formats"), [(GOLDEN_DIGESTS, FORMATS), (TINY_DIGESTS, TINY)])
def test_every_golden_digest_says_how_it_was_made(golden, formats):
    """Each case for itself; and there are no cases but those of today."""
    assert set(golden["cases"]) == set(IDS)
    for case in golden["cases"].values():
        assert set(case) == {"made", *formats}
        assert "MPFR" in case["made"]["tool"]
        assert case["made"]["date"]


def test_every_format_of_16_bits_and_fewer_is_in_a_golden_file():
    """So that none is left out that could be tried in full."""
    assert {*FORMATS, *TINY} == {name for name, format in dtypes.FORMATS.items() if format.dtype.itemsize <= 2}


def test_golden_digests_that_are_made_again_leave_the_others_and_their_dates():
    """Two cases of a rational function, in the smallest format."""
    before = json.loads(GOLDEN.read_text())["cases"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make_golden, "FORMATS", ("float8_e5m2",))
        patch.setattr(make_golden.datetime, "date", type("Day", (), {"today": staticmethod(lambda: "2030-01-02")}))
        with ThreadPoolExecutor(1) as pool:
            pool.imap_unordered = pool.map
            after = json.loads(make_golden.make(pool, {"soft_shrink"}))["cases"]
    assert list(after) == list(before)
    for name, case in after.items():
        if name.startswith("soft_shrink("):
            assert case["made"]["date"] == "2030-01-02"
            assert case["float8_e5m2"] == before[name]["float8_e5m2"]
        else:
            assert case == before[name]


def hard_inputs(activation: type[Elementwise], parameters: dict, function: str) -> np.ndarray:
    """Return float32 inputs whose float64 result cannot be rounded with certainty, from a few million."""
    instance = activation(**parameters)
    found = []
    with np.errstate(all="ignore"):
        for start in range(0, 2**32, 2**27):
            x = np.arange(start, start + 2**17, dtype=np.uint32).view(np.float32)
            y = getattr(instance, function)(vector, x.astype(np.float64))
            terms = getattr(instance, f"{function}_condition_terms")
            trusted = elementwise.Function(None, instance.error or 2.0**-39, terms)
            y = np.broadcast_to(y, x.shape)
            rounded = rounding.nearest(y, dtypes.FORMATS["float32"])
            unsure = elementwise.find_hard_cases(trusted, x.astype(np.float64), y, rounded, dtypes.FORMATS["float32"])
            unsure = unsure[np.isfinite(x[unsure])]
            found.append(x[np.concatenate([unsure[:10], unsure[-10:]])])
    return np.concatenate(found)


@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_float32_inputs_give_what_mpfr_gives(activation, parameters):
    """A spread over all patterns, and inputs that float64 cannot decide."""
    spread = np.arange(7, 2**32, 2**32 // 1000, dtype=np.uint64).astype(np.uint32).view(np.float32)
    near = np.linspace(-20, 20, 500, dtype=np.float32)
    for (actual, _), kind in zip(FUNCTIONS, ("value", "derivative"), strict=True):
        x = np.concatenate([spread[np.isfinite(spread)], near, hard_inputs(activation, parameters, kind)])
        found = actual(activation.name, x, **parameters)
        _, _, expected = many.confirm(many.Case(activation, kind, parameters, "float32"), x, found.astype(np.float64))
        smooth = ~np.isnan(expected)
        assert_equal(x[smooth], found[smooth], expected[smooth])


@pytest.mark.parametrize("x", [-641.0, -5121.0, -40961.0, -655361.0])
def test_a_tie_is_decided_by_what_lies_far_below_it(x):
    """The line of xielu meets a tie exactly there, and exp(x) above it is as small as 1e-284620."""
    parameters = parameters_of(actcli.get("xielu"))[0]
    slope = np.float64(parameters["beta"]) - parameters["alpha_n"]
    tie = slope * x - parameters["alpha_n"]
    below, above = np.float32(tie), np.nextafter(np.float32(tie), np.float32(np.inf))
    assert tie - below == above - tie
    assert actcli.evaluate("xielu", [x]) == above
    assert mpfr.value(actcli.get("xielu"), x, "float32", **parameters) == above


@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_float64_results_are_rounded_once(activation, parameters):
    """On a spread from the smallest to the largest number; reference/prove_rounding.py tries more."""
    spread = np.concatenate([np.ldexp(1.37, np.arange(-1074, 1024, 23)), np.linspace(0.01, 760, 150)])
    x = np.concatenate([-spread, spread])
    for (actual, _), kind in zip(FUNCTIONS, ("value", "derivative"), strict=True):
        found = actual(activation.name, x, **parameters)
        _, _, expected = many.confirm(many.Case(activation, kind, parameters, "float64"), x, found)
        smooth = ~np.isnan(expected)
        assert_equal(x[smooth], found[smooth], expected[smooth])


@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_float64_results_below_1e_289_are_rounded_once(activation, parameters):
    """Where the digits that pairs hold behind float64 underflow, and balls take over."""
    x = np.concatenate([np.linspace(-1490, 1490, 9001), np.linspace(-40, 40, 9001), np.geomspace(5e-324, 1e-289, 60)])
    for (actual, _), kind in zip(FUNCTIONS, ("value", "derivative"), strict=True):
        results = actual(activation.name, x, **parameters)
        tail = np.flatnonzero((results != 0) & (np.abs(results) < 1e-289))
        tail = tail[:: tail.size // 20 + 1]
        _, _, expected = many.confirm(many.Case(activation, kind, parameters, "float64"), x[tail], results[tail])
        smooth = ~np.isnan(expected)
        assert_equal(x[tail][smooth], results[tail][smooth], expected[smooth])


def test_a_narrow_density_keeps_its_digits_at_the_end_of_float64():
    """What a division by a small deviation would magnify."""
    x, parameters = np.linspace(0.307, 0.309, 50), {"mu": 0.0, "sigma": 0.008}
    _, _, expected = many.exact(actcli.get("laplace"), "derivative", x, parameters, "float64")
    results = actcli.derivative("laplace", x, **parameters)
    assert (results > 0).all()
    assert_equal(x, results, expected)


@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_results_do_not_rest_on_the_vector_library(activation, parameters, monkeypatch):
    """With every function off by as much as it may be, either way at random, no bit of a float32 result changes."""
    x = np.concatenate([np.linspace(-30, 30, 20001, dtype=np.float32), hard_inputs(activation, parameters, "value")])
    before = [function(activation.name, x, **parameters) for function, _ in FUNCTIONS]
    generator = np.random.default_rng(4)
    calls = itertools.count()

    def off(function):
        def wrong(argument):
            next(calls)
            return function(argument) * (1.0 + generator.choice([-(2.0**-44), 2.0**-44], np.shape(argument)))

        return wrong

    for name in ("exp", "expm1", "log1p", "tanh", "erfcx", "tanh_shrink", "sin", "cos", "sinpi", "cospi", "sin_shrink"):
        monkeypatch.setattr(vector, name, off(getattr(vector, name)))
    for expected, (function, _) in zip(before, FUNCTIONS, strict=True):
        np.testing.assert_array_equal(function(activation.name, x, **parameters), expected)
    assert next(calls) > 0 or not mpfr.is_transcendental(activation)


@given(
    data=st.lists(st.floats(width=32), min_size=1, max_size=40),
    case=st.sampled_from(CASES),
    chunk_size=st.integers(1, 50),
)
def test_results_do_not_depend_on_array_length_or_chunk_size(data, case, chunk_size):
    """One by one, in one piece or in batches of any size: the same bits, NaN and signs of zero included."""
    activation, parameters = case
    x = np.array(data, np.float32)
    whole = actcli.evaluate(activation.name, x, **parameters)
    single = np.concatenate([actcli.evaluate(activation.name, x[i : i + 1], **parameters) for i in range(x.size)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elementwise, "CHUNK_NUMBERS", chunk_size)
        pieces = actcli.evaluate(activation.name, x, **parameters)
    assert whole.tobytes() == single.tobytes() == pieces.tobytes()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_long_arrays_give_what_short_ones_give(activation, parameters, threads, monkeypatch):
    """In vectors and at their ends, zeros of both signs among the numbers, on one thread and on several."""
    monkeypatch.setattr(elementwise.os, "sched_getaffinity", lambda _: set(range(threads)), raising=False)
    monkeypatch.setattr(elementwise, "_MIN_PARALLEL_NUMBERS", 1000)
    x = np.resize(np.array([0.0, 3, -0.0, -2, -0.0, 0.0, 1e-42, 7, -30], np.float32), 2**17 + 2**14 + 3)
    for function, _ in FUNCTIONS:
        short = np.array([function(activation.name, x[i : i + 1], **parameters)[0] for i in range(9)])
        found = function(activation.name, x, **parameters)
        assert found.tobytes() == np.resize(short, x.shape).tobytes()


def test_a_thread_of_the_callers_own_starts_no_others(monkeypatch):
    """It gives the same bits on its own; the caller's other threads have use for the cores."""
    monkeypatch.setattr(elementwise, "_MIN_PARALLEL_NUMBERS", 1000)
    monkeypatch.setattr(elementwise.os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    x = np.linspace(-9, 9, 2**18 + 5, dtype=np.float32)
    whole = actcli.evaluate("gelu", x)
    started: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", started.append)
        assert pool.submit(actcli.evaluate, "gelu", x).result(60).tobytes() == whole.tobytes()
        assert not started
    with pytest.raises(TypeError):
        actcli.evaluate("gelu", x)
    assert started == [2]


@pytest.mark.parametrize("dtype", ["float8_e5m2", "float16", "bfloat16", "float32", "float64"])
def test_special_inputs_give_the_limits(dtype):
    """Infinities, NaN and signed zeros in every dtype, values and derivatives."""
    special = [np.inf, -np.inf, 0.0, -0.0, np.nan]
    for name, parameters, values, slopes in (
        ("relu", {}, [np.inf, 0.0, 0.0, -0.0, np.nan], [1.0, 0.0, 0.0, 0.0, np.nan]),
        ("relu", {"negative_slope": 0.5}, [np.inf, -np.inf, 0.0, -0.0, np.nan], [1.0, 0.5, 0.5, 0.5, np.nan]),
        ("relu", {"threshold": 1}, [np.inf, -0.0, 0.0, -0.0, np.nan], [1.0, 0.0, 0.0, 0.0, np.nan]),
        ("relu", {"max_value": 6}, [6.0, 0.0, 0.0, -0.0, np.nan], [0.0, 0.0, 0.0, 0.0, np.nan]),
        ("sigmoid", {}, [1.0, 0.0, 0.5, 0.5, np.nan], [0.0, 0.0, 0.25, 0.25, np.nan]),
        ("xielu", {"alpha_n": 0.5}, [np.inf, -0.5, 0.0, 0.0, np.nan], [np.inf, 0.0, 0.5, 0.5, np.nan]),
        ("logit", {}, [np.nan, np.nan, -np.inf, -np.inf, np.nan], [np.nan, np.nan, np.inf, np.inf, np.nan]),
        ("logit", {"eps": 0.5}, [0.0, 0.0, 0.0, 0.0, np.nan], [0.0, 0.0, 0.0, 0.0, np.nan]),
        ("tanh", {}, [1.0, -1.0, 0.0, -0.0, np.nan], [0.0, 0.0, 1.0, 1.0, np.nan]),
    ):
        for function, expected in ((actcli.evaluate, values), (actcli.derivative, slopes)):
            found = function(name, special, dtype=dtype, **parameters).astype(np.float64)
            np.testing.assert_array_equal(found, expected)
            np.testing.assert_array_equal(np.signbit(found[:4]), np.signbit(expected[:4]), f"{name} {parameters}")


SPECIAL = special_inputs.read()
NOT_OF_THE_FORMULA = {"relu", "xielu"}
"""Whose table has another sign of zero than MPFR gives their formula: relu at -inf, xielu at -0."""


@pytest.mark.parametrize("dtype", ["float8_e5m2", "float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", SPECIAL)
def test_infinities_and_zeros_give_what_the_table_says(name, dtype):
    """For every function without required parameters; NaN gives NaN, in values and derivatives."""
    expected = actcli.evaluate("linear", SPECIAL[name][:4], dtype=dtype).astype(np.float64)
    found = actcli.evaluate(name, special_inputs.HEADER[1:5], dtype=dtype).astype(np.float64)
    # The table was made with decimal parameters; those of laplace are float32 here, except for float64.
    np.testing.assert_allclose(found, expected, rtol=1e-11 if dtype == "float64" else 1e-6)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))
    for function, _ in FUNCTIONS:
        assert np.isnan(function(name, ["nan"], dtype=dtype).astype(np.float64)).all()


@pytest.mark.parametrize("activation", special_inputs.COMPLETE, ids=lambda each: each.name)
def test_the_table_of_special_inputs_has_the_limits_of_the_formula(activation):
    """What people wrote, and what MPFR gives for rows that are made."""
    found, expected = special_inputs.limits(activation), [float(text) for text in SPECIAL[activation.name][:4]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.array_equal(np.signbit(found), np.signbit(expected)) != (activation.name in NOT_OF_THE_FORMULA)


def test_the_table_of_special_inputs_is_complete():
    """No function without required parameters is missing."""
    assert list(SPECIAL) == [activation.name for activation in special_inputs.COMPLETE]


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
