"""Rules that every activation keeps, whatever the catalogue holds."""

import numpy as np
import pytest

import actcli
from actcli import activation as activation_module
from actcli.activation import AlongAxis, Elementwise, Packed
from actcli.cli.commands.list import FLAGS
from actcli.cli.views.formula import to_text
from actcli.dialects import FRAMEWORKS, ByDialect, Dialect
from actcli.numerics import dtypes
from actcli.parameters import REQUIRED, param
from actcli.registry import activation as register_activation
from actcli.registry import registered
from tests.activations import parameters_of
from tests.command import output

ACTIVATIONS = list(registered())


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=actcli.activations())
def test_every_activation_explains_itself(activation):
    """Summary, formula, source, and help for each parameter; a definition of its own for what it computes."""
    assert activation.summary.endswith(".")
    assert activation.source
    compile(activation.formula, activation.name, "eval")
    for parameter in activation.parameters.values():
        assert parameter.help
        assert parameter.kind in (int, float, bool) or parameter.default in (None, *parameter.kind)
    assert issubclass(activation, Elementwise | AlongAxis)
    if issubclass(activation, Packed):
        assert activation.product is not Packed.product
        assert activation.unit is not Packed.unit
        return
    assert activation.value not in {Elementwise.value, AlongAxis.value}
    if issubclass(activation, Elementwise):
        assert activation.derivative is not Elementwise.derivative
    else:
        assert activation.vjp is not AlongAxis.vjp


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=actcli.activations())
def test_every_name_finds_its_activation(activation):
    """Case, hyphens and underscores do not matter, for aliases too."""
    for name in (activation.name, *activation.aliases):
        for spelling in (name, name.upper(), name.replace("_", "-")):
            assert actcli.get(spelling) is activation


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=actcli.activations())
def test_every_activation_is_a_command_with_help(activation):
    """The help shows formula, source, every parameter and its further spellings."""
    text = " ".join(output(activation.name, "--help").split())
    assert to_text(activation.textbook) in text
    assert activation.source in text
    for name, parameter in activation.parameters.items():
        for spelling in (name, *parameter.spellings):
            assert "--" + spelling.replace("_", "-") in text


def test_the_list_shows_every_activation_with_its_names_and_frameworks():
    """Whole formulas, one line each, when it goes into a pipe."""
    lines = {line.split()[0]: line for line in output("list").splitlines() if line.strip(" \u2500")}
    for activation in ACTIVATIONS:
        formula = to_text(activation.textbook)
        flags = [flag if name in activation.dialects else "-" for name, flag in FLAGS.items()]
        for text in (formula, *activation.aliases, "".join(flags)):
            assert text in lines[activation.name]


def test_a_name_is_taken_once():
    """An activation under a name that another one has is refused."""
    with pytest.raises(ValueError, match="'logistic' is taken by sigmoid"):

        @register_activation
        class Logistic(Elementwise):
            """A second one."""


def test_an_activation_refuses_parameters_it_does_not_have():
    """In the way of a Python function."""
    with pytest.raises(TypeError, match="relu has no parameter 'slope'"):
        actcli.get("relu")(slope=1.0)


def test_what_a_class_says_cannot_be_changed():
    """Neither for itself nor for the others."""
    for changed in (actcli.get("softmax").dialects, actcli.get("relu").parameters, actcli.get("relu").calls):
        with pytest.raises(TypeError, match="does not support item assignment"):
            changed["nonesuch"] = None
    with pytest.raises(TypeError, match="does not support item assignment"):
        actcli.get("leaky_relu").dialects["torch"].defaults["negative_slope"] = 2.0


def test_an_unknown_dialect_is_refused():
    """Where the activation is defined."""
    with pytest.raises(TypeError, match="Unknown has unknown dialects: nonesuch"):

        class Unknown(Elementwise):
            dialects = {"nonesuch": Dialect("nonesuch.relu(x)")}


def test_a_convention_is_declared_for_every_dialect():
    """No dialect falls into another one's case."""
    message = "Undeclared.is_one_at_zero needs a value for each of keras, torch, not for keras"
    with pytest.raises(TypeError, match=message):

        class Undeclared(Elementwise):
            dialects = {"keras": Dialect("a(x)"), "torch": Dialect("b(x)")}
            is_one_at_zero = ByDialect(keras=True)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=actcli.activations())
def test_a_function_has_a_dialect_of_its_own(activation):
    """That of Keras, where it has the function, else one that has it; none where no framework has it."""
    assert activation().dialect == (
        "keras" if "keras" in activation.dialects else next(iter(activation.dialects), None)
    )


def test_a_new_dialect_claims_nothing(monkeypatch):
    """Adding a framework's name gives it no function."""
    monkeypatch.setattr(activation_module, "FRAMEWORKS", (*FRAMEWORKS, "nonesuch"))
    for activation in ACTIVATIONS:
        with pytest.raises(actcli.ActcliError, match=f"nonesuch has no {activation.name}"):
            activation.create({}, dtypes.FORMATS["float32"], "nonesuch")


def test_an_activation_that_the_tests_do_not_know_is_tried_with_further_numbers():
    """Beside its defaults: no line in tests/activations.py is needed."""

    class New(Elementwise):
        cap = param(30.0, "bound", domain="> 0")
        size = param(-1.0, "size")

    class NewWithoutDefaults(Elementwise):
        cap = param(REQUIRED, "bound")

    assert parameters_of(New) == [
        {"cap": 30.0, "size": -1.0},
        {"cap": float(np.float32(21.1)), "size": pytest.approx(-0.8)},
    ]
    assert parameters_of(NewWithoutDefaults) == [{"cap": 0.5}]
