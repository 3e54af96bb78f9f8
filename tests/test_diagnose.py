"""The diagnosis of pre-activations, against formulas and against the gradients of networks that were trained."""

import csv
import io
import json
import math
import re
import statistics
from pathlib import Path

import numpy as np
import pytest

from actcli import diagnosis
from actcli.api import prepare
from actcli.data.batch import Column, Table
from tests import networks
from tests.command import actcli, complaint, output
from tests.reference import write_diagnoses
from tests.screen import plain, screen

Result = dict[str, object]


def columns(*words: str, **options: object) -> list[Result]:
    """Return the diagnosis of each column."""
    return json.loads(output("diagnose", *words, "--format", "json", **options))["columns"]


def test_typed_numbers_are_diagnosed_by_the_formulas():
    """Of the derivative of tanh, 1 - tanh(x)**2; 300 has none left, and is dead as well as saturated."""
    numbers = [-4.0, -0.5, 0.0, 1.0, 3.5, 300.0]
    (found,) = columns("tanh", *map(str, numbers), "--dtype", "float64", "--saturation", "0.005", "--layers", "3")
    slopes = [1 / math.cosh(x) ** 2 for x in numbers]
    slope = math.fsum(slopes) / 6
    assert (found["count"], found["nan"], found["infinite"], found["missing"]) == (6, 0, 0, 0)
    assert math.isclose(found["mean"], math.fsum(numbers) / 6, rel_tol=1e-14)
    assert math.isclose(found["standard_deviation"], statistics.pstdev(numbers), rel_tol=1e-14)
    assert math.isclose(found["mean_derivative"], slope, rel_tol=1e-14)
    assert math.isclose(found["gradient_left"], slope**3, rel_tol=1e-13)
    assert found["saturated"] == sum(size < 0.005 for size in slopes) / 6 == 3 / 6
    assert found["dead"] == 0
    (wide,) = columns("tanh", "400", "1", "--dtype", "float64")
    assert wide["dead"] == 0.5
    assert sum(found["histogram"]) == 6
    assert found["histogram"][-1] == 1


def test_numbers_that_are_none_are_counted_and_left_out(tmp_path):
    """NaN, infinities and empty cells, in a file with text beside them."""
    (tmp_path / "x.csv").write_text("n,a,b\np,1,nan\nq,,inf\nr,-2,-inf\ns,nan,\n")
    a, b = columns("relu", "x.csv", "-c", "a,b", cwd=tmp_path)
    assert [a[key] for key in ("column", "count", "nan", "infinite", "missing", "mean", "dead")] == [
        *("a", 2, 1, 0, 1),
        *(-0.5, 0.5),
    ]
    assert [b[key] for key in ("column", "count", "nan", "infinite", "missing", "mean", "verdict")] == [
        *("b", 0, 1, 2, 1),
        *(None, "no finite numbers"),
    ]
    text = output("diagnose", "relu", "x.csv", cwd=tmp_path)
    assert "a: 2 numbers (1 NaN, 1 empty left out)" in text
    assert "b: 0 numbers (1 NaN, 2 infinite, 1 empty left out)" in text


def test_the_result_does_not_depend_on_the_batches():
    """Every bit, with numbers that are none among them; and the sums are right."""
    values = np.random.default_rng(1).normal(3, 2, 150_000).astype(np.float32)
    values[::1000] = np.nan
    values[5::7000] = np.inf
    missing = np.zeros(len(values), bool)
    missing[::2000] = True
    activation = prepare("sigmoid", {}, "float32")
    results = []
    for size in (150_000, 65_536, 30_001, 7_777):
        parts = [slice(start, start + size) for start in range(0, len(values), size)]
        batches = [
            lambda part=part: Table([Column("z", values[part], missing[part] if missing[part].any() else None)], ["z"])
            for part in parts
        ]
        results.append(diagnosis.diagnose(activation, batches, 0.01))
    assert all(result == results[0] for result in results)
    finite = values[np.isfinite(values)].astype(float)
    ((found),) = results[0]
    assert (found.count, found.nan, found.missing) == (len(finite), 75, 75)
    assert math.isclose(found.mean, math.fsum(finite) / len(finite), rel_tol=1e-13)
    assert math.isclose(found.deviation, finite.std(), rel_tol=1e-12)
    np.testing.assert_array_equal(
        found.histogram, np.histogram(finite, [-np.inf, *diagnosis.EDGES, np.inf])[0].tolist()
    )


