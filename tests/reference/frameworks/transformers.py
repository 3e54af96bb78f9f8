"""Transformers' table of activations, ``ACT2FN``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from frameworks.entry import Framework, function, required
from frameworks.torch import torch_derivative

if TYPE_CHECKING:
    from collections.abc import Callable


def transformers() -> Framework:
    """Return Transformers, with its activations under the names of actcli."""
    import torch
    from transformers.activations import ACT2FN

    elementwise = {
        "linear": function(ACT2FN["linear"]),
        "relu": function(ACT2FN["relu"]),
        "relu6": function(ACT2FN["relu6"]),
        "relu_squared": function(ACT2FN["relu2"]),
        "leaky_relu": function(ACT2FN["leaky_relu"], negative_slope=0.01),
        "prelu": function(ACT2FN["prelu"], slope=0.25),
        "sigmoid": function(ACT2FN["sigmoid"]),
        "laplace": function(ACT2FN["laplace"]),
        "tanh": function(ACT2FN["tanh"]),
        "silu": function(ACT2FN["silu"], beta=1),
        "hard_silu": function(ACT2FN["hardswish"]),
        "quick_gelu": function(ACT2FN["quick_gelu"]),
        "gelu": function(ACT2FN["gelu"], approximate=False),
        "gelu_tanh": function(ACT2FN["gelu_new"]),
        "gelu_fast": function(ACT2FN["gelu_fast"]),
        "gelu_10": function(ACT2FN["gelu_10"]),
        "mish": function(ACT2FN["mish"]),
        "sqrt_softplus": function(ACT2FN["sqrtsoftplus"]),
    }

    along_axis = {
        "swiglu": required(
            _swiglu, *({"like": name} for name in ("llama", "gpt-oss", "minimax-m3", "deepseek-v4", "step-3.7"))
        ),
        "situ_glu": required(_situ_glu, {"like": "inkling2"}),
        "geglu": required(_geglu, {"like": "t5-1.1"}, {"like": "gemma"}),
    }

    def value(call: Callable[..., Any], x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return call(torch.from_numpy(x)).numpy()

    return Framework(("transformers", "torch"), elementwise, along_axis, value, torch_derivative)


def _swiglu(x: Any, like: str) -> Any:
    """Return what the gate of a model's feed-forward layer gives, with the settings of its configuration."""
    from transformers import DeepseekV4Config, GptOssConfig, MiniMaxM3VLTextConfig
    from transformers.activations import ACT2FN
    from transformers.models.deepseek_v4.modeling_deepseek_v4 import DeepseekV4Experts
    from transformers.models.gpt_oss.modeling_gpt_oss import GptOssExperts
    from transformers.models.minimax_m3_vl.modeling_minimax_m3_vl import MiniMaxM3VLExperts
    from transformers.models.step3p7.modeling_step3p7 import Step3p7Experts

    silu = ACT2FN["silu"]
    if like == "llama":  # LlamaMLP has it in the middle of its forward pass
        gate, up = x.chunk(2, dim=-1)
        return silu(gate) * up
    experts, settings = {
        "gpt-oss": (GptOssExperts, _alpha_and_limit(GptOssConfig())),
        "minimax-m3": (MiniMaxM3VLExperts, _alpha_and_limit(MiniMaxM3VLTextConfig())),
        "deepseek-v4": (DeepseekV4Experts, {"limit": DeepseekV4Config().swiglu_limit, "act_fn": silu}),
        "step-3.7": (Step3p7Experts, {"limit": 16.0, "act_fn": silu}),  # of the checkpoint's layers 43 and 44
    }[like]
    return experts._apply_gate(SimpleNamespace(**settings), x)


def _alpha_and_limit(config: Any) -> dict[str, float]:
    alpha, limit = config.swiglu_alpha, config.swiglu_limit
    return {"alpha": alpha, "limit": limit, "swiglu_alpha": alpha, "swiglu_limit": limit}


def _situ_glu(x: Any, like: str) -> Any:
    from transformers.models.inkling2.configuration_inkling2 import Inkling2TextConfig
    from transformers.models.inkling2.modeling_inkling2 import Inkling2SoftcappedSwiGLU

    return Inkling2SoftcappedSwiGLU(Inkling2TextConfig())(*x.chunk(2, dim=-1))


def _geglu(x: Any, like: str) -> Any:
    from transformers import GemmaConfig, T5Config
    from transformers.activations import ACT2FN

    name = GemmaConfig().hidden_act if like == "gemma" else T5Config(feed_forward_proj="gated-gelu").dense_act_fn
    gate, up = x.chunk(2, dim=-1)
    return ACT2FN[name](gate) * up
