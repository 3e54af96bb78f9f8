"""Straight lines."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.dialects import Dialect
from actcli.parameters import REQUIRED, param
from actcli.registry import activation


@activation
class Linear(Elementwise):
    description = "Linear activation: returns its input unchanged."
    formula = "x"
    source = "no paper; the absence of an activation"
    derivative_formula = "1"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = (
        "its output can be any real number",
        "gradients pass through unchanged",
    )
    disadvantages = ("adds no non-linearity: a stack of linear layers is a single linear layer",)
    use = "output layer for regression, and for losses that take logits"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.linear(x)"),
        "keras2": Dialect("tf.keras.activations.linear(x)"),
        "torch": Dialect("torch.nn.Identity()(x)"),
        "jax": Dialect("jax.nn.identity(x)"),
        "onnx": Dialect("Identity"),
        "transformers": Dialect('ACT2FN["linear"](x)'),
    }
    aliases = ("identity", "none")
    single_rounding = True
    error = 0.0

    def value(self, m: Backend[T], x: T) -> T:
        """Return x."""
        return x

    def derivative(self, m: Backend[T], x: T) -> float:
        """Return 1."""
        return 1.0


@activation
class Affine(Elementwise):
    description = "Affine activation of ONNX's recurrent operators: a line with slope alpha and offset beta."
    formula = "alpha * x + beta"
    source = "no paper; ONNX operators RNN, GRU and LSTM"
    derivative_formula = "alpha"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = ("scales and shifts without another layer",)
    disadvantages = ("adds no non-linearity",)
    use = "recurrent operators in ONNX models"
    window = (-2.0, 2.0)
    dialects = {
        "onnx": Dialect('RNN(x, w, r, activations=["Affine"])'),
    }
    nearest = "linear"
    alpha: float = param(REQUIRED, "slope")
    beta: float = param(REQUIRED, "value at 0")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.single_rounding = self.alpha in (1.0, -1.0)
        self.error = 2.0**-52 if self.beta else 0.0

    def value(self, m: Backend[T], x: T) -> T:
        """Return alpha * x + beta; the product is exact, and the sum is rounded once."""
        return self.alpha * x + self.beta

    def derivative(self, m: Backend[T], x: T) -> float:
        """Return alpha."""
        return self.alpha
