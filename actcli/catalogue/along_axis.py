"""Softmax and its kin: each result depends on all numbers along an axis."""

import math

from actcli.backend import AxisBackend, T
from actcli.catalogue.shares import Exponentials, Maskable, below, check_size, first_largest, flat, weighted_vjp
from actcli.dialects import Dialect
from actcli.parameters import param
from actcli.registry import activation


@activation
class Softmax(Exponentials):
    description = (
        "Softmax: turns the numbers along an axis into probabilities that sum to 1.\n\n"
        "Infinities give the limit: -inf has probability 0; entries equal to an infinite maximum share 1 "
        "evenly. Where all are -inf there is nothing to choose from: NaN, as in the frameworks, so that a mask that "
        "leaves no entry shows; 0 with a sink, and where a mask (fill_value, where) says that none is kept.\n\n"
        "With sink 0 it is softmax1, also called softmax_one or quiet softmax; models like gpt-oss learn their sinks. "
        "The sink is not divided by the temperature. At temperature 0 the gradient is 0."
    )
    formula = (
        "exp(x[i] / temperature) / "
        "(sum(exp(x[j] / temperature) for j in range(len(x))) + (0 if sink is None else exp(sink)))"
    )
    textbook = "exp(x[i]) / sum(exp(x[j]))"
    source = "Bridle 1990"
    derivative_formula = "f[i] * ((i == j) - f[j]) / temperature"
    range = "(0, 1)"
    monotonic = "strictly increasing"
    advantages = (
        "a probability distribution: outputs between 0 and 1 that sum to 1",
        "smooth",
    )
    disadvantages = (
        "saturates: its gradient vanishes once one class is certain",
        "never exactly 0: every class keeps some probability",
    )
    use = "output layer for multiclass classification; attention weights"
    dialects = {
        "keras": Dialect("keras.activations.softmax(x, axis=-1)"),
        "keras2": Dialect("tf.keras.activations.softmax(x, axis=-1)"),
        "torch": Dialect("torch.nn.functional.softmax(x, dim=-1)"),
        "jax": Dialect("jax.nn.softmax(x, axis=-1)"),
        "onnx": Dialect("Softmax(x, axis=-1)"),
        "flax": Dialect("flax.linen.softmax(x, axis=-1)"),
        "mlx": Dialect("mlx.nn.softmax(x, axis=-1)"),
        "ggml": Dialect("ggml_soft_max(ctx, x)"),
    }

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return softmax(x) * (g - sum(g * softmax(x))) / temperature."""
        return self.shares_vjp(m, x, g)


@activation
class LogSoftmax(Exponentials):
    description = (
        "Logarithm of softmax: log-probabilities.\n\n"
        "Where softmax is 0, also of a masked number, it is -inf; where softmax is NaN, NaN."
    )
    formula = (
        "x[i] / temperature - "
        "log(sum(exp(x[j] / temperature) for j in range(len(x))) + (0 if sink is None else exp(sink)))"
    )
    textbook = "x[i] - log(sum(exp(x[j])))"
    source = "no paper; the log-likelihood of softmax"
    derivative_formula = "((i == j) - exp(f[j])) / temperature"
    range = "(-inf, 0)"
    monotonic = "strictly increasing"
    advantages = ("log-probabilities that do not underflow",)
    disadvantages = ("not a distribution itself: the exponentials sum to 1",)
    use = "multiclass classification losses computed from logits"
    dialects = {
        "keras": Dialect("keras.activations.log_softmax(x, axis=-1)"),
        "torch": Dialect("torch.nn.functional.log_softmax(x, dim=-1)"),
        "jax": Dialect("jax.nn.log_softmax(x, axis=-1)"),
        "onnx": Dialect("LogSoftmax(x, axis=-1)"),
        "flax": Dialect("flax.linen.log_softmax(x, axis=-1)"),
        "mlx": Dialect("mlx.nn.log_softmax(x, axis=-1)"),
    }
    nearest = "softmax"
    at_absent = -math.inf

    def apply_reduction(self, m: AxisBackend[T], x: T, reduction: tuple[T, T]) -> T:
        """Return log_softmax(x)."""
        largest, others = reduction
        lift, others = self.with_sink(m, largest, others)
        return self.scaled(m, below(m, x, largest)) - lift - m.log1p(others)

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return g - softmax(x) * sum(g); of the largest share, near 1, in terms of the others, which do not cancel."""
        if not self.temperature:
            return flat(m, x)
        (y, beside, of_sink), largest = self.shares(m, x), first_largest(m, x) == 1.0
        others = m.sum_last(m.where(largest, 0.0, g))
        product = m.where(largest, g * (beside + of_sink) - y * others, g - y * m.sum_last(g))
        return self.scaled(m, product)


