"""Gated units: x times a sigmoid of x."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.catalogue.mathematics import inverse_cosh
from actcli.dialects import Dialect
from actcli.parameters import param
from actcli.registry import activation


class _LogisticGate(Elementwise):
    """x times the logistic function of a multiple of x."""

    def _sharpness(self) -> float:
        raise NotImplementedError

    def value(self, m: Backend[T], x: T) -> T:
        """Return x * sigmoid(sharpness * x)."""
        return m.logistic(self._sharpness() * x, x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return the derivative."""
        u = self._sharpness() * x
        return self._slope(m, u, u)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        u = self._sharpness() * x
        return self._slope(m, u, m.abs(u))

    def _slope(self, m: Backend[T], u: T, sign: T) -> T:
        return m.logistic(u, 1.0 + sign * m.logistic(-u))


@activation
class Silu(_LogisticGate):
    description = "Sigmoid linear unit, also called swish: x times its own probability."
    formula = "x / (1 + exp(-beta * x))"
    textbook = "x * sigmoid(x)"
    source = "Elfwing, Uchibe & Doya 2017, arXiv:1702.03118; beta: Ramachandran, Zoph & Le 2017, arXiv:1710.05941"
    derivative_formula = "(1 + beta * x / (1 + exp(beta * x))) / (1 + exp(-beta * x))"
    range = "[-0.2784645427610738 / beta, inf)"
    monotonic = "no"
    advantages = (
        "smooth, and better than relu in deep networks, as its authors found",
        "small negative inputs keep a gradient",
    )
    disadvantages = (
        "needs an exponential",
        "not monotonic",
    )
    use = "hidden layers of deep image networks; gates of language models"
    dialects = {
        "keras": Dialect("keras.activations.silu(x)"),
        "keras2": Dialect("tf.keras.activations.swish(x)"),
        "torch": Dialect("torch.nn.functional.silu(x)"),
        "jax": Dialect("jax.nn.silu(x)"),
        "onnx": Dialect("Swish(x, alpha=1.0)"),
    }
    aliases = ("swish",)
    beta: float = param(1.0, "sharpness of the gate", spellings=("alpha",))

    def _sharpness(self) -> float:
        return self.beta


@activation
class QuickGelu(_LogisticGate):
    description = "Quick gelu: silu with the sharpness that comes near to gelu."
    formula = "x / (1 + exp(-alpha * x))"
    textbook = "x * sigmoid(1.702 * x)"
    source = "Hendrycks & Gimpel 2016, arXiv:1606.08415"
    derivative_formula = "(1 + alpha * x / (1 + exp(alpha * x))) / (1 + exp(-alpha * x))"
    range = "[-0.2784645427610738 / alpha, inf)"
    monotonic = "no"
    advantages = ("near to gelu, with one exponential",)
    disadvantages = ("off from gelu by up to 0.02: weights trained with one suit it alone",)
    use = "running models that were trained with it, as CLIP"
    dialects = {
        "onnx": Dialect("com.microsoft.QuickGelu(x, alpha=1.702)"),
    }
    other_calls = {"transformers": 'ACT2FN["quick_gelu"](x)'}
    nearest = "gelu"
    alpha: float = param(1.702, "sharpness of the gate")

    def _sharpness(self) -> float:
        return self.alpha


