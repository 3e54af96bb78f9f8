"""Mathematics on float64 arrays: the fast path.

NumPy promises its vector functions to 4 ulp only, and other machines give other bits: results from here are good
for formats narrower than float64, once ``rounding.unsure`` has picked out those it cannot decide.
"""

from numpy import copysign, exp, expm1, tanh, where

__all__ = ["copysign", "exp", "expm1", "tanh", "where"]
