"""Keywords as people paste them from frameworks: accepted, or refused with a reason."""

import inspect
import re
from importlib import import_module

import numpy as np
import pytest

import actcli
from actcli.activation import Packed
from actcli.registry import registered
from tests.activations import NEEDED
from tests.command import complaint, output

_INPUTS = {"x", "input", "self", "args", "kwargs"}
_PLUMBING = {"name", "dtype", "device", "where", "_stacklevel"}
"""What says where and of what type results are, and masks, which are arguments of their own."""
_LAYERS = {"alpha_initializer", "alpha_regularizer", "alpha_constraint"}
"""How the weight of a layer begins and is learned."""


PAIRS = [
    (activation, dialect)
    for activation in registered()
    for dialect in ("torch", "jax", "keras", "onnx")
    if dialect in activation.dialects
]


def signature(framework, call):
    """Return the keywords of the function that a line of code calls."""
    path = re.match(r"[\w.]+", call)[0].split(".")
    function = import_module(framework)
    for name in path[1:]:
        function = getattr(function, name)
    function = function.__init__ if inspect.isclass(function) else function
    try:
        return set(inspect.signature(function).parameters)
    except ValueError:  # of C, with a signature in its documentation
        first = function.__doc__.strip().partition("\n")[0]
        return set(re.findall(r"(\w+)(?:\s*=[^,)]*)?[,)]", first.partition("->")[0]))


def attributes(call):
    """Return the attributes of an operator of ONNX."""
    name = re.match(r"\w+", call)[0]
    return set() if name in {"RNN", "com"} else set(pytest.importorskip("onnx").defs.get_schema(name).attributes)


def is_known(activation, keyword):
    """Tell whether a keyword is a parameter, or refused with a reason of its own."""
    spellings = {s for name, parameter in activation.parameters.items() for s in (name, *parameter.spellings)}
    if keyword in spellings or keyword in activation.fixed:
        return True
    with pytest.raises(actcli.ActcliError) as error:
        actcli.evaluate(activation.name, [1, 2], **NEEDED[activation.name], **{keyword: True})
    return f"{activation.name} has no parameter {keyword!r}: " in str(error.value)


@pytest.mark.parametrize(("activation", "dialect"), PAIRS, ids=[f"{each.name}-{dialect}" for each, dialect in PAIRS])
def test_every_keyword_of_a_framework_is_known(activation, dialect):
    """By the signatures of the frameworks that are installed."""
    call = activation.dialects[dialect].call
    if dialect == "onnx":
        keywords = attributes(call)
    else:
        pytest.importorskip(dialect)
        keywords = signature(dialect, call)
        assert keywords
    unknown = [keyword for keyword in keywords - _INPUTS - _PLUMBING - _LAYERS if not is_known(activation, keyword)]
    assert unknown == []


@pytest.mark.parametrize(
    ("name", "pasted", "own"),
    [
        ("softmax", {"dim": 0}, {"axis": 0}),
        ("glu", {"dim": 0}, {"axis": 0}),
        ("prelu", {"weight": 0.5}, {"slope": 0.5}),
        ("threshold", {"threshold": 1, "default_value": 3}, {"threshold": 1, "value_below": 3}),
        ("gelu", {"approximate": "tanh"}, {"approximate": True}),
        ("gelu_tanh", {"approximate": "tanh"}, {}),
        ("selu", {"alpha": 1.6732631921768188, "gamma": "1.0507010221481323"}, {}),
        ("softplus", {"threshold": float("inf")}, {"threshold": None}),
        ("swiglu", {"limit": "inf"}, {}),
    ],
)
def test_a_pasted_keyword_is_the_parameter(name, pasted, own):
    """In the library."""
    x = [[-2.0, 1.0], [0.5, 40.0]]
    found = actcli.evaluate(name, x, **pasted)
    assert found.tolist() == actcli.evaluate(name, x, **own).tolist()


