"""Activations along an axis: each result depends on all numbers of its vector."""

import math

from actcli.activation import AlongAxis
from actcli.backend import AxisBackend, T
from actcli.dialects import Dialect
from actcli.registry import activation


def _below(m: AxisBackend[T], x: T, largest: T) -> T:
    """Return x less the largest; entries equal to an infinite one count as equal to it."""
    return m.where(x == largest, 0.0, x - largest)


def _from_largest(m: AxisBackend[T], x: T) -> T:
    """Return x less its maximum along the axis."""
    return _below(m, x, m.max_last(x))


def _first_largest(m: AxisBackend[T], x: T) -> T:
    """Return 1 at the first maximum along the axis, 0 elsewhere."""
    equal = m.where(x == m.max_last(x), 1.0, 0.0)
    return m.where(m.cumsum(equal) == 1.0, equal, 0.0)


def _softmax(m: AxisBackend[T], x: T) -> T:
    e = m.exp(_from_largest(m, x))
    return e / m.sum_last(e)


def _softmax_vjp(m: AxisBackend[T], x: T, g: T) -> T:
    y = _softmax(m, x)
    # A constant in g has no effect. Without that of the largest share, near 1, g - sum(g * y) does not cancel there.
    g = g - m.sum_last(m.where(_first_largest(m, x) == 1.0, g, 0.0))
    return y * (g - m.sum_last(g * y))


class _Exponentials(AlongAxis):
    """What softmax and its kin need to know: the maximum, and the sum of e**(x - maximum) of all numbers but it.

    The sum leaves out the 1 of the maximum, beside which the digits of a small sum would be lost.
    """

    nothing = -math.inf

    def reduction(self, m: AxisBackend[T], x: T) -> tuple[T, T]:
        """Return the maximum along the last axis, and the sum of the exponentials of what lies below it."""
        largest = m.max_last(x)
        is_largest = x == largest
        count = m.sum_last(m.where(is_largest, 1.0, 0.0))
        return largest, m.sum_last(m.where(is_largest, 0.0, m.exp(_below(m, x, largest)))) + (count - 1.0)

    def apply_reduction(self, m: AxisBackend[T], x: T, reduction: tuple[T, T]) -> T:
        """Return f(x) for some of the numbers that were reduced."""
        raise NotImplementedError

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return f(x) along the last axis."""
        return self.apply_reduction(m, x, self.reduction(m, x))

    def merge_reductions(self, m: AxisBackend[T], first: tuple[T, T], second: tuple[T, T]) -> tuple[T, T]:
        """Return the larger maximum, and the sum that counts from it."""
        largest = m.maximum(first[0], second[0])
        one, other = (m.exp(_below(m, its_largest, largest)) for its_largest, _ in (first, second))
        more, fewer = first[1] + (1.0 + second[1]) * other, second[1] + (1.0 + first[1]) * one
        return largest, m.where(first[0] == largest, more, fewer)


@activation
class Softmax(_Exponentials):
    description = (
        "Softmax: turns the numbers along an axis into probabilities that sum to 1.\n\n"
        "Infinities give the limit: -inf has probability 0; entries equal to an infinite maximum share 1 "
        "evenly. Where all are -inf there is nothing to choose from: NaN, as in the frameworks, so that a mask that "
        "leaves no entry shows."
    )
    formula = "exp(x[i]) / sum(exp(x[j]) for j in range(len(x)))"
    textbook = "exp(x[i]) / sum(exp(x[j]))"
    source = "Bridle 1990"
    derivative_formula = "f[i] * ((i == j) - f[j])"
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

    def apply_reduction(self, m: AxisBackend[T], x: T, reduction: tuple[T, T]) -> T:
        """Return softmax(x); the maximum is taken off first, so that nothing overflows."""
        largest, others = reduction
        return m.exp(_below(m, x, largest)) / (1.0 + others)

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return softmax(x) * (g - sum(g * softmax(x)))."""
        return _softmax_vjp(m, x, g)


