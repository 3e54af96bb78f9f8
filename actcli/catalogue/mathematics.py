"""Formulas that several activations share, written against any backend m."""

from actcli.backend import Backend, T
from actcli.parameters import Ratio


def softplus(m: Backend[T], x: T) -> T:
    """Return ln(1 + exp(x))."""
    return m.maximum(x, 0.0) + m.log1p(m.exp(-m.abs(x)))


def inverse_cosh(m: Backend[T], x: T) -> T:
    """Return 1 / cosh(x)."""
    e = m.exp(-m.abs(x))
    return 2.0 * e / (1.0 + e * e)


def normal_density(m: Backend[T], x: T) -> T:
    """Return the density of the standard normal distribution."""
    return m.exp(-0.5 * (x * x)) / m.sqrt(2.0 * m.pi)


def times(x: T, factor: float | Ratio) -> T:
    """Return x times a parameter that may be a fraction."""
    return (x * factor.numerator) / factor.denominator if isinstance(factor, Ratio) else x * factor
