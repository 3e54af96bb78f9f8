"""What becomes of a gradient through consecutive layers, against gradients that were measured."""

import csv
import io
import itertools
import json
import math
import re

import numpy as np
import polars
import pytest

from tests import networks
from tests.command import actcli, complaint, output
from tests.screen import plain, screen
from tests.test_memory import MOST, peak

Result = dict[str, object]


def save(tmp_path, layers: list[np.ndarray]) -> list[str]:
    """Write the pre-activations of each layer into a file, in float32; return the files' names."""
    names = [f"layer{i}.npy" for i in range(1, len(layers) + 1)]
    for name, z in zip(names, layers, strict=True):
        np.save(tmp_path / name, z.astype(np.float32))
    return names


def diagnose(tmp_path, function: str, layers: list[np.ndarray], *words: str) -> Result:
    """Return what is said of these layers."""
    return json.loads(output("diagnose", function, *save(tmp_path, layers), *words, "-f", "json", cwd=tmp_path))


def diagnose_network(tmp_path, network: networks.Network) -> tuple[Result, list[networks.Layer]]:
    """Return what is said of a network's hidden layers, and the layers."""
    layers = networks.train(network)
    return diagnose(tmp_path, network.function.__name__, [layer.pre_activations for layer in layers]), layers


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_the_verdict_is_true_of_the_measured_gradient(name, tmp_path):
    """Where there is one; and the estimate is within the factor that the report promises of a trained network."""
    found, layers = diagnose_network(tmp_path, networks.NETWORKS[name])
    first, last = layers[0].passed, layers[-1].passed
    verdict, change = found["gradient"], found["change"]
    if verdict == "blocked":
        assert first == 0
        assert [layer["dead"] for layer in found["layers"]][1:] == [32] * 4
        return
    true = first / last
    if verdict == "no verdict":
        assert change is found["second_estimate"] is None
        assert found["plain_chain"] is False
        return
    steps = len(layers) - 1
    assert found["usual_error_after_training"] == 10 ** (steps / 10)
    assert max(change / true, true / change) < found["usual_error_after_training"]
    assert {
        "kept": 1e-3 <= true <= 1e3,
        "vanishing": true < 1e-3,
        "exploding": true > 1e3,
        "collapsed": true < 1e-3,
        "undecided": not 1 / 3 < change / found["second_estimate"] < 3,
    }[verdict]


VERDICTS = {
    "relu": "kept",
    "sigmoid": "kept",
    "gelu, untrained": "kept",
    "deep relu, untrained": "kept",
    "deep tanh, small weights": "vanishing",
    "deep relu, large weights": "exploding",
    "deep tanh, large weights": "undecided",
    "deep sigmoid, untrained": "collapsed",
    "relu, 5 steps at rate 2": "kept",
    "relu, biases of -2": "blocked",
    "residual relu": "no verdict",
    "normalized tanh": "no verdict",
}


def test_every_network_gets_the_verdict_that_its_gradient_and_its_form_call_for(tmp_path):
    """So that none is told by saying nothing; networks that are no plain chain get none."""
    found = {name: diagnose_network(tmp_path, network)[0]["gradient"] for name, network in networks.NETWORKS.items()}
    assert found == VERDICTS


def test_each_layer_of_sigmoids_leaves_a_quarter(tmp_path):
    """As the report says layer by layer, and as it truly is; in all that is no vanishing yet."""
    found, layers = diagnose_network(tmp_path, networks.NETWORKS["sigmoid"])
    changes = [layer["change_one_layer_back"] for layer in found["layers"][:-1]]
    for change, (lower, upper) in zip(changes, itertools.pairwise(layers), strict=True):
        assert math.isclose(change, lower.passed / upper.passed, rel_tol=0.15)
    assert all(0.2 < change <= 0.26 for change in changes)
    assert math.isclose(found["change"], layers[0].passed / layers[-1].passed, rel_tol=0.05)


