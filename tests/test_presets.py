"""A model's name stands for its choices of parameters: ``like``, and the variants that info shows side by side."""

import math

import numpy as np
import pytest

import actcli
from actcli.activation import Packed
from actcli.cli.views.specialize import specialize
from actcli.registry import registered
from tests.command import actcli as run

PRESETS = [(each, model) for each in registered() for model in each.presets]
NAMED = pytest.mark.parametrize(("activation", "model"), PRESETS, ids=[f"{a.name}-{m}" for a, m in PRESETS])
X = np.linspace(-60, 60, 48)


@NAMED
def test_a_model_stands_for_its_choices(activation, model):
    """With and without it the same bits."""
    choices = activation.presets[model].choices
    for dtype in ("float32", "float64"):
        like = actcli.evaluate(activation.name, X, dtype=dtype, like=model)
        assert like.tobytes() == actcli.evaluate(activation.name, X, dtype=dtype, **choices).tobytes()


@NAMED
def test_a_parameter_given_beside_a_model_wins(activation, model):
    """The model's choice is a default, as a framework's is."""
    for name, choice in activation.presets[model].choices.items():
        other = next(v for v in (True, False, "halves", 3.0) if type(v) is type(choice) and v != choice)
        assert getattr(activation.create({"like": model, name: other}, _float64()), name) == other


def _float64():
    from actcli.numerics import dtypes

    return dtypes.find("float64")


@NAMED
def test_the_formula_with_a_models_choices_is_the_formula(activation, model):
    """Constants in place of names, and fewer alternatives, change no value."""
    values = {name: parameter.default for name, parameter in activation.parameters.items()}
    values |= activation.presets[model].choices
    short = specialize(activation.formula, values)
    functions = {name: getattr(math, name) for name in ("exp", "tanh", "erfc", "sqrt", "pi")}
    variables = ("gate", "value") if issubclass(activation, Packed) else ("x",)
    for numbers in [(-30.0, 2.0), (0.5, -9.0), (8.0, 30.0), (20.0, -1.0), (0.0, 0.0)]:
        known = functions | dict(zip(variables, numbers, strict=False))
        assert eval(short, dict(known)) == eval(activation.formula, {**values, **known})


def test_gpt_oss_is_not_llama():
    """Wrong by a choice is wrong in every digit; the reference is the formula of gpt-oss, by hand."""
    gate, up = 12.0, -9.0
    theirs = (max(min(up, 7), -7) + 1) * min(gate, 7) / (1 + math.exp(-1.702 * min(gate, 7)))
    ours = actcli.evaluate("swiglu", [gate, up], dtype="float64", like="gpt-oss")
    assert ours == pytest.approx([theirs], rel=1e-15)
    assert actcli.evaluate("swiglu", [gate, up], dtype="float64", like="llama") < 2 * ours


def test_an_unknown_model_is_one_line():
    """It names those there are."""
    result = run("swiglu", "1", "2", "--like", "gpt-os")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("actcli: swiglu: --like must be one of llama, gpt-oss,")
    assert result.stderr.count("\n") == 1


def test_info_shows_the_variants_side_by_side():
    """Each with its parameters, its formula and where that can be read."""
    page = run("info", "swiglu", "--format", "markdown").stdout
    for model, preset in actcli.get("swiglu").presets.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| {model} |")]
        assert preset.source in row
        assert all(name in row for name in preset.choices)
    assert "| `min(gate, 10) / (1 + e^-min(gate, 10)) min(max(value, -10), 10)` |" in page
