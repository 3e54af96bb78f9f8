"""Self-gated units: x times a sigmoid of x, or times something close to one."""

from collections.abc import Callable

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.catalogue.mathematics import inverse_cosh
from actcli.dialects import Dialect
from actcli.parameters import param
from actcli.registry import activation

_ALL_GONE, _ALL_THERE = -1500.0, 100.0
"""Where x * tanh(exp(x)) is 0, and where it is x, in every format."""


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
    description = "Sigmoid linear unit: x times its own sigmoid."
    formula = "x / (1 + exp(-beta * x))"
    textbook = "x * sigmoid(x)"
    source = "Elfwing, Uchibe & Doya 2017, arXiv:1702.03118; beta: Ramachandran, Zoph & Le 2017, arXiv:1710.05941"
    derivative_formula = "(1 + beta * x / (1 + exp(beta * x))) / (1 + exp(-beta * x))"
    range = "[-0.2784645427610738 / beta, inf)"
    monotonic = "no"
    advantages = (
        "smooth; beat relu in deep networks in the paper that named it swish",
        "neurons rarely die: negative inputs keep a gradient",
    )
    disadvantages = (
        "needs an exponential",
        "non-monotonic: its slope is negative for some inputs",
    )
    use = "hidden layers of deep convolutional networks, such as EfficientNet; the gate of swiglu"
    dialects = {
        "keras": Dialect("keras.activations.silu(x)"),
        "keras2": Dialect("tf.keras.activations.swish(x)"),
        "torch": Dialect("torch.nn.functional.silu(x)"),
        "jax": Dialect("jax.nn.silu(x)"),
        "onnx": Dialect("Swish(x, alpha=1.0)"),
        "flax": Dialect("flax.linen.silu(x)"),
        "mlx": Dialect("mlx.nn.silu(x)"),
        "ggml": Dialect("ggml_silu(ctx, x)"),
        "transformers": Dialect('ACT2FN["silu"](x)'),
    }
    aliases = ("swish",)
    beta: float = param(1.0, "steepness of the sigmoid", spellings=("alpha",))

    def _sharpness(self) -> float:
        return self.beta


@activation
class QuickGelu(_LogisticGate):
    description = "Quick gelu: silu made steeper, to approximate gelu."
    formula = "x / (1 + exp(-alpha * x))"
    textbook = "x * sigmoid(1.702 * x)"
    source = "Hendrycks & Gimpel 2016, arXiv:1606.08415"
    derivative_formula = "(1 + alpha * x / (1 + exp(alpha * x))) / (1 + exp(-alpha * x))"
    range = "[-0.2784645427610738 / alpha, inf)"
    monotonic = "no"
    advantages = ("approximates gelu with a single exponential",)
    disadvantages = ("differs from gelu by up to 0.02, so it is no drop-in replacement in a trained model",)
    use = "models trained with it, such as CLIP"
    dialects = {
        "onnx": Dialect("com.microsoft.QuickGelu(x, alpha=1.702)"),
        "mlx": Dialect("mlx.nn.gelu_fast_approx(x)"),
        "ggml": Dialect("ggml_gelu_quick(ctx, x)"),
        "transformers": Dialect('ACT2FN["quick_gelu"](x)'),
    }
    aliases = ("gelu_quick", "gelu_fast_approx")
    nearest = "gelu"
    alpha: float = param(1.702, "steepness of the sigmoid")

    def _sharpness(self) -> float:
        return self.alpha


@activation
class HardSilu(Elementwise):
    description = "Hard sigmoid linear unit: x times its hard sigmoid."
    formula = "x * min(max(x / 6 + 0.5, 0), 1)"
    textbook = "x * hard_sigmoid(x)"
    source = "Howard et al. 2019 (MobileNetV3), arXiv:1905.02244"
    derivative_formula = "0 if x <= -3 else 1 if x >= 3 else (2 * x + 3) / 6"
    kinks = "0 at -3 and 1 at 3"
    range = "[-0.375, inf)"
    monotonic = "no"
    advantages = (
        "approximates silu without an exponential",
        "suits low-precision and fixed-point arithmetic",
    )
    disadvantages = (
        "no gradient below -3",
        "not smooth: its slope jumps at -3 and 3",
    )
    use = "hidden layers of mobile networks, such as MobileNetV3"
    dialects = {
        "keras": Dialect("keras.activations.hard_silu(x)"),
        "torch": Dialect("torch.nn.functional.hardswish(x)"),
        "jax": Dialect("jax.nn.hard_silu(x)"),
        "onnx": Dialect("HardSwish"),
        "flax": Dialect("flax.linen.hard_silu(x)"),
        "mlx": Dialect("mlx.nn.hardswish(x)"),
        "ggml": Dialect("ggml_hardswish(ctx, x)"),
        "transformers": Dialect('ACT2FN["hardswish"](x)'),
    }
    aliases = ("hard_swish",)
    nearest = "silu"
    error = 2.0**-50

    def value(self, m: Backend[T], x: T) -> T:
        """Return hard_silu(x); -0 up to -3, as the product gives it."""
        return x * m.minimum(m.maximum(x + 3.0, 0.0), 6.0) / 6.0

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return hard_silu'(x)."""
        return m.where(x <= -3, 0.0, m.where(x >= 3, 1.0, (2.0 * x + 3.0) / 6.0))


