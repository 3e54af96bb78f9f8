"""Swiglu and its kin: gated linear units with silu, in the variants of current language models."""

import math
from collections.abc import Callable

from actcli.activation import Elementwise
from actcli.backend import Backend, Condition, T
from actcli.catalogue.gated import Silu
from actcli.catalogue.mathematics import inverse_cosh, softcap
from actcli.catalogue.packed import EitherGate, times_unit
from actcli.dialects import Dialect
from actcli.parameters import REQUIRED, Preset, param
from actcli.registry import activation


class _ClampedSilu(Silu):
    """Silu of a number that is clamped from above, or clamped itself; at the limit its slope is that below it."""

    limit: float = param(REQUIRED, "upper bound")
    clamp_after: bool = param(False, "clamp silu, rather than its argument", kind=bool)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return the derivative."""
        return m.where(self._is_beyond(m, x), 0.0, super().derivative(m, x))

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return m.where(self._is_beyond(m, x), 0.0, super().derivative_condition_terms(m, x))

    def _is_beyond(self, m: Backend[T], x: T) -> Condition:
        return (m.logistic(self.beta * x, x) if self.clamp_after else x) > self.limit


@activation
class Swiglu(EitherGate):
    description = (
        "Gated linear unit with silu in place of the sigmoid.\n\n"
        "Models differ in single choices, and a wrong one gives wrong numbers without an error: actcli info swiglu "
        "shows the variants side by side, and --like gpt-oss computes what that model does."
    )
    formula = (
        "gate / (1 + exp(-beta * gate)) * (value + up_offset) if limit is None"
        " else min(gate / (1 + exp(-beta * gate)), limit) * (min(max(value, -limit), limit) + up_offset) if clamp_after"
        " else min(gate, limit) / (1 + exp(-beta * min(gate, limit))) * (min(max(value, -limit), limit) + up_offset)"
    )
    textbook = "value * silu(gate)"
    source = "Shazeer 2020, arXiv:2002.05202; limit and up_offset: OpenAI 2025 (gpt-oss), arXiv:2508.10925"
    derivative_formula = "by value: silu(gate); by gate: silu'(gate) * value; 0 by what is clamped"
    range = "(-inf, inf)"
    monotonic = "no"
    advantages = ("beat relu and gelu in its paper, in transformers of the same size",)
    disadvantages = (
        "needs twice the weights in the layer before it",
        "models disagree on which half is the gate, on their layout and on clamping",
    )
    use = "feed-forward layers of language models, such as PaLM, LLaMA and gpt-oss"
    dialects = {
        "onnx": Dialect("SwiGLU(gate, value, alpha=1.0)"),
        "ggml": Dialect("ggml_swiglu(ctx, x)"),
    }
    nearest = "silu of one half, times the other"
    presets = {
        "llama": Preset({}, "LLaMA, Qwen, Ling and most others; transformers, LlamaMLP"),
        "gpt-oss": Preset(
            {"beta": 1.702, "limit": 7.0, "up_offset": 1.0, "layout": "interleaved"},
            "OpenAI, gpt_oss/torch/model.py; transformers, GptOssExperts",
        ),
        "minimax-m3": Preset({"beta": 1.702, "limit": 7.0, "up_offset": 1.0}, "transformers, MiniMaxM3VLExperts"),
        "deepseek-v4": Preset({"limit": 10.0}, "transformers, DeepseekV4Experts"),
        "step-3.7": Preset({"limit": 16.0, "clamp_after": True}, "layers 43 and 44; transformers, Step3p7Experts"),
        "ggml-geglu-quick": Preset({"beta": 1.702}, "ggml, GGML_GLU_OP_GEGLU_QUICK: quick_gelu of the gate"),
    }
    beta: float = param(1.0, "steepness of the sigmoid", spellings=("alpha",))
    limit: float | None = param(None, "largest gate, and largest size of the value", domain="> 0", is_bound=True)
    up_offset: float = param(0.0, "added to the value once it is clamped", spellings=("glu_linear_offset",))
    clamp_after: bool = param(False, "clamp silu of the gate, rather than the gate", kind=bool)

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        if self.limit is None:
            return self._times_silu(m, gate, factor)
        if self.clamp_after:
            is_beyond = m.logistic(self.beta * gate, gate) > self.limit
            return m.where(is_beyond, self.limit * factor, self._times_silu(m, gate, factor))
        return self._times_silu(m, m.where(gate > self.limit, self.limit, gate), factor)

    def _times_silu(self, m: Backend[T], gate: T, factor: T) -> T:
        u = self.beta * gate if self.beta else m.where(m.abs(gate) <= math.inf, 0.0, gate)
        return times_unit(m, factor, m.logistic, u, gate)

    def factor(self, m: Backend[T], value: T) -> T:
        """Return the value, clamped and moved."""
        if self.limit is not None:
            value = m.where(value > self.limit, self.limit, m.where(value < -self.limit, -self.limit, value))
        return value + self.up_offset if self.up_offset else value

    def factor_slope(self, m: Backend[T], value: T) -> T | float:
        """Return 1, and 0 where the value is clamped."""
        return 1.0 if self.limit is None else m.where(m.abs(value) > self.limit, 0.0, 1.0)

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        if self.limit is None:
            return Silu(beta=self.beta)
        return _ClampedSilu(beta=self.beta, limit=self.limit, clamp_after=self.clamp_after)


class _Situ(Elementwise):
    """The soft cap of x times its sigmoid."""

    beta: float = param(1.0, "the cap", domain="> 0")

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return the derivative."""
        return self._slope(m, x, lambda term: term)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return self._slope(m, x, m.abs)

    def _slope(self, m: Backend[T], x: T, of_term: Callable[[T], T]) -> T:
        y = inverse_cosh(m, x / self.beta)
        return m.logistic(x, y * y + of_term(softcap(m, x, self.beta)) * m.logistic(-x))


