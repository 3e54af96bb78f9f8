"""Soft caps: nearly straight lines at 0 that bend to bounds of their own."""

from actcli.activation import Elementwise
from actcli.backend import Backend, Condition, T
from actcli.catalogue.mathematics import inverse_cosh, softcap
from actcli.dialects import Dialect
from actcli.parameters import REQUIRED, Preset, param
from actcli.registry import activation


@activation
class ScaledTanh(Elementwise):
    description = "Scaled hyperbolic tangent of ONNX's recurrent operators; LeCun's choice is alpha 1.7159, beta 2/3."
    formula = "alpha * tanh(beta * x)"
    source = "LeCun, Bottou, Orr & Mueller 1998; ONNX operators RNN, GRU and LSTM"
    derivative_formula = "alpha * beta * (1 - tanh(beta * x) ** 2)"
    range = "(-abs(alpha), abs(alpha))"
    monotonic = "strictly increasing"
    advantages = ("with alpha 1.7159 and beta 2/3, maps -1 and 1 to themselves, far from saturation",)
    disadvantages = ("saturates, so its gradient vanishes for large abs(x)",)
    use = "recurrent operators in ONNX models; convolutional networks of the 1990s, such as LeNet-5"
    dialects = {
        "onnx": Dialect('RNN(x, w, r, activations=["ScaledTanh"])'),
    }
    nearest = "tanh"
    alpha: float = param(REQUIRED, "upper bound of abs(f)")
    beta: float = param(REQUIRED, "sharpness")

    def value(self, m: Backend[T], x: T) -> T:
        """Return scaled_tanh(x)."""
        return self.alpha * m.tanh(self.beta * x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return scaled_tanh'(x)."""
        y = inverse_cosh(m, self.beta * x)
        return y * self.alpha * self.beta * y


@activation
class Softcap(Elementwise):
    description = "Soft cap: x for small numbers, smoothly bounded by the cap."
    formula = "cap * tanh(x / cap)"
    textbook = "50 * tanh(x / 50)"
    source = "Gemma Team 2024 (Gemma 2), arXiv:2408.00118; Bello et al. 2016, arXiv:1611.09940"
    derivative_formula = "1 - tanh(x / cap) ** 2"
    range = "(-cap, cap)"
    monotonic = "strictly increasing"
    advantages = (
        "keeps logits bounded, and training stable, with no effect on small ones",
        "its slope at 0 is 1, whatever the cap",
    )
    disadvantages = (
        "saturates: logits beyond the cap get hardly any gradient",
        "an attention mask has to come after it, as it would make -inf -cap",
    )
    use = "attention scores (cap 50) and final logits (cap 30) of Gemma 2"
    window = (-150.0, 150.0)
    aliases = ("soft_cap", "logit_softcap", "softcapping")
    nearest = "scaled_tanh with alpha cap and beta 1 / cap"
    presets = {
        "gemma-2-attention": Preset({"cap": 50.0}, "transformers, Gemma2Config.attn_logit_softcapping"),
        "gemma-2-logits": Preset({"cap": 30.0}, "transformers, Gemma2Config.final_logit_softcapping"),
        "grok-1": Preset({"cap": 30.0}, "xAI, grok-1/model.py: attention"),
        "nanochat": Preset({"cap": 15.0}, "transformers, NanoChatConfig.final_logit_softcapping"),
    }
    cap: float = param(50.0, "upper bound of abs(f)", domain="> 0")

    def value(self, m: Backend[T], x: T) -> T:
        """Return softcap(x)."""
        return softcap(m, x, self.cap)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return softcap'(x)."""
        y = inverse_cosh(m, x / self.cap)
        return y * y


@activation
class DynamicTanh(Elementwise):
    description = "Dynamic tanh: a scaled and shifted tanh, with learned numbers, in place of a normalisation layer."
    formula = "weight * tanh(alpha * x) + bias"
    textbook = "tanh(0.5 * x)"
    source = "Zhu, Chen, He, LeCun & Liu 2025 (Transformers without normalization), arXiv:2503.10622"
    derivative_formula = "weight * alpha * (1 - tanh(alpha * x) ** 2)"
    range = "(bias - abs(weight), bias + abs(weight))"
    monotonic = "strictly increasing"
    advantages = (
        "needs no mean and no variance of the activations, as normalisation layers do",
        "transformers with it train as well as with layer normalisation in its paper",
    )
    disadvantages = ("saturates: extreme activations, which it squashes on purpose, get hardly any gradient",)
    use = "in place of the layer or RMS normalisation of transformers"
    aliases = ("dyt",)
    nearest = "tanh"
    alpha: float = param(0.5, "sharpness", spellings=("init_alpha", "alpha_init_value"))
    weight: float = param(1.0, "what the tangent is multiplied by", spellings=("gamma",), per_column=True)
    bias: float = param(0.0, "what is added", spellings=("beta",), per_column=True)

    def value(self, m: Backend[T], x: T) -> T:
        """Return dynamic_tanh(x)."""
        y = self.weight * m.tanh(self.alpha * x)
        return y + self.bias if self.bias else y

    def value_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return abs(self.weight) * m.tanh(m.abs(self.alpha * x)) + abs(self.bias)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return dynamic_tanh'(x)."""
        y = inverse_cosh(m, self.alpha * x)
        return y * self.weight * self.alpha * y


class _InverseSquareRoot(Elementwise):
    """x over the square root of 1 + alpha * x**2, without the square of what is large."""

    error = 2.0**-47
    alpha: float = param(1.0, "the bound of abs(f) is 1 / sqrt(alpha)", domain="> 0")

    def _squashed(self, m: Backend[T], x: T) -> T:
        root = m.sqrt(self.alpha)
        near, root_near, root_far = self._roots(m, x)
        return m.where(near, x / root_near, m.copysign(1.0, x) / (root * root_far))

    def _slope(self, m: Backend[T], x: T) -> T:
        """Return the derivative, (1 + alpha * x**2)**(-3/2)."""
        near, root_near, root_far = self._roots(m, x)
        far = 1.0 / (m.maximum(m.abs(m.sqrt(self.alpha) * x), 1.0) * root_far)
        y = m.where(near, 1.0 / root_near, far)
        return y * y * y

    def _roots(self, m: Backend[T], x: T) -> tuple[Condition, T, T]:
        """Tell where alpha * x**2 <= 1, and return sqrt(1 + alpha * x**2) there, over sqrt(alpha * x**2) elsewhere."""
        size = m.abs(m.sqrt(self.alpha) * x)
        near = size <= 1
        inner, inverse = m.minimum(size, 1.0), 1.0 / m.maximum(size, 1.0)
        return near, m.sqrt(1.0 + inner * inner), m.sqrt(1.0 + inverse * inverse)


@activation
class Isru(_InverseSquareRoot):
    description = "Inverse square root unit: a sigmoid like tanh, without an exponential."
    formula = "x / sqrt(1 + alpha * x**2)"
    textbook = "x / sqrt(1 + x**2)"
    source = "Carlile, Delamarter, Kinney, Marti & Whitney 2017, arXiv:1710.09967"
    derivative_formula = "1 / sqrt(1 + alpha * x**2) ** 3"
    range = "(-1 / sqrt(alpha), 1 / sqrt(alpha))"
    monotonic = "strictly increasing"
    advantages = (
        "needs no exponential: a square root and a quotient, which processors do quickly together",
        "smooth; zero-centred",
    )
    disadvantages = (
        "saturates, so its gradient vanishes for large abs(x)",
        "in no common library",
    )
    use = "in place of tanh in recurrent networks, where its cost counts"
    nearest = "softsign"

    def value(self, m: Backend[T], x: T) -> T:
        """Return isru(x)."""
        return self._squashed(m, x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return isru'(x)."""
        return self._slope(m, x)


@activation
class Isrlu(_InverseSquareRoot):
    description = "Inverse square root linear unit: x above 0, the inverse square root unit below."
    formula = "x if x >= 0 else x / sqrt(1 + alpha * x**2)"
    textbook = "x if x >= 0 else x / sqrt(1 + x**2)"
    source = "Carlile, Delamarter, Kinney, Marti & Whitney 2017, arXiv:1710.09967"
    derivative_formula = "1 if x >= 0 else 1 / sqrt(1 + alpha * x**2) ** 3"
    range = "(-1 / sqrt(alpha), inf)"
    monotonic = "strictly increasing"
    advantages = (
        "the shape of elu without an exponential",
        "its first and second derivatives are continuous",
    )
    disadvantages = (
        "its gradient vanishes for large negative inputs",
        "in no common library",
    )
    use = "hidden layers of convolutional networks, in place of elu"
    nearest = "elu"

    def value(self, m: Backend[T], x: T) -> T:
        """Return isrlu(x)."""
        return m.where(x >= 0, x, self._squashed(m, x))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return isrlu'(x)."""
        return m.where(x >= 0, 1.0, self._slope(m, x))
