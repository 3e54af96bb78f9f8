"""The tensorflow2 numerics give the bits of the tutorial's TensorFlow."""

import csv
from pathlib import Path

import numpy as np
import pytest

import actcli

GOLDEN = Path(__file__).parent / "golden"


def rows(name: str) -> list[list[str]]:
    """Return the rows of a golden file, its header first, without comments."""
    lines = (GOLDEN / name).read_text().splitlines()
    return list(csv.reader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_kernels_give_the_bits_that_eigen_gave(name):
    """Recorded from the compiled kernels: edges, their neighbours, a spread over all float32 inputs."""
    recorded = [(int(x, 16), int(y, 16)) for function, x, y in rows("tensorflow2.csv")[1:] if function == name]
    assert len(recorded) > 3000
    x, expected = np.array(recorded, dtype=np.uint32).T.copy()
    actual = actcli.evaluate(name, x.view(np.float32), numerics="tensorflow2")
    np.testing.assert_array_equal(actual.view(np.uint32), expected)


def test_values_at_the_edges_are_those_of_the_kernel():
    """Where sigmoid changes its method and where it ends."""
    beyond = np.nextafter(np.float32(-9), np.float32(-10))
    x = np.array([-87.3, -87.4, -88.3, -9, beyond, np.inf, -np.inf, np.nan], np.float32)
    expected = np.array([1.2192437e-38, 1.1032190e-38, 0, 1.2338161e-04, 1.2340969e-04, 1, 0, np.nan], np.float32)
    np.testing.assert_array_equal(actcli.evaluate("sigmoid", x, numerics="tensorflow2"), expected)
    tanh = actcli.evaluate("tanh", np.array([-0.0, 7.9988117, np.nan], np.float32), numerics="tensorflow2")
    assert np.signbit(tanh[0])
    np.testing.assert_array_equal(tanh, np.array([-0.0, 1, np.nan], np.float32))


HEADER, *CASES = rows("relu_tensorflow_2_4_1.csv")
INPUTS = np.array(HEADER[3:], np.float32)


@pytest.mark.parametrize("case", CASES, ids=lambda case: ",".join(case[:3]))
def test_relu_takes_the_steps_of_tensorflow(case):
    """Every combination of its options, with the NaN of -inf * 0 and the sign of every zero."""
    alpha, max_value, threshold, *expected = case
    options = {"alpha": alpha, "threshold": threshold} | ({"max_value": max_value} if max_value else {})
    actual = actcli.evaluate("relu", INPUTS, numerics="tensorflow2", **options)
    assert [f"{number:.6g}" for number in actual] == [f"{float(number):.6g}" for number in expected]


@pytest.mark.parametrize("case", CASES, ids=lambda case: ",".join(case[:3]))
def test_exact_relu_differs_from_tensorflow_only_where_it_must(case):
    """The numbers agree; -inf gives the limit instead of NaN, and zeros at a threshold keep the sign of x."""
    alpha, max_value, threshold, *expected = case
    options = {"alpha": alpha, "threshold": threshold} | ({"max_value": max_value} if max_value else {})
    actual = actcli.evaluate("relu", INPUTS, **options)
    np.testing.assert_allclose(actual[1:], np.array(expected[1:], np.float32), rtol=1e-6)
    limit = -np.inf * float(alpha) if float(alpha) else 0.0
    assert actual[0] == limit
    zero = actual == 0
    if float(threshold):
        at_or_below = zero & (float(threshold) >= INPUTS)
        np.testing.assert_array_equal(np.signbit(actual[at_or_below]), np.signbit(INPUTS[at_or_below]))