@pytest.mark.parametrize(
    ("name", "pasted", "message"),
    [
        ("selu", {"alpha": 2}, "selu: alpha is 1.6732632423543772 by definition, got 2"),
        ("selu", {"gamma": "one"}, "selu: gamma must be a number, got 'one'"),
        ("gelu_tanh", {"approximate": "none"}, "gelu_tanh: approximate is True by definition, got 'none'"),
        ("relu", {"inplace": True}, "relu has no parameter 'inplace': inputs are never modified; leave it out"),
        ("rrelu", {"training": False}, "rrelu has no parameter 'training': functions are those of inference"),
        ("rrelu", {"lower": 0.5}, "rrelu: lower must be <= upper, got 0.5 and 1/3"),
        ("rrelu", {"lower": 0.5, "upper": 0.25}, "rrelu: lower must be <= upper, got 0.5 and 0.25"),
        ("rrelu", {"upper": 0.1}, "rrelu: lower must be <= upper, got 1/8 and 0.1"),
        ("logit", {"eps": "inf"}, "logit: eps must be finite, got 'inf'"),
        ("softplus", {"threshold": "-inf"}, "softplus: threshold must be finite, got '-inf'"),
    ],
)
def test_what_the_definition_does_not_allow_is_refused(name, pasted, message):
    """PyTorch refuses the bounds of rrelu, too."""
    with pytest.raises(actcli.ActcliError) as error:
        actcli.evaluate(name, [1.0], **pasted)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("pasted", "own"),
    [
        ("relu 1 9 --max_value 3", "relu 1 9 --max-value 3"),
        ("relu 1 9 --max_value=3 --to=json", "relu 1 9 --max-value 3 --format json"),
        ("relu 1 9 max_value=3,", "relu 1 9 --max-value 3"),
        ("relu -1 alpha='0.5'", "relu -1 --negative-slope 0.5"),
        ("relu -1 --source_format csv", "relu -1 --source-format csv"),
        ("softmax 1 2 dim=-1", "softmax 1 2 --axis -1"),
        ("prelu -1 weight=0.25", "prelu -1 --slope 0.25"),
        ("prelu -1 -2 weight=[0.25,0.5]", "prelu -1 -2 --slope 0.25,0.5"),
        ("snake 1 2 --alpha (0.25,0.5)", "snake 1 2 --alpha 0.25,0.5"),
        ("swiglu 1 2 --up_offset=1", "swiglu 1 2 --up-offset 1"),
        (
            "relu 1 --quantize int8 --input_scale 1 --output_scale=1",
            "relu 1 --quantize int8 --input-scale 1 --output-scale 1",
        ),
        ("gelu 1 --approximate tanh", "gelu 1 --approximate"),
        ("gelu 1 --approximate=tanh", "gelu 1 --approximate"),
        ('gelu approximate="tanh" 1', "gelu 1 --approximate"),
        ("gelu 1 approximate=True", "gelu 1 --approximate"),
        ("gelu 1 --approximate none --dialect jax", "gelu 1 --no-approximate --dialect jax"),
        ("gelu_tanh 1 --approximate tanh", "gelu_tanh 1"),
        ("selu 1 --alpha 1.6732632", "selu 1"),
        ("compare gelu tanh 1 --approximate", "compare gelu tanh --approximate 1"),
        ("compare gelu elu 1 approximate=tanh alpha=2", "compare gelu elu 1 --approximate --alpha 2"),
        ("compare --approximate gelu tanh 1", "compare gelu tanh 1 --approximate"),
    ],
)
def test_a_pasted_keyword_is_the_option(pasted, own):
    """On the command line: with underscores, an equals sign, quotes or a comma."""
    if "source_format" in pasted:
        assert complaint(*pasted.split()) == complaint(*own.split())
    else:
        assert output(*pasted.split()) == output(*own.split())


def test_a_file_may_be_named_as_a_keyword_is(tmp_path, monkeypatch):
    """What exists is a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alpha=0.5").write_text("x\n-1\n")
    assert output("relu", "alpha=0.5", "--only") == "x_relu\n0.0\n"
    assert output("relu", "--", "alpha=0.5").splitlines()[0] == "x,x_relu"


def test_the_value_of_an_option_may_be_named_as_a_keyword_is():
    """A column, or what a kernel is called with; behind a switch it is a keyword."""
    table = "alpha=0.5,b\n-1,2\n"
    assert output("relu", "-c", "alpha=0.5", "--only", stdin=table) == "alpha=0.5_relu\n0.0\n"
    assert output("relu", "--columns", "alpha=0.5", "--only", stdin=table) == "alpha=0.5_relu\n0.0\n"
    assert output("relu", "--derivative", "alpha=0.5", "-1") == output("relu", "--derivative", "--alpha", "0.5", "-1")


IN_DOUBLE = {
    ("leaky_relu", -1.0): ({}, -0.009999999776482582),
    ("leaky_relu", -2.0): ({"alpha": 0.1}, -0.20000000298023224),
    ("thresholded_relu", 0.1): ({"alpha": 0.1}, 0.0),
    ("hard_sigmoid", 0.7): ({}, 0.6400000020861626),
    ("hard_sigmoid", -1.0): ({"alpha": 0.1, "beta": 0.3}, 0.20000001043081284),
    ("shrink", -1.0): ({"lambd": 0.1, "bias": 0.3}, -0.699999988079071),
}
"""What the reference evaluator of onnx 1.23.2 returns for float64 inputs."""


@pytest.mark.parametrize(("name", "x"), IN_DOUBLE)
def test_attributes_of_onnx_are_float32_numbers(name, x):
    """In float64 too: defaults and what is given; elsewhere they are as given."""
    given, expected = IN_DOUBLE[name, x]
    found = actcli.evaluate(name, np.array([x]), dialect="onnx", **given)
    np.testing.assert_allclose(found, [expected], rtol=3e-16)
    rounded = {key: float(np.float32(number)) for key, number in given.items()}
    np.testing.assert_array_equal(found, actcli.evaluate(name, np.array([x]), dialect="onnx", **rounded))


def test_inputs_of_onnx_are_float64_numbers():
    """The slope of PRelu is a tensor of the dtype of x."""
    assert actcli.evaluate("prelu", [-1.0], slope=0.1, dtype="float64", dialect="onnx").tolist() == [-0.1]
    assert actcli.evaluate("leaky_relu", [-1.0], alpha=0.1, dtype="float64").tolist() == [-0.1]


@pytest.mark.parametrize("activation", registered(), ids=actcli.activations())
def test_what_is_fixed_and_ascending_is_what_frameworks_have(activation):
    """No parameter is both its own and fixed; those in order are parameters."""
    spellings = {s for name, parameter in activation.parameters.items() for s in (name, *parameter.spellings)}
    assert not spellings & set(activation.fixed)
    assert set(activation.ascending) <= set(activation.parameters)
    if not issubclass(activation, Packed):
        assert actcli.evaluate(activation.name, [1.0], **NEEDED[activation.name], **activation.fixed).shape == (1,)
