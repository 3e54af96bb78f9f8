"""Lists of parameters: which number belongs to which place of an array, in the conventions of each framework."""

from fractions import Fraction

import numpy as np
import pytest

import actcli
from actcli.activation import Elementwise
from actcli.registry import registered
from tests.activations import NEEDED
from tests.command import complaint, output

LISTED = [
    (activation.name, name)
    for activation in registered()
    for name, parameter in activation.parameters.items()
    if parameter.per_column and issubclass(activation, Elementwise)
]
NUMBERS = [0.5, 2.0, 0.25]


def one_by_one(call, place):
    """Return what each of the numbers alone gives, at the places that have it."""
    found = np.stack([call(number) for number in NUMBERS])
    return np.take_along_axis(found, np.broadcast_to(place, found.shape[1:])[None], axis=0)[0]


@pytest.mark.parametrize(("name", "parameter"), LISTED)
@pytest.mark.parametrize(
    ("shape", "options", "axis"),
    [
        ((3,), {}, 0),
        ((2, 3), {}, 1),
        ((2, 3, 3), {}, 2),
        ((2, 3, 3), {"channel_axis": 1}, 1),
        ((3, 2), {"channel_axis": 0}, 0),
        ((3, 2), {"channel_axis": "-2"}, 0),
        ((1, 3, 1, 3), {"channel_axis": -3}, 1),
        ((0, 3, 2), {"channel_axis": 1}, 1),
    ],
)
def test_a_list_goes_along_the_last_axis_or_the_one_that_is_named(name, parameter, shape, options, axis):
    """Values, derivatives and products are those of each number alone."""
    x = np.linspace(-3, 3, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    g = np.cos(x)
    place = np.arange(3).reshape([3 if i == axis else 1 for i in range(len(shape))])

    for call in (
        lambda **given: actcli.evaluate(name, x, **given),
        lambda **given: actcli.derivative(name, x, **given),
        lambda **given: actcli.vjp(name, x, g, **given),
    ):
        expected = one_by_one(lambda number, call=call: call(**{**NEEDED[name], parameter: number}), place)
        found = call(**{**NEEDED[name], parameter: NUMBERS}, **options)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("name", "parameter"), LISTED)
@pytest.mark.parametrize(("shape", "axis"), [((3,), None), ((4, 3), None), ((2, 3, 2), 1), ((2, 3, 2), "-2")])
def test_codes_have_channels_too(name, parameter, shape, axis):
    """The tables of each number alone."""
    q = np.random.default_rng(5).integers(-128, 128, shape)
    options = {**NEEDED[name], "input_scale": 0.05, "output_scale": 0.1, "output_zero_point": -3}
    place = np.arange(3).reshape(-1, 1) if axis else np.arange(3)
    expected = one_by_one(lambda number: actcli.evaluate_quantized(name, q, **{**options, parameter: number}), place)
    found = actcli.evaluate_quantized(name, q, **{**options, parameter: NUMBERS, "channel_axis": axis})
    assert found.dtype == np.int8
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("name", "parameter"), LISTED)
@pytest.mark.parametrize("dtype", ["float4_e2m1fn", "float8_e4m3fn", "float8_e5m2", "float16"])
def test_lists_saturate(name, parameter, dtype):
    """As numbers do, and what has no limit at infinities is NaN there too; in one row, each is a place of its own."""
    for saturate in (True, False):
        x = [np.inf, -np.inf, 3.0] if saturate or dtype in {"float8_e5m2", "float16"} else [6.0, -6.0, 3.0]
        options = {**NEEDED[name], "dtype": dtype, "saturate": saturate}
        expected = one_by_one(
            lambda number, options=options, x=x: actcli.evaluate(name, x, **{**options, parameter: number}),
            np.arange(3),
        )
        found = actcli.evaluate(name, x, **{**options, parameter: NUMBERS})
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.astype(np.float64), expected.astype(np.float64))


@pytest.mark.parametrize("numbers", [Fraction(1, 2), [Fraction(1, 2), "2", 0.25], np.float16([0.5, 2, 0.25])])
@pytest.mark.parametrize(("name", "parameter"), LISTED)
def test_numbers_of_a_list_may_be_of_any_type(name, parameter, numbers):
    """Whichever parameter it is."""
    x = [[-3.0, -1.0, 0.5], [1.0, -2.0, 3.0]]
    plain = [float(number) for number in numbers] if isinstance(numbers, list | np.ndarray) else float(numbers)
    found = actcli.evaluate(name, x, **{**NEEDED[name], parameter: numbers})
    np.testing.assert_array_equal(found, actcli.evaluate(name, x, **{**NEEDED[name], parameter: plain}))


