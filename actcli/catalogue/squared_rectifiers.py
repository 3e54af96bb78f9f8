"""Squared rectifiers: 0 below 0, and a parabola above."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.dialects import Dialect
from actcli.parameters import param
from actcli.registry import activation


@activation
class ReluSquared(Elementwise):
    description = "Squared rectified linear unit: smoother at 0 than relu, and quadratic above."
    formula = "max(x, 0) ** 2"
    source = "So et al. 2021 (Primer), arXiv:2109.08668"
    derivative_formula = "2 * max(x, 0)"
    range = "[0, inf)"
    monotonic = "non-decreasing"
    advantages = (
        "smoother than relu: its slope is continuous",
        "found by architecture search; sped up the training of transformers in its paper",
    )
    disadvantages = (
        "grows quadratically, so large inputs can explode or overflow",
        "no gradient below 0",
    )
    use = "feed-forward layers of transformers, as in Primer"
    window = (-2.0, 2.0)
    dialects = {
        "mlx": Dialect("mlx.nn.relu2(x)"),
        "transformers": Dialect('ACT2FN["relu2"](x)'),
    }
    aliases = ("relu2", "squared_relu")
    nearest = "relu"
    single_rounding = True
    error = 0.0

    def value(self, m: Backend[T], x: T) -> T:
        """Return relu_squared(x); the square of a float32 number is exact in float64."""
        return m.where(x > 0, x * x, 0.0)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return relu_squared'(x)."""
        return m.where(x > 0, 2.0 * x, 0.0)


@activation
class StarRelu(Elementwise):
    description = "Star rectified linear unit: squared relu, scaled and shifted; both numbers may be learned."
    formula = "scale * max(x, 0) ** 2 + bias"
    textbook = "0.8944 * max(x, 0) ** 2 - 0.4472"
    source = "Yu et al. 2022 (MetaFormer baselines), arXiv:2210.13452"
    derivative_formula = "2 * scale * max(x, 0)"
    range = "[bias, inf)"
    monotonic = "non-decreasing"
    advantages = (
        "keeps normally distributed inputs at mean 0 and variance 1",
        "a product and a sum; needs no exponential",
    )
    disadvantages = (
        "grows quadratically, so large inputs can explode or overflow",
        "no gradient below 0",
    )
    use = "token mixers of vision models such as CAFormer"
    window = (-2.0, 2.0)
    other_calls = {"timm": "timm.models.metaformer.StarReLU(scale_value=scale, bias_value=bias)(x)"}
    nearest = "relu"
    error = 2.0**-50
    scale: float = param(0.8944271909999159, "what the square is multiplied by", spellings=("s", "scale_value"))
    bias: float = param(-0.4472135954999579, "what is added", spellings=("b", "bias_value"))

    def value(self, m: Backend[T], x: T) -> T:
        """Return star_relu(x)."""
        return m.where(x > 0, self.scale * x * x + self.bias, self.bias)

    def value_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return m.where(x > 0, abs(self.scale) * x * x + abs(self.bias), abs(self.bias))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return star_relu'(x)."""
        return m.where(x > 0, self.scale * x * 2.0, 0.0)
