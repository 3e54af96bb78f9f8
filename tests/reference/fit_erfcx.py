"""Print the coefficients with which numerics/vector.py computes erfc.

Run: python tests/reference/fit_erfcx.py
Chebyshev fit of (1 + z/2) * exp(z**2) * erfc(z) for z >= 0, as a polynomial in u = 2 / (1 + z/2) - 1 on [-1, 1].
"""

from mpmath import chebyfit, erfc, exp, log, mp, mpf, sqrt


def scaled(u: mpf) -> mpf:
    """Return (1 + z/2) * exp(z**2) * erfc(z) at the z that belongs to u."""
    t = (u + 1) / 2
    if t == 0:
        return 1 / (2 * sqrt(mp.pi))
    z = 2 * (1 / t - 1)
    if z < 60:
        return exp(z * z) * erfc(z) / t
    total = term = mpf(1)
    for k in range(1, 40):
        term *= -(2 * k - 1) / (2 * z * z)
        total += term
    return total / (z * sqrt(mp.pi)) / t


if __name__ == "__main__":
    mp.prec = 200
    coefficients, error = chebyfit(scaled, [-1, 1], 20, error=True)
    for coefficient in coefficients:
        print(f"    {float(coefficient)!r},")
    print(f"absolute error 2**{float(log(error, 2)):.1f}")
