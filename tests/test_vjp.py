"""Products of vectors with Jacobians: within 0.501 ulp of the exact ones of the formulas, for every activation."""

from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import actcli
from actcli.activation import AlongAxis, Packed
from actcli.numerics import dtypes, elementwise
from actcli.registry import registered
from tests.activations import CASES, IDS, NEEDED, settings_along_axis
from tests.reference import mpfr

ALONG_AXIS = [
    (activation, settings)
    for activation in registered()
    if issubclass(activation, AlongAxis)
    for settings in settings_along_axis(activation)
]
ALONG_AXIS += [
    (activation, {**settings, "gate": "second"})
    for activation, settings in ALONG_AXIS
    if "gate" in activation.parameters
]
ALONG_AXIS += [(actcli.get("swiglu"), {"beta": -0.5}), (actcli.get("geglu"), {"approximate": True})]
ALONG_AXIS_IDS = [f"{activation.name}{given or ''}" for activation, given in ALONG_AXIS]
FINITE = st.floats(-100, 100, width=32)


def check(found: np.ndarray, exact: list, sizes: list, dtype: str) -> None:
    """Compare with exact sums; where their terms cancel, 2**-66 of their sizes is allowed beside the ulp."""
    format = dtypes.find(dtype)
    for actual, true, size in zip(found.astype(np.float64).tolist(), exact, sizes, strict=True):
        if gmpy2.is_nan(true):
            continue
        nearest = mpfr.rounded(true, dtype)
        allowed = Fraction("0.501")
        ulp = Fraction(2) ** (max(int(np.frexp(nearest)[1]) - 1, format.min_exponent) - format.precision + 1)
        lost = Fraction(gmpy2.mpq(size)) / 2**66
        assert abs(Fraction(actual) - Fraction(gmpy2.mpq(true))) <= allowed * ulp + lost


def rounded_parameters(parameters: dict, dtype: str) -> dict:
    """Return parameters as numbers of a dtype take them: of float32, or of float64."""
    exact = np.float64 if dtype == "float64" else np.float32
    return {name: float(exact(value)) if isinstance(value, float) else value for name, value in parameters.items()}


def product(activation, row: np.ndarray, g: np.ndarray, parameters: dict) -> tuple[list, list]:
    """Return the exact vector-Jacobian product, and the sums of the sizes of its terms.

    The entries of the Jacobian are differences, true to some 2**-788; the sizes are never below what that leaves open.
    """
    jacobian = mpfr.jacobian(activation, row.tolist(), **parameters)
    with gmpy2.context(precision=2000):
        terms = [
            [gmpy2.mpfr(factor) * entry for factor, entry in zip(g.tolist(), line, strict=True)] for line in jacobian
        ]
        open_ended = sum(map(abs, g.tolist())) * gmpy2.mpfr(2) ** -700
        return [sum(line) for line in terms], [sum(map(abs, line)) + open_ended for line in terms]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("activation", "parameters"), ALONG_AXIS, ids=ALONG_AXIS_IDS)
