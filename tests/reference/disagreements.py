"""Where real frameworks and actcli disagree, and why: the recordings of tests/golden/frameworks, held against actcli.

Run: python tests/reference/disagreements.py
Prints a table in Markdown: how many numbers of each framework disagree, for which reason, for which functions.

Numbers agree if they are as near as float32 arithmetic brings a framework; signs of zero, payloads of NaN and
derivatives at NaN are not compared. Below the normal range frameworks may take an input, or give a result, as 0.
"""

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import actcli

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
}
RELATIVE = 2e-6
FLOOR = {"value": 0.0, "derivative": 1e-7}  # automatic differentiation takes differences of numbers near 1
NORMAL = float(np.finfo(np.float32).tiny)
LARGEST = float(np.finfo(np.float32).max)


class Disagreement(NamedTuple):
    """A number that a framework and actcli see differently."""

    framework: str
    function: str
    parameters: str
    kind: str
    row: tuple[float, ...]
    """All numbers of the row, for a function along an axis; else x alone."""
    x: float
    actual: float
    reference: float

    def within(self, size: float) -> bool:
        """Tell whether the two are at most that far apart."""
        return abs(self.actual - self.reference) <= size


class Reason(NamedTuple):
    """Why some frameworks give something else for some functions; names are separated by spaces."""

    text: str
    frameworks: str
    functions: str
    kinds: str
    holds: Callable[[Disagreement], bool]
    """The condition on x and the results. Where digits are lost, it bounds how many."""

    def covers(self, d: Disagreement) -> bool:
        """Tell whether this is the reason of a disagreement."""
        return (
            d.framework in self.frameworks.split()
            and d.function in self.functions.split()
            and d.kind in self.kinds.split()
            and self.holds(d)
        )


EVERY = " ".join(DIALECTS)
KERAS = "keras-tensorflow keras-jax keras-torch"
ONNX = "onnx-reference onnxruntime"
TENSORFLOW = "keras-tensorflow keras2"
ULP = 2.0**-23  # of numbers from 1 to 2


def _tanh_form(d: Disagreement) -> bool:
    """Tell whether it is the gelu with tanh, which is the default in JAX."""
    return d.function == "gelu_tanh" or (d.framework == "jax" and not d.parameters)


def _meets_two_infinities(d: Disagreement) -> bool:
    """Tell whether softmax (softmin: of the negated row) meets infinity less infinity."""
    row = [-x for x in d.row] if d.function == "softmin" else d.row
    return math.isnan(d.reference) and (math.inf in row or set(row) == {-math.inf})


def _has_two_in_support(d: Disagreement) -> bool:
    """Tell whether sparsemax gives more than one number a share, or the row holds no plain numbers."""
    if not all(map(math.isfinite, d.row)):
        return True
    *_, second, largest = sorted(d.row)
    return largest - second < 1