def test_what_overflows_is_infinite_and_not_healthy(tmp_path):
    """A chain of exponentials, and derivatives beyond float32 in more than one group of numbers."""
    assert "exploding: 1000 layers leave inf" in output("diagnose", "exponential", "50", "60", "--layers", "1000")
    (tmp_path / "x.csv").write_text("a\n" + "100\n" * 140_000 + "1\n")
    assert "exploding" in output("diagnose", "exponential", "x.csv", cwd=tmp_path)


def diagnosed(tmp_path: Path, kind: str) -> list[tuple[Result, networks.Layer]]:
    """Return what diagnose says of each layer, all its neurons in one column, beside the layer."""
    layers = networks.trained(kind)
    rows = zip(*(layer.pre_activations.ravel().tolist() for layer in layers), strict=True)
    with open(tmp_path / "z.csv", "w") as file:
        csv.writer(file).writerows([[f"layer{i}" for i in range(1, 6)], *rows])
    found = columns("sigmoid" if kind == "sigmoid" else "relu", "z.csv", "--layers", "5", cwd=tmp_path)
    return list(zip(found, layers, strict=True))


def test_a_network_of_sigmoids_has_the_vanishing_gradient_that_is_told(tmp_path):
    """Each layer passes the share of the true gradient that is told, and all five together what is left of it."""
    pairs = diagnosed(tmp_path, "sigmoid")
    for found, layer in pairs:
        assert found["verdict"].startswith("vanishing")
        assert math.isclose(found["mean_derivative"], layer.passed / layer.arriving, rel_tol=0.03)
    told = math.prod(found["mean_derivative"] for found, _ in pairs)
    true = math.prod(layer.passed / layer.arriving for _, layer in pairs)
    assert math.isclose(told, true, rel_tol=0.1)
    assert told < 1e-3
    assert pairs[0][1].weights < pairs[-1][1].weights / 50


def test_a_network_of_relus_passes_the_gradient(tmp_path):
    """Told healthy: the first layer's weights get a gradient of about the size of the last one's."""
    pairs = diagnosed(tmp_path, "relu")
    for found, layer in pairs:
        assert found["verdict"].startswith("healthy")
        assert found["dead"] == (layer.pre_activations <= 0).mean()
        assert math.isclose(found["mean_derivative"], 1 - found["dead"], rel_tol=1e-12)
        assert found["mean_derivative"] < layer.passed / layer.arriving < 1
    assert pairs[0][1].weights > pairs[-1][1].weights / 2


def test_dying_and_dead_neurons_are_found(tmp_path):
    """Too high a rate of learning kills most of them, a bias of -2 all, and then no gradient arrives."""
    for found, layer in diagnosed(tmp_path, "dying"):
        assert found["verdict"].startswith("dying")
        assert found["dead"] == (layer.pre_activations <= 0).mean() > 0.5
        assert layer.passed / layer.arriving < 0.8
    for found, layer in diagnosed(tmp_path, "dead")[1:]:
        assert found["verdict"].startswith("dead")
        assert found["gradient_left"] == layer.weights == layer.passed == 0
    assert actcli("diagnose", "relu", "z.csv", "--fail-over", "0.9", cwd=tmp_path).returncode == 1


def test_what_is_published_is_what_these_networks_give():
    """The file of examples, to the digits that do not depend on the machine, and each verdict of the table."""
    fresh = {name: np.array(column) for name, column in write_diagnoses.sample().items()}
    with open(write_diagnoses.SAMPLE) as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(fresh)
    for name in ("sigmoid_layer3", "relu_layer3"):
        np.testing.assert_allclose([float(row[name]) for row in rows], fresh[name], atol=2e-3)
    published = write_diagnoses.PAGE.read_text().splitlines()
    for actual, reference in zip(write_diagnoses.page().splitlines(), published, strict=True):
        assert re.sub(r"[\d.e%-]+", "", actual) == re.sub(r"[\d.e%-]+", "", reference)


