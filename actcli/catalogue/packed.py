"""Gated linear units: the input is a gate and a value in one; the activated gate multiplies the value."""

import math
from collections.abc import Callable

from actcli.activation import Elementwise, Packed
from actcli.backend import Backend, Condition, T
from actcli.catalogue.gated import Silu
from actcli.catalogue.gaussian import Gelu, tanh_gate
from actcli.catalogue.linear import Linear
from actcli.catalogue.mathematics import inverse_cosh, softcap
from actcli.catalogue.rectifiers import Relu
from actcli.catalogue.sigmoids import Sigmoid
from actcli.dialects import Dialect
from actcli.parameters import REQUIRED, param
from actcli.registry import activation


class _Variant(Packed):
    """The members of the family whose gate is the one or the other half in published models."""

    gate: str = param("first", "which part is the gate; the other is the value", kind=("first", "second"))


def _weight_halves(m: Backend[T], factor: T, weight: Callable[[T, T], T], u: T, gate: T) -> T:
    """Return weight(u, factor): the factor times a number between 0 and 1, which is above 0 at every finite gate."""
    return m.where((m.abs(factor) == math.inf) & (m.abs(gate) < math.inf), factor, weight(u, factor))


def _times_unit(m: Backend[T], factor: T, weight: Callable[[T, T], T], u: T, gate: T) -> T:
    """Return the same times the gate; where the weight falls to 0 it does so faster than the gate grows."""
    times = m.where(u == -math.inf, m.copysign(1.0, gate), gate)
    # Together first where they cannot overflow: the factor times the weight alone could be too small for its digits.
    together = (m.abs(factor) < 2.0**500) & (m.abs(times) < 2.0**500)
    weighted = _weight_halves(m, m.where(together, factor * times, factor), weight, u, gate)
    return m.where(together, 1.0, times) * weighted


@activation
class Glu(Packed):
    description = (
        "Gated linear unit: each number of the first half times the sigmoid of its partner in the second half."
    )
    formula = "value / (1 + exp(-gate))"
    textbook = "value * sigmoid(gate)"
    source = "Dauphin, Fan, Auli & Grangier 2016, arXiv:1612.08083"
    derivative_formula = "by value: sigmoid(gate); by gate: sigmoid'(gate) * value"
    range = "(-inf, inf)"
    monotonic = "no"
    advantages = ("the value's path is linear, so gradients do not vanish along it",)
    disadvantages = ("needs twice the weights in the layer before it",)
    use = "convolutional language and audio models"
    dialects = {
        "keras": Dialect("keras.activations.glu(x, axis=-1)"),
        "torch": Dialect("torch.nn.functional.glu(x, dim=-1)"),
        "jax": Dialect("jax.nn.glu(x, axis=-1)"),
    }
    nearest = "sigmoid of one half, times the other"

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        return _weight_halves(m, factor, m.logistic, gate, gate)

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return Sigmoid()


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
class Swiglu(_Variant):
    description = (
        "Gated linear unit with silu in place of the sigmoid.\n\n"
        "Models differ in single choices, and a wrong one gives wrong numbers without an error. gpt-oss: beta 1.702, "
        "limit 7, up_offset 1, layout interleaved. DeepSeek-V4: limit 10. Step-3.7: limit 16 in two layers, with "
        "clamp_after. LLaMA, Qwen, Ling and most others: none of these."
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
    }
    nearest = "silu of one half, times the other"
    beta: float = param(1.0, "steepness of the sigmoid", spellings=("alpha",))
    limit: float | None = param(None, "largest gate, and largest size of the value", domain="> 0")
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
        return _times_unit(m, factor, m.logistic, u, gate)

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
class SituGlu(_Variant):
    description = (
        "Gated linear unit whose gate is a soft cap times a sigmoid; the value may be capped softly too.\n\n"
        "Kimi-K3: beta 4, linear_beta 25."
    )
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
    beta: float = param(1.0, "soft cap of the gate", domain="> 0")
    linear_beta: float | None = param(None, "soft cap of the value", domain="> 0")

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        return _times_unit(m, factor, m.logistic, gate, softcap(m, gate, self.beta))

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


@activation
class Geglu(_Variant):
    description = "Gated linear unit with gelu in place of the sigmoid."
    formula = (
        "gate * (1 + tanh(sqrt(2 / pi) * (gate + 0.044715 * gate**3))) / 2 * value if approximate"
        " else gate * erfc(-gate / sqrt(2)) / 2 * value"
    )
    textbook = "value * gelu(gate)"
    source = "Shazeer 2020, arXiv:2002.05202"
    derivative_formula = "by value: gelu(gate); by gate: gelu'(gate) * value"
    range = "(-inf, inf)"
    monotonic = "no"
    advantages = ("beat relu and gelu in its paper, in transformers of the same size",)
    disadvantages = (
        "needs twice the weights in the layer before it",
        "models disagree on which half is the gate, and on the form of gelu",
    )
    use = "feed-forward layers of language models, such as T5 1.1"
    nearest = "gelu of one half, times the other"
    approximate: bool = param(False, "use the tanh approximation of gelu", kind=bool)

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        if self.approximate:
            return _times_unit(m, factor, m.logistic, tanh_gate(m, gate), gate)
        return _times_unit(m, factor, m.normal_cdf, gate, gate)

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return Gelu(approximate=self.approximate)


@activation
class Reglu(_Variant):
    description = "Gated linear unit with relu in place of the sigmoid."
    formula = "max(gate, 0) * value"
    textbook = "value * relu(gate)"
    source = "Shazeer 2020, arXiv:2002.05202"
    derivative_formula = "by value: relu(gate); by gate: relu'(gate) * value"
    range = "(-inf, inf)"
    monotonic = "no"
    advantages = ("the cheapest of the family with a non-linear gate",)
    disadvantages = (
        "needs twice the weights in the layer before it",
        "no gradient where the gate is negative",
    )
    use = "feed-forward layers of transformers"
    nearest = "relu of one half, times the other"

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        # Below 0 the limit is 0 for infinities too.
        return m.where((gate < 0) & (m.abs(factor) <= math.inf), m.copysign(0.0, factor), gate * factor)

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return Relu()


@activation
class Bilinear(_Variant):
    description = "Gated linear unit without an activation: the product of the two halves."
    formula = "gate * value"
    source = "Shazeer 2020, arXiv:2002.05202; Mnih & Hinton 2007 (ICML)"
    derivative_formula = "by value: linear(gate); by gate: linear'(gate) * value"
    range = "(-inf, inf)"
    monotonic = "no"
    advantages = ("a mere product, and yet non-linear",)
    disadvantages = (
        "needs twice the weights in the layer before it",
        "grows quadratically",
    )
    use = "feed-forward layers of transformers that should be easy to analyse"
    aliases = ("bilinear_glu",)
    nearest = "the product of the halves"

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        return gate * factor

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return Linear()
