"""Write docs/diagnose.md, and the pre-activations of trained networks in sample_inputs.

Run: python -m tests.reference.write_diagnoses
The networks are those of tests/networks.py; tests/test_diagnose_page.py fails when these files are not fresh.
"""

import io
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actcli.api import prepare
from actcli.data.batch import Column, Table
from actcli.diagnosis.chain import Chain
from actcli.diagnosis.layer import Layer
from actcli.diagnosis.measure import measure
from tests import networks

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "diagnose.md"
SAMPLES = ROOT / "sample_inputs"
_MIXED = {
    "sigmoid_layer3": networks.NETWORKS["sigmoid"],
    "relu_layer3": networks.NETWORKS["relu"],
    "relu_layer3_high_rate": networks.SMALL_NETWORKS["high rate"],
}
_MIXED_NUMBERS, _SAMPLED_ROWS = 200, 300


def page() -> str:
    """Return the page as it should be: the text as it is, with what its commands print and what was measured."""
    text = re.sub(r"(?ms)^```console\n(.*?)^```", lambda found: rerun(found[1]), PAGE.read_text())
    for name, table in {"networks": _networks(), "layers": _layers()}.items():
        text = re.sub(rf"(?s)(<!-- {name} -->\n).*?(<!-- end -->)", lambda found: found[1] + table + found[2], text)  # noqa: B023
    return text


def rerun(block: str) -> str:
    """Return a block of commands with what they print."""
    lines = re.findall(r"(?m)^\$ (.*)\n", block)
    return "```console\n" + "\n".join(f"$ {line}\n{run(line)}" for line in lines) + "```"


def run(line: str) -> str:
    """Return what a command of the page prints, standard error included, as in a window of 80 columns."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "COLUMNS": "80"}
    process = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return process.stdout


def diagnose(network: networks.Network) -> Chain:
    """Return what is said of a network's hidden layers, from their pre-activations in float32."""
    activation = prepare(network.function.__name__, {}, "float32")
    chain = Chain()
    for i, layer in enumerate(networks.train(network), 1):
        columns = [Column(str(j), z) for j, z in enumerate(layer.pre_activations.T.astype(np.float32), 1)]
        measured = measure(activation, [lambda columns=columns: Table(columns, [column.name for column in columns])])
        chain.add(Layer(f"layer {i}", measured, list(range(len(columns)))))
    return chain


def _networks() -> str:
    """Return a table: what is said of each network, beside its true gradients."""
    rows = [["network", "layers", "verdict", "estimate", "measured", "chain"]]
    for name, network in networks.NETWORKS.items():
        chain, layers = diagnose(network), networks.train(network)
        told = "" if chain.breaks() else f"{chain.changes()[0]:.2g}"
        plain = "not plain" if chain.breaks() else "plain" if not chain.unchecked() else "not checked everywhere"
        measured = _ratio(layers[0].passed, layers[-1].passed)
        rows.append([name, str(network.depth), chain.verdict(), told, measured, plain])
    return _table(rows)


def _layers() -> str:
    """Return a table for some networks: what is said of each layer, beside its true gradients."""
    parts = []
    for name in ("relu", "sigmoid", "relu, 5 steps at rate 2"):
        chain, layers = diagnose(networks.NETWORKS[name]), networks.train(networks.NETWORKS[name])
        rows = [["layer", "dead", "RMS f'", "one layer back", "measured", "from the last", "measured", "by weights"]]
        backs = [*(f"{step.change:.2g}" for step in chain.steps), ""]
        measured = [*(_ratio(a.passed, b.passed) for a, b in itertools.pairwise(layers)), ""]
        for layer, truth, back, truly, change in zip(
            chain.layers, layers, backs, measured, chain.changes(), strict=True
        ):
            whole = _ratio(truth.passed, layers[-1].passed)
            numbers = [f"{layer.rms_slope:.2f}", back, truly, f"{change:.2g}", whole, f"{truth.weights:.2g}"]
            rows.append([layer.name.removeprefix("layer "), f"{layer.dead.sum()} of {len(layer.neurons)}", *numbers])
        parts.append(f"### {name}\n\n{_table(rows)}")
    return "\n".join(parts)


def _ratio(above: float, below: float) -> str:
    return f"{above / below:.2g}" if below else "no gradient"


def _table(rows: list[list[str]]) -> str:
    rows = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def samples() -> dict[str, bytes]:
    """Return the contents of the files in sample_inputs, by name."""
    random = np.random.default_rng(0)
    third = [networks.train(network)[2].pre_activations.ravel() for network in _MIXED.values()]
    places = random.choice(len(third[0]), _MIXED_NUMBERS, replace=False)
    files = {"hidden_layers.csv": _csv(_MIXED, np.stack(third, axis=1)[places])}
    rows = np.random.default_rng(0).choice(1797, _SAMPLED_ROWS, replace=False)
    small = {
        name: [layer.pre_activations[rows] for layer in networks.train(network)]
        for name, network in networks.SMALL_NETWORKS.items()
    }
    names = [f"layer{i}_{j}" for i, layer in enumerate(small["relu"], 1) for j in range(1, layer.shape[1] + 1)]
    files["relu_layers.csv"] = _csv(names, np.concatenate(small["relu"], axis=1))
    files["dying_layer.csv"] = _csv([f"neuron{j}" for j in range(1, 17)], small["dying"][3])
    return files | {f"tanh_layer{i}.npy": _npy(layer) for i, layer in enumerate(small["tanh"], 1)}


def _csv(names: Iterable[str], rows: NDArray[np.float64]) -> bytes:
    lines = [",".join(names), *(",".join(f"{number:.4f}" for number in row) for row in rows.tolist())]
    return "".join(f"{line}\n" for line in lines).encode()


def _npy(rows: NDArray[np.float64]) -> bytes:
    file = io.BytesIO()
    np.save(file, rows.astype(np.float32))
    return file.getvalue()


def main() -> None:
    """Write the samples, then the page, which shows them."""
    for name, content in samples().items():
        (SAMPLES / name).write_bytes(content)
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
