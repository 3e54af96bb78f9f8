"""Formulas that several blocks share, against any mathematics m."""

from typing import Any

from actcli.activation import Ratio


def logistic(m: Any, x: Any) -> Any:
    """Return 1 / (1 + exp(-x)); exp is only taken of -abs(x), so nothing overflows."""
    e = m.exp(-abs(x))
    return m.where(x >= 0, 1.0, e) / (1.0 + e)


def softplus(m: Any, x: Any) -> Any:
    """Return ln(1 + exp(x))."""
    return m.where(x > 0, x, 0.0) + m.log1p(m.exp(-abs(x)))


def inverse_cosh(m: Any, x: Any) -> Any:
    """Return 1 / cosh(x)."""
    e = m.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def normal_density(m: Any, x: Any) -> Any:
    """Return the density of the standard normal distribution."""
    return m.exp(-0.5 * (x * x)) / m.sqrt(2.0 * m.pi)


def times_logistic(m: Any, factor: Any, x: Any) -> Any:
    """Return the factor times 1 / (1 + exp(-x)); the exponential in two halves, so that neither underflows first."""
    half = m.exp(-0.5 * abs(x))
    return m.where(x >= 0, factor, factor * half * half) / (1.0 + half * half)


def times_normal(m: Any, factor: Any, x: Any) -> Any:
    """Return the factor times the standard normal distribution function of x, in the same way."""
    half = m.exp(-0.25 * (x * x))
    tail = 0.5 * m.erfcx(abs(x) / m.sqrt(2.0)) * half
    return m.where(x < 0, factor * half * tail, factor * (1.0 - half * tail))


def times(x: Any, factor: float | Ratio) -> Any:
    """Return x times a parameter that may be a fraction."""
    return (x * factor.numerator) / factor.denominator if isinstance(factor, Ratio) else x * factor
