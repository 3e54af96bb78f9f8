"""Formulas that several blocks share, against any mathematics m."""

from typing import Any

from actcli.parameters import Ratio


def softplus(m: Any, x: Any) -> Any:
    """Return ln(1 + exp(x))."""
    return m.maximum(x, 0.0) + m.log1p(m.exp(-abs(x)))


def inverse_cosh(m: Any, x: Any) -> Any:
    """Return 1 / cosh(x)."""
    e = m.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def normal_density(m: Any, x: Any) -> Any:
    """Return the density of the standard normal distribution."""
    return m.exp(-0.5 * (x * x)) / m.sqrt(2.0 * m.pi)


def times(x: Any, factor: float | Ratio) -> Any:
    """Return x times a parameter that may be a fraction."""
    return (x * factor.numerator) / factor.denominator if isinstance(factor, Ratio) else x * factor
