"""Gated units: x times a sigmoid of x."""

from typing import Any

from actcli.activation import EVERYWHERE, Elementwise, Mathematics, activation, param
from actcli.catalogue.mathematics import inverse_cosh, normal_density
from actcli.errors import ActcliError


class _LogisticGate(Elementwise):
    """x times the logistic function of a multiple of x."""

    def _sharpness(self) -> float:
        raise NotImplementedError

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return x * sigmoid(sharpness * x)."""
        return m.logistic(self._sharpness() * x, x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return the derivative."""
        u = self._sharpness() * x
        return self._slope(m, u, u)

    def derivative_terms(self, m: Mathematics, x: Any) -> Any:
        """Return the sizes added."""
        u = self._sharpness() * x
        return self._slope(m, u, abs(u))

    def _slope(self, m: Mathematics, u: Any, sign: Any) -> Any:
        return m.logistic(u, 1.0 + sign * m.logistic(-u))


@activation
class Silu(_LogisticGate):
    """Sigmoid linear unit, also called swish: x times its own probability."""

    formula = "x / (1 + exp(-beta * x))"
    source = "Elfwing, Uchibe & Doya 2017, arXiv:1702.03118; beta: Ramachandran, Zoph & Le 2017, arXiv:1710.05941"
    aliases = ("swish",)
    dialects = EVERYWHERE
    beta: float = param(1.0, "sharpness of the gate", spellings=("alpha",))

    def _sharpness(self) -> float:
        return self.beta


@activation
class QuickGelu(_LogisticGate):
    """Quick gelu: silu with the sharpness that comes near to gelu."""

    formula = "x / (1 + exp(-alpha * x))"
    source = "Hendrycks & Gimpel 2016, arXiv:1606.08415"
    dialects = {"onnx": {}}
    nearest = "gelu"
    alpha: float = param(1.702, "sharpness of the gate")

    def _sharpness(self) -> float:
        return self.alpha


@activation
class HardSilu(Elementwise):
    """Hard sigmoid linear unit, also called hard swish: x times a hard sigmoid."""

    formula = "x * min(max(x / 6 + 0.5, 0), 1)"
    source = "Howard et al. 2019 (MobileNetV3), arXiv:1905.02244"
    aliases = ("hard_swish",)
    dialects = {"keras": {}, "torch": {}, "jax": {}, "onnx": {}}
    nearest = "silu"
    rational = True
    error = 2.0**-50

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return hard_silu(x); -0 up to -3, as the product gives it."""
        return m.where(x <= -3, -0.0, m.where(x >= 3, x, x * (x + 3.0) / 6.0))

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return hard_silu'(x); 0 at -3 and 1 at 3, the outer sides."""
        return m.where(x <= -3, 0.0, m.where(x >= 3, 1.0, (2.0 * x + 3.0) / 6.0))


def tanh_gate(m: Mathematics, x: Any) -> Any:
    """Return what the logistic function is taken of in the form of gelu with tanh."""
    return 2.0 * m.sqrt(2.0 / m.pi) * (x + m.number("0.044715") * (x * x * x))


class _Gelu(Elementwise):
    """The two forms of the Gaussian error linear unit."""

    error = 2.0**-37
    """The fast normal distribution function is good to 2**-37.8."""

    def _erf_form(self, m: Mathematics, x: Any) -> Any:
        return m.normal_cdf(x, x)

    def _erf_slope(self, m: Mathematics, x: Any, sign: Any) -> Any:
        half = m.exp(-0.25 * (x * x))
        below = 0.5 * m.erfcx(abs(x) / m.sqrt(2.0)) + sign / m.sqrt(2.0 * m.pi)
        return m.where(x < 0, half * below * half, m.normal_cdf(abs(x)) + sign * normal_density(m, x))

    def _tanh_form(self, m: Mathematics, x: Any) -> Any:
        return m.logistic(tanh_gate(m, x), x)

    def _tanh_slope(self, m: Mathematics, x: Any, sign: Any) -> Any:
        gate = tanh_gate(m, x)
        steepness = 2.0 * m.sqrt(2.0 / m.pi) * (1.0 + m.number("0.134145") * (x * x))
        # Beyond 2**60 the other factor is 0 or 1, and the product of infinity and 0 would be lost.
        steepness = m.where(abs(x) < 2.0**60, steepness, 0.0)
        return m.logistic(gate, 1.0 + sign * steepness * m.logistic(-gate))


