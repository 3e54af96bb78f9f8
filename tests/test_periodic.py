"""Periodic functions keep their digits at inputs of any size, near every multiple of pi, and where terms cancel."""

from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.activation import Elementwise
from actcli.numerics import dtypes, exact, quarter_turns
from actcli.referee.truth import Truth
from actcli.registry import registered
from tests.reference import many, mpfr

CALLS = {"value": actcli.evaluate, "derivative": actcli.derivative}
WITHOUT_LIMIT = [activation for activation in registered() if activation.no_limit]
FLOAT64 = dtypes.FORMATS["float64"]
HARDEST = 6381956970095103 * 2.0**797
"""The float64 number that is nearest to a multiple of pi / 2, for its size (Muller 2016, Elementary Functions, 11)."""


def due(name: str, kind: str, x: np.ndarray, format: str = "float64", **given: object) -> np.ndarray:
    """Return what MPFR gives, rounded to the format."""
    activation = actcli.get(name)
    parameters = {key: parameter.default for key, parameter in activation.parameters.items()} | given
    return many.exact(activation, kind, x, parameters, format)[2]


def multiples_of_quarter_turns() -> np.ndarray:
    """Return float64 numbers next to multiples of pi / 2 of all sizes, and the hardest of all."""
    counts = [*range(1, 60), *(3**n for n in range(4, 640, 9))]
    with gmpy2.context(precision=1200):
        nearest = [float(gmpy2.const_pi() / 2 * count) for count in counts]
    return np.array([*nearest, HARDEST, -HARDEST])


@pytest.mark.parametrize("kind", CALLS)
def test_a_sine_has_all_its_digits_next_to_multiples_of_pi(kind):
    """Where the angle less the multiple is what is left of it."""
    x = multiples_of_quarter_turns()
    np.testing.assert_array_equal(CALLS[kind]("sine", x), due("sine", kind, x))


@pytest.mark.parametrize(
    ("name", "kind", "x", "parameters"),
    [
        ("sine", "value", 1.7e308, {"omega": 1.7e308}),
        ("sine", "value", 5e-324, {"omega": 0.5}),
        ("sine", "value", -1.5e-323, {"omega": 0.5}),
        ("sine", "derivative", 1e-300, {"omega": 1e300}),
        ("snake", "value", -0.8767262153950623, {}),
        ("snake", "derivative", -0.7853981633974483, {}),
        ("snake", "value", 1e-200, {"alpha": 1e200}),
        ("snake", "value", 1e300, {"alpha": 1e-300}),
        ("snake_beta", "value", -3.0, {"alpha": 2.0, "beta": -1e-9, "epsilon": 1.5e-9}),
        ("snake_beta", "value", 1.0, {"beta": 2.0**-40, "epsilon": 0.99 * 2.0**-93}),
        ("sinc", "value", 1e-300, {}),
        ("sinc", "value", 2.0**52 - 0.5, {}),
        ("sinc", "derivative", 1e-300, {}),
        ("sinc", "derivative", 5e-324, {}),
        ("sinc", "derivative", 1.4302966531242027, {}),
        ("sinc", "derivative", 1.7e308, {}),
    ],
)
def test_hard_inputs_give_what_mpfr_gives(name, kind, x, parameters):
    """Roots, halves of subnormal numbers, steps that overflow or underflow, and sums that Python would round."""
    numbers = np.array([x])
    assert CALLS[kind](name, numbers, **parameters).tolist() == due(name, kind, numbers, **parameters).tolist()


@given(st.floats(-1e308, 1e308), st.floats(1e-5, 1e5))
def test_angles_of_any_size_and_frequency_give_what_mpfr_gives(x, omega):
    """The product of the two is not rounded."""
    for kind, call in CALLS.items():
        number = np.array([x])
        assert call("sine", number, omega=omega).tolist() == due("sine", kind, number, omega=omega).tolist()


@pytest.mark.parametrize("format", dtypes.FORMATS)
def test_sinc_is_exactly_0_at_integers(format):
    """With a positive sign, up to the largest number; there the slope is (-1)**n / n, rounded once."""
    largest = dtypes.FORMATS[format].largest
    n = np.array([1, 2, 3, 5, 7, 8, 12, 24, 28, *(2.0**52 + np.arange(4) if format == "float64" else []), largest])
    n = n[(n <= largest) & (n % 1 == 0)]  # the largest number of a narrow format may have a fraction
    n = np.concatenate([n, -n])
    values = actcli.evaluate("sinc", n, dtype=format).astype(np.float64)
    assert not values.any()
    assert not np.signbit(values).any()
    slopes = actcli.derivative("sinc", n, dtype=format).astype(np.float64).tolist()
    assert slopes == [mpfr.rounded(gmpy2.mpq(Fraction((-1) ** (int(each) % 2)) / Fraction(each)), format) for each in n]


def test_a_zero_of_sinc_is_known_to_be_exact():
    """So a kernel that gives something tiny there is not taken for one that underflows."""
    zeros = exact.find_zeros(actcli.get("sinc")().value, (np.array([1.0, -2.0, 0.5, 2.0**60, 1.0 + 2.0**-52]),))
    assert zeros.tolist() == [True, True, False, True, False]


