"""Activations along an axis: each result depends on all numbers of its row."""

from typing import Any

from actcli.activation import AlongAxis
from actcli.backend import Backend
from actcli.dialects import EVERYWHERE
from actcli.registry import activation


def _below(m: Backend, x: Any, largest: Any) -> Any:
    """Return x less the largest; entries equal to an infinite one count as equal to it."""
    return m.where(x == largest, 0.0, x - largest)


def _from_largest(m: Backend, x: Any) -> Any:
    """Return x less its maximum along the axis."""
    return _below(m, x, m.maximum_of(x))


def _first_largest(m: Backend, x: Any) -> Any:
    """Return 1 at the first maximum along the axis, 0 elsewhere."""
    equal = m.where(x == m.maximum_of(x), 1.0, 0.0)
    return m.where(m.running_sum(equal) == 1.0, equal, 0.0)


def _softmax(m: Backend, x: Any) -> Any:
    e = m.exp(_from_largest(m, x))
    return e / m.sum_of(e)


def _softmax_vjp(m: Backend, x: Any, g: Any) -> Any:
    y = _softmax(m, x)
    # A constant in g has no effect. Without that of the largest share, near 1, g - sum(g * y) does not cancel there.
    g = g - m.sum_of(m.where(_first_largest(m, x) == 1.0, g, 0.0))
    return y * (g - m.sum_of(g * y))


