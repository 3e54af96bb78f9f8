"""PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from frameworks.entry import ALPHA, EXACT, SHRINK, SLOPE, THRESHOLD, Framework, function, renamed, required, worded

if TYPE_CHECKING:
    from collections.abc import Callable


def torch() -> Framework:
    """Return PyTorch."""
    import torch
    from torch.nn import functional as f

    def prelu(x: Any, slope: float) -> Any:
        return f.prelu(x, torch.tensor([slope], dtype=x.dtype))

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
        "logit": function(torch.logit, {"eps": None}, {"eps": 0.25}),
        "tanh": function(torch.tanh),
        "hard_tanh": function(f.hardtanh, {"min_val": -1, "max_val": 1}, {"min_val": -2, "max_val": 0.5}),
        "softsign": function(f.softsign),
        "silu": function(f.silu, beta=1),
        "hard_silu": function(f.hardswish),
        "gelu": function(worded(f.gelu), EXACT),
        "gelu_tanh": function(lambda x: f.gelu(x, approximate="tanh")),
        "mish": function(f.mish),
        "sine": function(torch.sin, omega=1),
        "sinc": function(torch.sinc),
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
