"""The diagnosis of a layer's neurons, against plain NumPy; its formats, and what is wrong in a call."""

import csv
import io
import json
import math

import numpy as np
import polars
import pytest

from tests.command import actcli, complaint, output
from tests.screen import plain, screen

Result = dict[str, object]


def columns(*words: str, **options: object) -> list[Result]:
    """Return what is said of each column."""
    return json.loads(output("diagnose", *words, "--format", "json", **options))["columns"]


def layers(*words: str, **options: object) -> list[Result]:
    """Return what is said of each layer."""
    return json.loads(output("diagnose", *words, "--format", "json", **options))["layers"]


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
    assert "nan" not in output("diagnose", "relu", "z.npy", cwd=tmp_path)


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
    assert "stuck: 1 of 5 neurons (20.0%) hardly pass any gradient" in output("diagnose", "tanh", "z.npy", cwd=tmp_path)


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
        (["relu", "-", "1"], "diagnose takes numbers or files, got - and 1"),
        (["relu", "-", "-"], "standard input (-) can be read only once; name it once"),
    ],
)
def test_a_mistake_is_told_in_one_line(words, message):
    """And nothing is written."""
    assert complaint("diagnose", *words) == message


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 1, 3, 4), ()])
def test_an_array_of_another_number_of_axes_is_refused_with_what_to_do(shape, tmp_path):
    """What was given, what is accepted; the call that it names makes an array that is diagnosed."""
    array = np.linspace(-1, 1, math.prod(shape), dtype=np.float32).reshape(shape)
    np.save(tmp_path / "conv.npy", array)
    message = complaint("diagnose", "relu", "conv.npy", cwd=tmp_path)
    call = f"array.reshape(-1, {shape[-1] if shape else 1})"
    assert message == (
        "diagnose takes an array with one axis, or with two (rows, neurons), but conv.npy has the shape "
        f"{shape}: save it with a column for each neuron, such as {call}"
    )
    np.save(tmp_path / "layer.npy", eval(call, {"array": array}))
    assert output("diagnose", "relu", "layer.npy", cwd=tmp_path)
