"""What the blocks say about their functions is there, and true of the numbers."""

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
from tests.blocks import NEEDED

BLOCKS = list(registered())
ELEMENTWISE = [block for block in BLOCKS if issubclass(block, Elementwise)]
ALONG_AXIS = [block for block in BLOCKS if issubclass(block, AlongAxis) and not issubclass(block, Packed)]
OTHERS = {"transformers", "nnlib"}
RECORDED = (Path(__file__).parent / "reference" / "record_frameworks.py").read_text()
names = pytest.mark.parametrize
GRID = np.concatenate([np.linspace(-30.0137, 30.0291, 4001), np.linspace(-6, 6, 2402), -(2.0 ** np.arange(5, 60))])


def parameters(block: type[Activation]) -> dict[str, Any]:
    """Return the defaults of a block, with values for those that it lacks, as numbers."""
    values = {name: parameter.default for name, parameter in block.parameters.items()} | NEEDED[block.name]
    return {
        name: value.numerator / value.denominator if isinstance(value, Ratio) else value
        for name, value in values.items()
    }


def said(block: type[Activation], text: str, **more: Any) -> Any:
    """Evaluate a text of a block as Python, with its parameters."""
    scope = {name: getattr(math, name) for name in ("exp", "log", "sqrt", "tanh", "erfc", "pi", "inf")}
    return eval(text, scope | {"abs": abs, "min": min, "max": max} | parameters(block) | more)


@names("block", BLOCKS, ids=lambda block: block.name)
def test_every_block_says_what_it_is_good_for(block):
    """In short phrases; a line of code for each framework that has it, under a name that was recorded there."""
    for phrases in (block.advantages, block.disadvantages, (block.use,)):
        assert phrases
        assert all(0 < len(phrase) < 120 and not phrase.endswith(".") for phrase in phrases)
    assert block.family in {path.stem for path in Path(actcli.__file__).parent.glob("catalogue/*.py")}
    assert set(block.calls) <= set(block.dialects) | OTHERS
    for framework, line in block.calls.items():
        called = re.match(r"[\w.]*?(\w+)(?:[(\[]|$)", line)[1]
        assert framework in OTHERS or re.search(rf"\b{called}\b", RECORDED), line


def pieces(block: type[Activation]) -> list[tuple[float, float]]:
    """Return the intervals of a block's range; that of a single point begins and ends with it."""
    ends = []
    for piece in block.range.split(" and "):
        inside = re.fullmatch(r"[(\[{](.*)[)\]}]", piece)[1]
        low, _, high = inside.partition(", ")
        ends.append((said(block, low), said(block, high or low)))
    return ends


@names("block", ELEMENTWISE, ids=lambda block: block.name)
def test_results_fill_the_range(block):
    """None is outside, and some are near to every end."""
    x = np.concatenate([GRID, [-np.inf, np.inf, 0.0, 0.5000001, 1.0000001, -0.5000001]])
    y = actcli.evaluate(block.name, x, **NEEDED[block.name])
    inside = [(low - 1e-15 <= y) & (y <= high + 1e-15) for low, high in pieces(block)]
    assert np.any(inside, axis=0).all()
    for low, high in pieces(block):
        for end in (low, high):
            assert (y == end).any() or np.abs(y - end).min() < 2e-6, end


@names("block", ELEMENTWISE, ids=lambda block: block.name)
def test_growth_is_as_said(block):
    """By the values and by the sign of the derivative, which rounding to float64 cannot change."""
    x = np.sort(np.concatenate([np.linspace(-8.013, 8.029, 3001), [0.0]]))
    slopes = actcli.derivative(block.name, x, **NEEDED[block.name])
    steps = np.diff(actcli.evaluate(block.name, x, **NEEDED[block.name]))
    falls = bool((slopes < 0).any() or (steps < 0).any())
    flat = bool((slopes[x != 0] == 0).any())
    assert {"no": falls, "non-decreasing": flat and not falls, "strictly increasing": not (flat or falls)}[
        block.monotonic
    ]


@names("block", ELEMENTWISE, ids=lambda block: block.name)
def test_the_formula_of_the_derivative_is_the_derivative(block):
    """At points that are no kinks."""
    x = np.random.default_rng(5).uniform(-4, 4, 40)
    given = {name: value for name, value in parameters(block).items() if name in NEEDED[block.name]}
    slopes = actcli.derivative(block.name, x, **given)
    for point, slope in zip(x, slopes, strict=True):
        assert said(block, block.derivative_formula, x=point) == pytest.approx(slope, rel=1e-9, abs=1e-12)


@names("block", ALONG_AXIS, ids=lambda block: block.name)
def test_what_is_said_of_functions_along_an_axis(block):
    """The Jacobian, the range and the growth of each result with its own number."""
    x = [0.3, -1.2, 0.9, 0.4]
    f = actcli.evaluate(block.name, x, dtype="float64").tolist()
    ((low, high),) = pieces(block)
    assert all(low <= y <= high for y in f)
    own = []
    for i in range(len(x)):
        row = actcli.vjp(block.name, x, [float(i == k) for k in range(len(x))], dtype="float64")
        own.append(row[i])
        for j, slope in enumerate(row):
            assert said(block, block.derivative_formula, f=f, i=i, j=j, sum=sum) == pytest.approx(slope, abs=1e-13)
    signs = {"strictly increasing": min(own) > 0, "strictly decreasing": max(own) < 0}
    assert (signs | {"non-decreasing": min(own) == 0})[block.monotonic]
