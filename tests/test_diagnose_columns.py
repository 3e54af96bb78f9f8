"""The diagnosis of columns on their own, against plain NumPy and the formulas."""

import json
import math
import re
import statistics

import numpy as np
import pytest

from actcli.api import prepare
from actcli.data.batch import Column, Table
from actcli.diagnosis import slopes
from actcli.diagnosis.measure import MeasuredColumns, measure
from actcli.pipeline import threads
from tests.command import output

Result = dict[str, object]


def columns(*words: str, **options: object) -> list[Result]:
    """Return what is said of each column."""
    return json.loads(output("diagnose", *words, "--format", "json", **options))["columns"]


def test_one_column_is_measured_by_the_formulas():
    """Of the derivative of tanh, 1 - tanh(x)**2: its size, where it is 0, and where it is flat (abs tanh > 0.97)."""
    numbers = [-4.0, -0.5, 0.0, 1.0, 2.0, 2.1, 400.0]
    (found,) = columns("tanh", *map(str, numbers), "--dtype", "float64")
    derivatives = [0.0 if x > 300 else 1 / math.cosh(x) ** 2 for x in numbers]
    rms = math.sqrt(math.fsum(slope**2 for slope in derivatives) / 7)
    assert (found["count"], found["nan"], found["infinite"], found["missing"]) == (7, 0, 0, 0)
    assert math.isclose(found["mean"], math.fsum(numbers) / 7, rel_tol=1e-14)
    assert math.isclose(found["standard_deviation"], statistics.pstdev(numbers), rel_tol=1e-14)
    assert math.isclose(found["rms_derivative"], rms, rel_tol=1e-14)
    assert math.isclose(found["needed_gain"], 1 / rms, rel_tol=1e-14)
    assert found["off"] == 1 / 7
    assert found["flat"] == sum(abs(math.tanh(x)) > 0.97 for x in numbers) / 7 == 3 / 7  # 2.1 exceeds atanh(0.97)
    assert found["verdict"] == "no verdict"


def test_one_column_bears_no_verdict_whatever_the_seed():
    """Of N(0, 1) relu turns half off, give or take; the report says so, and differs in its numbers alone."""
    reports = set()
    for seed in range(8):
        numbers = np.random.default_rng(seed).standard_normal(5000)
        report = output("diagnose", "relu", stdin="z\n" + "".join(f"{z}\n" for z in numbers.tolist()))
        assert f"off (f' = 0): {(numbers.astype(np.float32) <= 0).mean():.1%}" in report
        reports.add(re.sub(r"[\d.,]+", "", " ".join(report.split())))
    assert len(reports) == 1
    (report,) = reports
    assert "of numbers centred on  relu turns half off" in report
    assert "no verdict: one column cannot tell dead neurons from a sparse layer" in report
    assert not re.search(r"healthy|dying|vanish|explod", report)


def test_off_is_said_only_of_functions_that_turn_off():
    """And not of those whose slope crosses 0 in the middle; a threshold breaks what holds of numbers centred on 0."""
    assert "off" not in output("diagnose", "gelu", "-1", "2")
    assert "flat (|f'| below 6% of the largest slope): 50.0%" in output("diagnose", "silu", "-0.0", "-30")
    threshold = output("diagnose", "relu", "-1", "2", "--threshold", "1")
    assert "off (f' = 0): 50.0%\n" in threshold
    assert "flat" not in output("diagnose", "exponential", "1")


OFF = ["relu", "relu6", "hard_sigmoid", "hard_tanh", "hard_silu", "hard_shrink", "soft_shrink", "relu_squared"]
NOT_OFF = ["gelu", "silu", "mish", "sigmoid", "tanh", "softplus", "elu", "leaky_relu", "softsign", "exponential"]
LARGEST = {"relu": 1, "sigmoid": 0.25, "tanh": 1, "softsign": 1, "elu": 1, "leaky_relu": 1, "linear": 1, "log_cosh": 1}
LARGEST |= {
    "squareplus": 1,
    "hard_sigmoid": 1 / 6,
    "gelu": 1.12890,
    "silu": 1.09984,
    "selu": 1.7580993,
    "tanh_shrink": 1,
}


