"""Where real frameworks and actcli disagree, and why: the recordings of tests/golden/frameworks, held against actcli.

Run: python tests/reference/disagreements.py
Prints a table in Markdown: how many numbers of each framework disagree, for which reason, for which functions.

Numbers agree if they are as near as float32 arithmetic brings a framework; signs of zero, payloads of NaN and
derivatives at NaN are not compared. Below the normal range frameworks may take an input, or give a result, as 0.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

import actcli
from tests.reference.disagreement import Disagreement, Reason
from tests.reference.reasons import NORMAL, REASONS

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "frameworks"
DIALECTS = {
    "keras-tensorflow": "keras",
    "keras-jax": "keras",
    "keras-torch": "keras",
    "keras2": "keras2",
    "torch": "torch",
    "jax": "jax",
    "onnx-reference": "onnx",
    "onnxruntime": "onnx",
    "flax": "flax",
    "mlx": "mlx",
    "ggml": "ggml",
    "transformers": "transformers",
}
RELATIVE = 2e-6
FLOOR = {"value": 0.0, "derivative": 1e-7}  # automatic differentiation takes differences of numbers near 1


class Recording(NamedTuple):
    """What one framework returned: its parameters by function, and its results by function, parameters and kind."""

    framework: str
    defaults: dict[str, dict[str, str]]
    results: dict[tuple[str, str, str], tuple[np.ndarray, np.ndarray]]

    def known(self) -> Iterator[tuple[tuple[str, str, str], tuple[np.ndarray, np.ndarray]]]:
        """Return the results of the functions that actcli has."""
        return ((key, result) for key, result in self.results.items() if key[0] in actcli.activations())


def recorded(framework: str) -> Recording:
    """Return what was recorded of a framework."""
    lines = (GOLDEN / f"{framework}.csv").read_text(encoding="utf-8").splitlines()
    defaults = {}
    for line in lines:
        if line.startswith(("# Default in ", "# Fixed in ")):
            function, _, settings = line.partition(" in ")[2].partition(": ")
            defaults[function] = {**defaults.get(function, {}), **_settings(settings)}
    columns = defaultdict(list)
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        columns[row["function"], row["parameters"], row["kind"]].append((_numbers(row["x"]), _numbers(row["y"])))
    results = {key: (np.stack(x), np.stack(y)) for key, rows in columns.items() for x, y in [zip(*rows, strict=True)]}
    return Recording(framework, defaults, results)


def _settings(text: str) -> dict[str, str]:
    return dict(setting.split("=") for setting in text.split(";") if setting)


def _numbers(words: str) -> np.ndarray:
    return np.array([int(word, 16) for word in words.split()], dtype=np.uint32).view(np.float32)


def without_subnormals(x: np.ndarray) -> np.ndarray:
    """Return x with 0 for numbers below the normal range."""
    return np.where(np.abs(x) < NORMAL, np.zeros_like(x), x)


def evaluated(recording: Recording, function: str, parameters: str, kind: str, x: np.ndarray) -> np.ndarray:
    """Return actcli's results in the framework's dialect, with 0 for those below the normal range.

    What the dialect has only as a setting of another function is evaluated without a dialect, and with the defaults of
    the framework.
    """
    dialect: str | None = DIALECTS[recording.framework]
    settings: dict[str, Any] = _settings(parameters)
    if dialect not in actcli.get(function).dialects:
        dialect = None
        settings = {**recording.defaults.get(function, {}), **settings}
    call = actcli.evaluate if kind == "value" else actcli.derivative
    return without_subnormals(call(function, x, dialect=dialect, **settings))


def disagreements(recording: Recording) -> Iterator[Disagreement]:
    """Return the disagreements with a framework."""
    for (function, parameters, kind), (x, y) in recording.known():
        reference = without_subnormals(y)
        flushed = without_subnormals(x)
        actual = evaluated(recording, function, parameters, kind, flushed)
        differ = _differ(actual, reference, FLOOR[kind])
        differ &= _differ(evaluated(recording, function, parameters, kind, x), reference, FLOOR[kind])
        if kind == "derivative":
            differ &= ~np.isnan(x)
        for i, j in zip(*np.nonzero(differ), strict=True):
            numbers = (float(flushed[i, j]), float(actual[i, j]), float(reference[i, j]))
            yield Disagreement(recording.framework, function, parameters, kind, tuple(flushed[i].tolist()), *numbers)


def _differ(actual: np.ndarray, reference: np.ndarray, floor: float) -> np.ndarray:
    actual, reference = actual.astype(np.float64), reference.astype(np.float64)
    with np.errstate(invalid="ignore"):
        near = np.abs(actual - reference) <= np.maximum(RELATIVE * np.abs(np.nan_to_num(actual)), floor)
    return ~(near | (actual == reference) | (np.isnan(actual) & np.isnan(reference)))


def reason(d: Disagreement) -> Reason | None:
    """Return the first reason that covers a disagreement."""
    return next((reason for reason in REASONS if reason.covers(d)), None)


def main() -> None:
    """Print the disagreements as a table."""
    print("| framework | numbers | differ | reason | functions |\n|---|--:|--:|---|---|")
    for framework in DIALECTS:
        recording = recorded(framework)
        found = [(reason(d), d) for d in disagreements(recording)]
        print(f"| {framework} | {sum(y.size for _, (_, y) in recording.known())} | {len(found)} | | |")
        for why, count in Counter(why for why, _ in found).most_common():
            functions = dict.fromkeys(
                d.function + "'" * (d.kind == "derivative") for reason, d in found if reason is why
            )
            print(f"| | | {count} | {why.text if why else 'UNKNOWN'} | {', '.join(functions)} |")


if __name__ == "__main__":
    main()