REASONS = (
    Reason(
        "infinity times 0, or over infinity, or less infinity, is NaN; actcli gives the limit",
        EVERY,
        "softsign silu quick_gelu gelu gelu_tanh mish hard_silu squareplus sparse_plus swiglu",
        "value derivative",
        lambda d: math.isinf(d.x) and math.isnan(d.reference),
    ),
    Reason(
        "the threshold multiplies by 0, and -inf becomes NaN; actcli gives the limit",
        "keras2",
        "relu thresholded_relu",
        "value",
        lambda d: d.x == -math.inf and math.isnan(d.reference),
    ),
    Reason(
        "infinity less infinity in the row is NaN; actcli gives the limit",
        EVERY,
        "softmax log_softmax softmin",
        "value",
        _meets_two_infinities,
    ),
    Reason(
        "Keras up to 3.15.1 adds up all partial sums of sparsemax instead of taking one (keras issue 23425)",
        KERAS,
        "sparsemax",
        "value",
        _has_two_in_support,
    ),
    Reason(
        "NaN is taken for the maximum, or passed over; actcli gives NaN",
        ONNX,
        "hardmax",
        "value",
        lambda d: any(map(math.isnan, d.row)),
    ),
    Reason(
        "oneDNN's softmax passes over NaN in the row",
        "keras-tensorflow",
        "softmax",
        "value",
        lambda d: any(map(math.isnan, d.row)) and d.reference == 0,
    ),
    Reason(
        "a comparison with NaN is false, and NaN becomes a number",
        f"{KERAS} {ONNX}",
        "relu threshold thresholded_relu soft_shrink hard_shrink shrink",
        "value",
        lambda d: math.isnan(d.x) and d.reference == (-1 if d.function == "threshold" else 0),
    ),
    Reason(
        "an intermediate result overflows",
        f"{KERAS} keras2 torch jax",
        "gelu gelu_tanh hard_silu squareplus sparse_plus",
        "value derivative",
        lambda d: abs(d.x) == LARGEST and not math.isfinite(d.reference),
    ),
    Reason(
        "an intermediate result below the normal range is flushed, or has few digits",
        f"{KERAS} keras2 torch jax {ONNX}",
        "silu mish celu",
        "value",
        lambda d: abs(d.actual) < 64 * NORMAL and d.within(abs(d.actual)),
    ),
    Reason(
        "exp(-x) overflows in the denominator of the gate",
        "onnx-reference",
        "swiglu",
        "value",
        lambda d: d.x < -math.log(LARGEST) and d.reference == 0,
    ),
    Reason(
        "the logarithm of a softmax that was rounded to 0",
        "onnx-reference",
        "log_softmax",
        "value",
        lambda d: d.actual < -100 and d.reference == -math.inf,
    ),
    Reason(
        "1 + erf(x) cancels",
        "keras-torch keras2 torch onnx-reference onnxruntime",
        "gelu",
        "value",
        lambda d: d.x < 0 and d.within(2 * ULP * -d.x),
    ),
    Reason(
        "the square in erfc(x) is rounded, and the tail magnifies that",
        "keras-tensorflow keras-jax jax",
        "gelu",
        "value",
        lambda d: d.x < -5.8 and d.within(1e-5 * abs(d.actual)),
    ),
    Reason(
        "1 + tanh(x) cancels",
        EVERY,
        "gelu_tanh gelu",
        "value",
        lambda d: _tanh_form(d) and d.x < 0 and d.within(ULP * -d.x),
    ),
    Reason(
        "1 - tanh(x)**2 cancels, before a factor that grows with the cube of x",
        f"{KERAS} keras2 torch jax",
        "gelu_tanh gelu",
        "derivative",
        lambda d: _tanh_form(d) and d.within(ULP * abs(d.x) ** 3),
    ),
    Reason(
        "1 - tanh(x)**2 cancels",
        "keras-tensorflow keras-jax keras2 jax",
        "tanh",
        "derivative",
        lambda d: d.within(4 * ULP),
    ),
    Reason(
        "1 - tanh(softplus(x))**2 cancels, before a factor x",
        "keras-tensorflow keras-jax jax",
        "mish",
        "derivative",
        lambda d: d.x > 0 and d.within(4 * ULP * d.x),
    ),
    Reason(
        "1 - sigmoid(x) cancels",
        "keras2",
        "sigmoid",
        "derivative",
        lambda d: d.x > 0 and d.within(ULP),
    ),
    Reason(
        "exp(x) - 1 cancels",
        f"{TENSORFLOW} onnxruntime",
        "elu selu celu",
        "value",
        lambda d: -0.1 < d.x < 0 and d.within(ULP),
    ),
    Reason(
        "the slope is taken from the value, which is 0 just below 0 as exp(x) - 1 cancels",
        TENSORFLOW,
        "selu",
        "derivative",
        lambda d: -1e-7 < d.x < 0 and d.reference == np.float32(1.05070098),
    ),
    Reason(
        "the slope is taken from the value, and value + scale * alpha cancels",
        TENSORFLOW,
        "selu",
        "derivative",
        lambda d: d.x < -5 and d.within(2 * ULP),
    ),
    Reason(
        "x - tanh(x) cancels",
        f"{KERAS} torch",
        "tanh_shrink",
        "value",
        lambda d: d.within(2 * ULP * abs(d.x)),
    ),
    Reason(
        "x + sqrt(x**2 + b) cancels",
        f"{KERAS} jax",
        "squareplus",
        "value",
        lambda d: d.x < 0 and d.within(ULP * -d.x),
    ),
    Reason(
        "the line is rounded before it comes near 0",
        "keras2 onnx-reference onnxruntime",
        "hard_sigmoid hard_silu",
        "value",
        lambda d: -3 < d.x < -2.4 and d.within(ULP / 2),
    ),
    Reason(
        "the line is rounded, and reaches its end one number early or late",
        "keras-tensorflow keras-jax jax",
        "hard_sigmoid hard_silu sparse_sigmoid",
        "derivative",
        lambda d: 0 < abs(abs(d.x) - (1 if d.function == "sparse_sigmoid" else 3)) <= 2 * ULP,
    ),
    Reason(
        "the line is rounded, and ends at 2.5; with the float32 number nearest to 0.2 as its slope it ends just before",
        "keras2",
        "hard_sigmoid",
        "derivative",
        lambda d: abs(abs(d.x) - 2.5) <= 2 * ULP and d.reference == np.float32(0.2),
    ),
    Reason(
        "the logistic function is a fraction of polynomials, 0 below -18",
        "onnxruntime",
        "sigmoid silu quick_gelu",
        "value",
        lambda d: d.x < 0 and d.within(ULP * max(1, -d.x)),
    ),
    Reason(
        "the logistic function is a fraction of polynomials, inexact in its tail",
        "keras2",
        "sigmoid silu",
        "value derivative",
        lambda d: d.x < 0 and d.within(ULP * max(1, -d.x)),
    ),
    Reason(
        "tanh in a recurrent network is a difference that cancels near 0",
        "onnxruntime",
        "scaled_tanh",
        "value",
        lambda d: abs(d.x) < 0.125 and d.within(2 * ULP),
    ),
    Reason(
        "tanh loses digits at the end of the normal range",
        "onnxruntime",
        "tanh",
        "value",
        lambda d: abs(d.x) == NORMAL and d.within(1e-5 * NORMAL),
    ),
    Reason(
        "celu'(0) is 2: the slopes of both branches are added",
        "keras-tensorflow",
        "celu",
        "derivative",
        lambda d: d.x == 0 and d.reference == 2,
    ),
    Reason(
        "JAX has kinks of its own under Keras: the upper side at 0, the mean at the ends",
        "keras-jax",
        "relu leaky_relu sparse_sigmoid",
        "derivative",
        lambda d: d.reference == (1 if d.x == 0 else 0.25 if d.function == "sparse_sigmoid" else 0.5),
    ),
    Reason(
        "selu'(0) is the slope below 0 but under Keras's TensorFlow",
        "keras-jax keras-torch",
        "selu",
        "derivative",
        lambda d: d.x == 0 and d.reference == np.float32(1.75809934),
    ),
    Reason(
        "PyTorch has hard_tanh' = 0 at the bounds, also under Keras",
        "keras-torch",
        "hard_tanh",
        "derivative",
        lambda d: abs(d.x) == 1 and d.reference == 0,
    ),
)


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
