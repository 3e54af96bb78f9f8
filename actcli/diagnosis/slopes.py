"""What the derivative of a function is like: whether it is off somewhere, and how steep it gets."""

import math

import numpy as np

from actcli.activation import Activation
from actcli.compute import compute_derivatives
from actcli.data.batch import Numbers

FLAT_SHARE = 0.06
"""A number is flat if abs f' is below this share of the largest slope: for tanh, where abs tanh exceeds 0.97."""
_NEAR = (np.arange(-128, 128) + 0.5) / 16  # from -8 to 8, on none of the places where a smooth slope is 0
_TINY = 2.0 ** -np.arange(6, 40)  # where slopes at a kink are largest
_FAR = 2.0 ** np.arange(4, 21)


def has_off_region(activation: Activation) -> bool:
    """Tell whether f' is exactly 0 over a range of ordinary inputs, as that of relu is, and that of gelu is not."""
    return bool((_sizes(activation, _NEAR) == 0).any())


def turns_negatives_off(activation: Activation) -> bool:
    """Tell whether f' is 0 exactly below 0, so that numbers centred on 0 are half off whatever their scale."""
    numbers = np.concatenate([-_FAR[::-1], _NEAR, _FAR])
    return bool(((_sizes(activation, numbers) == 0) == (numbers < 0)).all())


def flat_limit(activation: Activation) -> float:
    """Return the abs f' below which a number is flat; 0 where the slope has no upper limit, so that none is."""
    far = np.concatenate([-_FAR[::-1], _FAR])
    sizes = _sizes(activation, far)
    near_largest = float(_sizes(activation, np.concatenate([_NEAR, -_TINY, [0.0], _TINY])).max())
    largest = max(near_largest, float(sizes.max()))
    steepens = max(float(sizes[0]), float(sizes[-1])) > 2 * float(_sizes(activation, np.array([-1024.0, 1024.0])).max())
    return 0.0 if steepens or not math.isfinite(largest) else FLAT_SHARE * largest


def _sizes(activation: Activation, numbers: Numbers) -> Numbers:
    """Return abs f' in float64, where no slope is rounded to 0 for want of range."""
    return np.abs(compute_derivatives(activation, numbers, "exact"))