def random_layers(rows: int = 500) -> list[np.ndarray]:
    """Return a plain chain of three layers of relu, of unequal widths, with biases."""
    random = np.random.default_rng(7)
    layers = [random.normal(0.3, 1, (rows, 6))]
    for width in (9, 4):
        weights = random.normal(0, 1, (layers[-1].shape[1], width))
        layers.append(np.maximum(layers[-1], 0) @ weights + random.normal(0, 1, width))
    return [layer.astype(np.float32) for layer in layers]


def test_the_estimate_is_the_formula(tmp_path):
    """RMS f' times the root of V(next z) / V(f(z)), V the variance over rows averaged over neurons; by plain NumPy."""
    z = [layer.astype(float) for layer in random_layers()]
    found = diagnose(tmp_path, "relu", z)
    changes, others = [], []
    for (lower, upper), layer in zip(itertools.pairwise(z), found["layers"], strict=False):
        gain = math.sqrt(upper.var(axis=0).mean() / np.maximum(lower, 0).var(axis=0).mean())
        changes.append(math.sqrt((lower > 0).mean()) * gain)
        others.append(math.sqrt(upper.var(axis=0).mean() / lower.var(axis=0).mean()))
        assert math.isclose(layer["weights_gain"], gain, rel_tol=1e-12)
        assert math.isclose(layer["change_one_layer_back"], changes[-1], rel_tol=1e-12)
        assert layer["plain_step"] is True
    assert math.isclose(found["change"], math.prod(changes), rel_tol=1e-12)
    assert math.isclose(found["second_estimate"], math.prod(others), rel_tol=1e-12)
    from_last = [layer["change_from_last"] for layer in found["layers"]]
    assert np.allclose(from_last, [math.prod(changes), changes[1], 1], rtol=1e-12)
    assert found["plain_chain"] is True


def test_biases_order_of_rows_and_dead_neurons_change_nothing(tmp_path):
    """Of the estimate: rows may be shuffled in all files alike."""
    z = random_layers()
    change = diagnose(tmp_path, "relu", z)["change"]
    order = np.random.default_rng(0).permutation(len(z[0]))
    assert math.isclose(diagnose(tmp_path, "relu", [layer[order] for layer in z])["change"], change, rel_tol=1e-12)
    dead = np.concatenate([z[0], -1 - np.abs(z[0])], axis=1)
    assert math.isclose(diagnose(tmp_path, "relu", [dead, *z[1:]])["change"], change, rel_tol=1e-12)
    biased = [*z[:-1], z[-1] + 5]
    assert math.isclose(diagnose(tmp_path, "relu", biased)["change"], change, rel_tol=1e-5)


def test_rows_in_another_order_or_another_function_are_no_plain_chain(tmp_path):
    """Nor is a layer in the wrong place; each is said, and no number of the chain is given."""
    z = random_layers()
    order = np.random.default_rng(0).permutation(len(z[0]))
    for function, layers in (("relu", [z[0], z[1][order], z[2]]), ("tanh", z), ("relu", [z[1], z[0], z[2]])):
        found = diagnose(tmp_path, function, layers)
        assert (found["gradient"], found["change"], found["plain_chain"]) == ("no verdict", None, False)
        for key in ("weights_gain", "change_one_layer_back", "change_from_last"):
            assert [layer[key] for layer in found["layers"]] == [None] * 3
    report = " ".join(output("diagnose", "tanh", *save(tmp_path, z), cwd=tmp_path).split())
    assert "no verdict: not a plain chain between layer1 and layer2" in report
    assert "(skip connection, normalisation, another function, or rows in another order)" in report


def test_a_mistake_late_in_long_files_is_no_plain_chain(tmp_path):
    """The sample is taken from all rows, not from the first."""
    z = random_layers(40_000)
    assert diagnose(tmp_path, "relu", z)["plain_chain"] is True
    z[1][30_000:] = z[1][30_000:][::-1]
    assert diagnose(tmp_path, "relu", z)["plain_chain"] is False


