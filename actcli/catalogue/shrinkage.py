"""Shrinkage: small inputs become 0, or almost."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.dialects import Dialect
from actcli.parameters import param
from actcli.registry import activation


@activation
class TanhShrink(Elementwise):
    description = "Hyperbolic tangent shrinkage: x minus its hyperbolic tangent."
    formula = "x - tanh(x)"
    source = "no paper; Torch7"
    derivative_formula = "tanh(x) ** 2"
    range = "(-inf, inf)"
    monotonic = "strictly increasing"
    advantages = ("smooth: small inputs shrink to almost 0, without a threshold",)
    disadvantages = (
        "almost no gradient near 0",
        "simple code loses all digits near 0 to cancellation",
    )
    use = "sparse coding"
    dialects = {
        "keras": Dialect("keras.activations.tanh_shrink(x)"),
        "torch": Dialect("torch.nn.functional.tanhshrink(x)"),
    }
    nearest = "tanh"

    def value(self, m: Backend[T], x: T) -> T:
        """Return tanh_shrink(x)."""
        return m.tanh_shrink(x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return tanh_shrink'(x), the square of tanh(x)."""
        y = m.tanh(x)
        return y * y


@activation
class SoftShrink(Elementwise):
    description = "Soft shrinkage: moves x towards 0 by the threshold, and to 0 within it."
    formula = "x - threshold if x > threshold else x + threshold if x < -threshold else 0"
    textbook = "x - 0.5 if x > 0.5 else x + 0.5 if x < -0.5 else 0"
    source = "Donoho & Johnstone 1994; Donoho 1995"
    derivative_formula = "1 if abs(x) > threshold else 0"
    kinks = "0 at the threshold"
    range = "(-inf, inf)"
    monotonic = "non-decreasing"
    advantages = ("exact zeros; the proximal operator of the L1 norm, as sparse coding needs it",)
    disadvantages = (
        "biased: whatever survives is smaller by the threshold",
        "no gradient within the threshold",
    )
    use = "sparse coding; denoising"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.soft_shrink(x, threshold=0.5)"),
        "torch": Dialect("torch.nn.functional.softshrink(x, lambd=0.5)"),
        "mlx": Dialect("mlx.nn.softshrink(x, lambd=0.5)"),
    }
    nearest = "shrink with bias"
    single_rounding = True
    error = 2.0**-52
    threshold: float = param(0.5, "inputs up to this size become 0", spellings=("lambd",), domain=">= 0")

    def value(self, m: Backend[T], x: T) -> T:
        """Return soft_shrink(x)."""
        return x - m.minimum(m.maximum(x, -self.threshold), self.threshold)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return soft_shrink'(x)."""
        return m.where(m.abs(x) > self.threshold, 1.0, 0.0)


@activation
class HardShrink(Elementwise):
    description = "Hard shrinkage: sets x to 0 within the threshold, and keeps it otherwise."
    formula = "x if abs(x) > threshold else 0"
    textbook = "x if abs(x) > 0.5 else 0"
    source = "Donoho & Johnstone 1994"
    derivative_formula = "1 if abs(x) > threshold else 0"
    kinks = "0 at the threshold"
    range = "(-inf, -threshold) and {0} and (threshold, inf)"
    monotonic = "non-decreasing"
    advantages = ("exact zeros; whatever survives is unchanged",)
    disadvantages = (
        "discontinuous: jumps at the threshold",
        "no gradient within the threshold",
    )
    use = "sparse coding; denoising"
    window = (-2.0, 2.0)
    dialects = {
        "keras": Dialect("keras.activations.hard_shrink(x, threshold=0.5)"),
        "torch": Dialect("torch.nn.functional.hardshrink(x, lambd=0.5)"),
        "mlx": Dialect("mlx.nn.hard_shrink(x, lambd=0.5)"),
    }
    nearest = "shrink"
    single_rounding = True
    error = 0.0
    threshold: float = param(0.5, "inputs up to this size become 0", spellings=("lambd",), domain=">= 0")

    def value(self, m: Backend[T], x: T) -> T:
        """Return hard_shrink(x)."""
        return m.where(m.abs(x) > self.threshold, x, 0.0)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return hard_shrink'(x)."""
        return m.where(m.abs(x) > self.threshold, 1.0, 0.0)


@activation
class Shrink(Elementwise):
    description = "ONNX's shrinkage: hard with bias 0, soft with a bias equal to lambd."
    formula = "x - bias if x > lambd else x + bias if x < -lambd else 0"
    textbook = "x if abs(x) > 0.5 else 0"
    source = "no paper; ONNX operator Shrink"
    derivative_formula = "1 if abs(x) > lambd else 0"
    kinks = "0 at the threshold"
    range = "(-inf, bias - lambd) and {0} and (lambd - bias, inf)"
    monotonic = "non-decreasing"
    advantages = ("hard and soft shrinkage in one function",)
    disadvantages = ("no gradient within lambd",)
    use = "hard and soft shrinkage in ONNX models"
    window = (-2.0, 2.0)
    dialects = {
        "onnx": Dialect("Shrink(x, lambd=0.5, bias=0.0)"),
    }
    nearest = "soft_shrink or hard_shrink"
    single_rounding = True
    error = 2.0**-52
    lambd: float = param(0.5, "inputs up to this size become 0")
    bias: float = param(0.0, "how far larger inputs move towards 0")

    def value(self, m: Backend[T], x: T) -> T:
        """Return shrink(x)."""
        return m.where(x > self.lambd, x - self.bias, m.where(x < -self.lambd, x + self.bias, 0.0))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return shrink'(x)."""
        return m.where(x > self.lambd, 1.0, m.where(x < -self.lambd, 1.0, 0.0))
