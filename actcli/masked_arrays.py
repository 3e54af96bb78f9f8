"""The masks of masked arrays: kept in the results; along an axis what they hide counts as not there, if that can be."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from actcli import registry
from actcli.activation import Activation, AlongAxis
from actcli.errors import ActcliError, ArgumentError
from actcli.numerics.dtypes import BoolArray, Codes, FloatArray

Array = TypeVar("Array", FloatArray, Codes)


def _as_mask(where: ArrayLike | None, shape: tuple[int, ...], activation: Activation) -> BoolArray | None:
    """Return a mask as an array of that shape, None for no mask.

    Args:
        where: truth values, or 0 and 1; of the shape, or one that is broadcast to it.
        shape: that of the numbers.
        activation: what they are masked for.

    Raises:
        ActcliError: if it is no such array, and for an activation that takes no mask.

    """
    if where is None:
        return None
    name = activation.name
    if not isinstance(activation, AlongAxis) or activation.absent is None:
        able = ", ".join(each.name for each in registry.registered() if getattr(each, "absent", None) is not None)
        raise ActcliError(f"{name} takes no mask: where is for {able}")
    try:
        given: np.ma.MaskedArray = np.ma.array(where)
    except (ValueError, UserWarning) as error:  # a warning of a masked number in a list, where warnings are errors
        raise ArgumentError("where", f"is not an array: {error}", name) from None
    if np.ma.is_masked(given):
        raise ArgumentError("where", "has masked values; give where.filled(False)", name)
    kept = np.ma.getdata(given)
    if kept.dtype.kind != "b" and not (kept.dtype.kind in "iu" and np.isin(kept, (0, 1)).all()):
        raise ArgumentError(
            "where", f"must hold truth values, or 0 and 1: which numbers are kept; got {kept.dtype}", name
        )
    try:
        return np.broadcast_to(kept.astype(np.bool_), shape)
    except ValueError:
        raise ArgumentError("where", f"has shape {kept.shape}, which cannot be broadcast to {shape}", name) from None


def keep(activation: Activation, x: FloatArray, mask: BoolArray | None, where: ArrayLike | None) -> BoolArray | None:
    """Return which numbers an activation takes into account: those that neither the mask of x nor ``where`` leaves out.

    Raises:
        ActcliError: for masked numbers, if it takes all numbers along an axis together and cannot do without some.

    """
    kept = _as_mask(where, x.shape, activation)
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
