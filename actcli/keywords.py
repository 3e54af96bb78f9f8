"""The keyword arguments of ``evaluate`` and its like; made by tests/reference/write_docs.py."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsFloat, TypedDict

from numpy.typing import NDArray

Number = SupportsFloat | str
Numbers = Number | Sequence[Number] | NDArray[Any]
Switch = bool | Literal["true", "false", "tanh", "none"]


class Keywords(TypedDict, total=False):
    """Every parameter of every activation, under each of its spellings."""

    alpha: Number | Numbers
    alpha_init_value: Number
    alpha_n: Number
    alpha_p: Number
    approximate: Switch
    at_threshold: Number
    at_zero: Number
    axis: Number | Numbers
    b: Number | Numbers
    beta: Number | Numbers
    bias: Number | Numbers
    bias_value: Number
    cap: Number
    channel_axis: Number | None
    clamp_after: Switch
    default_value: Number
    dim: Number | Numbers
    eps: Number | None
    epsilon: Number
    fill_value: Number | None
    frequency: Numbers
    gamma: Numbers
    gate: Literal["first", "second"]
    glu_linear_offset: Number
    hard: Switch
    init: Numbers
    init_alpha: Number
    lambd: Number
    layout: Literal["halves", "interleaved"]
    like: (
        Literal["gemma-2-attention", "gemma-2-logits", "grok-1", "nanochat"]
        | Literal["kimi-k3", "inkling2"]
        | Literal["llama", "gpt-oss", "minimax-m3", "deepseek-v4", "step-3.7", "ggml-geglu-quick"]
        | Literal["t5-1.1", "gemma"]
    )
    limit: Number | None
    linear_beta: Number | None
    log_scale: Switch
    lower: Number
    mask_value: Number | None
    max: Number
    max_val: Number
    max_value: Number | None
    min: Number
    min_val: Number
    min_value: Number
    mu: Number
    negative_slope: Number | Numbers
    no_div_by_zero: Number
    noise: Numbers
    offset: Number
    omega: Number
    omega_0: Number
    s: Number
    scale: Number
    scale_value: Number
    sigma: Number
    sink: Number | None
    slope: Number | Numbers
    tau: Number
    temperature: Number
    theta: Number
    threshold: Number | None
    up_offset: Number
    upper: Number
    value: Number
    value_below: Number
    values: Number
    w0: Number
    weight: Numbers
