"""MLX, on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from frameworks.entry import ALPHA, SHRINK, SLOPE, Framework, function, renamed

if TYPE_CHECKING:
    from collections.abc import Callable


def mlx() -> Framework:
    """Return MLX."""
    import mlx.core as mx
    from mlx import nn

    mx.set_default_device(mx.cpu)

    def prelu(x: Any, slope: float = 0.25) -> Any:
        return nn.prelu(x, mx.array(slope, x.dtype))

    def step(x: Any, threshold: float = 0.0) -> Any:
        return nn.step(x, threshold).astype(x.dtype)

    elementwise = {
        "relu": function(nn.relu),
        "relu6": function(nn.relu6),
        "relu_squared": function(nn.relu2),
        "leaky_relu": function(nn.leaky_relu, {"negative_slope": 0.01}, SLOPE),
        "prelu": function(prelu, {"slope": 0.25}, {"slope": 0.01}),
        "step": function(step, {"threshold": 0}, {"threshold": 0.5}, at_threshold=1),
        "elu": function(nn.elu, {"alpha": 1}, ALPHA),
        "celu": function(nn.celu, {"alpha": 1}, ALPHA),
        "selu": function(nn.selu),
        "softplus": function(nn.softplus, beta=1, threshold=None),
        "log_sigmoid": function(nn.log_sigmoid),
        "sigmoid": function(mx.sigmoid),
        "tanh": function(mx.tanh),
        "hard_tanh": function(nn.hard_tanh, {"min_val": -1, "max_val": 1}, {"min_val": -2, "max_val": 0.5}),
        "softsign": function(nn.softsign),
        "silu": function(nn.silu, beta=1),
        "hard_silu": function(nn.hardswish),
        "quick_gelu": function(nn.gelu_fast_approx),
        "gelu": function(nn.gelu, approximate=False),
        "gelu_tanh": function(nn.gelu_approx),
        "mish": function(nn.mish),
        "soft_shrink": function(renamed(nn.softshrink, threshold="lambd"), {"threshold": 0.5}, SHRINK),
        "hard_shrink": function(renamed(nn.hard_shrink, threshold="lambd"), {"threshold": 0.5}, SHRINK),
    }
    along_axis = {
        "softmax": function(nn.softmax),
        "log_softmax": function(nn.log_softmax),
        "softmin": function(nn.softmin),
        "glu": function(nn.glu),
    }

    def value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        return np.array(call(mx.array(x)))

    def derivative(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        point = mx.array(x)
        return np.array(mx.vjp(call, [point], [mx.ones_like(point)])[1][0])

    return Framework(("mlx",), elementwise, along_axis, value, derivative)
