"""Activations along an axis: each result depends on all numbers of its row."""

from typing import Any

from actcli.activation import AlongAxis, Mathematics, activation


@activation
class Softmax(AlongAxis):
    """Softmax: turns the numbers along an axis into probabilities that sum to 1.

    Infinities give the limit: -inf has probability 0; entries equal to an infinite maximum share 1 evenly.
    """

    formula = "exp(x[i]) / sum(exp(x[j]) for j in range(len(x)))"
    source = "Bridle 1990"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return softmax(x) along the last axis; the maximum is taken off first, so that nothing overflows."""
        largest = m.maximum_of(x)
        e = m.exp(m.where(x == largest, 0.0, x - largest))
        return e / m.sum_of(e)
