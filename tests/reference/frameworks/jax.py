"""JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from frameworks.entry import ALPHA, EXACT, SLOPE, TANH, Framework, function

if TYPE_CHECKING:
    from collections.abc import Callable


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
        "logit": function(jax.scipy.special.logit, eps=None),
        "tanh": function(nn.tanh),
        "hard_tanh": function(nn.hard_tanh, min_val=-1, max_val=1),
        "softsign": function(nn.soft_sign),
        "silu": function(nn.silu, beta=1),
        "hard_silu": function(nn.hard_silu),
        "gelu": function(nn.gelu, TANH, EXACT),
        "gelu_tanh": function(lambda x: nn.gelu(x, approximate=True)),
        "mish": function(nn.mish),
        "sine": function(jax.numpy.sin, omega=1),
        "sinc": function(jax.numpy.sinc),
    }
    along_axis = {
        "softmax": function(nn.softmax),
        "log_softmax": function(nn.log_softmax),
        "glu": function(nn.glu),
    }

    return Framework(("jax", "jaxlib"), elementwise, along_axis, jax_value, jax_derivative)


def jax_value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    """Evaluate in the precision of the array."""
    import jax

    with jax.enable_x64(x.dtype == np.float64):  # else it makes float32 of them
        return np.asarray(call(jax.numpy.asarray(x)))


def jax_derivative(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    """Differentiate by the vector-Jacobian product."""
    import jax

    with jax.enable_x64(x.dtype == np.float64):
        y, pulled_back = jax.vjp(call, jax.numpy.asarray(x))
        return np.asarray(pulled_back(jax.numpy.ones_like(y))[0])
