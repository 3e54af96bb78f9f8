"""The float32 kernels of the tutorial's TensorFlow 2: Eigen's vector functions compiled with fused multiply-add.

These are the steps of Eigen 3.4 on AVX-512, which TensorFlow 2.5 to 2.8 were built on; only the constants and the
order of the steps are taken from there. Every ``a * b + c`` is rounded once, and the digits of the tutorial come out
bit for bit. TensorFlow 2.3 and 2.4 with fused multiply-add give the same digits there, and other last bits of sigmoid
at one input in eleven below -9. Arrays are float32 of any shape throughout.
"""

from collections.abc import Iterable

import numpy as np
from numpy import where
from numpy.typing import NDArray

__all__ = ["exp", "logistic", "tanh", "where"]

Float32Array = NDArray[np.float32]
_f = np.float32


def _fma(a: Float32Array, b: Float32Array | np.float32, c: Float32Array | np.float32) -> Float32Array:
    """Return a * b + c, rounded once to float32.

    The product of two float32 numbers is exact in float64. Their sum with c is not, and where it lands on the
    midpoint of two float32 numbers, it has to be moved towards the part that rounding cut off.
    """
    product = np.multiply(a, b, dtype=np.float64)
    wide = np.asarray(product + c)
    midpoint = (wide.view(np.int64) & 0x1FFFFFFF) == 0x10000000
    if midpoint.any():
        # Knuth's two-sum gives what the float64 addition cut off.
        c_part = wide - product
        cut = (product - (wide - c_part)) + (c - c_part)
        wide = where(midpoint & (cut != 0), np.nextafter(wide, where(cut > 0, np.inf, -np.inf)), wide)
    return wide.astype(np.float32)


def _polynomial(z: Float32Array, coefficients: Iterable[float]) -> Float32Array:
    first, *rest = map(_f, coefficients)
    total = np.full_like(z, first)
    for coefficient in rest:
        total = _fma(total, z, coefficient)
    return total


def tanh(x: Float32Array) -> Float32Array:
    """Return tanh(x): a rational function of degree 13 over 6, and x itself below 0.0004."""
    limit = _f(7.99881172180175781)
    u = np.clip(x, -limit, limit)
    z = u * u
    numerator = u * _polynomial(
        z,
        (
            -2.76076847742355e-16,
            2.00018790482477e-13,
            -8.60467152213735e-11,
            5.12229709037114e-08,
            1.48572235717979e-05,
            6.37261928875436e-04,
            4.89352455891786e-03,
        ),
    )
    denominator = _polynomial(
        z, (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
    )
    return where(np.abs(x) < _f(0.0004), u, numerator / denominator)


def logistic(x: Float32Array) -> Float32Array:
    """Return 1 / (1 + exp(-x)): a rational function of degree 9 over 10, and exp(x) below -9."""
    u = np.minimum(x, _f(15.7243833541870117))
    z = u * u
    numerator = u * _polynomial(
        z,
        (4.37031012579801e-11, 1.15627324459942e-07, 6.08574864600143e-05, 8.51377133304701e-03, 2.48287947061529e-01),
    )
    denominator = _polynomial(
        z,
        (
            6.10247389755681e-13,
            5.76102136993427e-09,
            6.29106785017040e-06,
            1.70198817374094e-03,
            1.16817656904453e-01,
            9.93151921023180e-01,
        ),
    )
    return where(x < -9, exp(x), numerator / denominator + _f(0.5))


def exp(x: Float32Array) -> Float32Array:
    """Return e**x: 2**m times a polynomial of degree 7; 0 where m is below -126."""
    u = np.clip(x, _f(-88.3762626647949), _f(88.3762626647950))
    m = np.floor(_fma(u, _f(1.44269504088896341), _f(0.5)))
    r = _fma(m, _f(-0.6931471805599453), u)
    r2 = r * r
    p = _polynomial(r, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3))
    q = _polynomial(r, (4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1))
    y = _fma(_fma(p, r2 * r, q), r2, r + _f(1))
    return where(m < -126, _f(0), np.ldexp(y, where(np.isnan(m), 0, m).astype(np.int32)))
