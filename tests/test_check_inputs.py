"""The inputs of a check: the same anywhere, in ascending order, with what is special."""

import hashlib

import ml_dtypes
import numpy as np
import pytest

from actcli.errors import ActcliError
from actcli.numerics import dtypes
from actcli.referee.inputs import choose_inputs, list_patterns, mix, use_numbers
from tests.made_up_kernels import truth_of


def numbers(inputs):
    """Return all numbers of elementwise inputs."""
    return np.concatenate(list(inputs.chunks()))


@pytest.mark.parametrize("dtype", [name for name, format in dtypes.FORMATS.items() if format.dtype.itemsize <= 2])
def test_narrow_formats_are_tried_in_full(dtype):
    """Every pattern of bits once, in ascending order with -0 before 0."""
    truth = truth_of("silu", dtype)
    inputs = choose_inputs(None, truth)
    x = numbers(inputs)
    patterns = x.view(f"u{x.itemsize}").astype(int)
    assert sorted(patterns.tolist()) == list(range(2 ** int(ml_dtypes.finfo(x.dtype).bits)))
    assert (inputs.size, inputs.description) == (x.size, "all inputs")
    with np.errstate(all="ignore"):
        wide = x.astype(float)
    wide = wide[~np.isnan(wide)]
    assert (np.diff(wide) >= 0).all()
    signs = np.signbit(wide[wide == 0]).tolist()
    assert signs == ([False] if dtype.endswith("fnuz") else [True, False])


def test_all_patterns_of_float32_come_in_chunks():
    """2**32 of them; the first and the last are NaN, the sign changes in the middle."""
    inputs = choose_inputs("all", truth_of("silu", "float32"))
    assert inputs.size == 2**32
    chunks = list_patterns(dtypes.FORMATS["float32"])
    first, second = next(chunks), next(chunks)
    assert first.view(np.uint32)[:2].tolist() == [0xFFFFFFFF, 0xFFFFFFFE]
    assert int(first.view(np.uint32)[-1]) - 1 == int(second.view(np.uint32)[0])
    assert len(first) * 4096 == 2**32


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_strata_have_every_sign_exponent_and_special_value(dtype):
    """With mantissas 0, 1, the middle and the last; ascending; each number once."""
    truth = truth_of("hard_tanh", dtype)
    x = numbers(choose_inputs("strata:16", truth))
    patterns = x.view(f"u{x.itemsize}")
    assert len(set(patterns.tolist())) == x.size
    bits = truth.format.precision - 1
    found = set(patterns.tolist())
    for exponent in range(2 ** (8 * x.itemsize - 1 - bits) - 1):
        for mantissa in (0, 1, 2 ** (bits - 1), 2**bits - 1):
            size = (exponent << bits) + mantissa
            assert {size, size + (1 << (8 * x.itemsize - 1))} <= found
    assert {float("inf"), float("-inf"), 20.0, -20.0} <= set(x.tolist())
    assert np.isnan(x).sum() == 1
    assert (np.diff(x[~np.isnan(x)]) >= 0).all()
    at = int(np.array([1.0], dtype).view(patterns.dtype)[0])
    assert set(range(at - 64, at + 65)) <= found  # the neighbours of a kink


def test_the_neighbours_of_a_root_are_tried():
    """Xielu is 0 at about -2.43 beside 0."""
    x = numbers(choose_inputs("strata:4", truth_of("xielu", "float32")))
    near = x[np.abs(x + 2.4324842) < 64e-7]
    assert len(near) >= 32


def test_inputs_are_the_same_anywhere():
    """SplitMix64 gives its published numbers, and a seed its own ones; the default of float32 has some 296,000."""
    # The first outputs for seed 0, as in the reference implementation by Vigna.
    assert [hex(int(n)) for n in mix(np.arange(3, dtype=np.uint64), 0)] == [
        "0xe220a8397b1dcdaf",
        "0x6e789e6aa1b965f4",
        "0x6c45d188009454f",
    ]
    truth = truth_of("silu", "float32")
    x = numbers(choose_inputs(None, truth))
    assert 290_000 < x.size < 300_000
    again = numbers(choose_inputs("strata:512", truth))
    other = numbers(choose_inputs("strata", truth, seed=1))
    digests = [hashlib.sha256(each.tobytes()).hexdigest() for each in (x, again, other)]
    assert digests[0] == digests[1] != digests[2]


def test_rows_have_every_length_and_kind():
    """For a packed function an even one; the result counts its half."""
    chunks = list(choose_inputs(None, truth_of("softmax", "float32")).chunks())
    assert {1, 2, 65, 1000} <= {chunk.shape[1] for chunk in chunks}
    inputs = choose_inputs(None, truth_of("swiglu", "float32"))
    packed = list(inputs.chunks())
    assert all(chunk.shape[1] % 2 == 0 for chunk in packed)
    assert inputs.size == sum(chunk.size for chunk in packed) // 2
    assert any((chunk[:, :1] == chunk).all(axis=1).any() for chunk in chunks if chunk.shape[1] > 2)


def test_numbers_of_the_callers_are_sorted():
    """-0 before 0, NaN with a sign first."""
    truth = truth_of("silu", "float32")
    x = np.array([3, np.nan, 0.0, -0.0, -np.inf, -np.nan, -2], np.float32)
    found = numbers(use_numbers(x, truth, "typed"))
    assert found.view(np.uint32).tolist() == x[[5, 4, 6, 3, 2, 0, 1]].view(np.uint32).tolist()


@pytest.mark.parametrize(
    ("name", "dtype", "word", "problem"),
    [
        ("silu", "float64", "all", "--inputs all: float64 has 2**64 patterns; use strata:N or an array"),
        ("silu", "float32", "strat", "--inputs must be all, strata, strata:N or an array, got 'strat'"),
        ("silu", "float32", "all:3", "--inputs must be all, strata, strata:N or an array, got 'all:3'"),
        ("silu", "float32", "strata:0", "--inputs strata:N needs N from 1 to 1,048,576, got 'strata:0'"),
        ("softmax", "float32", "all", "--inputs all is for functions of one number; softmax works on rows"),
    ],
)
def test_a_wrong_word_is_told(name, dtype, word, problem):
    """With what is accepted."""
    with pytest.raises(ActcliError) as error:
        choose_inputs(word, truth_of(name, dtype))
    assert error.value.on_command_line == problem
