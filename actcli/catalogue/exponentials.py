"""Exponential units: straight above 0, an exponential below."""

from typing import Any

from actcli.activation import Elementwise, Mathematics, activation, param


@activation
class Elu(Elementwise):
    """Exponential linear unit: saturates at -alpha instead of dying at 0."""

    formula = "x if x > 0 else alpha * (exp(x) - 1)"
    source = "Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289"
    dialects = {"keras": {}, "keras2": {}, "torch": {}, "jax": {}, "onnx": {}}
    alpha: float = param(1.0, "scale of the negative side")

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return elu(x)."""
        return m.maximum(x, 0.0) + self.alpha * m.expm1(m.minimum(x, 0.0))

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return elu'(x); alpha at 0."""
        half = m.exp(0.5 * x)  # two halves, so that neither underflows first
        return m.where(x > 0, 1.0, self.alpha * half * half)


@activation
class Celu(Elementwise):
    """Continuously differentiable exponential linear unit: elu whose slope at 0 is 1 for every alpha."""

    formula = "x if x > 0 else alpha * (exp(x / alpha) - 1)"
    source = "Barron 2017, arXiv:1704.07483"
    dialects = {"keras": {}, "torch": {}, "jax": {}, "onnx": {}}
    nearest = "elu"
    alpha: float = param(1.0, "scale of the negative side", domain="!= 0")

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return celu(x)."""
        return m.maximum(x, 0.0) + self.alpha * m.expm1(m.minimum(x, 0.0) / self.alpha)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return celu'(x)."""
        return m.where(x > 0, 1.0, m.exp(x / self.alpha))


@activation
class Selu(Elementwise):
    """Scaled exponential linear unit: keeps mean 0 and variance 1 from layer to layer."""

    formula = "1.0507009873554804934193349852946 * (x if x > 0 else 1.6732632423543772848170429916717 * (exp(x) - 1))"
    source = "Klambauer, Unterthiner, Mayr & Hochreiter 2017, arXiv:1706.02515"
    dialects = {"keras": {}, "keras2": {}, "torch": {}, "jax": {}, "onnx": {}}

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return selu(x)."""
        scale, alpha = self._constants(m)
        return scale * (m.maximum(x, 0.0) + alpha * m.expm1(m.minimum(x, 0.0)))

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return selu'(x); at 0 the slope below it, but the one above it in Keras."""
        scale, alpha = self._constants(m)
        above = x >= 0 if self.dialect.startswith("keras") else x > 0
        half = m.exp(0.5 * x)
        return m.where(above, scale, scale * alpha * half * half)

    def _constants(self, m: Mathematics) -> tuple[Any, Any]:
        if self.dialect == "onnx":  # ONNX defines its two as float32 attributes
            return m.number("1.05070102214813232421875"), m.number("1.67326319217681884765625")
        return m.number("1.0507009873554804934193349852946"), m.number("1.6732632423543772848170429916717")


@activation
class Xielu(Elementwise):
    """Expanded integral of elu: a parabola above 0, an exponential and a line below."""

    formula = "alpha_p * x**2 + beta * x if x > 0 else alpha_n * (exp(x) - 1 - x) + beta * x"
    source = "Huang & Schlag 2024, arXiv:2411.13010"
    nearest = "elu"
    alpha_p: float = param(0.8, "curvature of the positive side", domain="> 0")
    alpha_n: float = param(0.8, "scale of the negative side", domain="> 0")
    beta: float = param(0.5, "slope at 0", domain="> 0")

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return xielu(x)."""
        below = self.alpha_n * (m.expm1(x) - x) + self.beta * x
        return m.where(x > 0, self.alpha_p * (x * x) + self.beta * x, below)

    def value_terms(self, m: Mathematics, x: Any) -> Any:
        """Return the sizes added: the negative side has a second root."""
        size = abs(x)
        below = self.alpha_n * (abs(m.expm1(x)) + size) + self.beta * size
        return m.where(x > 0, self.alpha_p * (x * x) + self.beta * size, below)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return xielu'(x)."""
        return m.where(x > 0, 2.0 * self.alpha_p * x + self.beta, self.alpha_n * m.expm1(x) + self.beta)

    def derivative_terms(self, m: Mathematics, x: Any) -> Any:
        """Return the sizes added."""
        below = self.alpha_n * abs(m.expm1(x)) + self.beta
        return m.where(x > 0, 2.0 * self.alpha_p * x + self.beta, below)


@activation
class Exponential(Elementwise):
    """Exponential function."""

    formula = "exp(x)"
    source = "no paper; Euler"
    aliases = ("exp",)
    dialects = {"keras": {}, "keras2": {}, "onnx": {}}
    nearest = "elu"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return e**x."""
        return m.exp(x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return e**x."""
        return m.exp(x)
