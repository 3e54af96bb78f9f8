"""Gated linear units: the input is a gate and a value in one; the activated gate multiplies the value."""

import math
from collections.abc import Callable

from actcli.activation import Elementwise, Packed
from actcli.backend import Backend, T
from actcli.catalogue.gaussian import Gelu, tanh_gate
from actcli.catalogue.linear import Linear
from actcli.catalogue.rectifiers import Relu
from actcli.catalogue.sigmoids import Sigmoid
from actcli.dialects import Dialect
from actcli.parameters import Preset, param
from actcli.registry import activation


class EitherGate(Packed):
    """The members of the family whose gate is the one or the other half in published models."""

    gate: str = param("first", "which part is the gate; the other is the value", kind=("first", "second"))


def weight_halves(m: Backend[T], factor: T, weight: Callable[[T, T], T], u: T, gate: T) -> T:
    """Return weight(u, factor): the factor times a number between 0 and 1, which is above 0 at every finite gate."""
    return m.where((m.abs(factor) == math.inf) & (m.abs(gate) < math.inf), factor, weight(u, factor))


def times_unit(m: Backend[T], factor: T, weight: Callable[[T, T], T], u: T, gate: T) -> T:
    """Return the same times the gate; where the weight falls to 0 it does so faster than the gate grows."""
    times = m.where(u == -math.inf, m.copysign(1.0, gate), gate)
    # Together first where they cannot overflow: the factor times the weight alone could be too small for its digits.
    together = (m.abs(factor) < 2.0**500) & (m.abs(times) < 2.0**500)
    weighted = weight_halves(m, m.where(together, factor * times, factor), weight, u, gate)
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
        "flax": Dialect("flax.linen.glu(x, axis=-1)"),
        "mlx": Dialect("mlx.nn.glu(x, axis=-1)"),
    }
    nearest = "sigmoid of one half, times the other"

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        return weight_halves(m, factor, m.logistic, gate, gate)

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return Sigmoid()


@activation
class Geglu(EitherGate):
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
    dialects = {
        "ggml": Dialect("ggml_geglu(ctx, x)", {"approximate": True}),
    }
    nearest = "gelu of one half, times the other"
    presets = {
        "t5-1.1": Preset({"approximate": True}, "transformers, T5Config: gated-gelu is gelu_new"),
        "gemma": Preset({"approximate": True}, "transformers, GemmaConfig: gelu_pytorch_tanh"),
    }
    approximate: bool = param(False, "use the tanh approximation of gelu", kind=bool)

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        if self.approximate:
            return times_unit(m, factor, m.logistic, tanh_gate(m, gate), gate)
        return times_unit(m, factor, m.normal_cdf, gate, gate)

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return Gelu(approximate=self.approximate)


@activation
class Reglu(EitherGate):
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
    dialects = {
        "ggml": Dialect("ggml_reglu(ctx, x)"),
    }
    nearest = "relu of one half, times the other"

    def product(self, m: Backend[T], gate: T, factor: T) -> T:
        """Return the activated gate times the factor."""
        # Below 0 the limit is 0 for infinities too.
        return m.where((gate < 0) & (m.abs(factor) <= math.inf), m.copysign(0.0, factor), gate * factor)

    def unit(self) -> Elementwise:
        """Return what the gate is activated with."""
        return Relu()


@activation
class Bilinear(EitherGate):
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