@activation
class HardSilu(Elementwise):
    description = "Hard sigmoid linear unit, also called hard swish: x times a hard sigmoid."
    formula = "x * min(max(x / 6 + 0.5, 0), 1)"
    textbook = "x * hard_sigmoid(x)"
    source = "Howard et al. 2019 (MobileNetV3), arXiv:1905.02244"
    derivative_formula = "0 if x <= -3 else 1 if x >= 3 else (2 * x + 3) / 6"
    kinks = "0 at -3 and 1 at 3, the outer sides"
    range = "[-0.375, inf)"
    monotonic = "no"
    advantages = (
        "near to silu without exponential",
        "exact in fixed point",
    )
    disadvantages = (
        "no gradient below -3",
        "its slope jumps at -3 and 3",
    )
    use = "hidden layers on phones, as MobileNetV3"
    dialects = {
        "keras": Dialect("keras.activations.hard_silu(x)"),
        "torch": Dialect("torch.nn.functional.hardswish(x)"),
        "jax": Dialect("jax.nn.hard_silu(x)"),
        "onnx": Dialect("HardSwish"),
    }
    aliases = ("hard_swish",)
    nearest = "silu"
    is_rational = True
    error = 2.0**-50

    def value(self, m: Backend[T], x: T) -> T:
        """Return hard_silu(x); -0 up to -3, as the product gives it."""
        return m.where(x <= -3, -0.0, m.where(x >= 3, x, x * (x + 3.0) / 6.0))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return hard_silu'(x)."""
        return m.where(x <= -3, 0.0, m.where(x >= 3, 1.0, (2.0 * x + 3.0) / 6.0))


@activation
class Mish(Elementwise):
    description = "Mish: x times the hyperbolic tangent of softplus, self-regularised."
    formula = "x * tanh(log(1 + exp(x)))"
    textbook = "x * tanh(softplus(x))"
    source = "Misra 2019, arXiv:1908.08681"
    derivative_formula = "tanh(log(1 + exp(x))) + x * (1 - tanh(log(1 + exp(x))) ** 2) / (1 + exp(-x))"
    range = "[-0.30884341301725043, inf)"
    monotonic = "no"
    advantages = (
        "smooth; small negative inputs keep a gradient",
        "slightly better than silu in its author's tests",
    )
    disadvantages = (
        "costs more than silu",
        "not monotonic",
    )
    use = "hidden layers of image networks, as YOLOv4"
    dialects = {
        "keras": Dialect("keras.activations.mish(x)"),
        "torch": Dialect("torch.nn.functional.mish(x)"),
        "jax": Dialect("jax.nn.mish(x)"),
        "onnx": Dialect("Mish"),
    }
    nearest = "silu"

    def value(self, m: Backend[T], x: T) -> T:
        """Return mish(x), the tangent from one exponential."""
        half = m.exp(-0.5 * m.abs(x))  # two halves of the exponential, so that neither underflows first
        e = half * half
        above = x * (1.0 + 2.0 * e) / (1.0 + 2.0 * e + 2.0 * (e * e))
        below = x * half * (half * (e + 2.0)) / (e * (e + 2.0) + 2.0)
        return m.where(x >= 0, above, below)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return mish'(x)."""
        return self._slope(m, x, x)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return self._slope(m, x, m.abs(x))

    def _slope(self, m: Backend[T], x: T, sign: T) -> T:
        """Return tanh(softplus(x)) + sign * its derivative, from exp(-abs(x) / 2) on either side of 0."""
        half = m.exp(-0.5 * m.abs(x))
        e = half * half
        positive = x >= 0
        denominator = m.where(positive, 1.0 + 2.0 * e + 2.0 * (e * e), e * (e + 2.0) + 2.0)
        slope = 4.0 * sign * (1.0 + e) / (denominator * denominator)
        above = (1.0 + 2.0 * e) / denominator + slope * e * e
        below = half * ((e + 2.0) / denominator + slope) * half
        return m.where(positive, above, below)


@activation
class Lisht(Elementwise):
    description = "Linearly scaled hyperbolic tangent: even, and never negative."
    formula = "x * tanh(x)"
    source = "Roy, Manna, Dubey & Chaudhuri 2019, arXiv:1901.05894"
    derivative_formula = "tanh(x) + x * (1 - tanh(x) ** 2)"
    range = "[0, inf)"
    monotonic = "no"
    advantages = ("large negative inputs count as much as positive ones; no unit dies",)
    disadvantages = (
        "even: the sign of the input is lost",
        "little used",
    )
    use = "experiments where negative inputs should count"
    other_calls = {"nnlib": "NNlib.lisht(x)"}
    nearest = "tanh"

    def value(self, m: Backend[T], x: T) -> T:
        """Return lisht(x)."""
        return x * m.tanh(x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return lisht'(x)."""
        y = inverse_cosh(m, x)
        return m.tanh(x) + x * y * y
