"""Where a function has no value: outside its domain, and at infinities where it has no limit."""

import numpy as np

from actcli.activation import Activation
from actcli.numerics import dtypes, held
from actcli.numerics.dtypes import BoolArray, FloatArray


def where_defined(activation: Activation, kind: str, x: FloatArray, result: FloatArray) -> FloatArray:
    """Return the values or derivatives, as the kind says, with NaN outside the domain and where they have no limit."""
    if kind in activation.no_limit:
        result[np.isinf(x)] = np.nan
    outside = is_outside(activation, x)
    if outside.any():
        nan = np.where(outside, np.nan, 0.0)
        held.require_numbers(
            nan, dtypes.find(result.dtype), lambda i: f"{activation.name} is NaN at {x.reshape(-1)[i]}"
        )
        result[outside] = np.nan
    return result


def is_outside(activation: Activation, x: FloatArray) -> BoolArray:
    """Tell which numbers are outside the activation's domain."""
    low, high = activation.domain
    if activation.domain == Activation.domain:
        return np.zeros(x.shape, np.bool_)
    wide = x.astype(np.float64)
    outside: BoolArray = (wide < low) | (wide > high)
    return outside
