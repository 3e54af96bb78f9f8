"""Each fault, class and flag has a made-up kernel that shows it, and the report names exactly that."""

import math

import numpy as np
import pytest

from actcli.numerics import dtypes
from actcli.referee.differences import Leniency
from tests.made_up_kernels import by_class, faults, judge, spoil, truth_of

NAN, INF = float("nan"), float("inf")
BF16 = dtypes.FORMATS["bfloat16"].dtype


def wide(values):
    """Return numbers as float64."""
    return values.astype(np.float64)


@pytest.mark.parametrize("dtype", dtypes.FORMATS)
@pytest.mark.parametrize("name", ["silu", "relu", "sigmoid", "tanh", "exponential", "gelu"])
@pytest.mark.parametrize("derivative", [False, True])
def test_the_right_kernel_has_no_fault(name, dtype, derivative):
    """In no format, of values and of slopes."""
    truth = truth_of(name, dtype, derivative=derivative)
    report = judge(truth.round_once, truth, "strata:8" if dtype in ("float32", "float64") else None)
    assert all(each.exact == each.count and not each.worst for each in report.classes)
    assert sum(each.count for each in report.classes) == report.tried == report.planned
    assert (faults(report), report.zero_signs, report.intervals, report.calls_differ) == ({}, None, (), None)
    assert report.histogram["0"] == report.tried == sum(report.histogram.values())


def test_one_step_on_one_input_of_65536_is_found():
    """Its input as number and bits, what it got and what is due."""
    truth = truth_of("silu", "bfloat16")

    def wrong(x, y):
        y.view(np.uint16)[wide(x) == 1.5] += 1
        return y

    report = judge(spoil(truth, wrong), truth)
    normal = by_class(report)["normal"]
    assert (normal.count - normal.exact, normal.steps, report.histogram["1"]) == (1, 1, 1)
    (finding,) = normal.worst
    # silu(1.5) = 1.226361714..., between the bfloat16 numbers 1.2265625 (0x3f9d) and 1.21875.
    assert (finding.x.value, finding.x.bits, finding.due.value, finding.due.bits) == (
        1.5,
        "0x3fc0",
        1.2265625,
        "0x3f9d",
    )
    assert (finding.got.bits, finding.got.value, finding.steps) == ("0x3f9e", 1.234375, 1)
    assert finding.ulp == pytest.approx((1.234375 - 1.5 / (1 + math.exp(-1.5))) * 128)
    assert faults(report) == {}
    assert report.intervals == ()  # over 1 step: nothing
    (interval,) = judge(spoil(truth, wrong), truth, max_steps=0).intervals
    assert (interval.first.value, interval.last.value, interval.inputs, interval.of) == (1.5, 1.5, 1, 1)


def flush(x, y):
    """Give 0 for every subnormal result."""
    y[np.abs(wide(y)) < 2.0**-126] = 0
    return y


def test_flushing_results_to_zero_is_wrong_but_with_ftz():
    """In the subnormal class only; 127 subnormal numbers of bfloat16 have either sign."""
    truth = truth_of("linear", "bfloat16")
    report = judge(spoil(truth, flush), truth)
    classes = by_class(report)
    assert classes["normal"].wrong == classes["special"].wrong == 0
    assert (classes["subnormal"].count, classes["subnormal"].wrong, classes["subnormal"].steps) == (254, 254, 127)
    assert faults(report) == {}
    accepted = judge(spoil(truth, flush), truth, accept=Leniency(ftz=True))
    assert all(each.wrong == 0 for each in accepted.classes)
    assert "ftz" in str(accepted.key)


def test_taking_subnormal_inputs_as_zeros_is_wrong_but_with_daz():
    """exp(x) is 1 there anyway; of x + 1e-39 in float32 the number for the smallest normal input is accepted, too."""
    truth = truth_of("linear", "float32")
    x = np.array([1e-39, -2e-39, 1e-3], np.float32)

    def as_zero(x):
        return np.where(np.abs(x) < 2.0**-126, np.float32(0), x)

    def as_smallest(x):
        return np.where(np.abs(x) < 2.0**-126, np.copysign(np.float32(2.0**-126), x), x)

    assert by_class(judge(as_zero, truth, x))["subnormal"].wrong == 2
    assert by_class(judge(as_zero, truth, x, accept=Leniency(daz=True)))["subnormal"].wrong == 0
    assert by_class(judge(as_smallest, truth, x, accept=Leniency(daz=True)))["subnormal"].wrong == 2
    assert by_class(judge(as_smallest, truth, x, accept=Leniency(daz_min=True)))["subnormal"].wrong == 0


def test_truncation_is_a_step_in_half_of_the_results():
    """Of results cut off towards zero, none is off by more."""
    truth = truth_of("tanh", "float32", "bfloat16")

    def truncate(x):
        return (np.tanh(wide(x)).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).view(BF16)

    x = np.linspace(0.1, 1, 4001, dtype=np.float32)
    report = judge(truncate, truth, x)
    assert report.histogram["1"] + report.histogram["0"] == 4001
    assert 0.45 < report.histogram["1"] / 4001 < 0.55
    assert all(finding.ulp < 0 for finding in by_class(report)["normal"].worst)


