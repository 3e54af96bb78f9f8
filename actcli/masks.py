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


def keep(activation: Activation, x: FloatArray, mask: BoolArray | None, where: ArrayLike | None) -> BoolArray | None:
    """Return which numbers an activation takes into account: those that neither the mask of x nor ``where`` leaves out.

    Raises:
        ActcliError: for masked numbers, if it takes all numbers along an axis together and cannot do without some.

    """
    kept = along_axes.as_mask(where, x.shape, activation)
    if not isinstance(activation, AlongAxis) or mask is None or not mask.any():
        return kept
    if activation.absent is None:
        raise _is_masked(activation, "x")
    return ~mask if kept is None else kept & ~mask


def require_shown(activation: Activation, mask: BoolArray | None, kept: BoolArray | None) -> None:
    """Raise ActcliError if the mask of g hides what all products along the axis depend on."""
    if isinstance(activation, AlongAxis) and mask is not None and np.any(mask if kept is None else mask & kept):
        raise _is_masked(activation, "g")


def _is_masked(activation: Activation, name: str) -> ActcliError:
    return ActcliError(
        f"{activation.name}: {name} has masked numbers, but each result depends on all numbers along the axis; "
        f"give {name}.filled(NUMBER), or {name}.compressed() of one row"
    )


def hide(result: Array, *masks: BoolArray | None) -> Array:
    """Return a result as a masked array that hides what one of the masks hides; without a mask as it is."""
    if all(mask is None for mask in masks):
        return result
    hiding = [mask for mask in masks if mask is not None and mask.any()]
    return np.ma.MaskedArray(result, np.logical_or.reduce(hiding) if hiding else np.ma.nomask)
