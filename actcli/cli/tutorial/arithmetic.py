"""The numbers in the tutorial's prose, computed from the activations as a reader would compute them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from actcli.api import derivative, evaluate, prepare
from actcli.numerics import text

if TYPE_CHECKING:
    from actcli.cli.views.sampling import Curve


def evaluate_texts(name: str, x: Sequence[str | float]) -> list[str]:
    """Return results in float32 as one would type them: in the fewest digits that round-trip, without ``.0``."""
    return [number.removesuffix(".0") for number in text.shortest(evaluate(name, x, dtype="float32"))]


def value(name: str, x: float) -> float:
    """Return f(x)."""
    return float(evaluate(name, [x], dtype="float64")[0])


def slope(name: str, x: float) -> float:
    """Return f'(x)."""
    return float(derivative(name, [x], dtype="float64")[0])


def sample(name: str, end: int) -> list[Curve]:
    """Return the curve of a function and that of its derivative, from -end to end."""
    import numpy as np

    from actcli.cli.views import sampling

    x = np.linspace(-end, end, 40 * end + 1, dtype=np.float32)
    return sampling.curves([prepare(name, {}, "float32")], x, derivative=True)


def chain(name: str, start: str, layers: int) -> list[str]:
    """Return what each of several layers sees, whose weights are 1: the first ``start``, the others a result."""
    inputs = [start]
    while len(inputs) < layers:
        inputs += evaluate_texts(name, inputs[-1:])
    return inputs


def multiply_slopes(name: str, inputs: Sequence[str]) -> float:
    """Return what several layers that see these inputs leave of a gradient of 1."""
    product = 1.0
    for x in inputs:
        product *= slope(name, float(x))
    return product


class Step(NamedTuple):
    """One step of training a neuron with one weight, whose input is 1."""

    weight: float
    target: float
    rate: float
    value: float
    error: float
    slope: float
    gradient: float
    new_weight: float
    new_error: float


def train_once(name: str, *, weight: float, target: float, rate: float) -> Step:
    """Return one step of gradient descent on the squared error."""
    sent, rise = value(name, weight), slope(name, weight)
    gradient = 2 * (sent - target) * rise
    new_weight = weight - rate * gradient
    new_error = (value(name, new_weight) - target) ** 2
    return Step(weight, target, rate, sent, (sent - target) ** 2, rise, gradient, new_weight, new_error)


class Neuron(NamedTuple):
    """A neuron f(x + b) that should learn what relu(x + wanted) gives for some inputs."""

    inputs: Sequence[float]
    wanted: float

    @property
    def targets(self) -> list[float]:
        """What it should send for each input."""
        return [value("relu", x + self.wanted) for x in self.inputs]

    def gradient(self, name: str, bias: float) -> float:
        """Return the slope of the mean squared error in terms of the bias."""
        parts = [
            2 * (value(name, x + bias) - target) * slope(name, x + bias)
            for x, target in zip(self.inputs, self.targets, strict=True)
        ]
        return sum(parts) / len(parts)

    def train(self, name: str, bias: float, rate: float, steps: int) -> float:
        """Return the bias after some steps of gradient descent."""
        for _ in range(steps):
            bias -= rate * self.gradient(name, bias)
        return bias
