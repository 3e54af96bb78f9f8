"""Gaussian error linear units: x times the normal distribution function of x, approximations, and a relative."""

import math
from collections.abc import Callable

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.catalogue.mathematics import normal_density, softplus
from actcli.dialects import Dialect
from actcli.errors import ActcliError
from actcli.parameters import param
from actcli.registry import activation


def tanh_gate(m: Backend[T], x: T) -> T:
    """Return what the logistic function is taken of in the form of gelu with tanh."""
    return 2.0 * m.sqrt(2.0 / m.pi) * (x + m.constant("0.044715") * (x * x * x))


class _Gelu(Elementwise):
    """The two forms of the Gaussian error linear unit."""

    error = 2.0**-37
    """The fast normal distribution function is good to 2**-37.8."""

    def _erf_form(self, m: Backend[T], x: T) -> T:
        return m.normal_cdf(x, x)

    def _erf_slope(self, m: Backend[T], x: T, sign: T) -> T:
        half = m.exp(-0.25 * (x * x))
        below = 0.5 * m.erfcx(m.abs(x) / m.sqrt(2.0)) + sign / m.sqrt(2.0 * m.pi)
        return m.where(x < 0, half * below * half, m.normal_cdf(m.abs(x)) + sign * normal_density(m, x))

    def _tanh_form(self, m: Backend[T], x: T) -> T:
        return m.logistic(tanh_gate(m, x), x)

    def _tanh_slope(self, m: Backend[T], x: T, sign: T) -> T:
        gate = tanh_gate(m, x)
        steepness = 2.0 * m.sqrt(2.0 / m.pi) * (1.0 + m.constant("0.134145") * (x * x))
        # Beyond 2**60 the other factor is 0 or 1, and the product of infinity and 0 would be lost.
        steepness = m.where(m.abs(x) < 2.0**60, steepness, 0.0)
        return m.logistic(gate, 1.0 + sign * steepness * m.logistic(-gate))


