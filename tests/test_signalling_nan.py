"""A signalling NaN is a NaN like any other: no entry of the library warns of it, though NumPy's casts do."""

import ml_dtypes
import numpy as np
import pytest

import actcli
from actcli.activation import AlongAxis, Elementwise, Packed
from actcli.registry import registered
from tests.activations import NEEDED
from tests.command import output

pytestmark = pytest.mark.filterwarnings("error")

WITH_ONE = {
    "float8_e5m2": np.array([0x7D, 0x3C], np.uint8).view(ml_dtypes.float8_e5m2),
    "float16": np.array([0x7D01, 0x3C00], np.uint16).view(np.float16),
    "bfloat16": np.array([0x7F81, 0x3F80], np.uint16).view(ml_dtypes.bfloat16),
    "float32": np.array([0x7F800001, 0x3F800000], np.uint32).view(np.float32),
    "float64": np.array([0x7FF0000000000001, 0x3FF0000000000000], np.uint64).view(np.float64),
}
each_dtype = pytest.mark.parametrize("x", WITH_ONE.values(), ids=WITH_ONE)


@each_dtype
@pytest.mark.parametrize("activation", registered(), ids=lambda each: each.name)
def test_every_function_takes_it_without_a_warning(activation, x):
    """Values, derivatives and products, with NaN in x and in g; NaN passes on along an axis."""
    name = activation.name
    for more in ({}, {"saturate": True}, {"dtype": "float64"}):
        parameters = {**NEEDED[activation.name], **more}
        y = actcli.evaluate(name, x, **parameters)
        if issubclass(activation, Elementwise):
            actcli.derivative(name, x, **parameters)
        elif not issubclass(activation, Packed):
            assert np.isnan(y.astype(np.float32)).all()
        g = x[: y.size]
        for numbers, weights in ((x, g), (np.ones_like(x), g)):
            actcli.vjp(name, numbers, weights, **parameters)


@each_dtype
@pytest.mark.parametrize(
    "activation",
    [each for each in registered() if issubclass(each, AlongAxis) and each.absent is not None],
    ids=lambda each: each.name,
)
def test_a_mask_leaves_it_out_or_keeps_it_without_a_warning(activation, x):
    """However the mask is given."""
    for where in ([0, 1], [1, 0]):
        found = actcli.evaluate(activation.name, x, where=where).astype(np.float32)
        assert np.isnan(found).tolist() == [bool(where[0]), False]
        actcli.vjp(activation.name, x, x, where=where)
    assert np.isnan(actcli.evaluate(activation.name, x, fill_value=1).astype(np.float32)).tolist() == [True, False]


@pytest.mark.parametrize("words", [(), ("--axis", "0"), ("--axis", "0,1"), ("--saturate",), ("--fill-value", "1")])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_file_may_hold_it(dtype, words, tmp_path):
    """As an array, and as a table of rows."""
    np.save(tmp_path / "x.npy", np.stack([WITH_ONE[dtype]] * 3))
    for to in ("npy", "csv"):
        output("softmax", "x.npy", "--dtype", dtype, *words, "--only", "-o", f"y.{to}", cwd=tmp_path)
