"""Write what diagnose tells of trained networks: docs/diagnose.md, and the numbers in sample_inputs.

Run: python -m tests.reference.write_diagnoses
The networks are those of tests/networks.py; tests/test_diagnose.py fails when these files are not fresh.
"""

import csv
from pathlib import Path

import numpy as np

from actcli import diagnosis
from actcli.api import prepare
from actcli.data.batch import Column, Table
from tests import networks

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "diagnose.md"
SAMPLE = ROOT / "sample_inputs" / "hidden_layers.csv"
_SAMPLED = {"sigmoid_layer3": "sigmoid", "relu_layer3": "relu", "relu_layer3_high_rate": "dying"}
_COUNT = 200
_ABOUT = {
    "sigmoid": "sigmoid, learning rate 0.5: the vanishing gradient",
    "relu": "relu, learning rate 0.05: healthy",
    "dying": "relu, learning rate 0.5: dying neurons",
    "dead": "relu, biases that start at -2: dead neurons",
}
_HEAD = """# What diagnose tells of trained networks

Four networks of five hidden layers with 32 neurons each, trained for 300 steps on scikit-learn's handwritten digits:
the pre-activations of each layer for all 1,797 digits, diagnosed with `--layers 5`. Beside mean |f'|, which diagnose
gives, stands the share of the true gradient that the layer's function passes on, and the size of the gradient by the
layer's weights, both from the network itself. Made by `python -m tests.reference.write_diagnoses`.

With sigmoid the two shares agree to one in a hundred. Relu passes on more than mean |f'|: when half of the numbers of
a gradient become 0, the root of a half, 0.7, is left of its size, and most of a gradient arrives at neurons that live.
"""
_COLUMNS = ("layer", "dead", "saturated", "mean |f'|", "truly passed", "by weights", "after 5 layers", "verdict")


def page() -> str:
    """Return the page in Markdown."""
    parts = [_HEAD]
    for kind, title in _ABOUT.items():
        rows = [_COLUMNS, ["---"] * len(_COLUMNS), *_rows(kind)]
        parts.append(f"\n## {title}\n\n" + "".join(f"| {' | '.join(_escaped(row))} |\n" for row in rows))
    return "".join(parts)


def _escaped(row: tuple[str, ...] | list[str]) -> list[str]:
    return [cell.replace("|", "\\|") for cell in row]


def _rows(kind: str) -> list[list[str]]:
    """Return what is told of each layer, beside the truth."""
    layers = networks.trained(kind)
    columns = [Column(str(i), layer.pre_activations.ravel()) for i, layer in enumerate(layers, 1)]
    activation = prepare(networks.KINDS[kind]["function"].__name__, {}, "float64")
    rows = []
    for one, layer in zip(
        diagnosis.diagnose(activation, [lambda: Table(columns, [column.name for column in columns])], 0.01),
        layers,
        strict=True,
    ):
        passed = layer.passed / layer.arriving if layer.arriving else 0.0
        verdict = one.verdict(5, 0.01).partition(":")[0]
        shares = [f"{one.dead:.1%}", f"{one.saturated:.1%}", f"{one.slope:.3f}", f"{passed:.3f}"]
        rows.append([one.column, *shares, f"{layer.weights:.2g}", f"{one.gradient_left(5):.2g}", verdict])
    return rows


def sample() -> dict[str, list[float]]:
    """Return the pre-activations of the third layer of some networks, at places drawn by lot, by column."""
    shape = networks.trained("relu")[2].pre_activations.shape
    places = np.random.default_rng(0).choice(shape[0] * shape[1], _COUNT, replace=False)
    return {name: networks.trained(kind)[2].pre_activations.ravel()[places].tolist() for name, kind in _SAMPLED.items()}


def main() -> None:
    """Write both files."""
    PAGE.write_text(page())
    columns = sample()
    with SAMPLE.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([f"{number:.4f}" for number in row] for row in zip(*columns.values(), strict=True))


if __name__ == "__main__":
    main()
