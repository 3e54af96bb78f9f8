"""Masks, and the functions that take them, in formats of 8 bits and fewer, of which most lack infinities or NaN."""

import gmpy2
import numpy as np
import pytest

import actcli
from actcli.activation import AlongAxis
from actcli.numerics import dtypes
from actcli.registry import registered
from tests.activations import settings_along_axis
from tests.command import complaint, output
from tests.reference import mpfr

NARROW = [format for format in dtypes.FORMATS.values() if format.dtype.itemsize == 1]
MASKABLE = [each for each in registered() if issubclass(each, AlongAxis) and each.absent is not None]
CASES = [(each, parameters) for each in MASKABLE for parameters in settings_along_axis(each)]
NAN = [format for format in NARROW if np.isnan(format.overflow_value)]
ONE_OF_EACH_KIND = {(str(each.overflow_value), each.name[-4:] == "fnuz"): each for each in NARROW}
each_format = pytest.mark.parametrize("format", NARROW, ids=lambda each: each.name)


def rows(format: dtypes.Format) -> np.ndarray:
    """Return rows of numbers of a format, of all sizes that softmax can tell apart."""
    generator = np.random.default_rng(11)
    x = np.concatenate([generator.normal(0, spread, (4, 5)) for spread in (0.5, 2, 8)])
    return actcli.evaluate("linear", np.clip(x, -format.largest, format.largest), dtype=format.name)


@each_format
@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=lambda each: getattr(each, "name", str(each)))
def test_results_are_rounded_once_from_those_of_mpfr(activation, parameters, format):
    """Beside masked numbers too, which count as not there. At a tie, to either side."""
    x = rows(format)
    kept = np.random.default_rng(12).random(x.shape) < 0.7
    kept[:, 0] = True
    exact = {name: float(np.float32(value)) for name, value in parameters.items()}
    for row, where in zip(x, kept, strict=True):
        for place, mask in ((np.ones(5, np.bool_), {}), (where, {"where": where})):
            found = actcli.evaluate(activation.name, row, saturate=True, **mask, **parameters).astype(np.float64)
            true = mpfr.along_axis(activation, row[place].astype(np.float64).tolist(), **exact)
            for y, actual in zip(true, found[place].tolist(), strict=True):
                nearby = {mpfr.rounded(y * gmpy2.mpfr(1 + side * 2.0**-50), format.name) for side in (-1, 0, 1)}
                assert actual in nearby if abs(y) <= format.largest else actual == -format.largest
            assert (found[~place] == max(activation.at_absent, -format.largest)).all()


@each_format
@pytest.mark.parametrize("saturate", [False, True])
@pytest.mark.parametrize("activation", MASKABLE, ids=lambda each: each.name)
def test_what_flows_back_is_what_flows_to_the_kept_numbers_alone(activation, saturate, format):
    """And nothing to the masked ones, in rows of which none is kept, too."""
    x, kept = rows(format), np.array([True, False, True, True, False])
    g = x[::-1]
    given = {"saturate": saturate}
    found = actcli.vjp(activation.name, x, g, where=kept, **given).astype(np.float32)
    alone = actcli.vjp(activation.name, x[:, kept], g[:, kept], **given).astype(np.float32)
    np.testing.assert_array_equal(found[:, kept], alone)
    assert not found[:, ~kept].any()
    assert not actcli.vjp(activation.name, x, g, where=False, **given).astype(np.float32).any()


@pytest.mark.parametrize("format", ONE_OF_EACH_KIND.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("axis", ["-1", "0", "0,1"])
@pytest.mark.parametrize("activation", [actcli.get("log_softmax"), actcli.get("sparsemax")], ids=lambda each: each.name)
def test_a_command_gives_the_bits_of_the_library(activation, axis, format, tmp_path):
    """Columns of truth values, and a fill value; an empty cell that is masked has a result like other masked ones."""
    x = rows(format)[4:10, :2].astype(np.float32)
    kept = np.array([True, False, True, True, False, True])
    x[x == 1.5] = 1
    x[~kept] = 1.5
    axes = tuple(map(int, axis.split(",")))
    words = ("--dtype", format.name, "--axis", axis, "--saturate", "--only")
    expected = actcli.evaluate(activation.name, x, dtype=format.name, saturate=True, axis=axes, where=kept[:, None])
    lines = [f"{a},{b},{keep}" for (a, b), keep in zip(x.tolist(), kept.astype(int), strict=True)]
    (tmp_path / "x.csv").write_text("\n".join(["a,b,m", *lines, ",,0"]) + "\n")
    output(activation.name, "x.csv", *words, "--mask-columns", "m", "-o", "y.csv", cwd=tmp_path)
    found = np.genfromtxt(tmp_path / "y.csv", delimiter=",", skip_header=1)
    written = actcli.evaluate("linear", found, dtype=format.name, saturate=True).astype(np.float64)
    np.testing.assert_array_equal(written[:6], expected.astype(np.float64))
    assert (written[6] == max(activation.at_absent, -format.largest)).all()
    (tmp_path / "z.csv").write_text("\n".join(["a,b", *(line[:-2] for line in lines)]) + "\n")
    filled = output(activation.name, "z.csv", *words, "--fill-value", "1.5", "-f", "csv", cwd=tmp_path)
    masked = actcli.evaluate("linear", np.genfromtxt(filled.splitlines()[1:], delimiter=","), dtype=format.name)
    np.testing.assert_array_equal(masked.astype(np.float64), expected.astype(np.float64))


@pytest.mark.parametrize("format", NAN, ids=lambda each: each.name)
def test_a_fill_value_that_is_nan_is_no_fill_value(format):
    """As other numbers are NaN in a format that overflows to it; where it saturates, the largest one is masked."""
    with pytest.raises(actcli.ActcliError, match=rf"fill_value is NaN in {format.name}, whose largest number is"):
        actcli.evaluate("softmax", [1, 2, -1e9], fill_value=-1e9, dtype=format.name)
    x = [1, 1, -1e9]
    found = actcli.evaluate("softmax", x, fill_value=-1e9, dtype=format.name, saturate=True)
    assert found.tolist() == [0.5, 0.5, 0]
    wrong = complaint("softmax", "1", "-1e9", "--fill-value", "-1e9", "--dtype", format.name)
    assert wrong.startswith("softmax: --fill-value is NaN in ")
