"""Flax, which has JAX's activations and one of its own."""

from __future__ import annotations

from typing import Any

from frameworks.entry import ALPHA, EXACT, SLOPE, TANH, Framework, function
from frameworks.jax import jax_derivative, jax_value


def flax() -> Framework:
    """Return Flax."""
    import jax
    from flax import linen

    def prelu(x: Any, slope: float = 0.01) -> Any:
        layer = linen.PReLU(negative_slope_init=slope)
        return layer.apply(layer.init(jax.random.key(0), x), x)

    elementwise = {
        "relu": function(linen.relu),
        "relu6": function(linen.relu6),
        "leaky_relu": function(linen.leaky_relu, {"negative_slope": 0.01}, SLOPE),
        "prelu": function(prelu, {"slope": 0.01}, {"slope": 0.25}),
        "elu": function(linen.elu, {"alpha": 1}, ALPHA),
        "celu": function(linen.celu, {"alpha": 1}, ALPHA),
        "selu": function(linen.selu),
        "softplus": function(linen.softplus, beta=1, threshold=None),
        "log_sigmoid": function(linen.log_sigmoid),
        "sigmoid": function(linen.sigmoid),
        "hard_sigmoid": function(linen.hard_sigmoid, slope=1 / 6, offset=0.5),
        "tanh": function(linen.tanh),
        "hard_tanh": function(linen.hard_tanh, min_val=-1, max_val=1),
        "softsign": function(linen.soft_sign),
        "silu": function(linen.silu, beta=1),
        "hard_silu": function(linen.hard_silu),
        "gelu": function(linen.gelu, TANH, EXACT),
        "gelu_tanh": function(lambda x: linen.gelu(x, approximate=True)),
    }
    along_axis = {
        "softmax": function(linen.softmax),
        "log_softmax": function(linen.log_softmax),
        "glu": function(linen.glu),
    }
    return Framework(("flax", "jax", "jaxlib"), elementwise, along_axis, jax_value, jax_derivative)
