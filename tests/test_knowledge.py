"""What the activations say about their functions is there, and true of the numbers."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import actcli
from actcli.activation import Activation, AlongAxis, Elementwise, Packed
from actcli.parameters import Ratio
from actcli.registry import registered
from tests.activations import NEEDED

ACTIVATIONS = list(registered())
ELEMENTWISE = [activation for activation in ACTIVATIONS if issubclass(activation, Elementwise)]
ALONG_AXIS = [
    activation for activation in ACTIVATIONS if issubclass(activation, AlongAxis) and not issubclass(activation, Packed)
]
OTHERS = {"nnlib", "timm", "entmax"}
REFERENCE = Path(__file__).parent / "reference"
RECORDERS = [*(REFERENCE / "frameworks").glob("*.py"), REFERENCE / "record_along_axis.py"]
RECORDED = "".join(path.read_text() for path in RECORDERS)
names = pytest.mark.parametrize
GRID = np.concatenate([np.linspace(-30.0137, 30.0291, 4001), np.linspace(-6, 6, 2402), -(2.0 ** np.arange(5, 60))])


def within(activation: type[Activation], x: np.ndarray) -> np.ndarray:
    """Return those of some numbers at which a function has a value."""
    low, high = activation.domain
    return x[(low <= x) & (x <= high)]


def parameters(activation: type[Activation]) -> dict[str, Any]:
    """Return the defaults of an activation, with values for those that it lacks, as numbers."""
    values = {name: parameter.default for name, parameter in activation.parameters.items()} | NEEDED[activation.name]
    return {
        name: value.numerator / value.denominator if isinstance(value, Ratio) else value
        for name, value in values.items()
    }


def said(activation: type[Activation], text: str, **more: Any) -> Any:
    """Evaluate a text of an activation as Python, with its parameters."""
    scope = {
        name: getattr(math, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "erf", "erfc", "pi", "inf")
    }
    return eval(text, scope | {"abs": abs, "min": min, "max": max} | parameters(activation) | more)


@names("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_every_activation_says_what_it_is_good_for(activation):
    """In short phrases; a line of code for each framework that has it, under a name that was recorded there."""
    for phrases in (activation.advantages, activation.disadvantages, (activation.use,)):
        assert phrases
        assert all(0 < len(phrase) < 120 and not phrase.endswith(".") for phrase in phrases)
    assert activation.family in {path.stem for path in Path(actcli.__file__).parent.glob("catalogue/*.py")}
    assert set(activation.calls) <= set(activation.dialects) | OTHERS
    for framework, line in activation.calls.items():
        called = re.match(r"[\w.]*?(\w+)(?:[(\[]|$)", line)[1]
        assert framework in OTHERS or re.search(rf"\b{called}\b", RECORDED), line


def pieces(activation: type[Activation]) -> list[tuple[float, float]]:
    """Return the intervals of an activation's range; that of a single point begins and ends with it."""
    ends = []
    for piece in activation.range.split(" and "):
        inside = re.fullmatch(r"[(\[{](.*)[)\]}]", piece)[1]
        low, _, high = inside.partition(", ")
        ends.append((said(activation, low), said(activation, high or low)))
    return ends


@names("activation", ELEMENTWISE, ids=lambda each: each.name)
def test_results_fill_the_range(activation):
    """None is outside, and some are near to every end."""
    x = within(activation, np.concatenate([GRID, activation.domain, [0.0, 0.5000001, 1.0000001, -0.5000001, 1.4303]]))
    y = actcli.evaluate(activation.name, x, **NEEDED[activation.name])
    y = y[np.isfinite(x) | ("value" not in activation.no_limit)]
    inside = [(low - 1e-15 <= y) & (y <= high + 1e-15) for low, high in pieces(activation)]
    assert np.any(inside, axis=0).all()
    for low, high in pieces(activation):
        for end in (low, high):
            assert (y == end).any() or np.abs(y - end).min() < 2e-6, end


@names("activation", ELEMENTWISE, ids=lambda each: each.name)
def test_growth_is_as_said(activation):
    """By the values and by the sign of the derivative, which rounding to float64 cannot change."""
    x = within(activation, np.sort(np.concatenate([np.linspace(-8.013, 8.029, 3001), [0.0]])))
    slopes = actcli.derivative(activation.name, x, **NEEDED[activation.name])
    steps = np.diff(actcli.evaluate(activation.name, x, **NEEDED[activation.name]))
    falls = bool((slopes < 0).any() or (steps < 0).any())
    low, high = activation.window
    flat = bool((slopes[(x != 0) & (low < x) & (x < high)] == 0).any())  # farther off it may underflow
    assert {"no": falls, "non-decreasing": flat and not falls, "strictly increasing": not (flat or falls)}[
        activation.monotonic
    ]


@names("activation", ELEMENTWISE, ids=lambda each: each.name)
def test_the_formula_of_the_derivative_is_the_derivative(activation):
    """At points that are no kinks."""
    x = within(activation, np.random.default_rng(5).uniform(-4, 4, 40))
    given = {name: value for name, value in parameters(activation).items() if name in NEEDED[activation.name]}
    slopes = actcli.derivative(activation.name, x, **given)
    for point, slope in zip(x, slopes, strict=True):
        assert said(activation, activation.derivative_formula, x=point) == pytest.approx(slope, rel=1e-9, abs=1e-12)


@names("activation", ALONG_AXIS, ids=lambda each: each.name)
def test_what_is_said_of_functions_along_an_axis(activation):
    """The Jacobian, the range and the growth of each result with its own number."""
    x = [0.3, -1.2, 0.9, 0.4]
    f = actcli.evaluate(activation.name, x, dtype="float64").tolist()
    ((low, high),) = pieces(activation)
    assert all(low <= y <= high for y in f)
    own = []
    for i in range(len(x)):
        row = actcli.vjp(activation.name, x, [float(i == k) for k in range(len(x))], dtype="float64")
        own.append(row[i])
        for j, slope in enumerate(row):
            assert said(activation, activation.derivative_formula, f=f, i=i, j=j, sum=sum) == pytest.approx(
                slope, abs=1e-13
            )
    signs = {"strictly increasing": min(own) > 0, "strictly decreasing": max(own) < 0}
    assert (signs | {"non-decreasing": min(own) == 0})[activation.monotonic]
