"""Record what a framework returns, bit for bit, for every activation it has.

Run: python tests/reference/record_frameworks.py FRAMEWORK
FRAMEWORK is keras-tensorflow, keras-jax, keras-torch, torch, jax, onnx-reference, onnxruntime or keras2.
Writes tests/golden/frameworks/FRAMEWORK.csv: one row per input, with the bits of float32 input and output in
hexadecimal; for functions along an axis, the words of a whole row of numbers. Each function runs with the framework's
own defaults first (parameters empty; comments on top name those, as actcli does), then with some other settings.
Inputs go in as one array, on the CPU, eagerly. Derivatives come from the framework's automatic differentiation, with a
cotangent of ones. A NaN keeps the bits it came with.
Needs NumPy and the framework, not actcli; for keras2 that is TensorFlow 2.4.1, hence a script that Python 3.8 runs:
pip install tensorflow==2.4.1 "protobuf<3.20"
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "frameworks"


class Function(NamedTuple):
    """How a framework is asked for one activation, in the names of actcli."""

    call: Callable[..., Any]
    defaults: dict[str, Any] | None  # what it takes when nothing is given; None: there must be something
    others: tuple[dict[str, Any], ...]
    fixed: dict[str, Any]  # parameters of actcli that are constants here


class Framework(NamedTuple):
    """The activations of a framework and how to run them on a NumPy array."""

    packages: tuple[str, ...]
    elementwise: dict[str, Function]
    along_axis: dict[str, Function]
    value: Callable[..., np.ndarray]
    derivative: Callable[..., np.ndarray] | None = None
    notes: tuple[str, ...] = ()


def function(call: Callable[..., Any], defaults: dict[str, Any] | None = None, *others: dict, **fixed: Any) -> Function:
    """Say how an activation is called: its defaults, other settings worth recording, and its constants."""
    return Function(call, defaults or {}, others, fixed)


def required(call: Callable[..., Any], *settings: dict[str, Any]) -> Function:
    """Say how an activation is called that has a parameter without default."""
    return Function(call, None, settings, {})


def renamed(call: Callable[..., Any], **names: str) -> Callable[..., Any]:
    """Translate actcli's names of parameters (on the left) to the framework's."""
    return lambda x, **given: call(x, **{names.get(name, name): setting for name, setting in given.items()})


def worded(call: Callable[..., Any]) -> Callable[..., Any]:
    """Give approximate as the word that PyTorch and ONNX want."""
    return lambda x, **given: call(x, **{name: "tanh" if setting else "none" for name, setting in given.items()})


# Every combination of the Keras options of relu that takes another way through the code or meets another kink.
RELU = (
    {"negative_slope": 0.1},
    {"max_value": 2},
    {"max_value": 6},
    {"threshold": 1},
    {"threshold": -1},
    {"negative_slope": 0.1, "max_value": 2},
    {"negative_slope": 0.1, "threshold": 1},
    {"negative_slope": 0.1, "max_value": 3, "threshold": 1},
    {"max_value": 2, "threshold": 3},
)
SLOPE, ALPHA, SHRINK = {"negative_slope": 0.5}, {"alpha": 2}, {"threshold": 2}
THRESHOLD = {"threshold": 0.5, "value": -1}
EXACT, TANH = {"approximate": False}, {"approximate": True}


def keras(backend: str, packages: tuple[str, ...], derivative: Callable[..., np.ndarray], *notes: str) -> Framework:
    """Return Keras 3 on one of its backends."""
    os.environ["KERAS_BACKEND"] = backend
    import keras
    from keras import activations as a

    def prelu(x: Any, slope: float) -> Any:
        return keras.layers.PReLU(alpha_initializer=keras.initializers.Constant(slope))(x[None])[0]

    elementwise = {
        "linear": function(a.linear),
        "relu": function(a.relu, {"negative_slope": 0, "max_value": None, "threshold": 0}, *RELU),
        "relu6": function(a.relu6),
        "leaky_relu": function(a.leaky_relu, {"negative_slope": 0.2}, SLOPE),
        "prelu": required(prelu, {"slope": 0.25}),
        "threshold": required(renamed(a.threshold, value="default_value"), THRESHOLD),
        "thresholded_relu": required(renamed(a.relu, theta="threshold"), {"theta": 0.5}),
        "elu": function(a.elu, {"alpha": 1}, ALPHA),
        "celu": function(a.celu, {"alpha": 1}, ALPHA),
        "selu": function(a.selu),
        "softplus": function(a.softplus, beta=1, threshold=None),
        "squareplus": function(a.squareplus, {"b": 4}, {"b": 1}),
        "sparse_plus": function(a.sparse_plus),
        "log_sigmoid": function(a.log_sigmoid),
        "sigmoid": function(a.sigmoid),
        "hard_sigmoid": function(a.hard_sigmoid, slope=1 / 6, offset=0.5),
        "sparse_sigmoid": function(a.sparse_sigmoid),
        "tanh": function(a.tanh),
        "hard_tanh": function(a.hard_tanh, min_val=-1, max_val=1),
        "softsign": function(a.softsign),
        "exponential": function(a.exponential),
        "silu": function(a.silu, beta=1),
        "hard_silu": function(a.hard_silu),
        "gelu": function(a.gelu, EXACT),
        "gelu_tanh": function(lambda x: a.gelu(x, approximate=True)),
        "mish": function(a.mish),
        "tanh_shrink": function(a.tanh_shrink),
        "soft_shrink": function(a.soft_shrink, {"threshold": 0.5}, SHRINK),
        "hard_shrink": function(a.hard_shrink, {"threshold": 0.5}, SHRINK),
    }
    along_axis = {
        "softmax": function(a.softmax),
        "log_softmax": function(a.log_softmax),
        "sparsemax": function(a.sparsemax),
        "glu": function(a.glu),
    }

    def value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        return keras.ops.convert_to_numpy(call(keras.ops.convert_to_tensor(x)))

    return Framework(("keras", *packages), elementwise, along_axis, value, derivative, notes)


def keras_tensorflow() -> Framework:
    """Return Keras 3 on TensorFlow."""
    note = (
        "oneDNN's kernels are on, as TensorFlow has them; without, softmax makes NaN of a whole row with +inf or NaN."
    )
    return keras("tensorflow", ("tensorflow",), tensorflow_derivative, note)


def keras_jax() -> Framework:
    """Return Keras 3 on JAX."""
    return keras("jax", ("jax", "jaxlib"), jax_derivative)


def keras_torch() -> Framework:
    """Return Keras 3 on PyTorch."""
    return keras("torch", ("torch",), torch_derivative)


def keras2() -> Framework:
    """Return tf.keras of TensorFlow 2."""
    import tensorflow as tf
    from tensorflow.keras import activations as a
    from tensorflow.keras import layers

    def prelu(x: Any, slope: float) -> Any:
        return layers.PReLU(alpha_initializer=tf.keras.initializers.Constant(slope))(x[None])[0]

    elementwise = {
        "linear": function(a.linear),
        "relu": function(
            renamed(a.relu, negative_slope="alpha"), {"negative_slope": 0, "max_value": None, "threshold": 0}, *RELU
        ),
        "relu6": function(lambda x: a.relu(x, max_value=6)),
        "leaky_relu": function(layer(layers.LeakyReLU, negative_slope="alpha"), {"negative_slope": 0.3}, SLOPE),
        "prelu": required(prelu, {"slope": 0.25}),
        "thresholded_relu": function(layer(layers.ThresholdedReLU), {"theta": 1}, {"theta": 0.5}),
        "elu": function(a.elu, {"alpha": 1}, ALPHA),
        "selu": function(a.selu),
        "softplus": function(a.softplus, beta=1, threshold=None),
        "sigmoid": function(a.sigmoid),
        "hard_sigmoid": function(a.hard_sigmoid, slope=0.2, offset=0.5),
        "tanh": function(a.tanh),
        "softsign": function(a.softsign),
        "exponential": function(a.exponential),
        "silu": function(a.swish, beta=1),
        "gelu": function(a.gelu, EXACT),
        "gelu_tanh": function(lambda x: a.gelu(x, approximate=True)),
    }
    along_axis = {"softmax": function(a.softmax)}

    def value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        return call(tf.constant(x)).numpy()

    notes = ("leaky_relu, prelu and thresholded_relu are layers here.",)
    return Framework(("tensorflow",), elementwise, along_axis, value, tensorflow_derivative, notes)


def layer(make: Callable[..., Any], **names: str) -> Callable[..., Any]:
    """Call a layer as if it were a function."""
    return renamed(lambda x, **given: make(**given)(x), **names)


def tensorflow_derivative(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    """Differentiate by GradientTape."""
    import tensorflow as tf

    point = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(point)
        y = call(point)
    return tape.gradient(y, point).numpy()


def torch() -> Framework:
    """Return PyTorch."""
    import torch
    from torch.nn import functional as f

    def prelu(x: Any, slope: float) -> Any:
        return f.prelu(x, torch.tensor([slope]))

    elementwise = {
        "linear": function(torch.nn.Identity()),
        "relu": function(f.relu),
        "relu6": function(f.relu6),
        "leaky_relu": function(f.leaky_relu, {"negative_slope": 0.01}, SLOPE),
        "prelu": required(prelu, {"slope": 0.25}),
        "rrelu": function(f.rrelu, {"lower": 1 / 8, "upper": 1 / 3}, {"lower": 0.25, "upper": 0.5}),
        "threshold": required(f.threshold, THRESHOLD),
        "thresholded_relu": required(lambda x, theta: f.threshold(x, theta, 0.0), {"theta": 0.5}),
        "elu": function(f.elu, {"alpha": 1}, ALPHA),
        "celu": function(f.celu, {"alpha": 1}, ALPHA),
        "selu": function(f.selu),
        "softplus": function(f.softplus, {"beta": 1, "threshold": 20}, {"beta": 2}, {"threshold": 3}),
        "log_sigmoid": function(f.logsigmoid),
        "sigmoid": function(torch.sigmoid),
        "hard_sigmoid": function(f.hardsigmoid, slope=1 / 6, offset=0.5),
        "tanh": function(torch.tanh),
        "hard_tanh": function(f.hardtanh, {"min_val": -1, "max_val": 1}, {"min_val": -2, "max_val": 0.5}),
        "softsign": function(f.softsign),
        "silu": function(f.silu, beta=1),
        "hard_silu": function(f.hardswish),
        "gelu": function(worded(f.gelu), EXACT),
        "gelu_tanh": function(lambda x: f.gelu(x, approximate="tanh")),
        "mish": function(f.mish),
        "tanh_shrink": function(f.tanhshrink),
        "soft_shrink": function(renamed(f.softshrink, threshold="lambd"), {"threshold": 0.5}, SHRINK),
        "hard_shrink": function(renamed(f.hardshrink, threshold="lambd"), {"threshold": 0.5}, SHRINK),
    }
    along_axis = {
        "softmax": function(lambda x: f.softmax(x, dim=-1)),
        "log_softmax": function(lambda x: f.log_softmax(x, dim=-1)),
        "softmin": function(lambda x: f.softmin(x, dim=-1)),
        "glu": function(f.glu),
    }

    def value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        return call(torch.from_numpy(x)).numpy()

    notes = ("rrelu is in evaluation mode.",)
    return Framework(("torch",), elementwise, along_axis, value, torch_derivative, notes)


def torch_derivative(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    """Differentiate by autograd."""
    import torch

    point = torch.from_numpy(x).requires_grad_()
    y = call(point)
    return torch.autograd.grad(y, point, torch.ones_like(y))[0].numpy()


def jax() -> Framework:
    """Return JAX."""
    import jax
    from jax import nn

    elementwise = {
        "linear": function(nn.identity),
        "relu": function(nn.relu),
        "relu6": function(nn.relu6),
        "leaky_relu": function(nn.leaky_relu, {"negative_slope": 0.01}, SLOPE),
        "elu": function(nn.elu, {"alpha": 1}, ALPHA),
        "celu": function(nn.celu, {"alpha": 1}, ALPHA),
        "selu": function(nn.selu),
        "softplus": function(nn.softplus, beta=1, threshold=None),
        "squareplus": function(nn.squareplus, {"b": 4}, {"b": 1}),
        "sparse_plus": function(nn.sparse_plus),
        "log_sigmoid": function(nn.log_sigmoid),
        "sigmoid": function(nn.sigmoid),
        "hard_sigmoid": function(nn.hard_sigmoid, slope=1 / 6, offset=0.5),
        "sparse_sigmoid": function(nn.sparse_sigmoid),
        "tanh": function(nn.tanh),
        "hard_tanh": function(nn.hard_tanh, min_val=-1, max_val=1),
        "softsign": function(nn.soft_sign),
        "silu": function(nn.silu, beta=1),
        "hard_silu": function(nn.hard_silu),
        "gelu": function(nn.gelu, TANH, EXACT),
        "gelu_tanh": function(lambda x: nn.gelu(x, approximate=True)),
        "mish": function(nn.mish),
    }
    along_axis = {
        "softmax": function(nn.softmax),
        "log_softmax": function(nn.log_softmax),
        "glu": function(nn.glu),
    }

    def value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        return np.asarray(call(jax.numpy.asarray(x)))

    return Framework(("jax", "jaxlib"), elementwise, along_axis, value, jax_derivative)


def jax_derivative(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    """Differentiate by the vector-Jacobian product."""
    import jax

    y, pulled_back = jax.vjp(call, jax.numpy.asarray(x))
    return np.asarray(pulled_back(jax.numpy.ones_like(y))[0])


def onnx(run: Callable[..., np.ndarray], opset: int, packages: tuple[str, ...]) -> Framework:
    """Return the operators of ONNX, each a model of one node, as one of its implementations runs them."""
    from onnx import TensorProto, helper, numpy_helper

    def evaluated(feeds: dict[str, np.ndarray], constants: dict[str, np.ndarray], node: Any) -> np.ndarray:
        entries = [helper.make_tensor_value_info(name, TensorProto.FLOAT, x.shape) for name, x in feeds.items()]
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        numbers = [numpy_helper.from_array(number.astype(np.float32), name) for name, number in constants.items()]
        graph = helper.make_graph([node], "one", entries, [y], numbers)
        opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
        return run(helper.make_model(graph, opset_imports=opsets), feeds)

    def operator(name: str, domain: str = "", **names: str) -> Callable[..., Any]:
        def call(x: np.ndarray, **given: Any) -> np.ndarray:
            attributes = {
                key: setting if isinstance(setting, str) else float(setting) for key, setting in given.items()
            }
            return evaluated({"x": x}, {}, helper.make_node(name, ["x"], ["y"], domain=domain, **attributes))

        return renamed(call, **names)

    def with_inputs(name: str, *names: str) -> Callable[..., Any]:
        def call(x: np.ndarray, **given: float) -> np.ndarray:
            constants = {key: np.array(given[key]) for key in names}
            return evaluated({"x": x}, constants, helper.make_node(name, ["x", *names], ["y"]))

        return call

    def recurrent(name: str) -> Callable[..., Any]:
        def call(x: np.ndarray, alpha: float, beta: float) -> np.ndarray:
            settings = {"activations": [name], "activation_alpha": [float(alpha)], "activation_beta": [float(beta)]}
            node = helper.make_node("RNN", ["x", "w", "r"], ["y"], hidden_size=1, **settings)
            return evaluated(
                {"x": x.reshape(1, -1, 1)}, {"w": np.ones((1, 1, 1)), "r": np.zeros((1, 1, 1))}, node
            ).ravel()

        return call

    def swiglu(x: np.ndarray, **given: float) -> np.ndarray:
        attributes = {"alpha": float(given["beta"])} if given else {}
        gate, values = np.split(x, 2, axis=-1)
        return evaluated({"a": gate, "b": values}, {}, helper.make_node("SwiGLU", ["a", "b"], ["y"], **attributes))

    clip, shrink = with_inputs("Clip", "min_val", "max_val"), operator("Shrink")
    with_ort = "onnxruntime" in packages
    elementwise = {
        "linear": function(operator("Identity")),
        "relu": function(operator("Relu")),
        "relu6": function(lambda x: clip(x, min_val=0, max_val=6)),
        "leaky_relu": function(operator("LeakyRelu", negative_slope="alpha"), {"negative_slope": 0.01}, SLOPE),
        "prelu": required(with_inputs("PRelu", "slope"), {"slope": 0.25}),
        "thresholded_relu": function(operator("ThresholdedRelu", theta="alpha"), {"theta": 1}, {"theta": 0.5}),
        "elu": function(operator("Elu"), {"alpha": 1}, ALPHA),
        "celu": function(operator("Celu"), {"alpha": 1}, ALPHA),
        "selu": function(operator("Selu")),
        "softplus": function(operator("Softplus"), beta=1, threshold=None),
        "sigmoid": function(operator("Sigmoid")),
        "hard_sigmoid": function(
            operator("HardSigmoid", slope="alpha", offset="beta"),
            {"slope": 0.2, "offset": 0.5},
            {"slope": 0.5, "offset": 0.25},
        ),
        "tanh": function(operator("Tanh")),
        "hard_tanh": required(clip, {"min_val": -1, "max_val": 1}, {"min_val": -2, "max_val": 0.5}),
        "softsign": function(operator("Softsign")),
        "affine": required(recurrent("Affine"), {"alpha": 1.5, "beta": 0.25}),
        "exponential": function(operator("Exp")),
        "silu": function(operator("Swish", beta="alpha"), {"beta": 1}, {"beta": 2}),
        "hard_silu": function(operator("HardSwish")),
        "gelu": function(worded(operator("Gelu")), EXACT),
        "gelu_tanh": function(lambda x: operator("Gelu")(x, approximate="tanh")),
        "mish": function(operator("Mish")),
        "soft_shrink": required(
            lambda x, threshold: shrink(x, lambd=threshold, bias=threshold), {"threshold": 0.5}, SHRINK
        ),
        "hard_shrink": required(lambda x, threshold: shrink(x, lambd=threshold, bias=0), {"threshold": 0.5}, SHRINK),
        "shrink": function(shrink, {"lambd": 0.5, "bias": 0}, {"lambd": 1, "bias": 0.25}),
    }
    along_axis = {
        "softmax": function(operator("Softmax")),
        "log_softmax": function(operator("LogSoftmax")),
        "hardmax": function(operator("Hardmax")),
    }
    notes = [f"Operator set {opset}. hard_tanh and relu6 are Clip, soft_shrink and hard_shrink are Shrink."]
    if with_ort:
        elementwise["scaled_tanh"] = required(recurrent("ScaledTanh"), {"alpha": 1.5, "beta": 0.25})
        elementwise["quick_gelu"] = function(operator("QuickGelu", domain="com.microsoft"), {"alpha": 1.702})
        notes.append(
            "affine and scaled_tanh are activations of RNN, with weight 1, which adds 0 to x: -0 becomes 0 before."
        )
    else:
        elementwise["quick_gelu"] = function(lambda x: operator("Swish")(x, alpha=1.702), alpha=1.702)
        along_axis["swiglu"] = function(swiglu, {"beta": 1}, {"beta": 2})
        notes.append("affine is an activation of RNN, with weight 1, which adds 0 to x: -0 becomes 0 before.")
        notes.append(
            "quick_gelu is Swish. swiglu: the first half of x is the gate (input A), the second the value (input B)."
        )
    return Framework(packages, elementwise, along_axis, lambda call, x: call(x), None, tuple(notes))


def onnx_reference() -> Framework:
    """Return the reference evaluator of ONNX."""
    from onnx.defs import onnx_opset_version
    from onnx.reference import ReferenceEvaluator

    return onnx(lambda model, feeds: ReferenceEvaluator(model).run(None, feeds)[0], onnx_opset_version(), ("onnx",))


def onnxruntime() -> Framework:
    """Return ONNX Runtime, with the newest operator set in which it runs Swish."""
    from onnxruntime import InferenceSession

    def run(model: Any, feeds: dict[str, np.ndarray]) -> np.ndarray:
        return InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, feeds)[0]

    return onnx(run, 24, ("onnxruntime", "onnx"))


FRAMEWORKS = {
    "keras-tensorflow": keras_tensorflow,
    "keras-jax": keras_jax,
    "keras-torch": keras_torch,
    "torch": torch,
    "jax": jax,
    "onnx-reference": onnx_reference,
    "onnxruntime": onnxruntime,
    "keras2": keras2,
}


def inputs() -> np.ndarray:
    """Return some 300 float32 numbers: edges of the format, kinks and their neighbours, everyday numbers, tails."""
    edges = [np.inf, -np.inf, np.nan, 0.0, -0.0]
    format = np.finfo(np.float32)
    small = [
        np.float32(2.0**-149),
        format.tiny,
        format.max,
        1e-30,
        1e-8,
        1e-4,
        1e-3,
        0.01,
        0.1,
        0.3,
        0.7,
        1.1,
        np.e,
        np.pi,
    ]
    everyday = [0.013, 0.027, 0.06, 0.15, 0.22, 0.35, 0.44, 0.57, 0.62, 0.83, 0.95, 1.3, 1.45, 1.7, 1.9, 2.2, 2.7, 3.3]
    everyday += [3.7, 4.4, 5.3, 6.7, 7.1, 8.3, 9.9]
    tails = [15, 18, 20.5, 25, 40, 88, 89, 100, 104, 1000, 1e4, 1e10]
    kinks = np.array([0.5, 1, 2, 2.5, 3, 6], np.float32)
    beside = [*np.nextafter(kinks, np.float32(0)), *np.nextafter(kinks, np.float32(np.inf))]
    positive = [*small, *kinks, *beside, *everyday, *tails]
    numbers = [*edges, *positive, *(-x for x in positive), *range(-20, 21), *np.linspace(-12, 12, 193)]
    bits = dict.fromkeys(np.array(numbers, np.float32).view(np.uint32).tolist())  # each once, in this order
    return np.array(list(bits), np.uint32).view(np.float32)


def rows() -> np.ndarray:
    """Return rows of six float32 numbers: everyday ones, ties, large ones, infinities, NaN."""
    inf, nan, largest = np.inf, np.nan, np.finfo(np.float32).max
    numbers = [
        [0.3, -2, 1, 0.5, -0.7, 2.2],
        [1, 2, 3, 4, 5, 6],
        [0.1, 1.1, 0.2, 1.1, -0.4, 0.9],
        [1, 1, 1, 1, 1, 1],
        [0.0, -0.0, 0.0, 0.0, -0.0, -0.0],
        [3, -1, 3, 2.5, 3, -8],
        [1000, 1000, -1000, 0, 999, 500],
        [-1e4, -88, -89, -100, -104, -87],
        [1e8, 99999992, 0, 20, -1e10, 1e8],
        [largest, -largest, 1e30, 1, -1, largest],
        [1e-8, -1e-30, 2.0**-149, 2.0**-126, -1e-4, 0.01],
        [-inf, 1, 2, -3, -inf, 0.5],
        [inf, 1, 2, -3, 0, 0.5],
        [inf, inf, -inf, 1, -2, 3],
        [-inf, -inf, -inf, -inf, -inf, -inf],
        [1, nan, 5, 2, -1, 0],
    ]
    return np.array(numbers, np.float32)


def bits(numbers: np.ndarray) -> list[str]:
    """Return the bits of each number, or of each row of numbers, in hexadecimal."""
    words = np.ascontiguousarray(numbers).view(np.uint32)
    return [" ".join(f"{word:08x}" for word in np.atleast_1d(row)) for row in words]


def text(parameters: dict[str, Any]) -> str:
    """Return parameters as the files write them, such as negative_slope=0.1;threshold=1."""
    return ";".join(f"{name}={setting}" for name, setting in parameters.items())


def recorded(framework: Framework, name: str, entry: Function, x: np.ndarray, kinds: dict[str, Any]) -> list[str]:
    """Return the lines of one function, each setting first by its values and then by its derivatives."""
    lines = []
    for setting in ([] if entry.defaults is None else [{}]) + list(entry.others):
        for kind, run in kinds.items():
            y = run(lambda point, given=setting: entry.call(point, **given), x)
            if y.dtype != np.float32 or len(y) != len(x):
                raise SystemExit(f"{name}: {len(y)} rows of {y.dtype}")
            answers = bits(y)
            lines += [f"{name},{text(setting)},{kind},{point},{answers[i]}" for i, point in enumerate(bits(x))]
    if entry.defaults and bits(framework.value(lambda point: entry.call(point, **entry.defaults), x)) != bits(
        framework.value(entry.call, x)
    ):
        raise SystemExit(f"{name}: its defaults are not {text(entry.defaults)}")
    return lines


def vector_instructions() -> list[str]:
    """Return which of the extensions this processor has that choose a framework's kernels, where Linux tells."""
    cpu = Path("/proc/cpuinfo")
    flags = cpu.read_text().split() if cpu.exists() else []
    return [flag for flag in ("avx", "avx2", "fma", "avx512f") if flag in flags]


