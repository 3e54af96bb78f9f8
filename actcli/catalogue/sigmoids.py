"""Sigmoids: curves that saturate on both sides."""

from typing import Any

from actcli.activation import EVERYWHERE, REQUIRED, Elementwise, Mathematics, Ratio, activation, param
from actcli.catalogue.mathematics import inverse_cosh, times
from actcli.errors import ActcliError


@activation
class Sigmoid(Elementwise):
    """Logistic function: maps every number into (0, 1), a probability."""

    formula = "1 / (1 + exp(-x))"
    source = "Verhulst 1838; in networks Rumelhart, Hinton & Williams 1986"
    aliases = ("logistic", "sigmoid_fast")
    dialects = EVERYWHERE

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return sigmoid(x)."""
        return m.logistic(x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return sigmoid(x) * sigmoid(-x)."""
        e = m.exp(-abs(x))
        return e / ((1.0 + e) * (1.0 + e))

    def tensorflow2(self, kernels: Any, x: Any) -> Any:
        """Return the float32 kernel behind ``tf.keras.activations.sigmoid``."""
        return kernels.logistic(x)


@activation
class HardSigmoid(Elementwise):
    """Hard sigmoid: a line between 0 and 1."""

    formula = "min(max(slope * x + offset, 0), 1)"
    source = "Courbariaux, Bengio & David 2015, arXiv:1511.00363; slope 1/6: Howard et al. 2019, arXiv:1905.02244"
    dialects = {"keras": {}, "keras2": {"slope": Ratio(1, 5)}, "torch": {}, "jax": {}, "onnx": {"slope": 0.2}}
    rational = True
    error = 2.0**-51
    slope: float | Ratio = param(Ratio(1, 6), "slope of the line", spellings=("alpha",))
    offset: float = param(0.5, "value at 0", spellings=("beta",))

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return hard_sigmoid(x)."""
        return m.minimum(m.maximum(self._line(x), 0.0), 1.0)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return hard_sigmoid'(x); at its two kinks 0, but the slope in Keras 2."""
        y = self._line(x)
        inside = (y >= 0) & (y <= 1) if self.dialect == "keras2" else (y > 0) & (y < 1)
        return m.where(inside, times(m.where(inside, 1.0, 0.0), self.slope), 0.0)

    def _line(self, x: Any) -> Any:
        if isinstance(self.slope, Ratio):
            return (x * self.slope.numerator + self.offset * self.slope.denominator) / self.slope.denominator
        return x * self.slope + self.offset


@activation
class SparseSigmoid(Elementwise):
    """Sparse sigmoid: a line from 0 at -1 to 1 at 1."""

    formula = "0 if x <= -1 else 1 if x >= 1 else (x + 1) / 2"
    source = "Blondel, Martins & Niculae 2019, arXiv:1901.02324"
    dialects = {"keras": {}, "jax": {}}
    nearest = "hard_sigmoid"
    rational = True
    error = 2.0**-51

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return sparse_sigmoid(x)."""
        return m.where(x <= -1, 0.0, m.where(x >= 1, 1.0, (x + 1.0) / 2.0))

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return sparse_sigmoid'(x); at its two kinks 0, but 1/4 in JAX."""
        outside = 0.25 if self.dialect == "jax" else 0.0
        return m.where(abs(x) < 1, 0.5, m.where(abs(x) > 1, 0.0, outside))


@activation
class Laplace(Elementwise):
    """Laplace activation: the normal distribution function with mean mu and deviation sigma."""

    formula = "erfc(-(x - mu) / (sigma * sqrt(2))) / 2"
    source = "Ma et al. 2022 (MEGA), arXiv:2209.10655"
    nearest = "sigmoid"
    error = 2.0**-37
    mu: float = param(0.707107, "mean")
    sigma: float = param(0.282095, "deviation", domain="> 0")

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return laplace(x)."""
        return m.normal_cdf((x - self.mu) / self.sigma)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return laplace'(x), the normal density: of two halves, so that neither underflows first."""
        y = (x - self.mu) / self.sigma
        half = m.exp(-0.25 * (y * y))
        return half / (m.sqrt(2.0 * m.pi) * self.sigma) * half


@activation
class Tanh(Elementwise):
    """Hyperbolic tangent: maps every number into (-1, 1), 0 to 0."""

    formula = "tanh(x)"
    source = "LeCun, Bottou, Orr & Mueller 1998, Efficient BackProp"
    aliases = ("tanh_fast",)
    dialects = EVERYWHERE

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return tanh(x)."""
        return m.tanh(x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return 1 / cosh(x)**2, the square last, so that nothing cancels or overflows before it."""
        y = inverse_cosh(m, x)
        return y * y

    def tensorflow2(self, kernels: Any, x: Any) -> Any:
        """Return the float32 kernel behind ``tf.keras.activations.tanh``."""
        return kernels.tanh(x)


@activation
class HardTanh(Elementwise):
    """Hard hyperbolic tangent: x between two bounds."""

    formula = "min(max(x, min_val), max_val)"
    source = "Collobert 2004 (thesis)"
    aliases = ("clip",)
    dialects = {"keras": {}, "torch": {}, "jax": {}}
    nearest = "tanh"
    rational = True
    direct = True
    error = 0.0
    min_val: float = param(-1.0, "lower bound", spellings=("min",), domain="any")
    max_val: float = param(1.0, "upper bound", spellings=("max",), domain="any")

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.min_val > self.max_val:
            raise ActcliError(f"{self.name}: min_val has to be <= max_val, not {self.min_val:g} and {self.max_val:g}")

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return hard_tanh(x)."""
        return m.minimum(m.maximum(x, self.min_val), self.max_val)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return hard_tanh'(x); at the bounds 1 in Keras and JAX, 0 elsewhere."""
        if self.dialect in {"keras", "keras2", "jax"}:
            return m.where((x >= self.min_val) & (x <= self.max_val), 1.0, 0.0)
        return m.where((x > self.min_val) & (x < self.max_val), 1.0, 0.0)


@activation
class Softsign(Elementwise):
    """Softsign: approaches its bounds like 1/x, slower than tanh."""

    formula = "x / (1 + abs(x))"
    source = "Bergstra, Desjardins, Lamblin & Bengio 2009"
    dialects = EVERYWHERE
    rational = True
    error = 2.0**-50

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return softsign(x)."""
        return x / (1.0 + abs(x))

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return softsign'(x)."""
        inverse = 1.0 / (1.0 + abs(x))
        return inverse * inverse


@activation
class ScaledTanh(Elementwise):
    """Scaled hyperbolic tangent of ONNX's recurrent networks; often alpha 1.7159, beta 2/3."""

    formula = "alpha * tanh(beta * x)"
    source = "LeCun, Bottou, Orr & Mueller 1998; ONNX operators RNN, GRU and LSTM"
    dialects = {"onnx": {}}
    nearest = "tanh"
    alpha: float = param(REQUIRED, "bound")
    beta: float = param(REQUIRED, "sharpness")

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return scaled_tanh(x)."""
        return self.alpha * m.tanh(self.beta * x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return scaled_tanh'(x)."""
        y = inverse_cosh(m, self.beta * x)
        return y * self.alpha * self.beta * y
