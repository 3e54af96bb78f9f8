"""ggml, on the CPU, through the package ggml-python."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np
from frameworks.entry import SLOPE, Framework, function, required

if TYPE_CHECKING:
    from collections.abc import Callable

_MEMORY = 2**24  # bytes for the tensors of one graph


def ggml() -> Framework:
    """Return ggml; a function takes the context and a tensor, and what ggml adds to these."""
    import ggml

    def unary(name: str) -> Callable[..., Any]:
        return lambda point: getattr(ggml, name)(*point)

    def leaky_relu(point: Any, negative_slope: float) -> Any:
        return ggml.ggml_leaky_relu(*point, negative_slope, False)

    def xielu(point: Any, alpha_p: float, alpha_n: float, beta: float) -> Any:
        return ggml.ggml_xielu(*point, alpha_n, alpha_p, beta, 0.0)

    elementwise = {
        "relu": function(unary("ggml_relu")),
        "leaky_relu": required(leaky_relu, SLOPE),
        "step": function(unary("ggml_step"), threshold=0, at_threshold=0),
        "elu": function(unary("ggml_elu"), alpha=1),
        "exponential": function(unary("ggml_exp")),
        "softplus": function(unary("ggml_softplus"), beta=1, threshold=20),
        "sigmoid": function(unary("ggml_sigmoid")),
        "tanh": function(unary("ggml_tanh")),
        "hard_sigmoid": function(unary("ggml_hardsigmoid"), slope=1 / 6, offset=0.5),
        "silu": function(unary("ggml_silu"), beta=1),
        "hard_silu": function(unary("ggml_hardswish")),
        "quick_gelu": function(unary("ggml_gelu_quick")),
        "gelu": function(unary("ggml_gelu"), approximate=True),
        "gelu_tanh": function(unary("ggml_gelu")),
    }
    along_axis = {
        "softmax": function(unary("ggml_soft_max")),
        "swiglu": function(unary("ggml_swiglu")),
        "reglu": function(unary("ggml_reglu")),
        "geglu": function(unary("ggml_geglu"), approximate=True),
    }

    def value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        context = ggml.ggml_init(ggml.ggml_init_params(mem_size=_MEMORY, mem_buffer=None))
        try:
            rows = np.atleast_2d(x)
            tensor = ggml.ggml_new_tensor_2d(context, ggml.GGML_TYPE_F32, rows.shape[1], rows.shape[0])
            ctypes.memmove(ggml.ggml_get_data(tensor), rows.ctypes.data, rows.nbytes)
            result = call((context, tensor))
            graph = ggml.ggml_new_graph(context)
            ggml.ggml_build_forward_expand(graph, result)
            if ggml.ggml_graph_compute_with_ctx(context, graph, 1) != ggml.GGML_STATUS_SUCCESS:
                raise SystemExit("ggml did not compute")
            size = ggml.ggml_nelements(result)
            numbers = (ctypes.c_float * size).from_address(ggml.ggml_get_data(result))
            return np.array(numbers, np.float32).reshape(*x.shape[:-1], -1)
        finally:
            ggml.ggml_free(context)

    notes = ("gelu and gelu_quick look their results up by the input rounded to float16, as ggml does on the CPU.",)
    return Framework(("ggml-python",), elementwise, along_axis, value, None, notes)