@activation
class SituGlu(EitherGate):
    description = "Gated linear unit whose gate is a soft cap times a sigmoid; the value may be capped softly too."
    formula = (
        "beta * tanh(gate / beta) / (1 + exp(-gate))"
        " * (value if linear_beta is None else linear_beta * tanh(value / linear_beta))"
    )
    textbook = "value * tanh(gate) * sigmoid(gate)"
    source = "Moonshot AI 2026 (Kimi-K3); NVIDIA, TransformerEngine"
    derivative_formula = (
        "by value: tanh(gate) * sigmoid(gate); by gate: (1 - tanh(gate)**2 + tanh(gate) * sigmoid(-gate)) * "
        "sigmoid(gate) * value"
    )
    range = "(-inf, inf)"
    monotonic = "no"
    advantages = ("bounded with both caps, so that no activation explodes in low precision",)
    disadvantages = (
        "needs twice the weights in the layer before it",
        "up to two tanh beside the sigmoid",
    )
    use = "feed-forward layers of language models, such as Kimi-K3"
    aliases = ("situ",)
    nearest = "swiglu"
    presets = {
        "kimi-k3": Preset({"beta": 4.0, "linear_beta": 25.0}, "Moonshot AI, Kimi-K3; NVIDIA, TransformerEngine"),
        "inkling2": Preset({"beta": 4.0, "linear_beta": 25.0}, "transformers, Inkling2SoftcappedSwiGLU"),
    }
    beta: float = param(1.0, "soft cap of the gate", domain="> 0")
    linear_beta: float | None = param(None, "soft cap of the value", domain="> 0", is_bound=True)

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        return times_unit(m, factor, m.logistic, gate, softcap(m, gate, self.beta))

    def factor(self, m: Backend[T], value: T) -> T:
        """Return the value, capped if it is to be."""
        return value if self.linear_beta is None else softcap(m, value, self.linear_beta)

    def factor_slope(self, m: Backend[T], value: T) -> T | float:
        """Return the derivative of the factor."""
        if self.linear_beta is None:
            return 1.0
        y = inverse_cosh(m, value / self.linear_beta)
        return y * y

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return _Situ(beta=self.beta)