@pytest.mark.parametrize(
    ("fault", "name", "at", "result", "more"),
    [
        ("nan", "silu", 2.0, NAN, {}),
        ("not_nan", "silu", NAN, 1.0, {}),
        ("infinite", "silu", 2.0, INF, {"not_monotone": 1}),
        ("finite", "silu", INF, 65504.0, {}),
        ("zero", "silu", -2.0, 0.0, {"not_monotone": 1}),
        ("sign", "silu", -2.0, 0.25, {"not_monotone": 1}),
        ("not_monotone", "sigmoid", 1.0, 0.5, {}),
    ],
)
def test_each_fault_is_named_with_its_first_input(fault, name, at, result, more):
    """And no other is, but that a result far off turns the kernel back."""
    truth = truth_of(name, "float16")

    def wrong(x, y):
        y[np.isnan(x) if math.isnan(at) else x == at] = result
        return y

    report = judge(spoil(truth, wrong), truth)
    expected = 2046 if fault == "not_nan" else 1
    assert faults(report) == {fault: expected} | more
    first = next(each for each in report.faults if each.name == fault).first
    assert first.got.value == result or math.isnan(result)
    assert first.x.value == at or math.isnan(at)
    assert first.due.value == truth.round_once(np.array([at], np.float16))[0] or math.isnan(at)
    held = report.held_to(max_steps=2**16)
    assert held.is_kept == (fault not in ("nan", "not_nan"))  # no limit of steps allows NaN for a number
    assert held.faults == report.faults


def test_nan_of_any_pattern_is_right():
    """A sign or a payload of NaN is no difference."""
    truth = truth_of("silu", "float16")
    report = judge(spoil(truth, lambda x, y: np.where(np.isnan(y), np.float16(-NAN), y)), truth)
    assert faults(report) == {}
    assert by_class(report)["special"].wrong == 0


def test_the_sign_of_a_zero_is_counted_apart():
    """It is no step."""
    truth = truth_of("relu", "float16")
    report = judge(spoil(truth, lambda x, y: np.abs(y)), truth)
    assert all(each.wrong == 0 for each in report.classes)
    # relu(-0) is -0 here, and so is that of every negative number down to -inf, if that is how a zero is signed.
    due = truth.round_once(np.arange(2**16).astype(np.uint16).view(np.float16))
    assert report.zero_signs.count == int((np.signbit(due) & (due == 0)).sum())
    assert report.zero_signs.first.got.text == "0"
    assert report.zero_signs.first.due.text == "-0"


def test_the_floor_lets_small_errors_pass_and_says_how_many():
    """By the distance to the true value, not to what is rounded."""
    truth = truth_of("sigmoid", "float32")
    x = np.linspace(-30, -20, 1001, dtype=np.float32)
    zero = judge(np.zeros_like, truth, x)
    assert by_class(zero)["normal"].wrong == 1001
    report = judge(np.zeros_like, truth, x, accept=Leniency(floor=1e-10))
    passing = int((1 / (1 + np.exp(-wide(x))) <= 1e-10).sum())
    assert 0 < passing < 1001
    assert report.by_floor == passing
    assert by_class(report)["normal"].wrong == 1001 - passing
    assert faults(report)["zero"] == 1001 - passing


def test_one_sided_slopes_at_a_kink_are_both_right():
    """And what lies between is counted, unless it is the dialect's convention; hard_sigmoid has kinks at -3 and 3."""
    truth = truth_of("relu", "float32", derivative=True)
    x = np.array([-1, -0.0, 0.0, 1], np.float32)
    for slope in (0.0, 1.0, 0.5):
        report = judge(lambda x, slope=slope: np.where(x == 0, slope, x > 0).astype(np.float32), truth, x)
        kink = by_class(report)["kink"]
        assert (kink.count, kink.wrong) == (2, 2 * (slope == 0.5))
    hard = truth_of("hard_sigmoid", "float32", derivative=True)
    slopes = [(kink.x, kink.below, kink.above) for kink in hard.kinks]
    assert slopes == [(-3.0, 0.0, pytest.approx(1 / 6)), (3.0, pytest.approx(1 / 6), 0.0)]


def test_classes_are_decided_before_rounding():
    """A value just below the smallest normal number, which rounds to it, is subnormal; one that underflows is not 0."""
    truth = truth_of("affine", "float32", alpha=1.0 - 2.0**-24, beta=0.0)
    smallest = np.array([2.0**-126, -(2.0**-126), 2.0**-125], np.float32)
    due = truth.round_once(smallest)
    assert due[0] == np.float32(2.0**-126)
    assert {name: each.count for name, each in by_class(judge(truth.round_once, truth, smallest)).items()} == {
        "normal": 1,
        "subnormal": 2,
        "special": 0,
        "kink": 0,
    }
    sigmoid = truth_of("sigmoid", "float32")
    x = np.array([-3e38, -200, -100, 0, 1, 200], np.float32)
    assert by_class(judge(sigmoid.round_once, sigmoid, x))["subnormal"].count == 3  # underflow: not special
    relu = truth_of("relu", "float32")
    assert by_class(judge(relu.round_once, relu, x))["special"].count == 4  # exact zeros