@pytest.mark.parametrize("name", [*OFF, *NOT_OFF])
def test_functions_that_turn_off_are_known_by_their_slopes(name):
    """Where it is exactly 0 over a range of inputs."""
    assert slopes.has_off_region(prepare(name, {}, "float32")) == (name in OFF)


@pytest.mark.parametrize("name", LARGEST)
def test_flat_is_below_six_hundredths_of_the_largest_slope(name):
    """Which stands in the literature or follows from the formula."""
    assert math.isclose(slopes.flat_limit(prepare(name, {}, "float32")), 0.06 * LARGEST[name], rel_tol=2e-3)


@pytest.mark.parametrize("name", ["exponential", "relu_squared"])
def test_a_slope_without_limit_has_nothing_flat(name):
    """As no share of the largest slope can be taken."""
    assert slopes.flat_limit(prepare(name, {}, "float32")) == 0


def test_numbers_that_are_none_are_counted_and_ignored(tmp_path):
    """NaN, infinities and empty cells, in a file with text beside them."""
    (tmp_path / "x.csv").write_text("n,a,b\np,1,nan\nq,,inf\nr,-2,-inf\ns,nan,\n")
    a, b = columns("relu", "x.csv", "-c", "a,b", cwd=tmp_path)
    keys = ("column", "count", "nan", "infinite", "missing", "mean", "off")
    assert [a[key] for key in keys] == ["a", 2, 1, 0, 1, -0.5, 0.5]
    assert [b[key] for key in keys] == ["b", 0, 1, 2, 1, None, None]
    assert b["verdict"] == "no finite numbers"
    text = output("diagnose", "relu", "x.csv", cwd=tmp_path)
    assert "a: 2 numbers (1 NaN, 1 empty ignored)" in text
    assert "b: 0 numbers (1 NaN, 2 infinite, 1 empty ignored)\n  no finite numbers\n" in text


def assert_same(found: MeasuredColumns, other: MeasuredColumns) -> None:
    """Compare every number, bit for bit."""
    assert (found.rows, found.stride, found.names) == (other.rows, other.stride, other.names)
    for name in ("nan", "infinite", "missing", "off", "flat", "slope_squares", "sample"):
        np.testing.assert_array_equal(getattr(found, name), getattr(other, name))
    for moments, others in ((found.inputs, other.inputs), (found.outputs, other.outputs)):
        for name in ("count", "mean", "squares"):
            np.testing.assert_array_equal(getattr(moments, name), getattr(others, name))


def test_the_result_depends_neither_on_batches_nor_on_threads(monkeypatch):
    """Not in one bit, with numbers that are none among them; and the sums are right."""
    values = np.random.default_rng(1).normal(3, 2, (3, 60_000)).astype(np.float32)
    values[0, ::1000] = np.nan
    values[1, 5::7000] = np.inf
    missing = np.zeros(values.shape, bool)
    missing[0, ::2000] = True
    activation, results = prepare("sigmoid", {}, "float32"), []
    for size, workers in ((60_000, 1), (65_536, 2), (30_001, 3), (777, 1), (777, 4)):
        monkeypatch.setattr(threads, "cores", lambda workers=workers: workers)
        batches = [
            lambda part=slice(start, start + size): Table(
                [
                    Column(str(i), row[part], mask[part])
                    for i, (row, mask) in enumerate(zip(values, missing, strict=True))
                ],
                ["0", "1", "2"],
            )
            for start in range(0, 60_000, size)
        ]
        results.append(measure(activation, batches))
    for other in results[1:]:
        assert_same(results[0], other)
    found = results[0]
    np.testing.assert_array_equal(found.sample, values[:, :: found.stride])
    for i, row in enumerate(values):
        finite = row[np.isfinite(row)].astype(float)
        outputs = 1 / (1 + np.exp(-finite))
        assert (found.count[i], found.nan[i], found.missing[i]) == (len(finite), 30 * (i == 0), 30 * (i == 0))
        assert math.isclose(found.inputs.mean[i], math.fsum(finite) / len(finite), rel_tol=1e-13)
        assert math.isclose(found.inputs.variance()[i], finite.var(), rel_tol=1e-11)
        assert math.isclose(found.outputs.variance()[i], outputs.var(), rel_tol=1e-6)  # of float32's rounding
        assert math.isclose(found.slope_squares[i], ((outputs * (1 - outputs)) ** 2).sum(), rel_tol=1e-6)
