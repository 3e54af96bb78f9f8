"""Smooth relatives of the rectifier: softplus, its variants and its mirror image."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.catalogue.mathematics import softplus
from actcli.dialects import Dialect
from actcli.parameters import param
from actcli.registry import activation


@activation
class Softplus(Elementwise):
    description = "Softplus: a smooth approximation of relu, the integral of the sigmoid."
    formula = "x if threshold is not None and beta * x > threshold else log(1 + exp(beta * x)) / beta"
    textbook = "log(1 + exp(x))"
    source = "Dugas, Bengio, Belisle, Nadeau & Garcia 2000 (NIPS)"
    derivative_formula = "1 if threshold is not None and beta * x > threshold else 1 / (1 + exp(-beta * x))"
    range = "(0, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "smooth everywhere",
        "outputs are always positive",
        "its derivative is the sigmoid",
    )
    disadvantages = (
        "needs an exponential and a logarithm",
        "no better than relu in hidden layers, as Glorot, Bordes & Bengio found in 2011",
    )
    use = "output layer for positive quantities, such as a scale or a variance"
    window = (-6.0, 6.0)
    dialects = {
        "keras": Dialect("keras.activations.softplus(x)"),
        "keras2": Dialect("tf.keras.activations.softplus(x)"),
        "torch": Dialect("torch.nn.functional.softplus(x, beta=1.0, threshold=20.0)", {"threshold": 20.0}),
        "jax": Dialect("jax.nn.softplus(x)"),
        "onnx": Dialect("Softplus"),
        "flax": Dialect("flax.linen.softplus(x)"),
        "mlx": Dialect("mlx.nn.softplus(x)"),
        "ggml": Dialect("ggml_softplus(ctx, x)", {"threshold": 20.0}),
    }
    beta: float = param(1.0, "sharpness", domain="!= 0")
    threshold: float | None = param(
        None, "where beta * x exceeds it, x is returned unchanged; PyTorch rounds the product first", is_bound=True
    )

    def value(self, m: Backend[T], x: T) -> T:
        """Return softplus(x)."""
        y = softplus(m, self.beta * x) / self.beta
        return y if self.threshold is None else m.where(self.beta * x > self.threshold, x, y)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return softplus'(x), the logistic function."""
        y = m.logistic(self.beta * x)
        return y if self.threshold is None else m.where(self.beta * x > self.threshold, 1.0, y)


@activation
class SqrtSoftplus(Elementwise):
    description = "Square root of softplus: positive, with slow growth."
    formula = "sqrt(log(1 + exp(x)))"
    textbook = "sqrt(softplus(x))"
    source = "DeepSeek-V4 (2026), according to the docstring in transformers"
    derivative_formula = "1 / (2 * (1 + exp(-x)) * sqrt(log(1 + exp(x))))"
    range = "(0, inf)"
    monotonic = "strictly increasing"
    advantages = ("positive, and grows so slowly that no score dwarfs the others",)
    disadvantages = (
        "needs an exponential, a logarithm and a square root",
        "new: little used outside one model",
    )
    use = "router scores in mixture-of-experts models"
    dialects = {
        "transformers": Dialect('ACT2FN["sqrtsoftplus"](x)'),
    }
    nearest = "softplus"

    def value(self, m: Backend[T], x: T) -> T:
        """Return sqrt_softplus(x)."""
        return m.sqrt(softplus(m, x))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return sqrt_softplus'(x)."""
        return 0.5 * m.logistic(x) / m.sqrt(softplus(m, x))


@activation
class Squareplus(Elementwise):
    description = "Squareplus: a smooth approximation of relu that needs only a square root."
    formula = "(x + sqrt(x**2 + b)) / 2"
    textbook = "(x + sqrt(x**2 + 4)) / 2"
    source = "Barron 2021, arXiv:2112.11687"
    derivative_formula = "(1 + x / sqrt(x**2 + b)) / 2"
    kinks = "with b = 0 it is relu, and the derivative at 0 is 1/2"
    range = "(0, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "smooth, without an exponential or a logarithm",
        "in simple float32 code overflows only beyond 1.8e19 (softplus: beyond 88.7)",
    )
    disadvantages = ("approaches 0 slowly for negative inputs: like 1 / abs(x), not exponentially",)
    use = "cheap drop-in replacement for softplus"
    dialects = {
        "keras": Dialect("keras.activations.squareplus(x, b=4)"),
        "jax": Dialect("jax.nn.squareplus(x, b=4)"),
    }
    nearest = "softplus"
    b: float = param(4.0, "roundness of the bend; the value at 0 is sqrt(b) / 2", domain=">= 0", per_column=True)

    def value(self, m: Backend[T], x: T) -> T:
        """Return squareplus(x); the negative side as a quotient, where the sum would cancel."""
        if not self.b:
            return m.maximum(x, 0.0)
        size = m.abs(x)
        total = size + m.sqrt(size * size + self.b)
        return 0.5 * m.where(x >= 0, total, self.b / total)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return squareplus'(x)."""
        if not self.b:
            return m.where(x > 0, 1.0, m.where(x < 0, 0.0, 0.5))
        size = m.abs(x)
        root = m.sqrt(size * size + self.b)
        return 0.5 * m.where(x >= 0, 1.0 + size / root, self.b / root / (root + size))


