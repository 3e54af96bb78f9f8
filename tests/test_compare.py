"""Functions and dialects side by side."""

import csv
import io
import json
import math

import ml_dtypes
import numpy as np
import pytest

from actcli.dialects import FRAMEWORKS
from actcli.numerics import distance, dtypes
from tests.command import complaint, output


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of separated values."""
    return list(csv.DictReader(io.StringIO(text)))


def test_each_function_has_the_column_that_its_own_command_gives():
    """Values and derivatives, with the parameters that each has."""
    numbers = ["-3", "-0.5", "0", "2"]
    words = ["--derivative", "--format", "csv", "--alpha", "0.3", *numbers]
    beside = rows(output("compare", "elu", "leaky_relu", "gelu", *words))
    for name, given in (("elu", ["--alpha", "0.3"]), ("leaky_relu", ["--alpha", "0.3"]), ("gelu", [])):
        alone = rows(output(name, "--derivative", "--format", "csv", *given, *numbers))
        assert [row[name] for row in beside] == [row[f"x_{name}"] for row in alone]
        assert [row[f"{name}_derivative"] for row in beside] == [row[f"x_{name}_derivative"] for row in alone]


def test_a_file_keeps_its_columns_and_its_empty_cells(tmp_path):
    """From a file as from a pipe."""
    (tmp_path / "x.csv").write_text('name,a,b\n"q, r",-1,2\ns,,3\n')
    expected = 'name,a,b,a_relu,b_relu,a_linear,b_linear\n"q, r",-1,2,0.0,2.0,-1.0,2.0\ns,,3,,3.0,,3.0\n'
    assert output("compare", "relu", "linear", "x.csv", cwd=tmp_path) == expected
    assert output("compare", "relu", "linear", stdin=(tmp_path / "x.csv").read_bytes()) == expected
    by_dialect = rows(output("compare", "gelu", "--dialects", "torch,jax", "x.csv", "-c", "a", "--only", cwd=tmp_path))
    assert list(by_dialect[0]) == ["a_gelu_torch", "a_gelu_jax", "a_gelu_ulps"]
    assert set(by_dialect[1].values()) == {""}


def test_dialects_are_as_far_apart_as_their_results_say():
    """Gelu of torch has the error function, that of jax the hyperbolic tangent; at 0 they agree."""
    text = output("compare", "gelu", "--dialects", "torch,jax", "-1", "0", "1", "--format", "json")
    answer = json.loads(text)
    erf = np.float32([x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in (-1, 0, 1)])
    np.testing.assert_allclose(answer["gelu_torch"], erf, rtol=2e-7)
    near = [abs(np.float32(x) - np.float32(y)) for x, y in zip(answer["gelu_torch"], answer["gelu_jax"], strict=True)]
    assert answer["gelu_ulps"][1] == 0
    for i in (0, 2):  # both results lie between the same powers of two
        assert answer["gelu_ulps"][i] == near[i] / np.spacing(np.float32(abs(answer["gelu_torch"][i])))
    assert [entry["dialect"] for entry in answer["functions"]] == ["torch", "jax"]


@pytest.mark.parametrize("name", dtypes.FORMATS)
def test_neighbours_are_one_apart(name):
    """On both sides of zero, whose two signs are one place; NaN is infinitely far."""
    kind, finfo = dtypes.FORMATS[name].dtype, ml_dtypes.finfo(dtypes.FORMATS[name].dtype)
    tiny, step = float(finfo.smallest_subnormal), float(finfo.eps)
    small, other = np.array([[tiny, -tiny, 0.0, 1.0], [2 * tiny, tiny, -0.0, 1.0]]).astype(kind)
    np.testing.assert_array_equal(distance.widest([small, other]), [1, 2, 0, 0])
    below = 1 - step / 2 if finfo.minexp < 0 else 1 - step  # where 1 is the smallest normal number
    around = np.array([[1.0], [below], [1 + step]]).astype(kind)
    np.testing.assert_array_equal(distance.widest(list(around)), [2])
    if dtypes.has_nan(dtypes.FORMATS[name]):
        pair = np.array([[math.nan, math.nan], [math.nan, 1.0]]).astype(kind)
        np.testing.assert_array_equal(distance.widest(list(pair)), [0, math.inf])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["softmax", "1"], "compare works on elementwise functions; softmax works on vectors: see actcli softmax"),
        (["relu", "relu", "1"], "compare takes each function once, got relu, relu"),
        (["relu", "--dialects", "torch", "1"], f"--dialects must be two or more of {', '.join(FRAMEWORKS)}"),
        (["relu", "--dialects", "torch,trch", "1"], f"--dialects must be one of {', '.join(FRAMEWORKS)}, got 'trch'"),
        (["celu", "--dialects", "torch,keras2", "1"], "keras2 has no celu"),
        (["relu", "gleu", "1"], "unknown activation 'gleu'; did you mean"),
        (["relu", "no.csv"], "cannot read no.csv"),
        (["1", "relu"], "compare needs a function name first, not '1'"),
    ],
)
def test_a_mistake_is_told_in_one_line(words, message):
    """And nothing is written."""
    assert complaint("compare", *words, status=3 if "no.csv" in words else 2).startswith(message)


@pytest.mark.parametrize("command", [["compare", "relu"], ["diagnose", "relu"], ["plot", "relu", "--data", "-"]])
def test_files_are_read_as_the_activations_read_them(command):
    """With another delimiter, decimal sign and word for nothing; a bad cell or delimiter is told in one line."""
    words = [*command, "--delimiter", "tab", "--decimal", ",", "--na", "none"]
    assert output(*words, stdin="a\tb\n1,5\tx\nnone\ty\n")
    named = complaint(*words, stdin="a\tb\n1,5\tx\nz\ty\n")
    assert named.startswith("standard input: row 3, column 'a': 'z' is not a number")
    assert complaint(*command, "--delimiter", "ab", stdin="1\n").startswith("--delimiter must be one ASCII character")
    assert complaint(*command, "--dtype", "float31", stdin="1\n").startswith("--dtype must be one of")