def test_what_is_wrong_is_followed_by_what_to_try():
    """In words for people; what is healthy needs none."""
    assert "  try a smaller learning rate, biases that start at 0, or leaky_relu" in output(
        "diagnose", "relu", "-1", "-2", "3"
    )
    assert "  try smaller starting weights, normalised layers, or relu" in output("diagnose", "sigmoid", "9", "-9")
    assert "  try relu in hidden layers" in output("diagnose", "sigmoid", "0", "0.5")  # nearer to 0 none is steeper
    assert "clipped gradients" in output("diagnose", "relu_squared", "9", "5")
    assert "try" not in output("diagnose", "relu", "1", "-2", "3")


def test_a_column_without_a_finite_number_fails():
    """What was to be checked is not there."""
    run = actcli("diagnose", "relu", "nan", "inf", "--fail-over", "1")
    assert (run.returncode, run.stderr) == (1, "")
    assert "no finite numbers" in run.stdout


@pytest.mark.parametrize(("limit", "status"), [("0.5", 1), ("0.6", 0), ("1", 0), ("0", 1)])
def test_a_share_above_the_limit_fails(limit, status):
    """Three of five are dead; the report is written all the same."""
    run = actcli("diagnose", "relu", "-1", "-2", "-3", "1", "2", "--fail-over", limit)
    assert (run.returncode, run.stderr) == (status, "")
    assert "dead (f' = 0): 60.0%" in run.stdout


def test_every_format_holds_the_same(tmp_path):
    """As separated values, as Markdown, and in a file that names its format by its ending."""
    (found,) = columns("sigmoid", "1", "2")
    (row,) = csv.DictReader(io.StringIO(output("diagnose", "sigmoid", "1", "2", "--format", "csv")))
    assert row == {key: str(value) for key, value in found.items() if key != "histogram"}
    head, rule, cells = output("diagnose", "sigmoid", "1", "2", "--format", "markdown").splitlines()
    assert head.strip("| ").split(" | ") == list(row)
    assert cells.replace("\\|", "/").count("|") == rule.count("|") == head.count("|")
    assert output("diagnose", "sigmoid", "1", "2", "-o", "d.json", cwd=tmp_path) == ""
    assert json.loads((tmp_path / "d.json").read_text())["columns"] == [found]


@pytest.mark.parametrize("width", [60, 200])
def test_the_report_fits_the_terminal(width):
    """Verdicts in colour, unless NO_COLOR forbids it; a histogram with a bar for each number."""
    seen = screen("diagnose", "relu", "-1", "-2", "3", columns=width)
    assert "\x1b[31m" in seen
    assert max(map(len, plain(seen).splitlines())) <= width
    assert re.search("█ █ +█", plain(seen))
    told = plain(seen).partition("numbers\n")[2].partition("Model")[0]
    assert all(line.startswith("  ") and line == line.rstrip() for line in told.splitlines())
    assert "\x1b[3" not in screen("diagnose", "relu", "-1", columns=width, NO_COLOR="1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["softmax", "1"], "diagnose works on elementwise functions; softmax works on vectors: see actcli softmax"),
        (["relu", "gelu", "1"], "diagnose takes one function, not relu and gelu"),
        (["relu", "1", "--layers", "1.5"], "--layers must be an integer >= 1, got '1.5'"),
        (["relu", "1", "--layers", "no"], "--layers is a number from 1 up, not 'no'"),
        (["relu", "1", "--fail-over", "50"], "--fail-over is a number from 0 to 1, not '50'"),
        (["relu", "1", "--saturation", "-1"], "--saturation is a number from 0 up, not '-1'"),
        (["relu", "1", "--format", "plain"], "--format must be one of table, json, csv, tsv, markdown, got 'plain'"),
    ],
)
def test_a_mistake_is_told_in_one_line(words, message):
    """And nothing is written."""
    assert complaint("diagnose", *words) == message