@activation
class HardMish(Elementwise):
    description = "Hard mish: x times a ramp that rises from 0 at -2 to 1 at 0."
    formula = "x * min(max(x + 2, 0), 2) / 2"
    source = "Wightman 2019 (timm)"
    derivative_formula = "0 if x < -2 else 1 if x >= 0 else x + 1"
    kinks = "-1 at -2"
    range = "[-0.5, inf)"
    monotonic = "no"
    advantages = (
        "approximates mish without an exponential",
        "suits low-precision arithmetic",
    )
    disadvantages = (
        "no gradient below -2",
        "not smooth: its slope jumps at -2",
    )
    use = "experiments with mobile networks"
    other_calls = {"timm": "timm.layers.hard_mish(x)"}
    nearest = "mish"
    error = 2.0**-50

    def value(self, m: Backend[T], x: T) -> T:
        """Return hard_mish(x); -0 up to -2, as the product gives it."""
        return m.where(x >= 0, x, m.maximum(x, -2.0) * m.maximum(x + 2.0, 0.0) / 2.0)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return hard_mish'(x)."""
        return m.where(x < -2, 0.0, m.where(x >= 0, 1.0, x + 1.0))


@activation
class TanhExp(Elementwise):
    description = "TanhExp: x times the hyperbolic tangent of its exponential."
    formula = "x * tanh(exp(x))"
    source = "Liu & Di 2020, arXiv:2003.09855"
    derivative_formula = "tanh(exp(x)) + x * exp(x) * (1 - tanh(exp(x)) ** 2)"
    range = "[-0.35328577784821125, inf)"
    monotonic = "no"
    advantages = (
        "smooth; neurons rarely die: negative inputs keep a gradient",
        "close to x sooner than mish and silu, for small networks that learn fast",
    )
    disadvantages = (
        "needs two exponentials",
        "in no common library",
    )
    use = "lightweight convolutional networks for images"
    nearest = "mish"

    def value(self, m: Backend[T], x: T) -> T:
        """Return tanh_exp(x); far below 0 by two halves of the exponential, so that neither underflows first."""
        far = m.maximum(m.minimum(x, -2.0), _ALL_GONE)
        half = m.exp(0.5 * far)
        below = far * half * half - far * m.tanh_shrink(half * half)
        return m.copysign(m.where(x < -2, below, x * m.tanh(m.exp(m.minimum(x, _ALL_THERE)))), x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return tanh_exp'(x)."""
        return self._slope(m, x, lambda term: term)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return self._slope(m, x, m.abs)

    def _slope(self, m: Backend[T], x: T, of_term: Callable[[T], T]) -> T:
        """Return tanh(e) + x * e / cosh(e)**2 of the exponential e; far below 0 the first as e less what it lacks."""
        inner = m.minimum(m.maximum(x, _ALL_GONE), _ALL_THERE)
        half = m.exp(0.5 * inner)
        e = half * half
        y = inverse_cosh(m, e)
        below = half * (1.0 + of_term(inner) * y * y) * half - m.tanh_shrink(m.minimum(e, 1.0))
        return m.where(x < -2, below, m.tanh(e) + of_term(inner) * half * y * y * half)


@activation
class Mish(Elementwise):
    description = "Mish: x times the hyperbolic tangent of its softplus."
    formula = "x * tanh(log(1 + exp(x)))"
    textbook = "x * tanh(softplus(x))"
    source = "Misra 2019, arXiv:1908.08681"
    derivative_formula = "tanh(log(1 + exp(x))) + x * (1 - tanh(log(1 + exp(x))) ** 2) / (1 + exp(-x))"
    range = "[-0.30884341301725043, inf)"
    monotonic = "no"
    advantages = (
        "smooth; neurons rarely die: negative inputs keep a gradient",
        "slightly better than silu in its author's experiments",
    )
    disadvantages = (
        "more expensive than silu",
        "non-monotonic: its slope is negative for some inputs",
    )
    use = "hidden layers of convolutional networks, such as YOLOv4"
    dialects = {
        "keras": Dialect("keras.activations.mish(x)"),
        "torch": Dialect("torch.nn.functional.mish(x)"),
        "jax": Dialect("jax.nn.mish(x)"),
        "onnx": Dialect("Mish"),
        "mlx": Dialect("mlx.nn.mish(x)"),
        "transformers": Dialect('ACT2FN["mish"](x)'),
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
    description = "Linearly scaled hyperbolic tangent: x times its tanh, even and never negative."
    formula = "x * tanh(x)"
    source = "Roy, Manna, Dubey & Chaudhuri 2019, arXiv:1901.05894"
    derivative_formula = "tanh(x) + x * (1 - tanh(x) ** 2)"
    range = "[0, inf)"
    monotonic = "no"
    advantages = ("neurons do not die: large negative inputs count as much as positive ones",)
    disadvantages = (
        "an even function: the sign of the input is lost",
        "rarely used",
    )
    use = "experiments in which negative inputs should count"
    other_calls = {"nnlib": "NNlib.lisht(x)"}
    nearest = "tanh"

    def value(self, m: Backend[T], x: T) -> T:
        """Return lisht(x)."""
        return x * m.tanh(x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return lisht'(x)."""
        y = inverse_cosh(m, x)
        return m.tanh(x) + x * y * y
