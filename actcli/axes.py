"""The axes of an array, as callers name them."""

from collections.abc import Sequence

from actcli.errors import ArgumentError


def normalize(activation: str, axes: Sequence[int], ndim: int, name: str = "axis") -> tuple[int, ...]:
    """Return axes counted from 0, in their order in the array.

    Args:
        activation: the activation's name, for messages.
        axes: the axes, counted from either end.
        ndim: how many axes the array has.
        name: the parameter's name, for messages.

    Raises:
        ArgumentError: for an axis that the array does not have, or that is named twice.

    """
    for axis in axes:
        if not -ndim <= axis < ndim:
            raise ArgumentError(name, f"{axis} is out of range ({-ndim} to {ndim - 1})", activation)
    counted = sorted(axis % ndim for axis in axes)
    if len(set(counted)) < len(counted):
        raise ArgumentError(name, f"{','.join(map(str, axes))} names the same axis twice", activation)
    return tuple(counted)