def record(name: str) -> list[str]:
    """Return the lines of a framework's file."""
    framework = FRAMEWORKS[name]()
    packages = ", ".join(
        f"{package} {importlib.metadata.version(package)}" for package in (*framework.packages, "numpy")
    )
    lines = [
        f"# {packages}; Python {platform.python_version()}",
        f"# {platform.system()} {platform.machine()}{''.join(f' {flag}' for flag in vector_instructions())}",
        f"# Recorded {datetime.date.today()} by: python tests/reference/record_frameworks.py {name}",
        *(f"# {note}" for note in framework.notes),
    ]
    everything = {**framework.elementwise, **framework.along_axis}
    for function, entry in everything.items():
        known = {**(entry.defaults or {}), **entry.fixed}
        lines += [f"# {'Fixed' if entry.fixed else 'Default'} in {function}: {text(known)}"] if known else []
    lines.append("function,parameters,kind,x,y")
    both = {"value": framework.value, "derivative": framework.derivative}
    kinds = {kind: run for kind, run in both.items() if run}
    for function, entry in framework.elementwise.items():
        lines += recorded(framework, function, entry, inputs(), kinds)
    for function, entry in framework.along_axis.items():
        lines += recorded(framework, function, entry, rows(), {"value": framework.value})
    return lines


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("framework", choices=FRAMEWORKS, metavar="FRAMEWORK")
    name = parser.parse_args().framework
    os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)
    os.environ.update(CUDA_VISIBLE_DEVICES="-1", JAX_PLATFORMS="cpu", TF_CPP_MIN_LOG_LEVEL="2")
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    lines = record(name)
    GOLDEN.mkdir(parents=True, exist_ok=True)
    path = GOLDEN / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {sum(not line.startswith('#') for line in lines) - 1} rows, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