def test_a_neuron_that_is_active_in_one_row_breaks_no_plain_chain(tmp_path):
    """Though nothing else shows what its weights are; and what is no chain is still found."""
    random = np.random.default_rng(8)
    for row in (40, 41):
        z = np.concatenate([random_layers(100)[0], np.full((100, 1), -1)], axis=1)
        z[row, -1] = 20
        upper = np.maximum(z, 0) @ random.normal(0, 1, (7, 5))
        assert diagnose(tmp_path, "relu", [z, upper])["plain_chain"] is True
        assert diagnose(tmp_path, "relu", [z, upper + z[:, :5]])["plain_chain"] is False


def test_too_few_rows_are_not_checked_or_not_judged(tmp_path):
    """Twice as many rows as neurons and biases are needed, and ten in any case."""
    z = random_layers()
    assert diagnose(tmp_path, "relu", [layer[:20] for layer in z])["plain_chain"] is True
    few = [layer[:13] for layer in z]
    found = diagnose(tmp_path, "relu", few)
    assert found["plain_chain"] is None
    assert [layer["plain_step"] for layer in found["layers"]] == [None, None, None]
    assert "not checked for skip connections" in output("diagnose", "relu", *save(tmp_path, few), cwd=tmp_path)
    assert diagnose(tmp_path, "relu", [layer[:9] for layer in z])["gradient"] == "undecided"


def test_a_layer_without_numbers_bears_no_verdict(tmp_path):
    """As after a training that diverged."""
    z = random_layers()
    z[1][:] = np.nan
    assert diagnose(tmp_path, "relu", z)["gradient"] == "no verdict"
    assert "layer2 has no finite numbers" in output("diagnose", "relu", *save(tmp_path, z), cwd=tmp_path)


def test_columns_are_grouped_by_a_pattern(tmp_path):
    """In the order of the numbers, not of the columns; what does not match is left out; as from several files."""
    z = random_layers()
    frames = [
        polars.DataFrame(layer, [f"layer{number}_{i}" for i in range(layer.shape[1])])
        for number, layer in zip((2, 9, 10), z, strict=True)
    ]
    polars.concat(
        [frames[2], polars.DataFrame({"loss": z[0][:, 0]}), frames[0], frames[1]], how="horizontal"
    ).write_csv(tmp_path / "all.csv")
    words = ["diagnose", "relu", "all.csv", "--layer-of", r"layer(\d+)_.*"]
    found = json.loads(output(*words, "--format", "json", cwd=tmp_path))
    assert [layer["layer"] for layer in found["layers"]] == ["layer 2", "layer 9", "layer 10"]
    files = diagnose(tmp_path, "relu", z)
    assert found["change"] == files["change"]
    assert [layer["neurons"] for layer in found["layers"]] == [6, 9, 4]
    assert "relu through 3 layers, from first to last: layer 2, layer 9, layer 10 (500" in output(*words, cwd=tmp_path)
    one = json.loads(output(*words[:-1], "(layer)2_", "--format", "json", cwd=tmp_path))
    assert (len(one["layers"]), one["layers"][0]["layer"]) == (1, "layer")


def test_every_format_holds_the_same(tmp_path):
    """A row for each layer, the verdict on all of them in each."""
    found = diagnose(tmp_path, "relu", random_layers())
    files = [f"layer{i}.npy" for i in (1, 2, 3)]
    chain = {key: value for key, value in found.items() if key not in {"function", "layers"}}
    expected = [
        {
            key: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            for key, value in {**layer, **chain}.items()
            if not isinstance(value, list)
        }
        for layer in found["layers"]
    ]
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        text = output("diagnose", "relu", *files, "--format", form, cwd=tmp_path)
        assert list(csv.DictReader(io.StringIO(text), delimiter=delimiter)) == expected
    head, _, *rows = output("diagnose", "relu", *files, "--format", "markdown", cwd=tmp_path).splitlines()
    assert head.strip("| ").split(" | ") == list(expected[0])
    assert len(rows) == 3