@activation
class Softmin(Exponentials):
    description = "Softmin: softmax of the negated numbers; the smallest gets the largest probability."
    formula = (
        "exp(-x[i] / temperature) / "
        "(sum(exp(-x[j] / temperature) for j in range(len(x))) + (0 if sink is None else exp(sink)))"
    )
    textbook = "exp(-x[i]) / sum(exp(-x[j]))"
    source = "no paper; PyTorch"
    derivative_formula = "f[i] * (f[j] - (i == j)) / temperature"
    range = "(0, 1)"
    monotonic = "strictly decreasing"
    advantages = ("a probability distribution that favours small numbers, such as distances",)
    disadvantages = ("saturates: its gradient vanishes once one entry is certain",)
    use = "turning distances or costs into weights"
    dialects = {
        "torch": Dialect("torch.nn.functional.softmin(x, dim=-1)"),
        "mlx": Dialect("mlx.nn.softmin(x, axis=-1)"),
    }
    nearest = "softmax"
    absent = math.inf

    def oriented(self, x: T) -> T:
        """Return the negated numbers."""
        return -x

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return the product with minus the Jacobian of softmax at -x."""
        return -self.shares_vjp(m, x, g)


@activation
class GumbelSoftmax(Maskable):
    description = (
        "Gumbel-softmax: softmax of noisy numbers, a differentiable choice.\n\n"
        "The noise is given, not drawn, so that results can be compared: -log(-log(u)) of uniform random u, or what a "
        "framework drew. Hard results are 1 at the first of the largest noisy numbers and 0 elsewhere, with the "
        "gradient of the soft ones."
    )
    formula = (
        "float(i == max(range(len(x)), key=lambda j: x[j] + noise[j])) if hard else "
        "exp((x[i] + noise[i]) / tau) / sum(exp((x[j] + noise[j]) / tau) for j in range(len(x)))"
    )
    textbook = "exp((x[i] + noise[i]) / tau) / sum(exp((x[j] + noise[j]) / tau) for j in range(len(x)))"
    source = "Jang, Gu & Poole 2016, arXiv:1611.01144; Maddison, Mnih & Teh 2016, arXiv:1611.00712"
    derivative_formula = "f[i] * ((i == j) - f[j]) / tau"
    range = "(0, 1)"
    monotonic = "strictly increasing"
    advantages = (
        "draws a category, yet lets gradients pass",
        "hard results are one-hot in the forward pass",
    )
    disadvantages = (
        "its gradient is biased, and varies more the lower tau is",
        "tau has to be chosen, or lowered during training",
    )
    use = "discrete choices inside a network: latent categories, routing"
    dialects = {
        "torch": Dialect("torch.nn.functional.gumbel_softmax(x, tau=1, hard=False, dim=-1)"),
    }
    nearest = "softmax"

    tau: float = param(1.0, "divides the noisy numbers", domain="> 0", spellings=("temperature",))
    noise: float = param(
        0.0, "what is added to the numbers along the axis, one for each in all rows or for each of x", per_column=True
    )
    hard: bool = param(False, "1 at the largest, 0 elsewhere", kind=bool)

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        check_size(self, "tau")

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return gumbel_softmax(x) along the last axis."""
        largest = m.max_last(x)
        shares = first_largest(m, self._noisy(m, x)) if self.hard else self._shares(m, x)
        return m.where(x <= largest, shares, largest)  # NaN where there is one

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return the product with the Jacobian of the soft results."""
        y = self._shares(m, x)
        nearly = m.where(self._below(m, x) > -(2.0**-30), 1.0, 0.0)  # the largest, or as good as that
        first = m.where(m.cumsum(nearly) == 1.0, nearly, 0.0)
        return weighted_vjp(m, first, g, y, y) / self.tau

    def _noisy(self, m: AxisBackend[T], x: T) -> T:
        return m.where(m.abs(x) >= _INFINITE, x, x + self.noise)  # an infinity stays one

    def _below(self, m: AxisBackend[T], x: T) -> T:
        """Return by how much noisy numbers lie below the largest."""
        noisy = self._noisy(m, x)
        return m.where(m.abs(x) >= _INFINITE, below(m, x, m.max_last(x)), noisy - m.max_last(noisy))

    def _shares(self, m: AxisBackend[T], x: T) -> T:
        e = m.exp(self._below(m, x) / self.tau)
        return e / m.sum_last(e)


_INFINITE = 2.0**999  # what stands for an infinity is larger
