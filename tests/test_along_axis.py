"""Activations along an axis: the right axis, within 0.501 ulp of the formula, with the limits at infinities."""

from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import actcli
from actcli.activation import AlongAxis, Packed
from actcli.registry import registered
from tests.activations import settings_along_axis
from tests.command import output
from tests.reference import mpfr

FINITE = st.floats(-200, 200, width=32)
ANY_SIZE = st.floats(-800, 800) | st.floats(-2e8, 2e8) | st.sampled_from([0.0, 1.0, float(np.nextafter(1, 2))])


ACTIVATIONS = [activation for activation in registered() if issubclass(activation, AlongAxis)]
NAMES = [activation.name for activation in ACTIVATIONS]
CASES = [(activation, settings) for activation in ACTIVATIONS for settings in settings_along_axis(activation)]
IDS = [f"{activation.name}{settings or ''}" for activation, settings in CASES]


def inputs(activation: type[AlongAxis]) -> int:
    """Return how many numbers of a row make one result."""
    return 2 if issubclass(activation, Packed) else 1


def rows(activation: type[AlongAxis]) -> st.SearchStrategy[np.ndarray]:
    """Return rows of the lengths that an activation accepts."""
    lengths = st.integers(1, 50 // inputs(activation) ** 2).map(lambda length: length * inputs(activation))
    return lengths.flatmap(lambda length: arrays.arrays(np.float32, length, elements=FINITE))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
@settings(max_examples=30)
@given(data=st.data())
def test_results_are_within_501_thousandths_of_an_ulp(activation, parameters, dtype, data):
    """Of the formula in high precision; float64 for numbers of all sizes of which MPFR knows the exponential."""
    row = data.draw(rows(activation)).astype(dtype)
    if dtype == "float64" and not issubclass(activation, Packed):
        row = np.array(data.draw(st.lists(ANY_SIZE, min_size=row.size, max_size=row.size)))
    given = {name: float(np.dtype(dtype).type(value)) for name, value in parameters.items()}
    exact = mpfr.along_axis(activation, row.tolist(), **given)
    for actual, true in zip(actcli.evaluate(activation.name, row, **parameters), exact, strict=True):
        ulp = Fraction(float(np.spacing(row.dtype.type(abs(mpfr.rounded(true, dtype))))))
        nearly = Fraction(gmpy2.mpq(true)) if abs(true) > gmpy2.exp2(-3000) else 0  # as a fraction it fills the memory
        assert abs(Fraction(float(actual)) - nearly) <= Fraction("0.501") * ulp


def test_the_logarithm_of_a_share_near_one_keeps_its_digits():
    """What the others share, such as e**-375 and much less, is all that it consists of."""
    for largest in np.linspace(40, 650, 50).tolist():
        row = [-165.8, largest, 1.0, 1.5, 2.25]
        exact = mpfr.along_axis(actcli.get("log_softmax"), row)[1]
        assert actcli.evaluate("log_softmax", np.array(row))[1] == mpfr.rounded(exact, "float64")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_dtypes_are_rounded_from_the_true_value(dtype):
    """On a row that spans the range."""
    row = actcli.evaluate("relu", [-3, 0.1, 2.5, 7], dtype=dtype, negative_slope=1)
    expected = [mpfr.rounded(exact, dtype) for exact in mpfr.along_axis(actcli.get("softmax"), row.tolist())]
    assert actcli.evaluate("softmax", row).astype(np.float64).tolist() == expected


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=NAMES)
@settings(max_examples=40)
@given(
    x=arrays.arrays(np.float32, arrays.array_shapes(min_dims=1, max_dims=4, max_side=5), elements=FINITE),
    data=st.data(),
)
def test_every_axis_is_the_last_one_of_the_turned_array(activation, x, data):
    """Any shape, any axis, counted from either end; bit for bit row by row."""
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    x = np.concatenate([x] * inputs(activation), axis)
    result = actcli.evaluate(activation.name, x, axis=axis)
    assert result.size * inputs(activation) == x.size
    rows, results = np.moveaxis(x, axis, -1), np.moveaxis(result, axis, -1)
    for index in np.ndindex(rows.shape[:-1]):
        assert results[index].tobytes() == actcli.evaluate(activation.name, rows[index]).tobytes()


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_no_result_depends_on_the_layout_of_memory(activation):
    """In Fortran's order, reversed or with gaps; with infinities too, and of what flows back."""
    inf = np.inf
    rows = [[0.5, -inf, 2, -1], [-inf] * 4, [inf, 1, 2, -3], [1e30, -1e30, 0, 1], [-2, 3, 0.25, 7]]
    x = np.array(rows, np.float32)
    g = np.arange(x.size, dtype=np.float32).reshape(x.shape)[:, : 4 // inputs(activation)]
    for call, others in ((actcli.evaluate, ()), (actcli.vjp, (g,))):
        expected = call(activation.name, x, *others)
        for layout in (np.asfortranarray, lambda x: x[::-1].copy()[::-1], lambda x: np.repeat(x, 2, axis=1)[:, ::2]):
            found = call(activation.name, layout(x), *map(layout, others))
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "nothing"),
    [(activation.name, activation.absent) for activation in ACTIVATIONS if activation.absent is not None],
)
def test_a_row_that_leaves_nothing_to_choose_from_is_nan(name, nothing, dtype):
    """As in the frameworks' own functions: a mask that leaves no entry shows; so does what flows back. No other row."""
    x = np.array([[nothing] * 3, [nothing, 1, nothing], [-nothing, 0, nothing]], dtype)
    for found in (actcli.evaluate(name, x), actcli.vjp(name, x, np.ones_like(x))):
        assert np.isnan(found).all(axis=1).tolist() == [True, False, False]
        assert not np.isnan(found[1:]).any()
    assert np.isnan(actcli.evaluate(name, x[0])).all()
    table = "x,y\n" + f"{nothing},{nothing}\n{nothing},1\n"
    down = output(name, "--axis", "0", "--only", "--dtype", dtype, stdin=table).splitlines()
    assert [line.split(",")[0] for line in down[1:]] == ["nan", "nan"]
    assert "nan" not in {line.split(",")[1] for line in down[1:]}