@activation
class Gelu(_Gelu):
    description = (
        "Gaussian error linear unit: x times Phi(x), the cumulative distribution function of the normal distribution."
    )
    formula = "x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2 if approximate else x * erfc(-x / sqrt(2)) / 2"
    textbook = "x * Phi(x)"
    source = "Hendrycks & Gimpel 2016, arXiv:1606.08415"
    derivative_formula = (
        "(1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)) + x * (1 - tanh(sqrt(2 / pi) * (x + 0.044715 * "
        "x**3)) ** 2) * sqrt(2 / pi) * (1 + 0.134145 * x**2)) / 2 if approximate else erfc(-x / sqrt(2)) "
        "/ 2 + x * exp(-(x**2) / 2) / sqrt(2 * pi)"
    )
    range = "[-0.16997120747990366, inf)"
    monotonic = "no"
    advantages = (
        "smooth; weights inputs by their value, rather than gating them by their sign as relu does",
        "better than relu and elu in its authors' experiments",
    )
    disadvantages = (
        "more expensive than relu: needs the error function, or tanh",
        "frameworks disagree on the default form, exact or tanh",
    )
    use = "hidden layers of transformers, such as BERT and GPT"
    dialects = {
        "keras": Dialect("keras.activations.gelu(x, approximate=False)"),
        "keras2": Dialect("tf.keras.activations.gelu(x, approximate=False)"),
        "torch": Dialect('torch.nn.functional.gelu(x, approximate="none")'),
        "jax": Dialect("jax.nn.gelu(x, approximate=True)", {"approximate": True}),
        "onnx": Dialect('Gelu(x, approximate="none")'),
        "flax": Dialect("flax.linen.gelu(x, approximate=True)", {"approximate": True}),
        "mlx": Dialect("mlx.nn.gelu(x)"),
        "ggml": Dialect("ggml_gelu(ctx, x)", {"approximate": True}),
        "transformers": Dialect('ACT2FN["gelu"](x)'),
    }
    aliases = ("gelu_python", "gelu_erf")
    approximate: bool = param(False, "use the tanh approximation", kind=bool)

    def value(self, m: Backend[T], x: T) -> T:
        """Return gelu(x)."""
        return self._tanh_form(m, x) if self.approximate else self._erf_form(m, x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return gelu'(x)."""
        return self._tanh_slope(m, x, x) if self.approximate else self._erf_slope(m, x, x)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return self._tanh_slope(m, x, m.abs(x)) if self.approximate else self._erf_slope(m, x, m.abs(x))


@activation
class GeluTanh(_Gelu):
    description = "Tanh approximation of the Gaussian error linear unit, as used by many models."
    formula = "x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2"
    source = "Hendrycks & Gimpel 2016, arXiv:1606.08415"
    derivative_formula = (
        "(1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)) + x * (1 - tanh(sqrt(2 / pi) * (x + 0.044715 * "
        "x**3)) ** 2) * sqrt(2 / pi) * (1 + 0.134145 * x**2)) / 2"
    )
    range = "[-0.17004075057125405, inf)"
    monotonic = "no"
    advantages = ("approximates gelu to within 0.0005, without the error function",)
    disadvantages = ("not identical to gelu, so a trained model should keep the form it was trained with",)
    use = "models trained with it, such as GPT-2"
    dialects = {
        "keras": Dialect("keras.activations.gelu(x, approximate=True)"),
        "keras2": Dialect("tf.keras.activations.gelu(x, approximate=True)"),
        "torch": Dialect('torch.nn.functional.gelu(x, approximate="tanh")'),
        "jax": Dialect("jax.nn.gelu(x, approximate=True)"),
        "onnx": Dialect('Gelu(x, approximate="tanh")'),
        "flax": Dialect("flax.linen.gelu(x, approximate=True)"),
        "mlx": Dialect("mlx.nn.gelu_approx(x)"),
        "ggml": Dialect("ggml_gelu(ctx, x)"),
        "transformers": Dialect('ACT2FN["gelu_new"](x)'),
    }
    fixed = {"approximate": True}
    aliases = (
        "gelu_new",
        "gelu_approx",
        "gelu_accurate",
        "gelu_pytorch_tanh",
        "gelu_python_tanh",
        "gelu_sigmoid",
        "fast_gelu",
    )

    def value(self, m: Backend[T], x: T) -> T:
        """Return gelu_tanh(x)."""
        return self._tanh_form(m, x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return gelu_tanh'(x)."""
        return self._tanh_slope(m, x, x)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return self._tanh_slope(m, x, m.abs(x))


@activation
class GeluFast(Elementwise):
    description = (
        "The tanh approximation of gelu with sqrt(2 / pi) cut to ten digits, as transformers and vLLM have it."
    )
    formula = "x * (1 + tanh(0.7978845608 * x * (1 + 0.044715 * x**2))) / 2"
    source = "Hugging Face transformers (FastGELUActivation), after Hendrycks & Gimpel 2016, arXiv:1606.08415"
    derivative_formula = (
        "(1 + tanh(0.7978845608 * x * (1 + 0.044715 * x**2)) + x * (1 - tanh(0.7978845608 * x * (1 + 0.044715 * "
        "x**2)) ** 2) * 0.7978845608 * (1 + 0.134145 * x**2)) / 2"
    )
    range = "[-0.17004075057183596, inf)"
    monotonic = "no"
    advantages = ("what models whose configuration says gelu_fast were trained with, to the last bit",)
    disadvantages = ("no faster than gelu_tanh, from which it differs by 1e-12: only by the digits of a constant",)
    use = "models trained with it; others take gelu_tanh"
    dialects = {
        "transformers": Dialect('ACT2FN["gelu_fast"](x)'),
    }
    nearest = "gelu_tanh"
    error = 2.0**-37

    def value(self, m: Backend[T], x: T) -> T:
        """Return gelu_fast(x)."""
        return m.logistic(self._gate(m, x), x)

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return gelu_fast'(x)."""
        return self._slope(m, x, x)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return self._slope(m, x, m.abs(x))

    def _gate(self, m: Backend[T], x: T) -> T:
        """Return what the logistic function is taken of: twice what the tangent is."""
        return m.constant("1.5957691216") * (x + m.constant("0.044715") * (x * x * x))

    def _slope(self, m: Backend[T], x: T, sign: T) -> T:
        gate = self._gate(m, x)
        steepness = m.constant("1.5957691216") * (1.0 + m.constant("0.134145") * (x * x))
        # Beyond 2**60 the other factor is 0 or 1, and the product of infinity and 0 would be lost.
        steepness = m.where(m.abs(x) < 2.0**60, steepness, 0.0)
        return m.logistic(gate, 1.0 + sign * steepness * m.logistic(-gate))


@activation
class Gelu10(_Gelu):
    description = "Gaussian error linear unit clipped to two bounds, for quantised networks."
    name = "gelu_10"
    formula = "min(max(x * erfc(-x / sqrt(2)) / 2, min_value), max_value)"
    textbook = "min(max(x * Phi(x), -10), 10)"
    source = "Wu et al. 2020, arXiv:2004.09602"
    derivative_formula = (
        "erfc(-x / sqrt(2)) / 2 + x * exp(-(x**2) / 2) / sqrt(2 * pi) if min_value < x * erfc(-x / "
        "sqrt(2)) / 2 < max_value else 0"
    )
    kinks = "at the bounds, the slope between them"
    range = "[-0.16997120747990366, max_value]"
    monotonic = "no"
    advantages = ("its range is so narrow that 8-bit integers resolve the small negative outputs",)
    disadvantages = ("no gradient beyond its bounds",)
    use = "transformers quantised to 8-bit integers"
    window = (-4.0, 12.0)
    dialects = {
        "transformers": Dialect('ACT2FN["gelu_10"](x)'),
    }
    aliases = ("clipped_gelu",)
    nearest = "gelu"
    min_value: float = param(-10.0, "lower bound", spellings=("min",), domain="any")
    max_value: float = param(10.0, "upper bound", spellings=("max",), domain="any")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        if self.min_value > self.max_value:
            given = f"{self.min_value:g} and {self.max_value:g}"
            raise ActcliError(f"{self.name}: min_value must be <= max_value, got {given}")

    def value(self, m: Backend[T], x: T) -> T:
        """Return gelu_10(x)."""
        y = self._erf_form(m, x)
        return m.where(y < self.min_value, self.min_value, m.where(y > self.max_value, self.max_value, y))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return gelu_10'(x)."""
        return self._inside(m, x, self._erf_slope(m, x, x))

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added, and infinity where the side of a bound is open."""
        y, sizes = self._erf_form(m, x), self._inside(m, x, self._erf_slope(m, x, m.abs(x)))
        for bound in (self.min_value, self.max_value):
            if math.isfinite(bound):
                sizes = m.where(m.abs(y - bound) <= abs(bound) * 2.0**-36, math.inf, sizes)
        return sizes

    def _inside(self, m: Backend[T], x: T, slope: T) -> T:
        y = self._erf_form(m, x)
        return m.where(y < self.min_value, 0.0, m.where(y > self.max_value, 0.0, slope))


@activation
class Serf(Elementwise):
    description = "Serf: x times the error function of its softplus."
    formula = "x * erf(log(1 + exp(x)))"
    textbook = "x * erf(softplus(x))"
    source = "Nag, Bhattacharyya, Mukherjee & Kundu 2021, arXiv:2108.09598"
    derivative_formula = "erf(log(1 + exp(x))) + x * 2 / sqrt(pi) * exp(-(log(1 + exp(x)) ** 2)) / (1 + exp(-x))"
    range = "[-0.3484374587596064, inf)"
    monotonic = "no"
    advantages = (
        "smooth; neurons rarely die: negative inputs keep a gradient",
        "slightly better than mish in its authors' experiments",
    )
    disadvantages = (
        "needs an exponential, a logarithm and the error function",
        "in no common library",
    )
    use = "hidden layers of deep networks, in place of mish"
    nearest = "mish"
    error = 2.0**-39

    def value(self, m: Backend[T], x: T) -> T:
        """Return serf(x)."""
        return x * m.erf(softplus(m, m.minimum(x, _NEARLY_1)))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return serf'(x); far below 0 negative, also where its terms underflow."""
        y = self._slope(m, x, lambda term: term)
        return m.where(x < -2, m.copysign(y, x), y)

    def derivative_condition_terms(self, m: Backend[T], x: T) -> T:
        """Return the sizes added."""
        return self._slope(m, x, m.abs)

    def _slope(self, m: Backend[T], x: T, of_term: Callable[[T], T]) -> T:
        inner = m.minimum(x, _NEARLY_1)
        y = softplus(m, inner)
        density = 2.0 / m.sqrt(m.pi) * m.exp(-y * y)
        return m.erf(y) + m.logistic(inner, of_term(inner) * density)


_NEARLY_1 = 16.0
"""From there on, serf differs from x, and its slope from 1, by less than any number is away from a boundary."""