@settings(max_examples=20)
@given(data=st.data())
def test_along_an_axis_it_is_the_product_with_the_jacobian_of_the_formula(activation, parameters, dtype, data):
    """Rows of one to six results, g of any finite size."""
    packed = 2 if issubclass(activation, Packed) else 1
    finite = st.floats(-8, 8, width=32) if "erfc" in activation.formula else FINITE  # MPFR takes long farther out
    length = data.draw(st.integers(1, 6 // packed))
    row = data.draw(arrays.arrays(np.float32, length * packed, elements=finite)).astype(dtype)
    g = data.draw(arrays.arrays(np.float32, length, elements=FINITE)).astype(dtype)
    found = actcli.vjp(activation.name, row, g, **parameters)
    assert found.dtype == row.dtype
    check(found, *product(activation, row, g, rounded_parameters(parameters, dtype)), dtype)


@pytest.mark.parametrize(("activation", "parameters"), ALONG_AXIS, ids=ALONG_AXIS_IDS)
@settings(max_examples=20)
@given(data=st.data())
def test_float64_keeps_the_digits_of_factors_of_any_size(activation, parameters, data):
    """Factors from the smallest to the largest numbers, and rows that differ by hundreds or by the last bit."""
    packed = 2 if issubclass(activation, Packed) else 1
    length = data.draw(st.integers(1, 5))
    limit = 8 if "erfc" in activation.formula else 300
    numbers = st.floats(-limit, limit) | st.sampled_from([1.0, float(np.nextafter(1, 2)), -1.0])
    row = np.array(data.draw(st.lists(numbers, min_size=length * packed, max_size=length * packed)))
    factors = st.floats(-1e300, 1e300) | st.floats(-3, 3) | st.sampled_from([1.0, float(np.nextafter(1, 2))])
    g = np.array(data.draw(st.lists(factors, min_size=length, max_size=length)))
    check(actcli.vjp(activation.name, row, g, **parameters), *product(activation, row, g, parameters), "float64")


@pytest.mark.parametrize("name", ["softmax", "softmin"])
def test_where_terms_cancel_their_digits_beyond_float64_are_kept(name):
    """By the choice of the second g, its product is the last bit's error alone."""
    x = np.array([0.0, 1.0, 2.0])
    shares = actcli.evaluate(name, x)
    g = np.array([0.0, shares[2] / (1 - shares[1]), 1.0])
    exact, sizes = product(actcli.get(name), x, g, {})
    assert abs(exact[1]) < 2.0**-50 * sizes[1]
    check(actcli.vjp(name, x, g), exact, sizes, "float64")


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_nothing_cancels_beside_a_share_near_one(name):
    """One-hot g and a constant added to g, where 1 - softmax(x) is e**-90."""
    for row in ([90.0, 0.0, -3.0], [0.0, -90.0, 5.0]):
        for vector in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [7.0, 7.0, 8.0]):
            x, g = np.float32(row), np.float32(vector)
            exact, _ = product(actcli.get(name), x, g, {})
            check(actcli.vjp(name, x, g), exact, [0] * 3, "float32")


def test_sparsemax_spreads_what_is_above_zero():
    """By hand: g less its mean on the support, which is {1.1, 0.2} and all of the second row."""
    found = actcli.vjp("sparsemax", [[0.1, 1.1, 0.2], [1, 1, 1]], [[5, 1, 3], [1, 2, 6]])
    assert found.tolist() == [[0, -1, 1], [-2, -1, 3]]


def test_glu_by_hand():
    """sigmoid(0) is 1/2, its slope 1/4; where the gate is first, so is its part."""
    assert actcli.vjp("glu", [3, 0], [8]).tolist() == [4, 6]
    assert actcli.vjp("bilinear", [3, -2], [8]).tolist() == [-16, 24]
    assert actcli.vjp("reglu", [-3, 2], [8]).tolist() == [0, 0]
    assert actcli.vjp("reglu", [-3, 2], [8], gate="second").tolist() == [16, -24]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
def test_elementwise_it_is_g_times_the_derivative(activation, parameters, dtype):
    """Rounded once; at kinks with the slope that the dialect has there."""
    generator = np.random.default_rng(3)
    x = np.concatenate([generator.normal(0, 4, 30), [-3, -1, -0.5, 0, 0.5, 1, 2.5, 3, 6, 40]])
    x = actcli.evaluate("linear", x, dtype=dtype)
    g = actcli.evaluate("linear", generator.normal(0, 3, x.size), dtype=dtype)
    found = actcli.vjp(activation.name, x, g, **parameters).astype(np.float64)
    slopes = actcli.derivative(activation.name, x.astype(np.float64), **parameters)
    for i, (number, factor) in enumerate(
        zip(x.astype(np.float64).tolist(), g.astype(np.float64).tolist(), strict=True)
    ):
        exact = mpfr.derivative(activation, number, dtype, factor=factor, **parameters)
        if exact is None or np.isnan(exact):
            exact = mpfr.rounded(gmpy2.mpfr(slopes[i] * factor), dtype)
        limit = np.spacing(abs(exact)) if dtype == "float64" else 0.0
        assert np.array_equal(found[i], exact, equal_nan=True) or abs(found[i] - exact) <= limit, (number, factor)


@pytest.mark.parametrize("name", actcli.activations())
def test_shapes_dtypes_and_axes(name):
    """Of x, for any axis, read-only; g may be anything array-like."""
    activation = actcli.get(name)
    generator = np.random.default_rng(5)
    x = generator.normal(0, 2, (4, 2, 6))
    x.flags.writeable = False
    g = np.ones(actcli.evaluate(name, x, **NEEDED[name]).shape, np.int64)
    found = actcli.vjp(name, x, g, **NEEDED[name])
    assert (found.shape, found.dtype) == (x.shape, x.dtype)
    np.testing.assert_array_equal(found, actcli.vjp(name, x, g.tolist(), **NEEDED[name]))
    assert actcli.vjp(name, x, g, dtype="bfloat16", **NEEDED[name]).dtype.name == "bfloat16"
    for nothing in (np.zeros((0, 2, 6)), np.zeros((3, 0))):
        assert actcli.vjp(name, nothing, nothing[..., : g.shape[-1]], **NEEDED[name]).shape == nothing.shape
    if "axis" in activation.parameters:
        turned = actcli.vjp(name, np.moveaxis(x, -1, 0), np.moveaxis(g, -1, 0), axis=0)
        np.testing.assert_array_equal(np.moveaxis(turned, 0, -1), found)


def test_a_long_array_is_worked_on_in_chunks():
    """The same bits as piece by piece."""
    x = np.linspace(-9, 9, elementwise.CHUNK_NUMBERS + 1000, dtype=np.float32)
    pieces = [actcli.vjp("mish", part, -part) for part in np.array_split(x, 7)]
    assert actcli.vjp("mish", x, -x).tobytes() == np.concatenate(pieces).tobytes()


def test_a_single_number_gives_a_single_number():
    """An array of no dimensions."""
    assert actcli.vjp("sigmoid", 0.0, 4).shape == ()
    assert actcli.vjp("sigmoid", 0.0, 4) == 1


def test_parameters_dialects_and_lists_of_parameters():
    """As in evaluate."""
    assert actcli.vjp("leaky_relu", [-1], [1], dialect="torch").tolist() == [np.float32(0.01)]
    assert actcli.vjp("prelu", [[-1, -1], [1, -3]], [[2, 2], [2, 4]], slope=[0.5, 0.25]).tolist() == [[1, 0.5], [2, 1]]


def test_infinities_give_the_limit():
    """A share of 0 or 1, a slope of 0 or 1; NaN gives NaN."""
    inf = np.inf
    assert actcli.vjp("silu", [inf, -inf], [2, 3]).tolist() == [2, 0]
    assert np.isnan(actcli.vjp("silu", [np.nan, 0], [1, np.nan])).all()
    assert actcli.vjp("softmax", [-inf, 0, 0], [5, 1, 3]).tolist() == [0, -0.5, 0.5]
    assert actcli.vjp("softmax", [inf, 0, 0], [5, 1, 3]).tolist() == [0, 0, 0]
    assert actcli.vjp("log_softmax", [-inf, 0], [5, 1]).tolist() == [5, -5]
    assert actcli.vjp("swiglu", [inf, -inf, 2, 2], [3, 3]).tolist()[:2] == [6, 0]
    assert actcli.vjp("hardmax", [inf, -inf, 2], [1, 2, 3]).tolist() == [0, 0, 0]
    for name in ("softmax", "log_softmax", "softmin", "sparsemax", "hardmax"):
        assert np.isnan(actcli.vjp(name, [np.nan, 0], [1, 2])).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("softmax", [1, 2], [1]), r"softmax: g has shape \(1,\); expected that of the result, \(2,\)"),
        (("glu", [1, 2], [1, 2]), r"glu: g has shape \(2,\); expected that of the result, \(1,\)"),
        (("relu", [[1, 2]], [1, 2]), r"relu: g has shape \(2,\); expected that of the result, \(1, 2\)"),
        (("relu", [1, 2], 1.0), r"relu: g has shape \(\); expected that of the result, \(2,\)"),
        (("glu", [1, 2, 3], [1]), "glu splits the numbers along the axis into value and gate"),
        (("relu", [1], [1j]), r"g holds 1j \(complex\); expected real numbers"),
        (("relu", [1], [[1], [2, 3]]), "g is not an array"),
        (("glu", 1.0, 1.0), "expected an even number of them, got 1"),
        (("rleu", [1], [1]), "unknown activation 'rleu'"),
    ],
)
def test_a_mistake_is_one_line(call, message):
    """With what is accepted."""
    with pytest.raises(actcli.ActcliError, match=message) as error:
        actcli.vjp(*call)
    assert "\n" not in str(error.value)
