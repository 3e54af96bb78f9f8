"""Exponential units: a line or a parabola above 0, an exponential below; and the exponential itself."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.dialects import ByDialect, Dialect
from actcli.parameters import param
from actcli.registry import activation


@activation
class Elu(Elementwise):
    description = "Exponential linear unit: x above 0, an exponential that tends to -alpha below."
    formula = "x if x > 0 else alpha * (exp(x) - 1)"
    textbook = "x if x > 0 else exp(x) - 1"
    source = "Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289"
    derivative_formula = "1 if x > 0 else alpha * exp(x)"
    kinks = "alpha at 0"
    range = "(-alpha, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "closer to zero-centred than relu, as outputs can be negative",
        "neurons do not die: negative inputs keep a gradient",
    )
    disadvantages = (
        "needs an exponential",
        "saturates for large negative inputs",
        "its slope jumps at 0, unless alpha is 1",
    )
    use = "hidden layers of networks without batch normalisation"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.elu(x, alpha=1.0)"),
        "keras2": Dialect("tf.keras.activations.elu(x, alpha=1.0)"),
        "torch": Dialect("torch.nn.functional.elu(x, alpha=1.0)"),
        "jax": Dialect("jax.nn.elu(x, alpha=1.0)"),
        "onnx": Dialect("Elu(x, alpha=1.0)"),
        "flax": Dialect("flax.linen.elu(x, alpha=1.0)"),
        "mlx": Dialect("mlx.nn.elu(x, alpha=1.0)"),
        "ggml": Dialect("ggml_elu(ctx, x)"),
    }
    alpha: float = param(1.0, "scale of the negative side, which tends to -alpha", per_column=True)

    def value(self, m: Backend[T], x: T) -> T:
        """Return elu(x)."""
        return m.maximum(x, 0.0) + self.alpha * m.expm1(m.minimum(x, 0.0))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return elu'(x)."""
        half = m.exp(0.5 * x)  # two halves, so that neither underflows first
        return m.where(x > 0, 1.0, self.alpha * half * half)


@activation
class Celu(Elementwise):
    description = "Continuously differentiable exponential linear unit: elu with slope 1 at 0, whatever alpha is."
    formula = "x if x > 0 else alpha * (exp(x / alpha) - 1)"
    textbook = "x if x > 0 else exp(x) - 1"
    source = "Barron 2017, arXiv:1704.07483"
    derivative_formula = "1 if x > 0 else exp(x / alpha)"
    range = "(-alpha, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "its slope is continuous, whatever alpha is",
        "neurons do not die: negative inputs keep a gradient",
    )
    disadvantages = (
        "needs an exponential",
        "saturates for large negative inputs",
    )
    use = "hidden layers, in place of elu with an alpha other than 1"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.celu(x, alpha=1.0)"),
        "torch": Dialect("torch.nn.functional.celu(x, alpha=1.0)"),
        "jax": Dialect("jax.nn.celu(x, alpha=1.0)"),
        "onnx": Dialect("Celu(x, alpha=1.0)"),
        "flax": Dialect("flax.linen.celu(x, alpha=1.0)"),
        "mlx": Dialect("mlx.nn.celu(x, alpha=1.0)"),
    }
    nearest = "elu"
    alpha: float = param(1.0, "scale of the negative side, which tends to -alpha", domain="!= 0", per_column=True)

    def value(self, m: Backend[T], x: T) -> T:
        """Return celu(x)."""
        return m.maximum(x, 0.0) + self.alpha * m.expm1(m.minimum(x, 0.0) / self.alpha)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return celu'(x)."""
        return m.where(x > 0, 1.0, m.exp(x / self.alpha))


_SCALE_AND_ALPHA = "1.0507009873554804934193349852946", "1.6732632423543772848170429916717"