class _Exponentials(AlongAxis):
    """What softmax and its kin need to know: the maximum, and the sum of e**(x - maximum)."""

    def reduction(self, m: Backend, x: Any) -> tuple[Any, ...]:
        """Return the maximum along the last axis, and the sum of the exponentials of what lies below it."""
        largest = m.maximum_of(x)
        return largest, m.sum_of(m.exp(_below(m, x, largest)))

    def given(self, m: Backend, x: Any, reduction: tuple[Any, ...]) -> Any:
        """Return f(x) for some of the numbers that were reduced."""
        raise NotImplementedError

    def value(self, m: Backend, x: Any) -> Any:
        """Return f(x) along the last axis."""
        return self.given(m, x, self.reduction(m, x))

    def merged(self, m: Backend, first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the larger maximum, and the sum that counts from it."""
        largest = m.maximum(first[0], second[0])
        one, other = (total * m.exp(_below(m, its_largest, largest)) for its_largest, total in (first, second))
        return largest, one + other


@activation
class Softmax(_Exponentials):
    """Softmax: turns the numbers along an axis into probabilities that sum to 1.

    Infinities give the limit: -inf has probability 0; entries equal to an infinite maximum share 1 evenly.
    """

    formula = "exp(x[i]) / sum(exp(x[j]) for j in range(len(x)))"
    source = "Bridle 1990"
    derivative_formula = "f[i] * ((i == j) - f[j])"
    range = "(0, 1)"
    monotonic = "strictly increasing"
    advantages = (
        "a probability distribution: results between 0 and 1 that sum to 1",
        "smooth",
    )
    disadvantages = (
        "its gradient vanishes when one class is certain",
        "never exactly 0: every class keeps a share",
    )
    use = "output layer of a multiclass classification; attention"
    calls = {
        "keras": "keras.activations.softmax(x, axis=-1)",
        "keras2": "tf.keras.activations.softmax(x, axis=-1)",
        "torch": "torch.nn.functional.softmax(x, dim=-1)",
        "jax": "jax.nn.softmax(x, axis=-1)",
        "onnx": "Softmax(x, axis=-1)",
    }
    dialects = EVERYWHERE

    def given(self, m: Backend, x: Any, reduction: tuple[Any, ...]) -> Any:
        """Return softmax(x); the maximum is taken off first, so that nothing overflows."""
        largest, total = reduction
        return m.exp(_below(m, x, largest)) / total

    def vjp(self, m: Backend, x: Any, g: Any) -> Any:
        """Return softmax(x) * (g - sum(g * softmax(x)))."""
        return _softmax_vjp(m, x, g)


@activation
class LogSoftmax(_Exponentials):
    """Logarithm of softmax."""

    formula = "x[i] - log(sum(exp(x[j]) for j in range(len(x))))"
    source = "no paper; the log-likelihood of softmax"
    derivative_formula = "(i == j) - exp(f[j])"
    range = "(-inf, 0)"
    monotonic = "strictly increasing"
    advantages = ("logarithms of probabilities, without underflow",)
    disadvantages = ("not itself a distribution",)
    use = "losses of a multiclass classification, on logits"
    calls = {
        "keras": "keras.activations.log_softmax(x, axis=-1)",
        "torch": "torch.nn.functional.log_softmax(x, dim=-1)",
        "jax": "jax.nn.log_softmax(x, axis=-1)",
        "onnx": "LogSoftmax(x, axis=-1)",
    }
    dialects = {"keras": {}, "torch": {}, "jax": {}, "onnx": {}}
    nearest = "softmax"

    def given(self, m: Backend, x: Any, reduction: tuple[Any, ...]) -> Any:
        """Return log_softmax(x)."""
        largest, total = reduction
        return _below(m, x, largest) - m.log1p(total - 1.0)

    def vjp(self, m: Backend, x: Any, g: Any) -> Any:
        """Return g - softmax(x) * sum(g)."""
        return g - _softmax(m, x) * m.sum_of(g)


@activation
class Softmin(_Exponentials):
    """Softmin: softmax of the negated numbers, the smallest gets the largest probability."""

    formula = "exp(-x[i]) / sum(exp(-x[j]) for j in range(len(x)))"
    source = "no paper; PyTorch"
    derivative_formula = "f[i] * (f[j] - (i == j))"
    range = "(0, 1)"
    monotonic = "strictly decreasing"
    advantages = ("a distribution in which small numbers, such as distances, weigh most",)
    disadvantages = ("its gradient vanishes when one entry is certain",)
    use = "weights from distances or costs"
    calls = {"torch": "torch.nn.functional.softmin(x, dim=-1)"}
    dialects = {"torch": {}}
    nearest = "softmax"

    def reduction(self, m: Backend, x: Any) -> tuple[Any, ...]:
        """Return that of the negated numbers."""
        return super().reduction(m, -x)

    def given(self, m: Backend, x: Any, reduction: tuple[Any, ...]) -> Any:
        """Return softmin(x)."""
        largest, total = reduction
        return m.exp(_below(m, -x, largest)) / total

    def vjp(self, m: Backend, x: Any, g: Any) -> Any:
        """Return the product with minus the Jacobian of softmax at -x."""
        return -_softmax_vjp(m, -x, g)


@activation
class Sparsemax(AlongAxis):
    """Sparsemax: the nearest point of the probability simplex, with zeros where softmax has small numbers."""

    formula = "max(x[i] - max((sum(sorted(x)[-k:]) - 1) / k for k in range(1, len(x) + 1)), 0)"
    source = "Martins & Astudillo 2016, arXiv:1602.02068"
    derivative_formula = "(i == j) - 1 / sum(y > 0 for y in f) if f[i] > 0 and f[j] > 0 else 0"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = (
        "a distribution with exact zeros: few classes remain",
        "readable attention",
    )
    disadvantages = (
        "no gradient for classes at 0",
        "needs a sort",
    )
    use = "attention and output layers where few classes should remain"
    calls = {"keras": "keras.activations.sparsemax(x, axis=-1)"}
    dialects = {"keras": {}}
    nearest = "softmax"

    def value(self, m: Backend, x: Any) -> Any:
        """Return sparsemax(x) along the last axis; Keras up to 3.15.1 gives other numbers, by a mistake."""
        below, limit = self._limit(m, x)
        return m.where(below > limit, below - limit, m.where(below <= limit, 0.0, below))

    def vjp(self, m: Backend, x: Any, g: Any) -> Any:
        """Return g less its mean where sparsemax(x) is above 0, and 0 elsewhere."""
        below, limit = self._limit(m, x)
        total, count = (m.sum_of(m.where(below > limit, numbers, 0.0)) for numbers in (g, 1.0))
        return m.where(below > limit, g - total / count, m.where(below <= limit, 0.0, below))

    def _limit(self, m: Backend, x: Any) -> tuple[Any, Any]:
        """Return x less its maximum, and the number that those with a share exceed."""
        below = _from_largest(m, x)
        ordered = m.descending(below)
        inside = 1.0 + m.positions(ordered) * ordered > m.running_sum(ordered)
        count = m.sum_of(m.where(inside, 1.0, 0.0))
        return below, (m.sum_of(m.where(inside, ordered, 0.0)) - 1.0) / count


@activation
class Hardmax(AlongAxis):
    """Hardmax: 1 at the first maximum along the axis, 0 elsewhere."""

    formula = "1 if i == x.index(max(x)) else 0"
    source = "no paper; ONNX operator Hardmax"
    derivative_formula = "0"
    range = "[0, 1]"
    monotonic = "non-decreasing"
    advantages = ("names the winner",)
    disadvantages = ("its gradient is 0, so nothing can be learned through it",)
    use = "prediction, after training"
    calls = {"onnx": "Hardmax(x, axis=-1)"}
    dialects = {"onnx": {}}
    nearest = "softmax"

    def value(self, m: Backend, x: Any) -> Any:
        """Return hardmax(x) along the last axis."""
        largest = m.maximum_of(x)
        return m.where(x <= largest, _first_largest(m, x), largest)  # NaN where there is one

    def vjp(self, m: Backend, x: Any, g: Any) -> Any:
        """Return 0: between the jumps nothing changes."""
        largest = m.maximum_of(x)
        return m.where(x <= largest, 0.0, largest)
