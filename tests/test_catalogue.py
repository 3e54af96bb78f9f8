"""Rules that every block keeps, whatever the catalogue holds."""

import numpy as np
import pytest

import actcli
from actcli import activation as activation_module
from actcli.activation import AlongAxis, Elementwise
from actcli.dialects import FRAMEWORKS, ByDialect, Dialect
from actcli.numerics import dtypes
from actcli.parameters import REQUIRED, param
from actcli.registry import activation, registered
from tests.blocks import parameters_of
from tests.command import output

BLOCKS = list(registered())


@pytest.mark.parametrize("block", BLOCKS, ids=actcli.activations())
def test_every_block_explains_itself(block):
    """Summary, formula, source, and help for each parameter; a definition of its own for what it computes."""
    assert block.summary.endswith(".")
    assert block.source
    compile(block.formula, block.name, "eval")
    for parameter in block.parameters.values():
        assert parameter.help
        assert parameter.kind in (int, float, bool) or parameter.default in parameter.kind
    assert block.value not in {Elementwise.value, AlongAxis.value}
    assert issubclass(block, Elementwise | AlongAxis)
    if issubclass(block, Elementwise):
        assert block.derivative is not Elementwise.derivative
    else:
        assert block.vjp is not AlongAxis.vjp


@pytest.mark.parametrize("block", BLOCKS, ids=actcli.activations())
def test_every_name_finds_its_block(block):
    """Case, hyphens and underscores do not matter, for aliases too."""
    for name in (block.name, *block.aliases):
        for spelling in (name, name.upper(), name.replace("_", "-")):
            assert actcli.get(spelling) is block


@pytest.mark.parametrize("block", BLOCKS, ids=actcli.activations())
def test_every_block_is_a_command_with_help(block):
    """The help shows formula, source, every parameter and its further spellings."""
    text = " ".join(output(block.name, "--help").split())
    assert block.formula in text
    assert block.source in text
    for name, parameter in block.parameters.items():
        for spelling in (name, *parameter.spellings):
            assert "--" + spelling.replace("_", "-") in text


def test_the_list_shows_every_block_with_its_names_and_frameworks():
    """Whole formulas, one line each, when it goes into a pipe."""
    lines = {line.split()[0]: line for line in output("list").splitlines()[1:] if line.strip(" \u2500")}
    for block in BLOCKS:
        for text in (block.formula, *block.aliases, *block.dialects):
            assert text in lines[block.name]


def test_a_name_is_taken_once():
    """A block under a name that another one has is refused."""
    with pytest.raises(ValueError, match="'logistic' is taken by sigmoid"):

        @activation
        class Logistic(Elementwise):
            """A second one."""


def test_a_block_refuses_parameters_it_does_not_have():
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


@pytest.mark.parametrize("block", BLOCKS, ids=actcli.activations())
def test_a_function_has_a_dialect_of_its_own(block):
    """That of Keras, where it has the function, else one that has it; none where no framework has it."""
    assert block().dialect == ("keras" if "keras" in block.dialects else next(iter(block.dialects), None))


def test_a_new_dialect_claims_nothing(monkeypatch):
    """Adding a framework's name gives it no function."""
    monkeypatch.setattr(activation_module, "FRAMEWORKS", (*FRAMEWORKS, "nonesuch"))
    for block in BLOCKS:
        with pytest.raises(actcli.ActcliError, match=f"nonesuch has no {block.name}"):
            block.create({}, dtypes.FORMATS["float32"], "nonesuch")


def test_an_activation_that_the_tests_do_not_know_is_tried_with_further_numbers():
    """Beside its defaults: no line in tests/blocks.py is needed."""

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
