"""The library: any array-like in, an array of that shape out, and errors that say what to do."""

import subprocess
import sys
from decimal import Decimal

import numpy as np
import pytest

import actcli
from actcli.activation import Packed
from actcli.numerics import dtypes
from tests.activations import NEEDED


def test_the_library_is_these_names():
    """Nothing else is public."""
    assert actcli.__all__ == [
        "ActcliError",
        "activations",
        "check",
        "derivative",
        "evaluate",
        "evaluate_quantized",
        "get",
        "vjp",
    ]
    assert "relu" in actcli.activations()
    assert actcli.get("Logistic").name == "sigmoid"


def test_importing_stays_light():
    """Neither the command line's packages nor those for tables and hard cases, nor NumPy, are loaded."""
    heavy = {"numpy", "typer", "rich", "polars", "pyarrow", "mpmath", "ml_dtypes"}
    code = f"import sys, actcli; actcli.get('relu'); print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("name", actcli.activations())
@pytest.mark.parametrize("shape", [(4,), (2, 6), (0,), (2, 0, 4), (1, 1, 1, 2)])
def test_shapes_are_kept(name, shape):
    """Of values in every activation; but one that is packed is half as long along its axis."""
    expected = (*shape[:-1], shape[-1] // 2) if issubclass(actcli.get(name), Packed) else shape
    assert actcli.evaluate(name, np.zeros(shape), **NEEDED[name]).shape == expected


def test_a_single_number_gives_a_single_number():
    """A scalar is an array of no dimensions."""
    result = actcli.evaluate("tanh", 0.5)
    assert result.shape == ()
    assert result == np.float32(0.46211717)


@pytest.mark.parametrize("dtype", dtypes.FORMATS)
@pytest.mark.parametrize("name", actcli.activations())
def test_floating_arrays_keep_their_dtype(name, dtype):
    """Also when the array is a view with strides, or read-only; and the input is as it was."""
    x = actcli.evaluate("relu", np.linspace(-4, 4, 24).reshape(4, 6), dtype=dtype, negative_slope=1)[::2, ::3]
    x.flags.writeable = False
    before = x.tobytes()
    is_nan = np.isnan(actcli.evaluate(name, x.astype(np.float32), **NEEDED[name]))
    if is_nan.any() and not dtypes.has_nan(dtypes.FORMATS[dtype]):
        with pytest.raises(actcli.ActcliError, match="has no NaN"):
            actcli.evaluate(name, x, **NEEDED[name])
        return
    result = actcli.evaluate(name, x, **NEEDED[name])
    assert result.dtype == x.dtype
    assert x.tobytes() == before
    again = actcli.evaluate(name, np.ascontiguousarray(x), **NEEDED[name])
    np.testing.assert_array_equal(result.astype(np.float64), again.astype(np.float64))


@pytest.mark.parametrize(
    "x", [[1.5, -2], (1.5, -2.0), ["1.5", "-2"], [Decimal("1.5"), Decimal(-2)], np.array([1.5, -2], object)]
)
def test_everything_else_becomes_float32(x):
    """Lists, tuples, text and decimals; as any dtype that is asked for."""
    assert actcli.evaluate("relu", x, negative_slope=0.5).dtype == np.float32
    assert actcli.evaluate("relu", x, negative_slope=0.5).tolist() == [1.5, -1]
    assert actcli.evaluate("relu", x, dtype="float64", negative_slope=0.5).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint64, bool])
def test_integers_become_the_dtype_and_are_never_truncated(dtype):
    """A known trap of frameworks."""
    result = actcli.evaluate("sigmoid", np.array([0, 1], dtype))
    assert result.dtype == np.float32
    assert result.tolist() == [0.5, np.float32(0.7310586)]


def test_large_integers_are_rounded_once():
    """2**54 + 2**30 + 1 is above a midpoint of float32 by less than float64 can tell."""
    number = 2**54 + 2**30 + 1
    expected = np.float32(2**54 + 2**31)
    assert actcli.evaluate("relu", np.array([number])).tolist() == [expected]
    assert actcli.evaluate("relu", [10**30]).tolist() == [np.float32(1e30)]