def test_a_vector_tail_that_differs_is_seen_by_lengths():
    """A kernel that treats the rest of an array after whole vectors of 8 in another way."""
    truth = truth_of("tanh", "float32")

    def tail(x):
        y = truth.round_once(np.ascontiguousarray(x)).copy()
        rest = y[len(y) // 8 * 8 :]
        rest.view(np.uint32)[np.abs(rest) > 0.5] ^= 1
        return y

    report = judge(tail, truth, lengths=True)
    assert report.lengths.differ > 100
    assert report.lengths.steps == 1
    assert "of an array of" in report.lengths.where
    assert judge(truth.round_once, truth, lengths=True).lengths.differ == 0


def test_a_stride_that_changes_results_is_seen_by_lengths():
    """An array of every second number."""
    truth = truth_of("tanh", "float32")

    def strided(x):
        y = truth.round_once(np.ascontiguousarray(x)).copy()
        return y if x.flags.c_contiguous else np.nextafter(y, np.float32(2))

    report = judge(strided, truth, lengths=True)
    assert report.lengths.where == "in every second place of an array"


def test_two_calls_that_differ_are_seen():
    """A kernel that adds a step every other time."""
    truth = truth_of("tanh", "float16")
    calls = []

    def flickers(x):
        calls.append(1)
        y = truth.round_once(x).copy()
        y.view(np.uint16)[wide(x) == 0.5] += len(calls) % 2
        return y

    differ = judge(flickers, truth).calls_differ
    assert (differ.count, differ.first.x.value, differ.first.steps) == (1, 0.5, 1)


def test_intervals_hold_the_inputs_over_the_limit():
    """Every input of [2, 3) wrong, and one apart; a good one between two bad ones splits them."""
    truth = truth_of("tanh", "float16")

    def wrong(x, y):
        bad = ((x >= 2) & (x < 3) & (x != 2.5)) | (x == -1)
        y.view(np.uint16)[bad] += 3
        return y

    report = judge(spoil(truth, wrong), truth, max_steps=2)
    found = [(each.first.value, each.last.value, each.inputs, each.of, each.steps) for each in report.intervals]
    step = 2.0**-9
    assert found == [(-1, -1, 1, 1, 3), (2, 2.5 - step, 256, 256, 3), (2.5 + step, 3 - step, 255, 255, 3)]
    assert judge(spoil(truth, wrong), truth, max_steps=3).intervals == ()


def test_many_intervals_become_few_in_constant_memory():
    """Every third result is wrong: the intervals are joined, and none of the inputs is lost."""
    truth = truth_of("tanh", "float16")

    def wrong(x, y):
        y.view(np.uint16)[(x.view(np.uint16) % 3 == 0) & (np.abs(x) > 0.1) & np.isfinite(x)] += 5
        return y

    report = judge(spoil(truth, wrong), truth)
    assert len(report.intervals) <= 8
    assert sum(each.inputs for each in report.intervals) == report.histogram["3-10"]


def test_the_worst_are_in_order_and_as_many_as_asked():
    """Most steps first; of the same, the smallest input first."""
    truth = truth_of("linear", "float16")

    def wrong(x, y):
        for at, steps in ((1.0, 7), (2.0, 9), (-4.0, 7), (3.0, 2), (5.0, 1)):
            y.view(np.uint16)[x == at] += steps
        return y

    worst = by_class(judge(spoil(truth, wrong), truth, worst=4))["normal"].worst
    assert [(finding.x.value, finding.steps) for finding in worst] == [(2.0, 9), (-4.0, 7), (1.0, 7), (3.0, 2)]


def test_rows_are_judged_place_by_place():
    """The row and the place of the worst; infinities make a row special."""
    truth = truth_of("softmax", "float32")
    rows = np.array([[0, 1, 2], [5, 5, 5], [0, np.inf, 1]], np.float32)

    def wrong(x, y):
        y[0, 1] = np.nextafter(y[0, 1], np.float32(1))
        return y

    report = judge(spoil(truth, wrong), truth, rows)
    classes = by_class(report)
    assert (classes["normal"].count, classes["normal"].wrong, classes["special"].count) == (6, 1, 3)
    (finding,) = classes["normal"].worst
    assert (finding.x.value, finding.row, finding.place, finding.steps) == (1.0, 3, 1, 1)
    true = math.exp(1) / (1 + math.exp(1) + math.exp(2))
    assert finding.ulp == pytest.approx((finding.got.value - true) * 2.0**26, abs=1e-3)
    packed = truth_of("swiglu", "float32")
    assert all(each.wrong == 0 for each in judge(packed.round_once, packed).classes)