def test_every_layer_over_the_limit_is_named(tmp_path):
    """In one line."""
    z = random_layers()
    z[0][:, :4] = z[2][:, :1] = -1
    files = save(tmp_path, z)
    run = actcli("diagnose", "relu", *files, "--fail-over", "0.2", cwd=tmp_path)
    assert run.returncode == 1
    assert run.stderr == (
        "actcli: layer1 has 4 of 6 neurons (66.7%) dead or stuck; layer3 has 1 of 4 neurons (25.0%) dead or stuck; "
        "--fail-over allows 0.2 (20.0%)\n"
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_fits_the_terminal(width, tmp_path):
    """No name of a layer is cut."""
    names = [f"the_{number}_hidden_layer_of_the_network" for number in ("first", "second", "third")]
    for name, z in zip(names, random_layers(), strict=True):
        np.save(tmp_path / f"{name}.npy", z)
    seen = plain(screen("diagnose", "relu", *(str(tmp_path / f"{name}.npy") for name in names), columns=width))
    assert max(map(len, seen.splitlines())) <= width
    table = "".join(line.partition("  ")[0] for line in seen.partition("rows)")[2].replace("\n  ", "\n").splitlines())
    assert all(name in table for name in names)


def test_a_mistake_is_told_in_one_line(tmp_path):
    """Files of different lengths, a file that is not there, a pattern that finds nothing."""
    files = save(tmp_path, random_layers())
    np.save(tmp_path / "short.npy", np.ones((7, 2)))
    assert complaint("diagnose", "relu", files[0], "short.npy", cwd=tmp_path) == (
        "short.npy has 7 rows, and layer1 has 500: consecutive layers need the same rows, in the same order"
    )
    assert complaint("diagnose", "relu", files[0], "none.npy", cwd=tmp_path, status=3).startswith(
        "cannot read none.npy"
    )
    assert complaint("diagnose", "relu", files[0], "nothing", cwd=tmp_path).startswith("'nothing' is neither a number")
    assert complaint("diagnose", "relu", *files[:2], "--layer-of", "(x)", cwd=tmp_path).startswith("--layer-of groups")
    assert complaint("diagnose", "relu", files[0], "--layer-of", "l(.)", cwd=tmp_path) == (
        "--layer-of finds no layer in the columns of layer1.npy: x1, x2, x3, x4, x5, x6"
    )


def test_memory_is_flat_in_long_files(tmp_path):
    """Two layers of 150 MB each, with what a check of the chain keeps of them."""
    z = np.random.default_rng(0).standard_normal((600_000, 64), np.float32)
    for name in ("layer1", "layer2"):
        np.save(tmp_path / f"{name}.npy", z)
    assert peak("diagnose", "relu", tmp_path / "layer1.npy", tmp_path / "layer2.npy") < MOST


def test_a_narrow_terminal_shows_the_layers_one_below_the_other():
    """With every number of the table that does not fit."""
    words = ["diagnose", "relu", "sample_inputs/relu_layers.csv", "--layer-of", "layer(\\d+)_.*"]
    wide, narrow = (plain(screen(*words, columns=columns)) for columns in (120, 40))
    assert max(map(len, narrow.splitlines())) <= 40
    rows = re.findall(r"(?m)^  (layer \d) +(\d of 8)((?: +[\d.]+)+)$", wide)
    assert len(rows) == 4
    said = " ".join(narrow.split())
    for name, dead, numbers in rows:
        slope, *rest = numbers.split()
        names = ["weights' gain", "one layer back", "from the last"][-len(rest) :]
        beside = "".join(f", {heading} {number}" for heading, number in zip(names, rest, strict=True))
        assert f"{name}: dead {dead}, RMS f' {slope}{beside}" in said
