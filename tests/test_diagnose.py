"""The diagnosis of columns and of a layer's neurons, against plain NumPy and the formulas."""

import csv
import io
import json
import math
import re
import statistics

import numpy as np
import polars
import pytest

from actcli.api import prepare
from actcli.data.batch import Column, Table
from actcli.diagnosis import slopes
from actcli.diagnosis.measure import MeasuredColumns, measure
from actcli.pipeline import threads
from tests.command import actcli, complaint, output
from tests.screen import plain, screen

Result = dict[str, object]


def columns(*words: str, **options: object) -> list[Result]:
    """Return what is said of each column."""
    return json.loads(output("diagnose", *words, "--format", "json", **options))["columns"]


def layers(*words: str, **options: object) -> list[Result]:
    """Return what is said of each layer."""
    return json.loads(output("diagnose", *words, "--format", "json", **options))["layers"]


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


def some_layer(rows: int = 1000) -> np.ndarray:
    """Return pre-activations of ten neurons: two dead, one active in 5 of 1,000 rows, one in all."""
    z = np.random.default_rng(2).normal(0, 1, (rows, 10)).astype(np.float32)
    z[:, 1] = -np.abs(z[:, 1]) - 0.1
    z[:, 4] = 0
    z[:, 6] = -1
    z[: rows // 200, 6] = 2
    z[:, 9] = np.abs(z[:, 9]) + 0.1
    return z


@pytest.mark.parametrize("form", ["npy", "csv", "parquet"])
def test_a_layer_of_neurons_is_measured_by_plain_numpy(form, tmp_path):
    """From an array, which needs no option, and from tables."""
    z, path = some_layer(), tmp_path / f"z.{form}"
    frame = polars.DataFrame(z, [f"x{i}" for i in range(1, 11)])
    {
        "npy": lambda: np.save(path, z),
        "csv": lambda: frame.write_csv(path),
        "parquet": lambda: frame.write_parquet(path),
    }[form]()
    (found,) = layers("relu", str(path), *["--neurons"] * (form != "npy"))
    active = z > 0
    living = active.any(axis=0)
    shares = active.mean(axis=0)[living]
    wide = z.astype(float)
    counts = [found[key] for key in ("layer", "rows", "neurons", "silent", "dead", "flat", "stuck", "rarely_active")]
    assert counts == ["z", 1000, 10, 2, 2, 0, 0, 1]
    assert (found["silent_neurons"], found["rarely_active_neurons"]) == (["x2", "x5"], ["x7"])
    assert found["active_at_most"] == 3 / 1000
    expected = {
        "least_active": shares.min(),
        "median_active": np.median(shares),
        "most_active": shares.max(),
        "rms_derivative": math.sqrt(active.mean()),
        "rms_derivative_of_living": math.sqrt(active[:, living].mean()),
        "rows_differ": math.sqrt(wide.var(axis=0).mean() / (wide**2).mean()),
        "outputs_differ": math.sqrt(np.maximum(wide, 0).var(axis=0).mean() / (np.maximum(wide, 0) ** 2).mean()),
    }
    for key, value in expected.items():
        assert math.isclose(found[key], value, rel_tol=1e-12), key
    assert found["verdict"] == "many dead"
    report = output("diagnose", "relu", str(path), *["--neurons"] * (form != "npy"))
    assert "dead (f' = 0 in every row): 2 of 10 neurons (20.0%): x2, x5\n" in report
    assert "up to 0.3% of inputs (95% confidence)" in report
    assert report.endswith("a gradient's size cannot be told from one layer\n")


def diagnosed(tmp_path, z: np.ndarray, function: str = "relu") -> Result:
    """Return what is said of a layer."""
    np.save(tmp_path / "z.npy", z.astype(np.float32))
    return layers(function, "z.npy", "--neurons", cwd=tmp_path)[0]


@pytest.mark.parametrize(
    ("dead", "verdict"),
    [
        (0, "no dead neuron"),
        (1, "some dead"),
        (3, "some dead"),
        (4, "many dead"),
        (20, "many dead"),
        (21, "most dead"),
        (39, "most dead"),
        (40, "blocked"),
    ],
)
def test_the_share_of_dead_neurons_makes_the_verdict(dead, verdict, tmp_path):
    """Many are 10% of the neurons, most over 50%, and all of them block."""
    z = np.random.default_rng(3).normal(0, 1, (300, 40))
    z[:, :dead] = -1
    found = diagnosed(tmp_path, z)
    assert (found["dead"], found["verdict"]) == (dead, verdict)


def test_too_few_rows_call_no_neuron_dead(tmp_path):
    """Below 300; of 21 rows all silent, 14% of others may be active."""
    z = np.random.default_rng(3).normal(0, 1, (300, 4))
    z[:, 0] = -1
    for rows, dead in ((21, 0), (299, 0), (300, 1)):
        found = diagnosed(tmp_path, z[:rows])
        assert (found["silent"], found["dead"]) == (1, dead)
        assert found["verdict"] == ("many dead" if dead else "too few rows")
    np.save(tmp_path / "z.npy", z[:21])
    report = " ".join(output("diagnose", "relu", "z.npy", cwd=tmp_path).split())
    assert "1 of 4 neurons (25.0%) silent in all 21 rows; too few to call dead (may be active on up to 14%" in report
    assert "dead (f'" not in report


def test_a_neuron_that_is_flat_in_every_row_is_stuck(tmp_path):
    """Of tanh, beyond atanh(0.97), on either side; and one row on the way back frees it."""
    edge = math.atanh(0.97)
    z = np.random.default_rng(4).normal(0, 1, (400, 5))
    z[:, 0] = edge + 0.01
    z[::2, 0] *= -1
    z[:, 1] = 5
    z[7, 1] = edge - 0.01
    found = diagnosed(tmp_path, z, "tanh")
    assert (found["stuck"], found["flat_neurons"], found["verdict"]) == (1, ["x1"], "stuck")
    assert "stuck: 1 of 5 neurons (20.0%) hardly pass a gradient" in output("diagnose", "tanh", "z.npy", cwd=tmp_path)


def test_rows_that_hardly_differ_are_said_to_be_alike(tmp_path):
    """By less than 0.00012 of their size, before the function or after it."""
    noise = np.random.default_rng(5).normal(0, 1, (400, 5))
    for size, verdict in ((3e-4, "no dead neuron"), (5e-5, "rows alike")):
        assert diagnosed(tmp_path, 1 + size * noise)["verdict"] == verdict
    assert diagnosed(tmp_path, 12 + noise, "sigmoid")["verdict"] == "stuck"
    saturated = diagnosed(tmp_path, 12 + 0.5 * noise, "hard_sigmoid")
    assert (saturated["outputs_differ"], saturated["verdict"]) == (0, "blocked")


def test_every_format_holds_the_same(tmp_path):
    """As separated values, as Markdown, and in a file that names its format by its ending."""
    (found,) = columns("sigmoid", "1", "2")
    (row,) = csv.DictReader(io.StringIO(output("diagnose", "sigmoid", "1", "2", "--format", "csv")))
    assert row == {key: str(value) for key, value in found.items()}
    np.save(tmp_path / "z.npy", some_layer())
    (layer,) = layers("relu", "z.npy", cwd=tmp_path)
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        text = output("diagnose", "relu", "z.npy", "--format", form, cwd=tmp_path)
        (row,) = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        assert row == {key: str(value) for key, value in layer.items() if not isinstance(value, list)}
    head, rule, cells = output("diagnose", "relu", "z.npy", "--format", "markdown", cwd=tmp_path).splitlines()
    assert head.strip("| ").split(" | ") == list(row)
    assert cells.strip("| ").split(" | ") == list(row.values())
    assert rule.count("|") == head.count("|")
    assert output("diagnose", "relu", "z.npy", "-o", "d.json", cwd=tmp_path) == ""
    assert json.loads((tmp_path / "d.json").read_text()) == {"function": "relu", "layers": [layer]}


@pytest.mark.parametrize(("limit", "status"), [("0.1", 1), ("0.2", 0), ("0.199", 1), ("1", 0), ("0", 1)])
def test_a_share_of_dead_neurons_over_the_limit_fails_and_is_named(limit, status, tmp_path):
    """In one line on standard error: the layer, the share, the limit; the report is written all the same."""
    np.save(tmp_path / "hidden.npy", some_layer())
    run = actcli("diagnose", "relu", "hidden.npy", "--fail-over", limit, cwd=tmp_path)
    percent = f"{float(limit):.1%}"
    line = f"actcli: hidden has 2 of 10 neurons (20.0%) dead or stuck; --fail-over allows {limit} ({percent})\n"
    assert (run.returncode, run.stderr) == (status, line if status else "")
    assert "dead (f' = 0 in every row): 2 of 10 neurons" in run.stdout


def test_what_cannot_be_shown_to_live_fails(tmp_path):
    """Neurons that are silent in too few rows to be called dead, and those without a finite number."""
    np.save(tmp_path / "few.npy", some_layer()[:200])
    run = actcli("diagnose", "relu", "few.npy", "--fail-over", "0.1", cwd=tmp_path)
    assert run.returncode == 1
    assert "few has 2 of 10 neurons (20.0%) silent in all 200 rows (300 are needed" in run.stderr
    z = some_layer()
    z[:, 1] = np.nan
    np.save(tmp_path / "nan.npy", z)
    run = actcli("diagnose", "relu", "nan.npy", "--fail-over", "0.1", cwd=tmp_path)
    assert run.returncode == 1
    assert "2 of 10 neurons (20.0%) dead, stuck or without finite numbers" in run.stderr
    assert actcli("diagnose", "relu", "nan.npy", "--fail-over", "0.2", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("width", [60, 200])
def test_the_report_fits_the_terminal(width, tmp_path):
    """A bad verdict in colour, unless NO_COLOR forbids it."""
    np.save(tmp_path / "z.npy", some_layer())
    seen = screen("diagnose", "relu", str(tmp_path / "z.npy"), columns=width)
    assert "\x1b[31mmany dead" in seen
    assert max(map(len, plain(seen).splitlines())) <= width
    assert all(line.startswith("  ") and line == line.rstrip() for line in plain(seen).splitlines()[1:])
    assert "\x1b[3" not in screen("diagnose", "relu", str(tmp_path / "z.npy"), columns=width, NO_COLOR="1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["softmax", "1"], "diagnose works on elementwise functions; softmax works on vectors: see actcli softmax"),
        (["relu", "gelu", "1"], "diagnose takes one function, not relu and gelu"),
        (["relu", "1", "--fail-over", "50"], "--fail-over must be a number from 0 to 1, got '50'"),
        (
            ["relu", "1", "--fail-over", "0.5"],
            "--fail-over needs neurons: add --neurons, or name the files of consecutive layers",
        ),
        (["relu", "1", "--format", "plain"], "--format must be one of table, json, csv, tsv, markdown, got 'plain'"),
        (
            ["relu", "1", "--neurons"],
            "--neurons is for files with a column for each neuron; leave it out, or name a file",
        ),
        (
            ["relu", "1", "--layer-of", "(.)"],
            "--layer-of groups the columns of one file; name one file, or leave it out",
        ),
        (
            ["relu", "-", "--layer-of", "layer."],
            "--layer-of 'layer.' has no group; put parentheses around what names the layer: 'layer(\\d+)_.*'",
        ),
        (
            ["relu", "-", "--layer-of", "(layer"],
            "--layer-of '(layer' is not a regular expression: missing ), unterminated subpattern at position 0",
        ),
        (["relu", "-", "1"], "diagnose takes numbers or files, not - and 1 together"),
        (["relu", "-", "-"], "standard input (-) can be read only once; name it once"),
    ],
)
def test_a_mistake_is_told_in_one_line(words, message):
    """And nothing is written."""
    assert complaint("diagnose", *words) == message