@activation
class LogSoftmax(_Exponentials):
    description = "Logarithm of softmax: log-probabilities."
    formula = "x[i] - log(sum(exp(x[j]) for j in range(len(x))))"
    textbook = "x[i] - log(sum(exp(x[j])))"
    source = "no paper; the log-likelihood of softmax"
    derivative_formula = "(i == j) - exp(f[j])"
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

    def apply_reduction(self, m: AxisBackend[T], x: T, reduction: tuple[T, T]) -> T:
        """Return log_softmax(x)."""
        largest, others = reduction
        return _below(m, x, largest) - m.log1p(others)

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return g - softmax(x) * sum(g); of the largest share, near 1, in terms of the others, which do not cancel."""
        y, largest = _softmax(m, x), _first_largest(m, x) == 1.0
        other_shares, others = (m.sum_last(m.where(largest, 0.0, numbers)) for numbers in (y, g))
        return m.where(largest, g * other_shares - y * others, g - y * m.sum_last(g))


@activation
class Softmin(_Exponentials):
    description = "Softmin: softmax of the negated numbers; the smallest gets the largest probability."
    formula = "exp(-x[i]) / sum(exp(-x[j]) for j in range(len(x)))"
    textbook = "exp(-x[i]) / sum(exp(-x[j]))"
    source = "no paper; PyTorch"
    derivative_formula = "f[i] * (f[j] - (i == j))"
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
    nothing = math.inf

    def reduction(self, m: AxisBackend[T], x: T) -> tuple[T, T]:
        """Return that of the negated numbers."""
        return super().reduction(m, -x)

    def apply_reduction(self, m: AxisBackend[T], x: T, reduction: tuple[T, T]) -> T:
        """Return softmin(x)."""
        largest, others = reduction
        return m.exp(_below(m, -x, largest)) / (1.0 + others)

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return the product with minus the Jacobian of softmax at -x."""
        return -_softmax_vjp(m, -x, g)


@activation
class Sparsemax(AlongAxis):
    description = "Sparsemax: the nearest probability distribution, with zeros where softmax gives small probabilities."
    formula = "max(x[i] - max((sum(sorted(x)[-k:]) - 1) / k for k in range(1, len(x) + 1)), 0)"
    textbook = "max(x[i] - tau, 0)"
    source = "Martins & Astudillo 2016, arXiv:1602.02068"
    derivative_formula = "(i == j) - 1 / sum(y > 0 for y in f) if f[i] > 0 and f[j] > 0 else 0"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = (
        "a sparse probability distribution, with exact zeros",
        "attention that is easy to read",
    )
    disadvantages = (
        "no gradient for entries at 0",
        "needs to sort its input",
    )
    use = "attention and output layers in which few entries should be above 0"
    dialects = {
        "keras": Dialect("keras.activations.sparsemax(x, axis=-1)"),
    }
    nearest = "softmax"
    nothing = -math.inf

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return sparsemax(x) along the last axis; Keras up to 3.15.1 gives other numbers, by a mistake."""
        below, limit = self._limit(m, x)
        return m.where(below > limit, below - limit, m.where(below <= limit, 0.0, below))

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return g less its mean where sparsemax(x) is above 0, and 0 elsewhere."""
        below, limit = self._limit(m, x)
        total, count = (m.sum_last(m.where(below > limit, numbers, 0.0)) for numbers in (g, 1.0))
        return m.where(below > limit, g - total / count, m.where(below <= limit, 0.0, below))

    def _limit(self, m: AxisBackend[T], x: T) -> tuple[T, T]:
        """Return x less its maximum, and the number that those with a share exceed."""
        below = _from_largest(m, x)
        ordered = m.sort_descending(below)
        inside = 1.0 + m.positions(ordered) * ordered > m.cumsum(ordered)
        count = m.sum_last(m.where(inside, 1.0, 0.0))
        return below, (m.sum_last(m.where(inside, ordered, 0.0)) - 1.0) / count


@activation
class Hardmax(AlongAxis):
    description = "Hardmax: 1 at the first maximum along the axis, 0 elsewhere."
    formula = "1 if i == x.index(max(x)) else 0"
    textbook = "1 if x[i] == max(x) else 0"
    source = "no paper; ONNX operator Hardmax"
    derivative_formula = "0"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = ("a one-hot vector that names the winner",)
    disadvantages = ("its gradient is 0, so nothing is learned through it",)
    use = "predictions, after training"
    dialects = {
        "onnx": Dialect("Hardmax(x, axis=-1)"),
    }
    nearest = "softmax"

    def value(self, m: AxisBackend[T], x: T) -> T:
        """Return hardmax(x) along the last axis."""
        largest = m.max_last(x)
        return m.where(x <= largest, _first_largest(m, x), largest)  # NaN where there is one

    def vjp(self, m: AxisBackend[T], x: T, g: T) -> T:
        """Return 0: between the jumps nothing changes."""
        largest = m.max_last(x)
        return m.where(x <= largest, 0.0, largest)