def test_infinities_give_the_limits():
    """-inf has no share, an infinite maximum takes everything, equal ones share it."""
    inf = np.inf
    found = actcli.evaluate("softmax", [[inf, 1, 2], [-inf, 1, 2], [inf, inf, 0]])
    assert found[0].tolist() == [1, 0, 0]
    np.testing.assert_array_equal(found[1], np.array([0, 0.26894142, 0.73105858], np.float32))
    assert found[2].tolist() == [0.5, 0.5, 0]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.1, 1.1, 0.2], [0, 0.95, 0.05]),
        ([1, 1, 1], [1 / 3, 1 / 3, 1 / 3]),
        ([0.5, 0.5, -10], [0.5, 0.5, 0]),
        ([1, 0.5, 0, -0.5], [0.75, 0.25, 0, 0]),
        ([1000, 1000, -1000], [0.5, 0.5, 0]),
        ([np.inf, 1, 2], [1, 0, 0]),
        ([-np.inf, 3], [0, 1]),
        ([np.nan, 3], [np.nan, np.nan]),
    ],
)
def test_sparsemax_gives_the_projection_on_the_simplex(row, expected):
    """Values by hand, where Keras 3.15.1 gives others."""
    np.testing.assert_allclose(actcli.evaluate("sparsemax", row), expected, rtol=1e-6)


def test_results_are_rounded_once_from_all_their_bits():
    """The first share is 1/4 + 2**-26 + 2**-80: above a midpoint of float32 by less than float64 can tell."""
    assert actcli.evaluate("sparsemax", [0, -(2.0**-24), -(2.0**-78), 0])[0] == 0.25 + 2.0**-25


@pytest.mark.parametrize("beyond", [2.0**-52, 2.0**-40, 2.0**-20, -(2.0**-52), 0.0])
@pytest.mark.parametrize(
    ("name", "parameters", "reach"), [("entmax15", {}, 2.0), ("alpha_entmax", {"alpha": 1.25}, 4.0)]
)
def test_entmax_keeps_the_digits_of_shares_at_the_edge_of_its_support(name, parameters, reach, beyond):
    """What is nearly as far below the largest as it reaches has nearly nothing; as far or farther, nothing."""
    for shift in (0.0, -3.75):
        for others in ([], [-3.0, 0.5], [-3.0, -3.0, reach], [reach - 0.25]):
            row = np.array([reach, beyond, *others]) + shift
            true = mpfr.along_axis(actcli.get(name), row.tolist(), **parameters)
            exact = [mpfr.rounded(y, "float64") for y in true]
            assert actcli.evaluate(name, row, **parameters).tolist() == exact


STEP = 2.0**-52
NEXT_TO_TAU = {
    "sparsemax": [
        [0.40821228962836875, 0.2584543770382978, -0.16666666666666669, -0.16666666666666657],
        [1 + STEP, STEP, 0.0],
        [1 / 12 - STEP, -1 / 6 - STEP, -1 / 6, 1 / 12, 1 / 3, -1 / 6 - STEP / 8],
    ],
    "entmax15": [
        [-0.5 - STEP, -2.5 + 2 * STEP, -2.5],
        [0.0, 0.0, -1 + STEP, -1 + STEP / 2, -1.0, 0.0, -0.5 - STEP, -1 - STEP, -0.5, -0.5, -0.5],
    ],
}


@pytest.mark.parametrize(("name", "row"), [(name, row) for name, rows in NEXT_TO_TAU.items() for row in rows])
@pytest.mark.parametrize("shift", [0.0, 1 / 3, -7.0])
def test_next_to_the_threshold_float64_keeps_its_digits(name, row, shift):
    """Shares of 1e-16 and 1e-33, of which pairs of float64 have lost half of the digits, or all."""
    row = (np.array(row) + shift).tolist()
    exact = [mpfr.rounded(true, "float64") for true in mpfr.along_axis(actcli.get(name), row)]
    assert actcli.evaluate(name, row, dtype="float64").tolist() == exact
    if name == "sparsemax":
        assert actcli.evaluate("alpha_entmax", row, dtype="float64", alpha=2).tolist() == exact


