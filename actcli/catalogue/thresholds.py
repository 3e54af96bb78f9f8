"""Thresholds: x above the threshold, a fixed value below it."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.dialects import Dialect
from actcli.parameters import REQUIRED, param
from actcli.registry import activation


@activation
class Threshold(Elementwise):
    description = "Threshold: x above the threshold, a fixed value otherwise."
    formula = "x if x > threshold else value_below"
    source = "no paper; Torch7"
    derivative_formula = "1 if x > threshold else 0"
    kinks = "0 at the threshold"
    range = "{value_below} and (threshold, inf)"
    monotonic = "non-decreasing"
    advantages = (
        "replaces weak inputs by a fixed value",
        "cheap to compute",
    )
    disadvantages = (
        "no gradient below the threshold",
        "discontinuous at the threshold, unless value_below equals it",
    )
    use = "suppressing noise; building other rectifiers"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.threshold(x, threshold, value)"),
        "torch": Dialect("torch.nn.functional.threshold(x, threshold, value)"),
    }
    nearest = "thresholded_relu"
    single_rounding = True
    error = 0.0
    threshold: float = param(REQUIRED, "values above it pass through")
    value_below: float = param(REQUIRED, "value at and below the threshold", spellings=("value",))

    def value(self, m: Backend[T], x: T) -> T:
        """Return threshold(x)."""
        return m.where(x > self.threshold, x, self.value_below)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return threshold'(x)."""
        return m.where(x > self.threshold, 1.0, 0.0)


@activation
class ThresholdedRelu(Elementwise):
    description = "Thresholded rectified linear unit: x above theta, 0 otherwise."
    formula = "x if x > theta else 0"
    textbook = "x if x > 1 else 0"
    source = "Konda, Memisevic & Krueger 2014, arXiv:1402.3337"
    derivative_formula = "1 if x > theta else 0"
    kinks = "0 at theta"
    range = "{0} and (theta, inf)"
    monotonic = "non-decreasing"
    advantages = (
        "sparse outputs",
        "lets autoencoders learn without biases",
    )
    disadvantages = (
        "discontinuous: jumps at theta",
        "no gradient below theta",
    )
    use = "sparse autoencoders"
    window = (-2.0, 2.0)
    dialects = {
        "keras2": Dialect("tf.keras.layers.ThresholdedReLU(theta=1.0)(x)"),
        "onnx": Dialect("ThresholdedRelu(x, alpha=1.0)"),
    }
    aliases = ("trelu", "thresholdrelu")
    nearest = "relu with threshold"
    single_rounding = True
    error = 0.0
    theta: float = param(1.0, "values above it pass through", spellings=("alpha",))

    def value(self, m: Backend[T], x: T) -> T:
        """Return thresholded_relu(x)."""
        return m.where(x > self.theta, x, 0.0)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return thresholded_relu'(x)."""
        return m.where(x > self.theta, 1.0, 0.0)
