"""The formulas that people see are those that are computed, in text and in LaTeX."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actcli
from actcli.activation import AlongAxis, Elementwise, Packed
from actcli.cli.commands.list import FLAGS
from actcli.cli.views.formula import to_latex, to_text
from actcli.dialects import FRAMEWORKS
from actcli.parameters import Ratio
from actcli.registry import registered
from tests.activations import NEEDED
from tests.command import output
from tests.reference import mpfr

ACTIVATIONS = list(registered())
WITH_TEXTBOOK = [activation for activation in ACTIVATIONS if activation.textbook != activation.formula]
FUNCTIONS = {
    "Phi": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    "sinpi": lambda x: math.sin(math.pi * math.remainder(x, 2)),
    **{name: getattr(math, name) for name in ("exp", "log", "sqrt", "sin", "tanh", "cosh", "erf", "erfc", "pi")},
    **{
        name: lambda x, name=name: float(actcli.evaluate(name, x, dtype="float64"))
        for name in ("sigmoid", "hard_sigmoid", "softplus", "silu", "gelu", "relu")
    },
}
ROW = [0.3, -2.0, 0.7]
THRESHOLDS = {"sparsemax": (0.7 + 0.3 - 1) / 2, "entmax15": 0.25 - 0.7, "alpha_entmax": 0.25 - 0.7}
"""tau of the row; of the others, at alpha 1.5, the mean of 0.15 and 0.35 less the root of (1 - 0.02) / 2."""


def evaluate(text: str, **names: object) -> float:
    """Evaluate a formula as Python."""
    names |= mpfr.root_names()
    sums = re.sub(r"sum\((\w+\(-?x\[j\]\))\)", r"sum(\1 for j in range(len(x)))", text)
    return eval(sums, {**FUNCTIONS, **names})


def parameters(activation) -> dict[str, object]:
    """Return the defaults, with values for those that there must be."""
    values = {name: parameter.default for name, parameter in activation.parameters.items()} | NEEDED[activation.name]
    return {
        name: value.numerator / value.denominator if isinstance(value, Ratio) else value
        for name, value in values.items()
    }


@pytest.mark.parametrize("activation", WITH_TEXTBOOK, ids=lambda each: each.name)
def test_the_textbook_formula_is_the_definition_at_the_defaults(activation):
    """Up to the digits of its constants."""
    known = parameters(activation)
    low, high = activation.domain
    for x in np.linspace(max(low, -4.03), min(high, 4.01), 41)[1:-1].tolist():
        names = {"x": x, "gate": x, "value": 1.5}
        if issubclass(activation, AlongAxis) and not issubclass(activation, Packed):
            names = {"x": ROW, "i": 0, "tau": THRESHOLDS.get(activation.name, known.get("tau"))}
            names |= {name: [known[name]] * 3 for name, each in activation.parameters.items() if each.per_column}
        found, expected = (evaluate(text, **{**known, **names}) for text in (activation.textbook, activation.formula))
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_every_formula_has_a_text_and_a_latex_form(activation):
    """With balanced brackets, without Python's operators."""
    for formula in filter(None, (activation.formula, activation.textbook)):
        text, latex = to_text(formula), to_latex(formula)
        for brackets in ("()", "[]"):
            assert text.count(brackets[0]) == text.count(brackets[1])
        assert "*" not in text + latex
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\left") == latex.count(r"\right")
        assert latex.count(r"\begin") == latex.count(r"\end")
    assert output("info", activation.name, "--format", "latex").strip() == to_latex(activation.textbook)


@pytest.mark.parametrize(
    ("name", "text", "latex"),
    [
        ("relu", "max(x, 0)", r"\max\left(x, 0\right)"),
        ("sigmoid", "1 / (1 + e^-x)", r"\frac{1}{1 + e^{-x}}"),
        (
            "leaky_relu",
            "x if x > 0, else 0.2 x",
            r"\begin{cases} x & \text{if } x > 0 \\ 0.2\, x & \text{otherwise} \end{cases}",
        ),
        ("gelu", "x Phi(x)", r"x\, \Phi\left(x\right)"),
        ("softmax", "e^x[i] / sum(e^x[j])", r"\frac{e^{x_{i}}}{\sum_j e^{x_{j}}}"),
        ("softsign", "x / (1 + |x|)", r"\frac{x}{1 + \left|x\right|}"),
        ("relu_squared", "max(x, 0)^2", r"\max\left(x, 0\right)^{2}"),
    ],
)
def test_well_known_formulas_look_as_in_books(name, text, latex):
    """Written down by hand."""
    activation = actcli.get(name)
    formula = activation.textbook
    assert (to_text(formula), to_latex(formula)) == (text, latex)
    assert re.search(rf"(?m)^formula +{re.escape(text)}$", output("info", name))
    assert text in output("list", "--format", "csv")
    assert f"Formula: {text}" in output(name, "--help")


EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "2", "3", "0.5", "abs(x)", "abs(x - 2)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", " * ", " / "]), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
        inner.map(lambda text: f"-({text})"),
        inner.map(lambda text: f"({text})**2"),
        inner.map(lambda text: f"exp({text})"),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_the_text_of_a_formula_means_what_the_formula_means(formula):
    """Read as people read it: a blank multiplies, and e^ binds more than that."""
    text = to_text(formula)
    python = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    python = re.sub(r"(?<=[\w)]) (?=[\w(])", " * ", python.replace("^", "**").replace("e**", "E**"))
    try:
        expected = eval(formula, {"x": 1.25, "exp": math.exp})
    except (ZeroDivisionError, OverflowError):
        return
    assert eval(python, {"x": 1.25, "E": math.e}) == pytest.approx(expected, rel=1e-9), (formula, text)


def test_the_list_fits_eighty_columns_and_can_be_read_by_programs():
    """A line for each function; names, CSV and JSON."""
    names = [activation.name for activation in ACTIVATIONS]
    assert output("list", "--format", "names").split() == names
    assert [line.split(",")[0] for line in output("list", "--format", "csv").splitlines()] == ["name", *names]
    assert [line.split('"')[3] for line in output("list", "--format", "json").splitlines()] == names
    assert len(output("list").splitlines()) == len(names)
    assert list(FLAGS) == list(FRAMEWORKS)
    assert all(issubclass(activation, Elementwise | AlongAxis) for activation in ACTIVATIONS)
