"""Masked numbers count as not there, whatever they are and however the mask is given; sinks and temperatures of 0."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import actcli
from actcli.activation import AlongAxis
from actcli.registry import registered
from tests.command import complaint, output

ALONG_AXIS = [activation for activation in registered() if issubclass(activation, AlongAxis)]
MASKABLE = [activation for activation in ALONG_AXIS if activation.absent is not None]
WITH_SINK = [activation for activation in MASKABLE if "sink" in activation.parameters]
WITH_TEMPERATURE = [activation for activation in MASKABLE if "temperature" in activation.parameters]
NUMBERS = st.floats(-60, 60, width=32) | st.sampled_from([np.inf, -np.inf, np.nan, 1.0])
ROWS = arrays.array_shapes(min_dims=1, max_dims=2, max_side=6).flatmap(
    lambda shape: st.tuples(
        arrays.arrays(np.float32, shape, elements=NUMBERS),
        arrays.arrays(np.float32, shape, elements=st.floats(-9, 9, width=32)),
        arrays.arrays(np.bool_, shape),
    )
)


def each_row(activation, x, kept, **parameters):
    """Return what the kept numbers of each row give by themselves, and what is due for the others."""
    expected = np.full(x.shape, activation.at_absent, x.dtype)
    for index in np.ndindex(x.shape[:-1]):
        if kept[index].any():
            expected[index][kept[index]] = actcli.evaluate(activation.name, x[index][kept[index]], **parameters)
    return expected


@pytest.mark.parametrize("activation", MASKABLE, ids=lambda each: each.name)
@settings(max_examples=60)
@given(data=ROWS)
def test_results_are_those_of_the_kept_numbers_alone(activation, data):
    """Masked NaN and infinities too; 0 where none is kept, of a logarithm -inf."""
    x, _, kept = data
    expected = each_row(activation, x, kept)
    np.testing.assert_array_equal(actcli.evaluate(activation.name, x, where=kept), expected)
    np.testing.assert_array_equal(actcli.evaluate(activation.name, x, where=kept.astype(int).tolist()), expected)


@pytest.mark.parametrize("activation", MASKABLE, ids=lambda each: each.name)
@settings(max_examples=60)
@given(data=ROWS)
def test_nothing_flows_to_or_from_what_is_masked(activation, data):
    """Whatever g is there; the others get what they get alone."""
    x, g, kept = data
    expected = np.zeros_like(x)
    for index in np.ndindex(x.shape[:-1]):
        if (place := kept[index]).any():
            expected[index][place] = actcli.vjp(activation.name, x[index][place], g[index][place])
    spoilt = np.where(kept, g, np.float32(np.nan))
    np.testing.assert_array_equal(actcli.vjp(activation.name, x, spoilt, where=kept), expected)


@pytest.mark.parametrize("activation", MASKABLE, ids=lambda each: each.name)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("fill", [-1e9, -np.inf, np.inf, 0.1])
def test_a_fill_value_masks_the_numbers_that_equal_it(activation, dtype, fill):
    """Once rounded to the dtype, as the numbers are; in float16, -1e9 is infinite."""
    x = actcli.evaluate("linear", [[0.5, fill, 2], [fill] * 3, [1, 2, 3]], dtype=dtype)
    kept = np.array([[True, False, True], [False] * 3, [True] * 3])
    g = np.ones_like(x)
    for call, others in ((actcli.evaluate, ()), (actcli.vjp, (g,))):
        masked = call(activation.name, x, *others, where=kept)
        np.testing.assert_array_equal(call(activation.name, x, *others, fill_value=fill), masked)
        assert not np.isnan(masked.astype(np.float32)).any()


def test_a_mask_is_broadcast_and_joins_a_fill_value():
    """As in NumPy; what either leaves out is left out, along any axes."""
    x = np.arange(24.0).reshape(2, 3, 4)
    kept = np.array([True, True, False, True])
    found = actcli.evaluate("softmax", x, axis=(0, 2), where=kept, fill_value=5)
    assert not found[..., 2].any()
    assert found[0, 1, 1] == 0
    whole = actcli.evaluate("softmax", x, axis=(0, 2), where=np.broadcast_to(kept, x.shape) & (x != 5))
    np.testing.assert_array_equal(found, whole)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("softmax", [1, 2], {"where": [1.0, 0.0]}), "where must hold truth values, or 0 and 1"),
        (("softmax", [1, 2], {"where": [2, 0]}), "where must hold truth values, or 0 and 1"),
        (("softmax", [1, 2], {"where": [True] * 3}), r"where has shape \(3,\), which cannot be broadcast to \(2,\)"),
        (("softmax", [1, 2], {"where": [[True], [True, False]]}), "where is not an array"),
        (("softmax", [1, 2], {"fill_value": "nan"}), "fill_value must be a number"),
        (("relu", [1, 2], {"where": [True, False]}), "relu takes no mask: where is for softmax"),
        (("glu", [1, 2], {"where": [True, False]}), "glu takes no mask"),
        (("hardmax", [1, 2], {"where": [True, False]}), "hardmax takes no mask"),
        (("softmax", [1, 2], {"temperature": -1}), "temperature must be >= 0"),
        (("softmax", np.zeros(2), {"temperature": 1e300}), r"temperature must be at most 1e\+250"),
        (("gumbel_softmax", [1, 2], {"noise": [1, 2, 3]}), "noise has 3 numbers; expected one number, one for each"),
        (("softmax", [[1, 2]], {"axis": (0, -2)}), "axis 0,-2 names the same axis twice"),
        (("softmax", [[1, 2]], {"axis": (0, 2)}), "axis 2 is out of range"),
        (("glu", [[1, 2]], {"axis": (0, 1)}), "axis must be an integer"),
    ],
)
def test_a_mistake_is_one_line(call, message):
    """With what is accepted."""
    name, x, given = call
    with pytest.raises(actcli.ActcliError, match=message) as error:
        actcli.evaluate(name, x, **given)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("activation", WITH_SINK, ids=lambda each: each.name)
@pytest.mark.parametrize("temperature", [0.5, 1.0, 7.0])
def test_a_sink_takes_what_nothing_else_does(activation, temperature):
    """A row without a number gives 0, of a logarithm -inf, never NaN; an infinite maximum leaves the sink nothing."""
    inf, nothing = np.inf, activation.absent
    x = [[nothing] * 2, [-nothing, 1], [-nothing] * 2]
    found = actcli.evaluate(activation.name, x, sink=0.5, temperature=temperature)
    one, half = (1.0, 0.5) if not activation.at_absent else (0.0, np.float32(-0.69314718))
    assert found.tolist() == [[activation.at_absent] * 2, [one, activation.at_absent], [half, half]]
    assert not np.isnan(actcli.vjp(activation.name, x, np.ones((3, 2)), sink=0.5, temperature=temperature)).any()
    assert np.isnan(actcli.evaluate(activation.name, [np.nan, inf, nothing], sink=0)).all()


@pytest.mark.parametrize("activation", WITH_TEMPERATURE, ids=lambda each: each.name)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_at_temperature_0_the_largest_takes_everything(activation, dtype):
    """Equal ones share it; the gradient is 0; NaN stays."""
    sign, inf = (-1.0 if activation.absent > 0 else 1.0), np.inf
    x = sign * np.array([[1, 3, 2], [3, 1, 3], [-inf, 0, -1e-40], [inf, 5, inf], [0, 0, np.nan]], dtype)
    shares = np.array([[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0], [0.5, 0, 0.5], [np.nan] * 3])
    with np.errstate(divide="ignore"):
        expected = np.log(shares) if activation.at_absent else shares
    np.testing.assert_array_equal(actcli.evaluate(activation.name, x, temperature=0), expected.astype(dtype))
    flowing = actcli.vjp(activation.name, x, np.ones_like(x), temperature=0)
    np.testing.assert_array_equal(flowing[:4], np.zeros((4, 3)))
    assert np.isnan(flowing[4]).all()


@pytest.mark.parametrize("activation", WITH_SINK, ids=lambda each: each.name)
@pytest.mark.parametrize(("x", "share"), [([2, 2], 0.5), ([-2, -3], 0.0), ([0, 0], 0.25), ([0, -1], 1 / 3)])
def test_at_temperature_0_the_sink_meets_the_sign_of_the_largest(activation, x, share):
    """It is not divided: nothing beside a positive number, everything beside negative ones, as much as two at 0."""
    numbers = np.array(x) * (-1 if activation.absent > 0 else 1)
    found = actcli.evaluate(activation.name, numbers, temperature=0, sink=np.log(2), dtype="float64")[0]
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(found, np.log(share) if activation.at_absent else share, rtol=1e-14)


def test_hard_gumbel_softmax_is_one_hot_with_the_gradient_of_the_soft_one():
    """At the first of the largest noisy numbers, though float64 cannot tell them apart."""
    noise = [0.5, 1.0, 2.0**-60]
    assert actcli.evaluate("gumbel_softmax", [1.5, 1, 2], noise=noise, hard=True).tolist() == [0, 0, 1]
    assert actcli.evaluate("gumbel_softmax", [1.5, 1, 2], noise=[0.5, 1, 0], hard=True).tolist() == [1, 0, 0]
    assert actcli.evaluate("gumbel_softmax", [1, 1, 2], noise=[0, 0, 2.0**-60], hard=True).tolist() == [0, 0, 1]
    assert np.isnan(actcli.evaluate("gumbel_softmax", [1, np.nan], hard=True)).all()
    x, g = np.array([[1.0, 2, 3], [0, -1, 4]]), np.array([[1.0, 0, 2], [0, 1, 0]])
    soft, hard = (actcli.vjp("gumbel_softmax", x, g, noise=noise, tau=0.7, hard=hard) for hard in (False, True))
    np.testing.assert_array_equal(soft, hard)


@pytest.mark.parametrize("axis", ["-1", "0", "0,1"])
def test_a_command_masks_a_fill_value_in_every_kind_of_input(axis, tmp_path):
    """Rows of a table, its columns in two readings, arrays; with the numbers of the library."""
    x = np.array([[1, 2, -1e9], [-1e9, -1e9, -1e9], [3, 1, -1e9]], np.float32)
    axes = tuple(map(int, axis.split(",")))
    given = ("--fill-value", "-1e9", "--axis", axis)
    for activation in MASKABLE:
        expected = actcli.evaluate(activation.name, x, fill_value=-1e9, axis=axes)
        table = "\n".join(",".join(map(str, row)) for row in x.tolist())
        found = output(activation.name, *given, "--no-header", "--only", stdin=table)
        np.testing.assert_allclose(np.loadtxt(found.splitlines(), delimiter=","), expected, rtol=1e-6)
        np.save(tmp_path / "x.npy", x)
        output(activation.name, *given, "x.npy", "-o", "y.npy", cwd=tmp_path)
        np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-6)
    assert output("softmax", "1", "-1e9", "--fill-value", "-1e9", "-f", "plain") == "1.0\n0.0\n"


@pytest.mark.parametrize("activation", ALONG_AXIS, ids=lambda each: each.name)
def test_a_single_number_is_a_row_of_one(activation, tmp_path):
    """Along its only axis, as in torch; what is packed has two."""
    if activation.absent is None and activation.name != "hardmax":
        with pytest.raises(actcli.ActcliError, match="expected an even number of them, got 1"):
            actcli.evaluate(activation.name, 1.0)
        return
    for axis in (0, -1):
        found = actcli.evaluate(activation.name, 2.5, axis=axis)
        assert (found.shape, found) == ((), 0.0 if activation.at_absent else 1.0)
        assert actcli.vjp(activation.name, 2.5, 3.0, axis=axis) == 0
    np.save(tmp_path / "x.npy", np.float32(2.5))
    output(activation.name, "x.npy", "-o", "y.npy", cwd=tmp_path)
    assert np.load(tmp_path / "y.npy").shape == ()


@pytest.mark.parametrize("activation", MASKABLE, ids=lambda each: each.name)
@settings(max_examples=20)
@given(
    x=arrays.arrays(
        np.float32, arrays.array_shapes(min_dims=2, max_dims=4, max_side=4), elements=st.floats(-9, 9, width=32)
    ),
    data=st.data(),
)
def test_several_axes_are_one_row(activation, x, data):
    """Of all their numbers together, in any order of the axes, counted from either end; of what flows back too."""
    count = data.draw(st.integers(2, x.ndim))
    axes = data.draw(st.permutations(range(x.ndim)))[:count]
    axes = [axis - x.ndim * data.draw(st.booleans()) for axis in axes]
    last = range(-count, 0)
    ordered = sorted(axis % x.ndim for axis in axes)
    for call, others in ((actcli.evaluate, ()), (actcli.vjp, (x[::-1],))):
        found = np.moveaxis(call(activation.name, x, *others, axis=tuple(axes)), ordered, last)
        rows = [np.moveaxis(each, ordered, last).reshape(*found.shape[:-count], -1) for each in (x, *others)]
        np.testing.assert_array_equal(found.reshape(rows[0].shape), call(activation.name, *rows))


def test_the_two_axes_of_a_table_in_a_command(tmp_path):
    """All cells together, in groups as the file comes; a message for an axis that a table has not."""
    x = np.random.default_rng(3).normal(0, 3, (50, 3)).astype(np.float32)
    np.savetxt(tmp_path / "x.csv", x, delimiter=",", fmt="%.9g")
    found = output("softmax", "x.csv", "--axis", "0,1", "--no-header", "--only", cwd=tmp_path)
    np.testing.assert_allclose(
        np.loadtxt(found.splitlines(), delimiter=","), actcli.evaluate("softmax", x, axis=(0, 1)), rtol=2e-7
    )
    assert "axis 2 is out of range (-2 to 1)" in complaint("softmax", "x.csv", "--axis", "0,2", cwd=tmp_path)
    assert "--axis must be an integer" in complaint("glu", "x.csv", "--axis", "0,1", cwd=tmp_path)


@pytest.mark.parametrize("axis", [-1, 1, (0, 2)])
def test_noise_of_the_shape_of_x_is_added_number_by_number(axis):
    """As frameworks draw it: softmax of the sums, here of numbers whose sums are exact."""
    generator = np.random.default_rng(8)
    x, noise, g = (generator.integers(-40, 40, (2, 3, 4)) / 8 for _ in range(3))
    given = {"noise": noise, "axis": axis}
    np.testing.assert_array_equal(
        actcli.evaluate("gumbel_softmax", x, **given), actcli.evaluate("softmax", x + noise, axis=axis)
    )
    np.testing.assert_allclose(
        actcli.vjp("gumbel_softmax", x, g, **given), actcli.vjp("softmax", x + noise, g, axis=axis), rtol=1e-13
    )
    message = "noise has 2 x 3 numbers; expected one number, one for each of the 4 along the axis, or as many as x"
    with pytest.raises(actcli.ActcliError, match=message):
        actcli.evaluate("gumbel_softmax", x, noise=noise[..., 0])