def test_equal_numbers_share_equally():
    """Exactly: a quarter is a tie in float4, which rounds it to the even 0."""
    for alpha in (1, 1.25, 1.5, 1.9, 2):
        for count in (1, 3, 4, 7):
            row = [0.5] * count + [-6.0] * (alpha > 1.2)
            found = actcli.evaluate("alpha_entmax", row, alpha=alpha, dtype="float64")
            assert found.tolist() == [1 / count] * count + [0.0] * (alpha > 1.2)
        assert actcli.evaluate("alpha_entmax", [0.5] * 4, alpha=alpha, dtype="float4_e2m1fn").tolist() == [0] * 4


@pytest.mark.parametrize(("alpha", "name"), [(1, "softmax"), (1.5, "entmax15"), (2, "sparsemax")])
def test_alpha_entmax_has_its_relatives_as_cases(alpha, name):
    """Values and products; next to them it comes next to theirs."""
    row, g = [0.25, -1.0, 1.0, 1.0, 0.75], [1.0, 2.0, -3.0, 0.5, 4.0]
    assert actcli.evaluate("alpha_entmax", row, alpha=alpha).tolist() == actcli.evaluate(name, row).tolist()
    assert actcli.vjp("alpha_entmax", row, g, alpha=alpha).tolist() == actcli.vjp(name, row, g).tolist()
    beside = min(max(alpha, 1 + 2.0**-30), 2 - 2.0**-30) + (2.0**-30) * (alpha == 1.5)
    found = actcli.evaluate("alpha_entmax", row, alpha=beside, dtype="float64")
    np.testing.assert_allclose(found, actcli.evaluate(name, row, dtype="float64"), rtol=1e-7)
    found = actcli.vjp("alpha_entmax", row, g, alpha=beside, dtype="float64")
    np.testing.assert_allclose(found, actcli.vjp(name, row, g, dtype="float64"), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("alpha", [0.99, 2.01, "nan", "inf"])
def test_alpha_lies_between_those_of_softmax_and_sparsemax(alpha):
    """Beyond 2 the slopes at the edge have no bound."""
    with pytest.raises(actcli.ActcliError, match="alpha_entmax: alpha must be"):
        actcli.evaluate("alpha_entmax", [1, 2], alpha=alpha)


def test_hardmax_takes_the_first_maximum():
    """Ties, infinities and NaN."""
    inf = np.inf
    found = actcli.evaluate("hardmax", [[1, 3, 3], [-inf, -inf, -inf], [inf, 1, inf], [1, np.nan, 5]])
    np.testing.assert_array_equal(found, [[0, 1, 0], [1, 0, 0], [1, 0, 0], [np.nan] * 3])


def test_infinities_give_the_limits_of_its_relatives():
    """The logarithm of softmax, and softmax of the negated numbers."""
    inf = np.inf
    found = actcli.evaluate("log_softmax", [[inf, 1, 2], [-inf, 1, 2], [1000, 0, 0]])
    assert found[0].tolist() == [0, -inf, -inf]
    np.testing.assert_array_equal(found[1], np.array([-inf, -1.3132616875182228, -0.3132616875182229], np.float32))
    assert found[2].tolist() == [0, -1000, -1000]
    assert actcli.evaluate("softmin", [-inf, 1, inf]).tolist() == [1, 0, 0]


def test_nan_makes_its_row_nan():
    """And no other row."""
    found = actcli.evaluate("softmax", [[np.nan, 1], [2, 2]])
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [0.5, 0.5]


def test_large_numbers_do_not_overflow():
    """The recorded values of the frameworks."""
    assert actcli.evaluate("softmax", [1000, 1000, -1000]).tolist() == [0.5, 0.5, 0]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=NAMES)
def test_an_axis_that_does_not_exist_is_refused(activation):
    """With what is accepted."""
    with pytest.raises(actcli.ActcliError, match="axis 2 is out of range"):
        actcli.evaluate(activation.name, [[1, 2]], axis=2)
    with pytest.raises(actcli.ActcliError, match="axis 2 is out of range"):
        actcli.evaluate(activation.name, 1.0, axis=2)
    with pytest.raises(actcli.ActcliError, match=r"axis must be an integer, got 0\.5"):
        actcli.evaluate(activation.name, [1, 2], axis=0.5)


def test_empty_arrays_give_empty_arrays():
    """Along an axis of no numbers too."""
    assert actcli.evaluate("softmax", np.zeros((2, 0), np.float32)).shape == (2, 0)


def test_softmax_has_a_jacobian():
    """The message says so, in the library and on the command line."""
    with pytest.raises(actcli.ActcliError, match="softmax has a Jacobian, not a derivative per value"):
        actcli.derivative("softmax", [1, 2])
