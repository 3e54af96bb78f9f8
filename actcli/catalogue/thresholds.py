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
    value_below: float = param(REQUIRED, "value at and below the threshold", spellings=("value", "default_value"))

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


@activation
class Step(Elementwise):
    description = "Binary step: 1 above the threshold, 0 below; Heaviside's function, the first artificial neuron's."
    formula = "1 if x > threshold else 0 if x < threshold else at_threshold"
    textbook = "1 if x >= 0 else 0"
    source = "McCulloch & Pitts 1943; Heaviside 1893"
    derivative_formula = "0"
    kinks = "0 at the threshold"
    range = "{0} and {at_threshold} and {1}"
    monotonic = "non-decreasing"
    advantages = ("the simplest decision: fires or does not",)
    disadvantages = (
        "no gradient anywhere, so gradient descent cannot train it",
        "libraries disagree on its value at 0: 0, 1/2 or 1",
    )
    use = "perceptrons; spiking and binarised networks, with a surrogate gradient"
    window = (-2.0, 2.0)
    dialects = {
        "mlx": Dialect("mlx.nn.step(x, threshold=0.0)"),
        "ggml": Dialect("ggml_step(ctx, x)", {"at_threshold": 0.0}),
    }
    aliases = ("heaviside", "binary_step")
    nearest = "hard_sigmoid"
    single_rounding = True
    error = 0.0
    threshold: float = param(0.0, "where it steps")
    at_threshold: float = param(1.0, "value at the threshold", spellings=("at_zero", "values"))

    def value(self, m: Backend[T], x: T) -> T:
        """Return step(x)."""
        return m.where(x > self.threshold, 1.0, m.where(x < self.threshold, 0.0, self.at_threshold))

    def derivative(self, m: Backend[T], x: T) -> float:
        """Return 0."""
        return 0.0
