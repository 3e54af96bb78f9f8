"""What is due, against MPFR: also for other formats of results, below the normal numbers, at kinks."""

import gmpy2
import numpy as np
import pytest

from actcli.activation import Elementwise
from actcli.api import get
from actcli.errors import ActcliError
from tests.activations import ELEMENTWISE, NEEDED
from tests.made_up_kernels import truth_of
from tests.reference import mpfr

WIDE = np.array([-90.3, -20.1, -5.5, -3, -1.7, -1, -1e-3, -1e-39, 1e-39, 2e-6, 0.7, 1, 1.5, 3, 6, 30.2])


def values_of(truth):
    """Return the values of the parameters."""
    return {name: getattr(truth.activation, name) for name in truth.activation.parameters}


@pytest.mark.parametrize(
    ("dtype", "out_dtype"),
    [
        ("float32", "bfloat16"),
        ("bfloat16", "float32"),
        ("float16", "bfloat16"),
        ("float64", "float32"),
        ("float32", "float8_e5m2"),
        ("float32", "float64"),
    ],
)
@pytest.mark.parametrize("name", ["silu", "relu", "hard_sigmoid", "leaky_relu", "gelu"])
def test_the_truth_is_rounded_once_to_the_format_of_the_results(name, dtype, out_dtype):
    """Not to the inputs' format first, which would round twice."""
    truth = truth_of(name, dtype, out_dtype)
    generator = np.random.default_rng(4)
    x = np.concatenate([WIDE, generator.normal(0, 3, 200)]).astype(np.float32).astype(truth.format.dtype)
    found = truth.round_once(x)
    assert found.dtype == truth.out_format.dtype
    expected = [mpfr.value(truth.activation, float(number), out_dtype, **values_of(truth)) for number in x]
    assert found.astype(float).tolist() == expected


def test_a_number_just_above_a_tie_is_not_rounded_twice():
    """1 + 2**-9 + 2**-30 lies between two bfloat16 numbers; by way of float32 it would be the tie, and go to even."""
    truth = truth_of("linear", "float64", "bfloat16")
    x = np.array([1 + 2.0**-8 + 2.0**-30, 1 + 2.0**-8])
    assert truth.round_once(x).astype(float).tolist() == [1 + 2.0**-7, 1.0]


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
def test_exact_zeros_are_told_from_underflow(activation):
    """For every activation: where its formula, with bits enough for the smallest term, is 0, and where it is not."""
    truth = truth_of(activation.name, "float16", **NEEDED[activation.name])
    x = np.arange(0, 2**16, 37).astype(np.uint16).view(truth.format.dtype)
    with np.errstate(all="ignore"):
        wide = x.astype(float)
    x = x[np.isfinite(wide) & (np.abs(wide) < 40) & (wide != 0)]
    due = truth.round_once(x).astype(float)
    x = x[due == 0]
    found = truth.is_zero(x)
    for number, is_zero in zip(x.astype(float).tolist(), found.tolist(), strict=True):
        bits = 500 + 2 * int(number * number)
        with gmpy2.context(precision=bits):
            y = mpfr._at(activation, gmpy2.mpfr(number), values_of(truth), bits).value
        assert (y == 0) == is_zero, number


def test_a_run_of_zeros_may_be_exact_at_one_end_only():
    """((x + 1) / 2)**2 above -1, and 0 below it: what is close above -1 is too small for float8, but not 0."""
    truth = truth_of("sparse_plus", "float16", "float8_e5m2")
    x = np.array([-2, -1.5, -1, -1 + 2.0**-11, -1 + 2.0**-10], np.float16)
    assert truth.round_once(x).astype(float).tolist() == [0, 0, 0, 0, 0]
    assert truth.is_zero(x).tolist() == [True, True, True, False, False]


def test_what_rounds_to_the_smallest_normal_number_is_below_it_or_not():
    """By MPFR, with more bits than the format has."""
    alpha = 1 - 2.0**-24
    truth = truth_of("affine", "float32", alpha=alpha, beta=0.0)
    smallest = np.array([2.0**-126, -(2.0**-126)], np.float32)
    assert truth.round_once(smallest).astype(float).tolist() == [2.0**-126, -(2.0**-126)]
    assert truth.is_below_normal(smallest).all()
    assert not truth_of("linear", "float32").is_below_normal(smallest).any()


KINKS = {
    "relu": [0],
    "relu6": [0, 6],
    "leaky_relu": [0],
    "selu": [0],
    "hard_sigmoid": [-3, 3],
    "hard_tanh": [-1, 1],
    "hard_silu": [-3, 3],
    "soft_shrink": [-0.5, 0.5],
    "thresholded_relu": [1],
    "sparse_sigmoid": [-1, 1],
}
"""From the definitions."""


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
def test_kinks_are_where_the_definition_has_them(activation):
    """Every activation without a convention for them has none, elu with alpha 1 included."""
    truth = truth_of(activation.name, "float32", derivative=True, **NEEDED[activation.name])
    found = [kink.x for kink in truth.kinks]
    if activation.name in KINKS:
        assert found == KINKS[activation.name]
    if not activation.kinks:
        assert found == []
    for kink in truth.kinks:  # the slopes to both sides, by the formula
        step = 2.0**-40
        sides = [mpfr.derivative(activation, kink.x + side * step, "float64", **values_of(truth)) for side in (-1, 1)]
        assert [kink.below, kink.above] == pytest.approx(sides, abs=1e-9)


def test_a_parameter_moves_a_kink():
    """That of threshold, and those of leaky functions with slopes."""
    truth = truth_of("relu", "float32", derivative=True, threshold=0.3, negative_slope=0.25)
    assert [(kink.x, kink.below, kink.above) for kink in truth.kinks] == [(float(np.float32(0.3)), 0.25, 1.0)]
    assert truth_of("elu", "float32", alpha=2.0).kinks[0].below == 2.0


@pytest.mark.parametrize(
    ("name", "given", "problem"),
    [
        ("softmax", {"derivative": True}, "softmax has a Jacobian, not a derivative per value; check its values"),
        ("softmax", {"axis": 0}, "--axis must be -1, as check works along rows; got 0"),
        ("prelu", {"slope": [1, 2]}, "check takes one number for each parameter of prelu, not several"),
    ],
)
def test_what_cannot_be_checked_is_said(name, given, problem):
    """In one line."""
    with pytest.raises(ActcliError) as error:
        truth_of(name, "float32", **given)
    assert error.value.on_command_line == problem


def test_elementwise_functions_are_those_of_the_catalogue():
    """So that the loops above miss none."""
    assert all(issubclass(get(activation.name), Elementwise) for activation in ELEMENTWISE)
    assert set(KINKS) <= {activation.name for activation in ELEMENTWISE}
