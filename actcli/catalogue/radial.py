"""Radial functions: largest at 0, and vanishing on both sides."""

from actcli.activation import Elementwise
from actcli.backend import Backend, T
from actcli.registry import activation


@activation
class Gaussian(Elementwise):
    description = "Gaussian: a bell that is 1 at 0."
    formula = "exp(-(x**2))"
    source = "Broomhead & Lowe 1988 (radial basis functions)"
    derivative_formula = "-2 * x * exp(-(x**2))"
    range = "(0, 1]"
    monotonic = "no"
    advantages = (
        "answers to one place only, so a unit can learn a local pattern",
        "smooth",
    )
    disadvantages = (
        "no gradient far from 0, so a unit that starts there never learns",
        "some libraries mean exp(-x**2 / 2)",
    )
    use = "radial basis function networks; coordinate networks"
    window = (-3.0, 3.0)
    nearest = "the derivative of laplace"

    def value(self, m: Backend[T], x: T) -> T:
        """Return gaussian(x)."""
        return m.exp(-(x * x))

    def derivative(self, m: Backend[T], x: T) -> T:
        """Return gaussian'(x), of two halves, so that neither underflows first."""
        size = m.minimum(m.abs(x), 100.0)
        half = m.exp(-0.5 * (size * size))
        return -2.0 * m.copysign(size, x) * half * half