@activation
class Selu(Elementwise):
    description = (
        "Scaled exponential linear unit: self-normalising, it drives activations towards mean 0 and variance 1."
    )
    formula = "1.0507009873554804934193349852946 * (x if x > 0 else 1.6732632423543772848170429916717 * (exp(x) - 1))"
    textbook = "1.0507 * x if x > 0 else 1.7581 * (exp(x) - 1)"
    source = "Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv:1706.02515"
    derivative_formula = (
        "1.0507009873554804934193349852946 * (1 if x > 0 else 1.6732632423543772848170429916717 * exp(x))"
    )
    kinks = "1.7581 at 0, the slope below it; in Keras 1.0507, the slope above it"
    range = "(-1.0507009873554804934193349852946 * 1.6732632423543772848170429916717, inf)"
    monotonic = "strictly increasing"
    advantages = ("self-normalising: mean 0 and variance 1 persist through many layers without batch normalisation",)
    disadvantages = (
        "self-normalising only with LeCun initialisation, plain dense layers and alpha dropout",
        "needs an exponential",
    )
    use = "hidden layers of deep, fully connected networks"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.selu(x)"),
        "keras2": Dialect("tf.keras.activations.selu(x)"),
        "torch": Dialect("torch.nn.functional.selu(x)"),
        "jax": Dialect("jax.nn.selu(x)"),
        "onnx": Dialect("Selu"),
        "flax": Dialect("flax.linen.selu(x)"),
        "mlx": Dialect("mlx.nn.selu(x)"),
    }
    fixed = {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}
    scale_and_alpha = ByDialect(
        keras=_SCALE_AND_ALPHA,
        keras2=_SCALE_AND_ALPHA,
        torch=_SCALE_AND_ALPHA,
        jax=_SCALE_AND_ALPHA,
        onnx=("1.05070102214813232421875", "1.67326319217681884765625"),  # float32 attributes of the operator
        flax=_SCALE_AND_ALPHA,
        mlx=("1.0507", "1.67326"),
    )
    has_upper_slope_at_zero = ByDialect(
        keras=True, keras2=True, torch=False, jax=False, onnx=False, flax=False, mlx=False
    )

    def value(self, m: Backend[T], x: T) -> T:
        """Return selu(x)."""
        scale, alpha = self._constants(m)
        return scale * (m.maximum(x, 0.0) + alpha * m.expm1(m.minimum(x, 0.0)))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return selu'(x)."""
        scale, alpha = self._constants(m)
        above = x >= 0 if self.has_upper_slope_at_zero else x > 0
        half = m.exp(0.5 * x)
        return m.where(above, scale, scale * alpha * half * half)

    def _constants(self, m: Backend[T]) -> tuple[T | float, T | float]:
        scale, alpha = self.scale_and_alpha
        return m.constant(scale), m.constant(alpha)


@activation
class Xielu(Elementwise):
    description = "Expanded integral of elu: a parabola above 0, an exponential plus a line below."
    formula = "alpha_p * x**2 + beta * x if x > 0 else alpha_n * (exp(x) - 1 - x) + beta * x"
    textbook = "0.8 * x**2 + 0.5 * x if x > 0 else 0.8 * (exp(x) - 1 - x) + 0.5 * x"
    source = "Huang & Schlag 2024, arXiv:2411.13010"
    derivative_formula = "2 * alpha_p * x + beta if x > 0 else alpha_n * (exp(x) - 1) + beta"
    range = "[-0.20575122409648213, inf)"
    monotonic = "no"
    advantages = (
        "its slope grows with the input, at a rate that is learned",
        "lower perplexity than squared relu and swiglu in its authors' language models",
    )
    disadvantages = (
        "grows quadratically above 0, so large inputs can explode or overflow",
        "new: little used outside its paper",
    )
    use = "feed-forward layers of language models"
    window = (-2.0, 2.0)
    dialects = {
        "ggml": Dialect("ggml_xielu(ctx, x, alpha_n, alpha_p, beta, eps)"),
        "transformers": Dialect('ACT2FN["xielu"](x)'),
    }
    nearest = "elu"
    alpha_p: float = param(0.8, "curvature of the positive side", domain="> 0")
    alpha_n: float = param(0.8, "scale of the negative side", domain="> 0")
    beta: float = param(0.5, "slope at 0", domain="> 0")

    def value(self, m: Backend[T], x: T) -> T:
        """Return xielu(x)."""
        below = self.alpha_n * (m.expm1(x) - x) + self.beta * x
        return m.where(x > 0, self.alpha_p * (x * x) + self.beta * x, below)

    def value_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added, or more: the negative side has a second root, where expm1(x) is smaller than x."""
        size = m.abs(x)
        below = (2.0 * self.alpha_n + self.beta) * size
        return m.where(x > 0, self.alpha_p * (x * x) + self.beta * size, below)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return xielu'(x)."""
        return m.where(x > 0, 2.0 * (self.alpha_p * x) + self.beta, self.alpha_n * m.expm1(x) + self.beta)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        below = self.alpha_n * m.abs(m.expm1(x)) + self.beta
        return m.where(x > 0, 2.0 * (self.alpha_p * x) + self.beta, below)


@activation
class Exponential(Elementwise):
    description = "Exponential function, e to the power of x."
    formula = "exp(x)"
    source = "no paper; Euler"
    derivative_formula = "exp(x)"
    range = "(0, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "outputs are always positive",
        "it is its own derivative",
    )
    disadvantages = (
        "overflows: in float32 above 88.7",
        "gradients explode, as they are as large as the output",
    )
    use = "output layer for positive quantities, such as a rate or a variance"
    window = (-4.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.exponential(x)"),
        "keras2": Dialect("tf.keras.activations.exponential(x)"),
        "onnx": Dialect("Exp"),
        "ggml": Dialect("ggml_exp(ctx, x)"),
    }
    aliases = ("exp",)
    nearest = "elu"

    def value(self, m: Backend[T], x: T) -> T:
        """Return e**x."""
        return m.exp(x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return e**x."""
        return m.exp(x)
