"""Small networks of NumPy, trained on scikit-learn's handwritten digits, with their true gradients."""

import functools
import itertools
from typing import Any, NamedTuple

import numpy as np


def sigmoid(z: Any) -> tuple[Any, Any]:
    """Return the function and its derivative."""
    y = 1 / (1 + np.exp(-z))
    return y, y * (1 - y)


def relu(z: Any) -> tuple[Any, Any]:
    """Return the function and its derivative."""
    return np.maximum(z, 0), (z > 0).astype(float)


class Layer(NamedTuple):
    """A hidden layer after training, on all digits."""

    pre_activations: Any
    """Rows are digits, columns neurons."""
    arriving: float
    """Size of the gradient of the loss by the layer's outputs."""
    passed: float
    """Size of the gradient by its pre-activations."""
    weights: float
    """Size of the gradient by its weights."""


KINDS: dict[str, dict[str, Any]] = {
    "sigmoid": {"function": sigmoid, "rate": 0.5},
    "relu": {"function": relu, "rate": 0.05},
    "dying": {"function": relu, "rate": 0.5},
    "dead": {"function": relu, "rate": 0.05, "bias": -2.0},
}
"""The networks that are diagnosed: one whose gradient vanishes, a healthy one, and two that lose their neurons."""


@functools.cache
def trained(kind: str) -> list["Layer"]:
    """Return the hidden layers of one of these networks."""
    return train(**KINDS[kind])


def train(function: Any, *, rate: float, bias: float = 0.0, depth: int = 5, steps: int = 300) -> list[Layer]:
    """Return the hidden layers of 32 neurons each, trained by gradient descent on batches of 64 digits."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    x, t = digits.data / 16 - 0.3, np.eye(10)[digits.target]
    random = np.random.default_rng(5)
    sizes = [64, *[32] * depth, 10]
    gain = 2 if function is relu else 1
    weights = [random.normal(0, np.sqrt(gain / m), (m, n)) for m, n in itertools.pairwise(sizes)]
    biases = [np.full(n, bias) for n in sizes[1:-1]] + [np.zeros(10)]
    for _ in range(steps):
        rows = random.integers(0, len(x), 64)
        layers = _gradients(function, weights, biases, x[rows], t[rows])
        for i, (_, _, by_z, given) in enumerate(layers):
            weights[i] -= rate * given.T @ by_z
            biases[i] -= rate * by_z.sum(axis=0)
    return [
        Layer(z, *(float(np.linalg.norm(gradient)) for gradient in (by_y, by_z, given.T @ by_z)))
        for z, by_y, by_z, given in _gradients(function, weights, biases, x, t)[:-1]
    ]


def _gradients(function: Any, weights: Any, biases: Any, x: Any, t: Any) -> list[tuple[Any, Any, Any, Any]]:
    """Return of each layer pre-activations, gradients by outputs and by pre-activations, and inputs."""
    given, pre, slopes = [x], [], []
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        pre.append(given[-1] @ w + b)
        y, slope = function(pre[-1])
        given.append(y)
        slopes.append(slope)
    z = given[-1] @ weights[-1] + biases[-1]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    by_z = (e / e.sum(axis=1, keepdims=True) - t) / len(x)
    layers = [(z, by_z, by_z, given[-1])]
    for i in reversed(range(len(pre))):
        by_y = by_z @ weights[i + 1].T
        by_z = by_y * slopes[i]
        layers.insert(0, (pre[i], by_y, by_z, given[i]))
    return layers
