"""Sigmoids: curves that saturate on both sides."""

from typing import Any

from actcli.activation import Elementwise, Mathematics, activation


@activation
class Sigmoid(Elementwise):
    """Logistic function: maps every number into (0, 1), a probability."""

    formula = "1 / (1 + exp(-x))"
    source = "Verhulst 1838; in networks Rumelhart, Hinton & Williams 1986"
    aliases = ("logistic",)

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return sigmoid(x); exp is only taken of -abs(x), so nothing overflows."""
        e = m.exp(-abs(x))
        return m.where(x >= 0, 1.0, e) / (1.0 + e)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return sigmoid(x) * sigmoid(-x)."""
        e = m.exp(-abs(x))
        return e / ((1.0 + e) * (1.0 + e))

    def tensorflow2(self, kernels: Any, x: Any) -> Any:
        """Return the float32 kernel behind ``tf.keras.activations.sigmoid``."""
        return kernels.logistic(x)


@activation
class Tanh(Elementwise):
    """Hyperbolic tangent: maps every number into (-1, 1), 0 to 0."""

    formula = "tanh(x)"
    source = "LeCun, Bottou, Orr & Mueller 1998, Efficient BackProp"

    def value(self, m: Mathematics, x: Any) -> Any:
        """Return tanh(x)."""
        return m.tanh(x)

    def derivative(self, m: Mathematics, x: Any) -> Any:
        """Return 1 / cosh(x)**2, from exp(-abs(x)) so that nothing cancels or overflows before the square."""
        e = m.exp(-abs(x))
        inverse_cosh = 2.0 * e / (1.0 + e * e)
        return inverse_cosh * inverse_cosh

    def tensorflow2(self, kernels: Any, x: Any) -> Any:
        """Return the float32 kernel behind ``tf.keras.activations.tanh``."""
        return kernels.tanh(x)
