"""The masks of masked arrays: kept in the results; along an axis what they hide counts as not there, if that can be."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from actcli import along_axes
from actcli.activation import Activation, AlongAxis
from actcli.errors import ActcliError
from actcli.numerics.dtypes import BoolArray, Codes, FloatArray

Array = TypeVar("Array", FloatArray, Codes)


def keep(activation: Activation, where: ArrayLike | None, **masks: BoolArray | None) -> ArrayLike | None:
    """Return which numbers an activation takes into account: those that neither ``where`` nor a mask leaves out.

    Raises:
        ActcliError: for masked numbers of an activation that takes all numbers along an axis together, and no mask.

    """
    if not isinstance(activation, AlongAxis):
        return where
    for name, mask in masks.items():
        if mask is None or not mask.any():
            continue
        if activation.absent is None:
            raise ActcliError(
                f"{activation.name}: {name} has masked numbers, but each result depends on all numbers along the axis; "
                f"give {name}.filled(NUMBER), or {name}.compressed() of one row"
            )
        kept = along_axes.as_mask(where, mask.shape, activation)
        where = ~mask if kept is None else kept & ~mask
    return where


def hide(result: Array, *masks: BoolArray | None) -> Array:
    """Return a result as a masked array that hides what one of the masks hides; without a mask as it is."""
    if all(mask is None for mask in masks):
        return result
    hiding = [mask for mask in masks if mask is not None and mask.any()]
    return np.ma.MaskedArray(result, np.logical_or.reduce(hiding) if hiding else np.ma.nomask)