def test_parameters_are_rounded_to_float32_for_narrow_dtypes_and_kept_for_float64():
    """As numbers or as text, under any of their spellings."""
    for slope in (0.1, "0.1"):
        assert actcli.evaluate("relu", [-1], alpha=slope).tolist() == [-np.float32(0.1)]
        assert actcli.evaluate("relu", [-1.0], dtype="float64", negative_slope=slope).tolist() == [-0.1]
    assert actcli.evaluate("relu", [-1.0], dtype="float16", alpha="0.1") == np.float16(-np.float32(0.1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: actcli.evaluate("rleu", [1]), "unknown activation 'rleu'; did you mean relu?"),
        (lambda: actcli.get("ellu"), "unknown activation 'ellu'"),
        (lambda: actcli.evaluate("relu", [1], treshold=1), "relu has no parameter 'treshold'; did you mean threshold?"),
        (lambda: actcli.evaluate("tanh", [1], b=1), "tanh has no parameter 'b'; its parameters: none"),
        (lambda: actcli.evaluate("relu", [1], alpha="abc"), "relu: alpha must be a number, got 'abc'"),
        (lambda: actcli.evaluate("relu", [1], threshold=float("nan")), "relu: threshold must be a number, got nan"),
        (lambda: actcli.evaluate("relu", [1], threshold=None), "relu: threshold must be a number, got None"),
        (lambda: actcli.evaluate("relu", [1], alpha=1, negative_slope=2), "relu: negative_slope is set twice"),
        (lambda: actcli.evaluate("relu", ["a"]), "'a' is not a number"),
        (lambda: actcli.evaluate("relu", [1j]), r"x holds 1j \(complex\); expected real numbers"),
        (lambda: actcli.evaluate("relu", np.array([1j])), "x is complex"),
        (lambda: actcli.evaluate("relu", [[1], [2, 3]]), "x is not an array"),
        (lambda: actcli.evaluate("relu", {"a": 1}), r"x holds {'a': 1} \(dict\); expected real numbers"),
        (lambda: actcli.evaluate("relu", [None]), r"x holds None \(NoneType\); expected real numbers"),
        (lambda: actcli.evaluate("relu", [1], dtype="float31"), "dtype must be one of .* got 'float31'; did you"),
        (lambda: actcli.evaluate("relu", [1], dtype=int), "dtype must be one of .* got 'int64'"),
        (lambda: actcli.evaluate("relu", [1], dtype="nonsense"), "dtype must be one of"),
        (lambda: actcli.evaluate("relu", [1], dtype=np.longdouble), "dtype must be one of .* got '.*float"),
        (lambda: actcli.evaluate("relu", np.zeros(2, "M8[s]")), "x is an array of datetime64\\[s\\]; expected numbers"),
        (lambda: actcli.evaluate("prelu", [1]), r"prelu: slope is required \(slope below 0\)"),
        (lambda: actcli.evaluate("softmax", [1], axis=2**24 + 1), "softmax: axis 16777217 is out of range"),
        (
            lambda: actcli.evaluate("softmax", [1], axis="1.00000001"),
            "softmax: axis must be an integer, got '1.00000001'",
        ),
        (lambda: actcli.evaluate("celu", [1], alpha=0), "celu: alpha must be != 0, got 0"),
        (lambda: actcli.evaluate("laplace", [1], sigma="-1"), "laplace: sigma must be > 0, got '-1'"),
        (lambda: actcli.evaluate("squareplus", [1], b=-1), "squareplus: b must be >= 0, got -1"),
        (lambda: actcli.evaluate("elu", [1], alpha="inf"), "elu: alpha must be finite, got 'inf'"),
        (lambda: actcli.evaluate("hard_tanh", [1], min_val=2), "hard_tanh: min_val must be <= max_val, got 2 and 1"),
        (
            lambda: actcli.evaluate("gelu", [1], approximate="erf"),
            "approximate must be one of true, false, tanh, none",
        ),
        (lambda: actcli.evaluate("relu", [1], dialect="caffe"), "dialect must be one of keras, .* got 'caffe'"),
        (lambda: actcli.evaluate("mish", [1], dialect="keras2"), "keras2 has no mish; the nearest is silu"),
        (
            lambda: actcli.evaluate("relu", [1], numerics="fast"),
            "numerics must be one of exact, tensorflow2, got 'fast'",
        ),
    ],
)
def test_mistakes_are_one_error_with_what_is_accepted(call, message):
    """ActcliError, whatever was wrong, on one line."""
    with pytest.raises(actcli.ActcliError, match=message) as error:
        call()
    assert "\n" not in str(error.value)