@activation
class SparsePlus(Elementwise):
    description = "Sparse plus: 0 up to -1, x from 1 on, and a parabola in between."
    formula = "0 if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4"
    source = "Blondel, Martins & Niculae 2019, arXiv:1901.02324"
    derivative_formula = "0 if x <= -1 else 1 if x >= 1 else (x + 1) / 2"
    range = "[0, inf)"
    monotonic = "non-decreasing"
    advantages = (
        "exact zeros and a continuous slope",
        "needs no exponential",
    )
    disadvantages = ("no gradient below -1",)
    use = "in place of softplus, where exact zeros are wanted"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.sparse_plus(x)"),
        "jax": Dialect("jax.nn.sparse_plus(x)"),
    }
    nearest = "softplus"
    error = 2.0**-50

    def value(self, m: Backend[T], x: T) -> T:
        """Return sparse_plus(x)."""
        return m.where(x <= -1, 0.0, m.where(x >= 1, x, (x + 1.0) * (x + 1.0) / 4.0))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return sparse_plus'(x), the sparse sigmoid."""
        return m.where(x <= -1, 0.0, m.where(x >= 1, 1.0, (x + 1.0) / 2.0))


@activation
class Smelu(Elementwise):
    description = "Smooth rectified linear unit: 0 up to -beta, x from beta on, and a parabola in between."
    formula = "0 if x <= -beta else x if x >= beta else (x + beta) ** 2 / (4 * beta)"
    textbook = "0 if x <= -2 else x if x >= 2 else (x + 2) ** 2 / 8"
    source = "Shamir, Lin & Coviello 2020, arXiv:2010.09931; Shamir & Lin 2022, arXiv:2202.06499"
    derivative_formula = "0 if x <= -beta else 1 if x >= beta else (x + beta) / (2 * beta)"
    range = "[0, inf)"
    monotonic = "non-decreasing"
    advantages = (
        "models trained twice agree better than with relu, in its authors' experiments",
        "needs no exponential",
    )
    disadvantages = (
        "no gradient below -beta",
        "beta has to be chosen: a smaller one is more accurate, a larger one easier to reproduce",
    )
    use = "recommender systems whose predictions should be reproducible"
    window = (-4.0, 4.0)
    nearest = "sparse_plus, which is smelu with beta 1"
    error = 2.0**-50
    beta: float = param(2.0, "half the width of the parabola", domain="> 0")

    def value(self, m: Backend[T], x: T) -> T:
        """Return smelu(x)."""
        above = m.minimum(m.maximum(x, -self.beta), self.beta) + self.beta
        return m.where(x <= -self.beta, 0.0, m.where(x >= self.beta, x, above / self.beta / 4.0 * above))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return smelu'(x)."""
        above = m.minimum(m.maximum(x, -self.beta), self.beta) + self.beta
        return m.where(x <= -self.beta, 0.0, m.where(x >= self.beta, 1.0, above / self.beta / 2.0))


@activation
class LogSigmoid(Elementwise):
    description = "Logarithm of the sigmoid, -softplus(-x)."
    formula = "-log(1 + exp(-x))"
    source = "no paper; the log-likelihood of a logistic unit"
    derivative_formula = "1 / (1 + exp(x))"
    range = "(-inf, 0)"
    monotonic = "strictly increasing"
    advantages = ("a log-probability that does not underflow",)
    disadvantages = (
        "unbounded below: confident mistakes cost much",
        "not meant for hidden layers",
    )
    use = "binary classification losses computed from logits"
    window = (-6.0, 6.0)
    dialects = {
        "keras": Dialect("keras.activations.log_sigmoid(x)"),
        "torch": Dialect("torch.nn.functional.logsigmoid(x)"),
        "jax": Dialect("jax.nn.log_sigmoid(x)"),
        "flax": Dialect("flax.linen.log_sigmoid(x)"),
        "mlx": Dialect("mlx.nn.log_sigmoid(x)"),
    }
    nearest = "softplus"

    def value(self, m: Backend[T], x: T) -> T:
        """Return log_sigmoid(x)."""
        return -softplus(m, -x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return log_sigmoid'(x), the logistic function of -x."""
        return m.logistic(-x)


@activation
class LogCosh(Elementwise):
    description = "Logarithm of the hyperbolic cosine: a smooth absolute value."
    formula = "log((exp(x) + exp(-x)) / 2)"
    textbook = "log(cosh(x))"
    source = "no paper; NNlib"
    derivative_formula = "tanh(x)"
    range = "[0, inf)"
    monotonic = "no"
    advantages = (
        "smooth; like x**2 / 2 near 0 and like abs(x) for large abs(x)",
        "its slope stays between -1 and 1",
    )
    disadvantages = ("an even function: the sign of the input is lost",)
    use = "regression losses that are robust to outliers"
    other_calls = {"nnlib": "NNlib.logcosh(x)"}
    nearest = "softplus"

    def value(self, m: Backend[T], x: T) -> T:
        """Return log_cosh(x); near 0 by log1p of sinh(x)**2, where the difference would cancel."""
        size = m.abs(x)
        is_near = size < 1
        less = m.expm1(-2.0 * size)
        e = 1.0 + less
        logarithm = m.log1p(m.where(is_near, less * less / (4.0 * m.maximum(e, 0.125)), e))
        return m.where(is_near, logarithm / 2.0, size + logarithm - m.ln2)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return log_cosh'(x), the hyperbolic tangent."""
        return m.tanh(x)
