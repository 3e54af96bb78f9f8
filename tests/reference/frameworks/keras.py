"""Keras 3 on its three backends, and tf.keras of TensorFlow 2."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from frameworks.entry import ALPHA, EXACT, SHRINK, SLOPE, THRESHOLD, Framework, function, renamed, required
from frameworks.jax import jax_derivative
from frameworks.torch import torch_derivative

if TYPE_CHECKING:
    from collections.abc import Callable


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
        "sine": function(keras.ops.sin, omega=1),
        "sinc": function(keras.ops.sinc),
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