@activation
class Gelu(_Gelu):
    """Gaussian error linear unit: x times the normal distribution function."""

    formula = "x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2 if approximate else x * erfc(-x / sqrt(2)) / 2"
    source = "Hendrycks & Gimpel 2016, arXiv:1606.08415"
    aliases = ("gelu_python", "gelu_erf")
    dialects = {"keras": {}, "keras2": {}, "torch": {}, "jax": {"approximate": True}, "onnx": {}}
    approximate: bool = param(False, "use the form with tanh", kind=bool)

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return gelu(x)."""
        return self._tanh_form(m, x) if self.approximate else self._erf_form(m, x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return gelu'(x)."""
        return self._tanh_slope(m, x, x) if self.approximate else self._erf_slope(m, x, x)

    def derivative_terms(self, m: Mathematics, x: Any) -> Any:
        """Return the sizes added."""
        return self._tanh_slope(m, x, abs(x)) if self.approximate else self._erf_slope(m, x, abs(x))


@activation
class GeluTanh(_Gelu):
    """Gaussian error linear unit in the form with tanh, an approximation of its own fame."""

    formula = "x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2"
    source = "Hendrycks & Gimpel 2016, arXiv:1606.08415"
    aliases = (
        "gelu_new",
        "gelu_fast",
        "gelu_accurate",
        "gelu_pytorch_tanh",
        "gelu_python_tanh",
        "gelu_sigmoid",
        "fast_gelu",
    )
    dialects = EVERYWHERE

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return gelu_tanh(x)."""
        return self._tanh_form(m, x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return gelu_tanh'(x)."""
        return self._tanh_slope(m, x, x)

    def derivative_terms(self, m: Mathematics, x: Any) -> Any:
        """Return the sizes added."""
        return self._tanh_slope(m, x, abs(x))


@activation
class Gelu10(_Gelu):
    """Gaussian error linear unit between two bounds, for quantised networks."""

    name = "gelu_10"
    formula = "min(max(x * erfc(-x / sqrt(2)) / 2, min_value), max_value)"
    source = "Wu et al. 2020, arXiv:2004.09602"
    aliases = ("clipped_gelu",)
    nearest = "gelu"
    min_value: float = param(-10.0, "lower bound", spellings=("min",), domain="any")
    max_value: float = param(10.0, "upper bound", spellings=("max",), domain="any")

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        if self.min_value > self.max_value:
            given = f"{self.min_value:g} and {self.max_value:g}"
            raise ActcliError(f"{self.name}: min_value has to be <= max_value, not {given}")

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return gelu_10(x)."""
        y = self._erf_form(m, x)
        return m.where(y < self.min_value, self.min_value, m.where(y > self.max_value, self.max_value, y))

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return gelu_10'(x); at the bounds the slope inside."""
        return self._inside(m, x, self._erf_slope(m, x, x))

    def derivative_terms(self, m: Mathematics, x: Any) -> Any:
        """Return the sizes added."""
        return self._inside(m, x, self._erf_slope(m, x, abs(x)))

    def _inside(self, m: Mathematics, x: Any, slope: Any) -> Any:
        y = self._erf_form(m, x)
        return m.where(y < self.min_value, 0.0, m.where(y > self.max_value, 0.0, slope))


@activation
class Mish(Elementwise):
    """Mish: x times the hyperbolic tangent of softplus, self-regularised."""

    formula = "x * tanh(log(1 + exp(x)))"
    source = "Misra 2019, arXiv:1908.08681"
    dialects = {"keras": {}, "torch": {}, "jax": {}, "onnx": {}}
    nearest = "silu"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return mish(x), the tangent from one exponential."""
        half = m.exp(-0.5 * abs(x))  # two halves of the exponential, so that neither underflows first
        e = half * half
        above = x * (1.0 + 2.0 * e) / (1.0 + 2.0 * e + 2.0 * (e * e))
        below = x * half * (half * (e + 2.0)) / (e * (e + 2.0) + 2.0)
        return m.where(x >= 0, above, below)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return mish'(x)."""
        return self._slope(m, x, x)

    def derivative_terms(self, m: Mathematics, x: Any) -> Any:
        """Return the sizes added."""
        return self._slope(m, x, abs(x))

    def _slope(self, m: Mathematics, x: Any, sign: Any) -> Any:
        """Return tanh(softplus(x)) + sign * its derivative, from exp(-abs(x) / 2) on either side of 0."""
        half = m.exp(-0.5 * abs(x))
        e = half * half
        positive = x >= 0
        denominator = m.where(positive, 1.0 + 2.0 * e + 2.0 * (e * e), e * (e + 2.0) + 2.0)
        slope = 4.0 * sign * (1.0 + e) / (denominator * denominator)
        above = (1.0 + 2.0 * e) / denominator + slope * e * e
        below = half * ((e + 2.0) / denominator + slope) * half
        return m.where(positive, above, below)


@activation
class Lisht(Elementwise):
    """Linearly scaled hyperbolic tangent: even, and never negative."""

    formula = "x * tanh(x)"
    source = "Roy, Manna, Dubey & Chaudhuri 2019, arXiv:1901.05894"
    nearest = "tanh"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return lisht(x)."""
        return x * m.tanh(x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return lisht'(x)."""
        y = inverse_cosh(m, x)
        return m.tanh(x) + x * y * y