@pytest.mark.parametrize("format", ["float16", "float32", "float64"])
@pytest.mark.parametrize("activation", WITHOUT_LIMIT, ids=lambda each: each.name)
def test_what_has_no_limit_is_nan_at_infinities(activation, format):
    """By itself, as what a kernel is checked against, and in the product with a Jacobian; the others are no NaN."""
    x = np.array([-np.inf, -1.0, np.inf], format)
    for kind, call in CALLS.items():
        expected = [kind in activation.no_limit, False, kind in activation.no_limit]
        assert np.isnan(call(activation.name, x)).tolist() == expected
        truth = Truth(activation(), dtypes.FORMATS[format], FLOAT64, derivative=kind == "derivative")
        assert np.isnan(truth.round_once(x)).tolist() == expected
        with_nan = np.append(x, np.array(np.nan, format))
        assert np.isnan(truth.round_once(with_nan)).tolist() == [*expected, True]
    products = actcli.vjp(activation.name, x, np.ones(3, format))
    assert np.isnan(products).tolist() == [
        "derivative" in activation.no_limit,
        False,
        "derivative" in activation.no_limit,
    ]


def test_every_function_with_a_limit_has_a_number_at_infinities():
    """NaN there is said in the class."""
    for activation in registered():
        if issubclass(activation, Elementwise):
            needed = {key: 0.5 for key, each in activation.parameters.items() if each.default == "required"}
            infinities = [x for x in (np.inf, -np.inf) if activation.domain[0] <= x <= activation.domain[1]]
            for kind, call in CALLS.items():
                results = call(activation.name, infinities, **needed)
                assert np.isnan(results).any() == (kind in activation.no_limit), (activation.name, kind)


@pytest.mark.parametrize("format", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "logarithms"),
    [
        ("snake", {"alpha": -1.25}),
        ("snake", {"alpha": 2.5, "epsilon": 2.0**-30}),
        ("snake_beta", {"alpha": 0.5, "beta": -0.75}),
        ("snake_beta", {"alpha": 0.5, "beta": -40.0}),
    ],
)
def test_logarithms_stand_for_their_exponentials(name, logarithms, format):
    """Which are not rounded."""
    x = np.concatenate([np.linspace(-9, 9, 41), [1e-30, 1e4, 1e12]]).astype(format)
    for kind, call in CALLS.items():
        found = call(name, x, **logarithms, log_scale=True).astype(np.float64)
        expected = due(name, kind, x.astype(np.float64), format, **logarithms, log_scale=True)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("snake", {"alpha": 81, "log_scale": True}, "alpha must be -80 to 80 as a logarithm, got 81"),
        ("snake_beta", {"beta": -90, "log_scale": True}, "beta must be -80 to 80 as a logarithm, got -90"),
        ("snake_beta", {"beta": 0}, "beta must not be 0, got 0"),
        ("snake_beta", {"beta": [1, 0]}, "beta must not be 0, got 0"),
        (
            "snake",
            {"alpha": -0.5, "epsilon": 0.5},
            "alpha must not be the negative of epsilon: their sum divides, got -0.5",
        ),
    ],
)
def test_numbers_that_leave_no_function_are_refused(name, parameters, message):
    """One line, with what was given."""
    with pytest.raises(actcli.ActcliError, match=f"^{name}: {message}$"):
        actcli.evaluate(name, [1.0, 2.0], **parameters)


def test_a_snake_takes_a_frequency_for_each_channel():
    """As the codecs have them; one that is 0 leaves its channel as it is."""
    x = np.array([[1.0, 2.0, 3.0]] * 2)
    found = actcli.evaluate("snake", x, alpha=[1.0, 0.0, 2.5])
    expected = [actcli.evaluate("snake", x[:, i], alpha=alpha) for i, alpha in enumerate([1.0, 0.0, 2.5])]
    np.testing.assert_array_equal(found, np.stack(expected, axis=-1))
    assert found[:, 1].tolist() == [2.0, 2.0]


def test_a_snake_keeps_the_sign_of_a_zero():
    """Where its slope is 1."""
    for name in ("snake", "snake_beta"):
        assert np.signbit(actcli.evaluate(name, [-0.0, 0.0])).tolist() == [True, False]


def test_a_reduction_takes_more_digits_of_pi_until_half_of_them_are_left(monkeypatch):
    """Next to a multiple of pi / 2 with fewer digits to begin with, against MPFR."""
    monkeypatch.setattr(quarter_turns, "_FEWEST_BITS", 64)
    for number in (HARDEST, 3 * HARDEST, 1e22):
        count, high, low = quarter_turns.reduce_exactly(np.array([number]), np.array([0.0]), np.array([0]))
        with gmpy2.context(precision=3000):
            turn = gmpy2.const_pi() / 2
            whole = gmpy2.rint(number / turn)
            rest = number - whole * turn
            assert count.tolist() == [int(whole) % 4]
            assert abs((gmpy2.mpfr(high[0]) + low[0]) / rest - 1) < 2.0**-30
