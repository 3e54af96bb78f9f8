"""The masks of masked arrays: kept where each result stands for one number, refused where it depends on several."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from actcli.activation import Activation, AlongAxis
from actcli.errors import ActcliError
from actcli.numerics.dtypes import BoolArray, Codes, FloatArray

Array = TypeVar("Array", FloatArray, Codes)


def refuse_along_axis(activation: Activation, **masks: BoolArray | None) -> None:
    """Raise ActcliError for masked numbers of an activation that takes all numbers along an axis together."""
    for name, mask in masks.items():
        if isinstance(activation, AlongAxis) and mask is not None and mask.any():
            raise ActcliError(
                f"{activation.name}: {name} has masked numbers, but each result depends on all numbers along the axis; "
                f"give {name}.filled(NUMBER), or {name}.compressed() of one row"
            )


def hide(result: Array, *masks: BoolArray | None) -> Array:
    """Return a result as a masked array that hides what one of the masks hides; without a mask as it is."""
    if all(mask is None for mask in masks):
        return result
    hiding = [mask for mask in masks if mask is not None and mask.any()]
    return np.ma.MaskedArray(result, np.logical_or.reduce(hiding) if hiding else np.ma.nomask)