@pytest.mark.parametrize(("name", "parameter"), LISTED)
def test_lists_in_lists_are_broadcast(name, parameter):
    """As NumPy, ONNX and JAX do; Keras has weights of the shape of one example, 1 long along shared axes."""
    x = np.linspace(-3, 3, 36, dtype=np.float32).reshape(2, 3, 2, 3)
    for place in (
        np.array([[0], [1], [2]])[:, :, None],
        np.array([[[0, 1, 2]]]),
        np.array([[[0, 1, 2], [2, 1, 0]]] * 3),
        np.array([[0, 1, 2], [1, 1, 0]]),
        np.arange(36).reshape(x.shape) % 3,
    ):
        call = {**NEEDED[name], parameter: np.array(NUMBERS)[place]}
        expected = one_by_one(
            lambda number, name=name: actcli.evaluate(name, x, **NEEDED[name] | {parameter: number}), place
        )
        np.testing.assert_array_equal(actcli.evaluate(name, x, **call), expected)


@pytest.mark.parametrize("name", actcli.activations())
def test_what_takes_a_list_has_a_channel_axis(name):
    """And nothing else has."""
    takes_list = any(name == listed for listed, _ in LISTED)
    assert ("channel_axis" in actcli.get(name).parameters) == takes_list


@pytest.mark.parametrize("shape", [(2, 3), (1, 3, 1, 3), (2, 3, 4), (3, 3)])
def test_the_channels_of_torch_are_along_axis_1(shape):
    """As torch.nn.functional.prelu documents; its results where it is installed."""
    x = -np.arange(1, 1 + np.prod(shape), dtype=np.float32).reshape(shape)
    expected = x * np.array(NUMBERS, np.float32).reshape([3 if i == 1 else 1 for i in range(len(shape))])
    for dialect in ("torch", "transformers"):
        found = actcli.evaluate("prelu", x, weight=NUMBERS, dialect=dialect)
        assert found.tolist() == expected.tolist()
    torch = pytest.importorskip("torch")
    returned = torch.nn.functional.prelu(torch.tensor(x), torch.tensor(NUMBERS))
    assert found.tolist() == returned.tolist()


def test_one_row_of_torch_has_a_number_for_each_place():
    """PyTorch refuses it: there are no channels."""
    assert actcli.evaluate("prelu", [-1, -1, -1], slope=NUMBERS, dialect="torch").tolist() == [-0.5, -2, -0.25]


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (np.zeros((2, 3)), {"slope": [1, 2]}, "slope has 2 numbers for 3 numbers along the last axis of x"),
        (
            np.zeros((1, 2, 3)),
            {"slope": [1, 2, 3], "channel_axis": 1},
            "3 numbers for 2 numbers along axis 1 of x",
        ),
        (np.zeros((2, 3)), {"slope": [1, 2, 3], "channel_axis": 2}, r"channel_axis 2 is out of range \(-2 to 1\)"),
        (np.zeros((2, 3)), {"slope": [1, 2, 3], "channel_axis": 0.5}, "channel_axis must be an integer, got 0.5"),
        (1.0, {"slope": [1, 2]}, "lists of numbers go along an axis, and a single number has none"),
        (np.zeros((2, 3)), {"slope": np.ones((3, 2))}, r"slope of shape \(3, 2\) does not broadcast to \(2, 3\), that"),
        (np.zeros(3), {"slope": np.ones((3, 3))}, r"slope of shape \(3, 3\) does not broadcast to \(3,\), that of x"),
        (np.zeros(3), {"slope": [1, 2, 3], "shared_axes": [1]}, "give the slopes in the shape of the layer's weight"),
    ],
)
def test_lists_that_do_not_fit_are_refused(x, options, message):
    """By the numbers of both; in all three functions."""
    for call in (actcli.evaluate, actcli.derivative):
        with pytest.raises(actcli.ActcliError, match=message):
            call("prelu", x, **options)
    with pytest.raises(actcli.ActcliError, match=message):
        actcli.vjp("prelu", x, x, **options)


@pytest.mark.parametrize(
    ("options", "axis"),
    [("", 2), ("--channel-axis 1", 1), ("--channel-axis -3", 0), ("--dialect torch", 1), ("--channel_axis=0", 0)],
)
def test_arrays_in_files_have_channels_too(tmp_path, options, axis):
    """Read in parts, each of them whole along the axis of the channels."""
    x = -np.ones((3, 3, 3), np.float32)
    np.save(tmp_path / "x.npy", x)
    command = f"prelu {tmp_path / 'x.npy'} --slope 0.5,2,0.25 {options} --derivative -o {tmp_path / 'y.npy'}"
    assert output(*command.split()) == ""
    expected = x * np.array(NUMBERS, np.float32).reshape([3 if i == axis else 1 for i in range(3)])
    values, derivatives = np.moveaxis(np.load(tmp_path / "y.npy"), -1, 0)
    assert values.tolist() == expected.tolist()
    assert derivatives.tolist() == (-expected).tolist()


def test_a_table_has_its_channels_side_by_side():
    """In PyTorch's dialect too; down the rows they would need all of them."""
    rows = "a,b\n-1,-1\n-2,-2\n"
    for options in ("", "--dialect torch", "--channel-axis 1", "--channel-axis -1"):
        call = f"prelu --slope 0.5,2 --only {options}"
        assert output(*call.split(), stdin=rows).splitlines()[1:] == ["-0.5,-2.0", "-1.0,-4.0"]
    assert "a list has a number per column of a table; leave out --channel-axis" in complaint(
        "prelu", "--slope", "0.5,2", "--channel-axis", "0", stdin=rows
    )
