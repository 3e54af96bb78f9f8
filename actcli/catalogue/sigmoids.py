"""Sigmoids: S-shaped curves that saturate on both sides; and the inverse of the logistic one."""

import math
from typing import Any

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.catalogue.mathematics import inverse_cosh
from actcli.dialects import Dialect
from actcli.errors import ActcliError
from actcli.parameters import param
from actcli.registry import activation


@activation
class Sigmoid(Elementwise):
    description = "Logistic function: squashes any number into (0, 1), where it can be read as a probability."
    formula = "1 / (1 + exp(-x))"
    source = "Verhulst 1838; in networks Rumelhart, Hinton & Williams 1986"
    derivative_formula = "1 / ((1 + exp(-x)) * (1 + exp(x)))"
    range = "(0, 1)"
    monotonic = "strictly increasing"
    advantages = (
        "non-linear; differentiable everywhere",
        "outputs between 0 and 1 can be read as probabilities",
    )
    disadvantages = (
        "saturates: the slope is 1/4 at most and tiny for large abs(x), so gradients vanish and learning stops",
        "needs an exponential, which is slow to compute; training can converge slowly",
        "not zero-centred: outputs are always positive, which can slow training",
    )
    use = "output layer for binary and multilabel classification; gates of LSTM and GRU; not in hidden layers"
    window = (-6.0, 6.0)
    dialects = {
        "keras": Dialect("keras.activations.sigmoid(x)"),
        "keras2": Dialect("tf.keras.activations.sigmoid(x)"),
        "torch": Dialect("torch.sigmoid(x)"),
        "jax": Dialect("jax.nn.sigmoid(x)"),
        "onnx": Dialect("Sigmoid"),
        "flax": Dialect("flax.linen.sigmoid(x)"),
        "mlx": Dialect("mlx.core.sigmoid(x)"),
        "ggml": Dialect("ggml_sigmoid(ctx, x)"),
        "transformers": Dialect('ACT2FN["sigmoid"](x)'),
    }
    aliases = ("logistic", "sigmoid_fast")

    def value(self, m: Backend[T], x: T) -> T:
        """Return sigmoid(x)."""
        return m.logistic(x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return sigmoid(x) * sigmoid(-x)."""
        e = m.exp(-m.abs(x))
        return e / ((1.0 + e) * (1.0 + e))

    def tensorflow2(self, kernels: Any, x: Any) -> Any:
        """Return the float32 kernel behind ``tf.keras.activations.sigmoid``."""
        return kernels.logistic(x)


@activation
class Logit(Elementwise):
    description = "Logit: the logarithm of the odds of a probability, the inverse of the sigmoid; NaN outside [0, 1]."
    formula = (
        "log(x) - log(1 - x) if eps is None else log(eps) - log(1 - eps) if x < eps else log(1 - eps) - log(eps) "
        "if 1 - x < eps else log(x) - log(1 - x)"
    )
    textbook = "log(x / (1 - x))"
    source = "Berkson 1944"
    derivative_formula = "0 if eps is not None and (x < eps or 1 - x < eps) else 1 / (x * (1 - x))"
    kinks = "at eps and 1 - eps, the slope between them"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "turns probabilities into numbers of any size and sign",
        "its inverse is the sigmoid",
    )
    disadvantages = (
        "infinite at 0 and 1, unless eps keeps inputs away from them",
        "not for hidden layers: their numbers are no probabilities",
    )
    use = "probabilities that become logits: losses, distillation, reference points that detectors refine"
    window = (0.0, 1.0)
    dialects = {
        "torch": Dialect("torch.logit(x, eps=None)"),
        "jax": Dialect("jax.scipy.special.logit(x)"),
    }
    aliases = ("log_odds",)
    nearest = "log_sigmoid"
    domain = (0.0, 1.0)
    eps: float | None = param(None, "inputs are clamped to [eps, 1 - eps] first", domain=">= 0")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        if self.eps is not None:
            if self.eps > 1:
                raise ActcliError(f"{self.name}: eps must be <= 1, got {self.eps:g}")
            self.domain = (-math.inf, math.inf)

    def value(self, m: Backend[T], x: T) -> T:
        """Return logit(x)."""
        if self.eps is None:
            return self._log_odds(m, x)
        below, above = x < self.eps, 1.0 - x < self.eps
        y = self._log_odds(m, m.where(below | above, self.eps, x))
        return m.where(below, y, m.where(above, 0.0 - y, y))  # never -0

    def _log_odds(self, m: Backend[T], x: T) -> T:
        """Return the logarithm of the odds by that of the larger share over the smaller; near 1 by what it exceeds."""
        x, rest = m.abs(x), m.abs(1.0 - x)
        larger, smaller = m.maximum(x, rest), m.minimum(x, rest)
        excess = m.minimum((larger - smaller) / smaller, 2.0)
        is_even = (x > 0.25) & (x < 0.75)
        return m.copysign(m.where(is_even, m.log1p(excess), m.ln(larger / smaller)), x - rest)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return logit'(x)."""
        rest = 1.0 - x
        y = 1.0 / m.abs(x * rest)
        return y if self.eps is None else m.where((x < self.eps) | (rest < self.eps), 0.0, y)


@activation
class Laplace(Elementwise):
    description = (
        "Laplace activation: the normal cumulative distribution function with mean mu and standard deviation sigma."
    )
    formula = "erfc(-(x - mu) / (sigma * sqrt(2))) / 2"
    textbook = "Phi((x - 0.70711) / 0.28209)"
    source = "Ma et al. 2022 (MEGA), arXiv:2209.10655"
    derivative_formula = "exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * sqrt(2 * pi))"
    range = "(0, 1)"
    monotonic = "strictly increasing"
    advantages = (
        "has the value and the slope of squared relu at mu, yet is bounded",
        "more stable in training than squared relu in its authors' experiments",
    )
    disadvantages = (
        "saturates on both sides, where its gradient vanishes",
        "needs the error function",
    )
    use = "attention weights of MEGA, in place of softmax"
    window = (-2.0, 2.0)
    dialects = {
        "transformers": Dialect('ACT2FN["laplace"](x)'),
    }
    nearest = "sigmoid"
    error = 2.0**-37
    mu: float = param(0.707107, "mean")
    sigma: float = param(0.282095, "standard deviation", domain="> 0")

    def value(self, m: Backend[T], x: T) -> T:
        """Return laplace(x)."""
        return m.normal_cdf((x - self.mu) / self.sigma)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return laplace'(x), the normal density: of two halves, so that neither underflows first."""
        y = (x - self.mu) / self.sigma
        half = m.exp(-0.25 * (y * y))
        return half / (m.sqrt(2.0 * m.pi) * self.sigma) * half


@activation
class Tanh(Elementwise):
    description = "Hyperbolic tangent: squashes any number into (-1, 1), centred on 0."
    formula = "tanh(x)"
    textbook = "(exp(x) - exp(-x)) / (exp(x) + exp(-x))"
    source = "LeCun, Bottou, Orr & Mueller 1998, Efficient BackProp"
    derivative_formula = "1 - tanh(x) ** 2"
    range = "(-1, 1)"
    monotonic = "strictly increasing"
    advantages = (
        "non-linear; differentiable everywhere",
        "zero-centred: outputs between -1 and 1, negative where that is wanted",
    )
    disadvantages = (
        "saturates: the slope is tiny for large abs(x), so gradients vanish, as with sigmoid",
        "needs an exponential, which is slow to compute",
    )
    use = "recurrent cells; outputs between -1 and 1; not in deep hidden layers"
    dialects = {
        "keras": Dialect("keras.activations.tanh(x)"),
        "keras2": Dialect("tf.keras.activations.tanh(x)"),
        "torch": Dialect("torch.tanh(x)"),
        "jax": Dialect("jax.nn.tanh(x)"),
        "onnx": Dialect("Tanh"),
        "flax": Dialect("flax.linen.tanh(x)"),
        "mlx": Dialect("mlx.core.tanh(x)"),
        "ggml": Dialect("ggml_tanh(ctx, x)"),
        "transformers": Dialect('ACT2FN["tanh"](x)'),
    }
    aliases = ("tanh_fast",)

    def value(self, m: Backend[T], x: T) -> T:
        """Return tanh(x)."""
        return m.tanh(x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return 1 / cosh(x)**2, the square last, so that nothing cancels or overflows before it."""
        y = inverse_cosh(m, x)
        return y * y

    def tensorflow2(self, kernels: Any, x: Any) -> Any:
        """Return the float32 kernel behind ``tf.keras.activations.tanh``."""
        return kernels.tanh(x)


@activation
class Softsign(Elementwise):
    description = "Softsign: like tanh, but approaches its bounds slowly, as 1/x goes to 0."
    formula = "x / (1 + abs(x))"
    source = "Bergstra, Desjardins, Lamblin & Bengio 2009"
    derivative_formula = "1 / (1 + abs(x)) ** 2"
    range = "(-1, 1)"
    monotonic = "strictly increasing"
    advantages = (
        "needs no exponential",
        "saturates more slowly than tanh, so gradients vanish later",
    )
    disadvantages = (
        "its gradient still vanishes for large abs(x)",
        "its second derivative jumps at 0",
    )
    use = "in place of tanh, where neurons saturate"
    window = (-6.0, 6.0)
    dialects = {
        "keras": Dialect("keras.activations.softsign(x)"),
        "keras2": Dialect("tf.keras.activations.softsign(x)"),
        "torch": Dialect("torch.nn.functional.softsign(x)"),
        "jax": Dialect("jax.nn.soft_sign(x)"),
        "onnx": Dialect("Softsign"),
        "flax": Dialect("flax.linen.soft_sign(x)"),
        "mlx": Dialect("mlx.nn.softsign(x)"),
    }
    error = 2.0**-50

    def value(self, m: Backend[T], x: T) -> T:
        """Return softsign(x)."""
        return x / (1.0 + m.abs(x))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return softsign'(x)."""
        inverse = 1.0 / (1.0 + m.abs(x))
        return inverse * inverse


@activation
class ComplementaryLogLog(Elementwise):
    description = (
        "Inverse of the complementary log-log link: an asymmetric sigmoid, which nears 1 faster than 0.\n\n"
        "It is the probability of one event or more, where their number is a Poisson variable of mean exp(x)."
    )
    formula = "1 - exp(-exp(x))"
    source = "Gomes & Ludermir 2008 (SBRN); the link: Fisher 1922"
    derivative_formula = "exp(x - exp(x))"
    range = "(0, 1)"
    monotonic = "strictly increasing"
    advantages = ("suits events that are rare, as an output",)
    disadvantages = (
        "saturates on both sides, where its gradient vanishes",
        "needs two exponentials",
    )
    use = "output layers for rare events, and for times until an event"
    window = (-6.0, 4.0)
    aliases = ("cloglog",)
    nearest = "sigmoid"
    error = 2.0**-33
    """Where exp(-exp(x)) does not vanish yet, exp(x) is 745 at most, and so often its relative error enters."""

    def value(self, m: Backend[T], x: T) -> T:
        """Return complementary_log_log(x)."""
        return -m.expm1(-m.exp(x))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return complementary_log_log'(x)."""
        return m.exp(m.minimum(x, 1000.0) - m.exp(x))  # both 0 from there on; infinity less itself is no number
