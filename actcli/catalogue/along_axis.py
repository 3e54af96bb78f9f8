"""Activations along an axis: each result depends on all numbers of its row."""

from typing import Any

from actcli.activation import EVERYWHERE, AlongAxis, Mathematics, activation


def _from_largest(m: Mathematics, x: Any) -> Any:
    """Return x less its maximum along the axis; entries equal to an infinite maximum count as equal to it."""
    largest = m.maximum_of(x)
    return m.where(x == largest, 0.0, x - largest)


def _first_largest(m: Mathematics, x: Any) -> Any:
    """Return 1 at the first maximum along the axis, 0 elsewhere."""
    equal = m.where(x == m.maximum_of(x), 1.0, 0.0)
    return m.where(m.running_sum(equal) == 1.0, equal, 0.0)


def _softmax(m: Mathematics, x: Any) -> Any:
    e = m.exp(_from_largest(m, x))
    return e / m.sum_of(e)


def _softmax_vjp(m: Mathematics, x: Any, g: Any) -> Any:
    y = _softmax(m, x)
    # A constant in g has no effect. Without that of the largest share, near 1, g - sum(g * y) does not cancel there.
    g = g - m.sum_of(m.where(_first_largest(m, x) == 1.0, g, 0.0))
    return y * (g - m.sum_of(g * y))


@activation
class Softmax(AlongAxis):
    """Softmax: turns the numbers along an axis into probabilities that sum to 1.

    Infinities give the limit: -inf has probability 0; entries equal to an infinite maximum share 1 evenly.
    """

    formula = "exp(x[i]) / sum(exp(x[j]) for j in range(len(x)))"
    source = "Bridle 1990"
    dialects = EVERYWHERE

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return softmax(x) along the last axis; the maximum is taken off first, so that nothing overflows."""
        return _softmax(m, x)

    def vjp(self, m: Mathematics, x: Any, g: Any) -> Any:
        """Return softmax(x) * (g - sum(g * softmax(x)))."""
        return _softmax_vjp(m, x, g)


@activation
class LogSoftmax(AlongAxis):
    """Logarithm of softmax."""

    formula = "x[i] - log(sum(exp(x[j]) for j in range(len(x))))"
    source = "no paper; the log-likelihood of softmax"
    dialects = {"keras": {}, "torch": {}, "jax": {}, "onnx": {}}
    nearest = "softmax"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return log_softmax(x) along the last axis."""
        below = _from_largest(m, x)
        return below - m.log1p(m.sum_of(m.exp(below)) - 1.0)

    def vjp(self, m: Mathematics, x: Any, g: Any) -> Any:
        """Return g - softmax(x) * sum(g)."""
        return g - _softmax(m, x) * m.sum_of(g)


@activation
class Softmin(AlongAxis):
    """Softmin: softmax of the negated numbers, the smallest gets the largest probability."""

    formula = "exp(-x[i]) / sum(exp(-x[j]) for j in range(len(x)))"
    source = "no paper; PyTorch"
    dialects = {"torch": {}}
    nearest = "softmax"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return softmin(x) along the last axis."""
        return _softmax(m, -x)

    def vjp(self, m: Mathematics, x: Any, g: Any) -> Any:
        """Return the product with minus the Jacobian of softmax at -x."""
        return -_softmax_vjp(m, -x, g)


@activation
class Sparsemax(AlongAxis):
    """Sparsemax: the nearest point of the probability simplex, with zeros where softmax has small numbers."""

    formula = "max(x[i] - max((sum(sorted(x)[-k:]) - 1) / k for k in range(1, len(x) + 1)), 0)"
    source = "Martins & Astudillo 2016, arXiv:1602.02068"
    dialects = {"keras": {}}
    nearest = "softmax"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return sparsemax(x) along the last axis; Keras up to 3.15.1 gives other numbers, by a mistake."""
        below, limit = self._limit(m, x)
        return m.where(below > limit, below - limit, m.where(below <= limit, 0.0, below))

    def vjp(self, m: Mathematics, x: Any, g: Any) -> Any:
        """Return g less its mean where sparsemax(x) is above 0, and 0 elsewhere."""
        below, limit = self._limit(m, x)
        total, count = (m.sum_of(m.where(below > limit, numbers, 0.0)) for numbers in (g, 1.0))
        return m.where(below > limit, g - total / count, m.where(below <= limit, 0.0, below))

    def _limit(self, m: Mathematics, x: Any) -> tuple[Any, Any]:
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
    dialects = {"onnx": {}}
    nearest = "softmax"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return hardmax(x) along the last axis."""
        largest = m.maximum_of(x)
        return m.where(x <= largest, _first_largest(m, x), largest)  # NaN where there is one

    def vjp(self, m: Mathematics, x: Any, g: Any) -> Any:
        """Return 0: between the jumps nothing changes."""
        largest = m.maximum_of(x)
        return m.where(x <= largest, 0.0, largest)
