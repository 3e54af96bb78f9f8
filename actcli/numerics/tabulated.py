"""Functions of float64 arrays from tables, each with Taylor's series from the nearest point of its table.

As Tang (1989, ACM TOMS 15) does for exp, but in whole-array steps. They are what the C library's functions are not:
quick on processors for which NumPy has no vector code of its own. Their relative error is below 2**-44, except
``erf`` with 2**-43 and ``normal_cdf`` with 2**-38. Short arrays go to the C library, which needs no table.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from actcli.numerics.dtypes import Float64Array

MIN_TABLE_NUMBERS = 2**14  # numbers from which a table pays
_MAGIC = 1.5 * 2.0**52  # added to a number below 2**51, it leaves the nearest integer in the low bits of the sum


def _nearest(
    x: Float64Array, lowest: int, highest: int, density: int
) -> tuple[NDArray[np.int64], Float64Array, Float64Array]:
    """Return which point of a table is nearest, the point, and the distance; what lies beyond the table is cut off.

    Args:
        x: the numbers (float64).
        lowest: the table's first point.
        highest: its last one.
        density: points per unit, a power of two.

    """
    distance = np.clip(x, lowest, highest)
    point = distance * density
    point += _MAGIC
    position = point.view(np.int64) - np.array(_MAGIC + lowest * density).view(np.int64)
    point -= _MAGIC
    point *= 1 / density
    distance -= point
    return position, point, distance


def _are_within(x: Float64Array, low: float, high: float) -> bool:
    """Tell whether all numbers are between two, and none is NaN: all inputs in order come so, one size at a time."""
    return x.size > 0 and bool(x.min() >= low and x.max() <= high)


_TINY = 2.0**-46  # below it, a function is the first terms of its series
_LARGEST = 512  # of the arguments of exp: beyond, no result or factor of it matters to a number of 32 bits
_EXPONENTIALS = 512


@cache
def _exponentials() -> tuple[Float64Array, Float64Array]:
    points = np.arange(-_LARGEST * _EXPONENTIALS, _LARGEST * _EXPONENTIALS + 1) / _EXPONENTIALS
    return np.exp(points), np.expm1(points)


def exp(x: Float64Array) -> Float64Array:
    """Return e**x; beyond -512 and 512 what it is there."""
    if np.size(x) < MIN_TABLE_NUMBERS:
        return np.exp(x)
    if _are_within(x, -_TINY, _TINY):
        return 1.0 + x
    if _are_within(x, _LARGEST, np.inf) or _are_within(x, -np.inf, -_LARGEST):
        return np.full(x.shape, np.exp(np.copysign(_LARGEST, x.flat[0])))
    position, series, distance = _nearest(x, -_LARGEST, _LARGEST, _EXPONENTIALS)
    np.multiply(distance, 1 / 6, out=series)
    series += 0.5
    series *= distance
    series += 1.0
    series *= distance
    result = _exponentials()[0].take(position, mode="clip")
    series *= result
    result += series
    return result


def expm1(x: Float64Array) -> Float64Array:
    """Return e**x - 1; beyond 512 what it is there."""
    if np.size(x) < MIN_TABLE_NUMBERS:
        return np.expm1(x)
    if _are_within(x, -_TINY, _TINY):
        return x.copy()
    if _are_within(x, _LARGEST, np.inf) or _are_within(x, -np.inf, -_LARGEST):
        return np.full(x.shape, np.expm1(np.copysign(_LARGEST, x.flat[0])))
    position, series, distance = _nearest(x, -_LARGEST, _LARGEST, _EXPONENTIALS)
    np.multiply(distance, 1 / 24, out=series)
    series += 1 / 6
    series *= distance
    series += 0.5
    series *= distance
    series += 1.0
    series *= distance
    result = _exponentials()[1].take(position, mode="clip")
    distance = np.add(result, 1.0, out=distance)
    series *= distance
    result += series
    return result


def tanh(x: Float64Array) -> Float64Array:
    """Return the hyperbolic tangent of x."""
    if np.size(x) < MIN_TABLE_NUMBERS:
        return np.tanh(x)
    result = expm1(2.0 * x)
    result /= result + 2.0
    return result


_LOGARITHMS = 1024


@cache
def _logarithms() -> tuple[Float64Array, Float64Array]:
    points = np.arange(2 * _LOGARITHMS + 1) / _LOGARITHMS
    return np.log1p(points), 1 / (1 + points)


def log1p(x: Float64Array) -> Float64Array:
    """Return ln(1 + x) for x from 0 to 2."""
    if np.size(x) < MIN_TABLE_NUMBERS:
        return np.log1p(x)
    if _are_within(x, -_TINY, _TINY):
        return x.copy()
    logarithms, reciprocals = _logarithms()
    position, series, distance = _nearest(x, 0, 2, _LOGARITHMS)
    distance *= reciprocals.take(position, mode="clip")
    np.multiply(distance, -1 / 4, out=series)
    series += 1 / 3
    series *= distance
    series -= 0.5
    series *= distance
    series += 1.0
    series *= distance
    series += logarithms.take(position, mode="clip")
    return series


_NORMAL_LOWEST, _NORMAL_HIGHEST = -15, 9  # beyond them the distribution function is 0 or 1 to the last bit
_NORMALS = 512


@cache
def _normals() -> tuple[Float64Array, Float64Array]:
    """Return the normal distribution function and its density at the points; 0 at the lowest, for all beyond."""
    points = np.arange(_NORMAL_LOWEST * _NORMALS, _NORMAL_HIGHEST * _NORMALS + 1) / _NORMALS
    below = np.array([math.erfc(-x / math.sqrt(2)) / 2 for x in points])
    density = np.exp(-points * points / 2) / math.sqrt(2 * math.pi)
    below[0] = density[0] = 0.0
    return below, density


def normal_cdf(x: Float64Array, factor: Float64Array | float = 1.0) -> Float64Array:
    """Return factor times the standard normal distribution function of x."""
    if _are_within(x, -_TINY, _TINY):
        return 0.5 * factor * np.ones_like(x)
    if _are_within(x, _NORMAL_HIGHEST, np.inf):
        return factor * np.ones_like(x)
    if _are_within(x, -np.inf, _NORMAL_LOWEST):
        return factor * np.zeros_like(x)
    below, density = _normals()
    position, point, distance = _nearest(x, _NORMAL_LOWEST, _NORMAL_HIGHEST, _NORMALS)
    # The derivatives are the density times Hermite's polynomials of the point.
    square = point * point
    fourth = square - 3.0
    fourth *= point
    fourth *= distance
    fourth *= 1 / 24
    square -= 1.0
    square *= 1 / 6
    square -= fourth
    square *= distance
    point *= -0.5
    point += square
    point *= distance
    point += 1.0
    point *= distance
    point *= density.take(position, mode="clip")
    point += below.take(position, mode="clip")
    point *= factor
    return point


_ERF_HIGHEST = 6  # beyond it the error function is 1 to the last bit
_ERRORS = 1024


@cache
def _errors() -> tuple[Float64Array, Float64Array]:
    """Return the error function and its slope at the points."""
    points = np.arange(_ERF_HIGHEST * _ERRORS + 1) / _ERRORS
    slopes = 2.0 / math.sqrt(math.pi) * np.exp(-points * points)
    slopes[-1] = 0.0
    return np.array([math.erf(x) for x in points]), slopes


def erf(x: Float64Array) -> Float64Array:
    """Return the error function of x >= 0."""
    if _are_within(x, _ERF_HIGHEST, np.inf):
        return np.ones_like(x)
    errors, slopes = _errors()
    position, point, distance = _nearest(x, 0, _ERF_HIGHEST, _ERRORS)
    # The derivatives are the slope times Hermite's polynomials of the point.
    square = point * point
    series = square * (-1 / 3)
    series += 0.5
    series *= point
    series *= distance
    square -= 0.5
    square *= 2 / 3
    series += square
    series *= distance
    series -= point
    series *= distance
    series += 1.0
    series *= distance
    series *= slopes.take(position, mode="clip")
    series += errors.take(position, mode="clip")
    return series
