"""ONNX, by its reference evaluator and by ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from frameworks.entry import ALPHA, EXACT, SHRINK, SLOPE, Framework, function, renamed, required, worded

if TYPE_CHECKING:
    from collections.abc import Callable


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
        "sine": function(operator("Sin"), omega=1),
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
