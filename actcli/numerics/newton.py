"""Where a function of one number for each row is 0: Newton's method in float64, from which other arithmetic goes on."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from actcli.backend import Excess
from actcli.numerics.dtypes import Float64Array

_STEPS = 200  # far more than the logarithm of the longest row, which is what they take
_CLOSE = 2.0**-40  # the next step of the method is as good as float64 can be


def find_start(excess: Excess[Any], x: Float64Array) -> Float64Array:
    """Return, for each row, the s where the excess is 0, as nearly as float64 tells; NaN where a row has one."""
    s = np.zeros((*x.shape[:-1], 1))
    with np.errstate(all="ignore"):
        for _ in range(_STEPS):
            value, slope = excess(_FLOAT64, x, s)
            step = value / slope
            s = s + step
            if not (np.abs(step) > _CLOSE).any():
                break
    return np.maximum(s, 0.0)


_FLOAT64 = SimpleNamespace(
    exp=np.exp,
    log1p=np.log1p,
    maximum=np.maximum,
    sum_last=partial(np.sum, axis=-1, keepdims=True),
    where=np.where,
)
