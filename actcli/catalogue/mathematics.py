"""Formulas that several activations share, written against any backend m."""

import struct

from actcli.backend import Backend, T
from actcli.parameters import Ratio


def softplus(m: Backend[T], x: T) -> T:
    """Return ln(1 + exp(x))."""
    return m.maximum(x, 0.0) + m.log1p(m.exp(-m.abs(x)))


def inverse_cosh(m: Backend[T], x: T) -> T:
    """Return 1 / cosh(x)."""
    e = m.exp(-m.abs(x))
    return 2.0 * e / (1.0 + e * e)


def softcap(m: Backend[T], x: T, cap: float) -> T:
    """Return cap * tanh(x / cap); near 0 by what the tangent lacks, as x / cap could underflow."""
    size = m.abs(x)
    y = size / cap
    near = size - cap * m.tanh_shrink(m.minimum(y, 0.5))
    return m.copysign(m.where(y < 0.5, near, cap * m.tanh(y)), x)


def normal_density(m: Backend[T], x: T) -> T:
    """Return the density of the standard normal distribution."""
    return m.exp(-0.5 * (x * x)) / m.sqrt(2.0 * m.pi)


def times(x: T, factor: float | Ratio) -> T:
    """Return x times a parameter that may be a fraction."""
    return (x * factor.numerator) / factor.denominator if isinstance(factor, Ratio) else x * factor


def exact_mean(one: float | Ratio, other: float | Ratio) -> float | Ratio | None:
    """Return the mean of two parameters as a float or a fraction of small integers; None if neither is exact.

    Times a float32 number, such a fraction is an exact number over a small one: in float64 the quotient lies on the
    true side of every boundary of a narrower format, and is exact at ties.
    """
    from fractions import Fraction  # few calls need it

    bounds = (Fraction(*bound) if isinstance(bound, Ratio) else Fraction(bound) for bound in (one, other))
    mean = sum(bounds, Fraction(0)) / 2
    if float(mean) == mean:
        return float(mean)
    is_small = max(abs(mean.numerator), mean.denominator) < 2**26
    return Ratio(mean.numerator, mean.denominator) if is_small else None


def is_float32(number: float) -> bool:
    """Tell whether a number of usual size is one of float32."""
    return abs(number) < 2.0**127 and struct.unpack("f", struct.pack("f", number)) == (number,)
