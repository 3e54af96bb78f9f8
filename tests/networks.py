"""Small networks of NumPy, trained on scikit-learn's handwritten digits, with their true gradients."""

import functools
import itertools
import math
from typing import Any, NamedTuple

import numpy as np


def sigmoid(z: Any) -> tuple[Any, Any]:
    """Return the function and its derivative."""
    y = 1 / (1 + np.exp(-z))
    return y, y * (1 - y)


def relu(z: Any) -> tuple[Any, Any]:
    """Return the function and its derivative."""
    return np.maximum(z, 0), (z > 0).astype(float)


def tanh(z: Any) -> tuple[Any, Any]:
    """Return the function and its derivative."""
    y = np.tanh(z)
    return y, 1 - y * y


def silu(z: Any) -> tuple[Any, Any]:
    """Return the function and its derivative."""
    y, slope = sigmoid(z)
    return z * y, y + z * slope


def gelu(z: Any) -> tuple[Any, Any]:
    """Return the function and its derivative."""
    share = np.vectorize(math.erfc)(-z / math.sqrt(2)) / 2
    return z * share, share + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


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


class Network(NamedTuple):
    """A network before training: hidden layers of one width, in a plain chain or not, then ten outputs."""

    function: Any
    rate: float = 0.05
    depth: int = 5
    width: int = 32
    steps: int = 300
    """Of gradient descent on 64 digits each; 0: as it is at the start."""
    gain: float = 1.0
    """Of the starting weights: their variance times the number of inputs (2: He's for relu)."""
    bias: float = 0.0
    """Of the hidden layers at the start."""
    is_residual: bool = False
    """Whether each layer but the first adds its outputs to its inputs."""
    is_normalized: bool = False
    """Whether the pre-activations of each row are brought to mean 0 and variance 1."""


NETWORKS: dict[str, Network] = {
    "relu": Network(relu, gain=2),
    "sigmoid": Network(sigmoid, rate=0.5),
    "gelu, untrained": Network(gelu, gain=2, steps=0),
    "deep relu, untrained": Network(relu, depth=10, gain=2, steps=0),
    "deep tanh, small weights": Network(tanh, depth=14, gain=0.3, steps=0),
    "deep relu, large weights": Network(relu, depth=12, gain=8, steps=0),
    "deep tanh, large weights": Network(tanh, depth=10, gain=6, steps=0),
    "deep sigmoid, untrained": Network(sigmoid, depth=15, steps=0),
    "relu, 5 steps at rate 2": Network(relu, gain=2, rate=2.0, steps=5),
    "relu, biases of -2": Network(relu, gain=2, bias=-2.0),
    "residual relu": Network(relu, is_residual=True),
    "normalized tanh": Network(tanh, is_normalized=True),
}
"""Networks with gradients that are kept, vanish or explode, with neurons that die, and with chains that are not plain;
trained at a rate of 0.05, if at all, unless their names say otherwise."""
SMALL_NETWORKS: dict[str, Network] = {
    "relu": Network(relu, gain=2, depth=4, width=8),
    "dying": Network(relu, gain=2, rate=2.0, width=16, steps=5),
    "tanh": Network(tanh, gain=0.1, depth=8, width=8, steps=0),
    "high rate": Network(relu, gain=2, rate=0.5),
}
"""More of them, whose pre-activations are sample inputs; the last one is chaotic, and differs between machines."""


@functools.cache
def train(network: Network) -> list[Layer]:
    """Return the hidden layers, trained by gradient descent."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    x, t = digits.data / 16 - 0.3, np.eye(10)[digits.target]
    random = np.random.default_rng(5)
    sizes = [64, *[network.width] * network.depth, 10]
    weights = [random.normal(0, np.sqrt(network.gain / m), (m, n)) for m, n in itertools.pairwise(sizes)]
    biases = [np.full(n, network.bias) for n in sizes[1:-1]] + [np.zeros(10)]
    for _ in range(network.steps):
        rows = random.integers(0, len(x), 64)
        for i, layer in enumerate(_gradients(network, weights, biases, x[rows], t[rows])):
            weights[i] -= network.rate * layer.inputs.T @ layer.by_sum
            biases[i] -= network.rate * layer.by_sum.sum(axis=0)
    return [
        Layer(layer.z, *map(_norm, (layer.by_y, layer.by_z, layer.inputs.T @ layer.by_sum)))
        for layer in _gradients(network, weights, biases, x, t)[:-1]
    ]


def _norm(gradient: Any) -> float:
    return float(np.linalg.norm(gradient))


class _Backward(NamedTuple):
    """A layer's inputs and pre-activations, and the gradients by outputs, pre-activations and the sums before them."""

    inputs: Any
    z: Any
    by_y: Any
    by_z: Any
    by_sum: Any


def _gradients(network: Network, weights: Any, biases: Any, x: Any, t: Any) -> list[_Backward]:
    """Return what back-propagation gives for each layer."""
    inputs, pre, slopes, deviations = [x], [], [], []
    for i, (w, b) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
        z = inputs[-1] @ w + b
        deviations.append(z.std(axis=1, keepdims=True) if network.is_normalized else 1.0)
        pre.append((z - z.mean(axis=1, keepdims=True)) / deviations[-1] if network.is_normalized else z)
        y, slope = network.function(pre[-1])
        slopes.append(slope)
        inputs.append(inputs[-1] + y if network.is_residual and i else y)
    z = inputs[-1] @ weights[-1] + biases[-1]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    by_sum = (e / e.sum(axis=1, keepdims=True) - t) / len(x)
    layers = [_Backward(inputs[-1], z, by_sum, by_sum, by_sum)]
    skipped = 0.0
    for i in reversed(range(len(pre))):
        by_y = by_sum @ weights[i + 1].T + skipped
        by_z = by_sum = by_y * slopes[i]
        skipped = by_y if network.is_residual and i else 0.0
        if network.is_normalized:
            along = (by_z * pre[i]).mean(axis=1, keepdims=True) * pre[i]
            by_sum = (by_z - by_z.mean(axis=1, keepdims=True) - along) / deviations[i]
        layers.insert(0, _Backward(inputs[i], pre[i], by_y, by_z, by_sum))
    return layers
