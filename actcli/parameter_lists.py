"""Parameters that are lists: which of their numbers belongs to which place of an array, or column of a table."""

from collections.abc import Iterator
from types import EllipsisType
from typing import TypeAlias

import numpy as np

from actcli import axes
from actcli.activation import Activation
from actcli.dialects import CHANNEL_AXES
from actcli.errors import ActcliError, ArgumentError
from actcli.numerics.dtypes import Float64Array

Place: TypeAlias = tuple[slice | int | EllipsisType, ...]


def find_channel_axis(activation: Activation, ndim: int) -> int:
    """Return the axis of an array that lists of numbers go along, counted from 0.

    Raises:
        ActcliError: if the array has no such axis.

    """
    if not ndim:
        raise ActcliError(f"{activation.name}: lists of numbers go along an axis, and a single number has none")
    axis = activation.channel_axis
    if axis is None:
        axis = CHANNEL_AXES.get(activation.dialect or "", -1) if ndim > 1 else -1
    return axes.normalize(activation.name, (axis,), ndim, "channel_axis")[0]


def split_columns(activation: Activation, count: int, columns: str) -> list[Activation]:
    """Return an activation for each column of a table; none if no parameter is a list.

    Raises:
        ActcliError: if a list is not as long, the message describes the columns as ``columns`` does; and if lists are
            to go down the rows.

    """
    lists = activation.lists
    if lists and find_channel_axis(activation, 2) != 1:
        raise ActcliError(f"{activation.name}: a list has a number per column of a table; leave out --channel-axis")
    for name, numbers in lists.items():
        if len(numbers) != count:
            problem = f"has {len(numbers)} numbers for {columns}; expected one number, or one per column"
            raise ArgumentError(name, problem, activation.name)
    return [
        activation.replace(**dict(zip(lists, numbers, strict=True))) for numbers in zip(*lists.values(), strict=True)
    ]


def split_array(activation: Activation, shape: tuple[int, ...]) -> Iterator[tuple[Activation, Place]]:
    """Yield an activation for each number of the lists, and where it belongs in an array of some shape.

    A list goes along the channel axis; lists in lists are broadcast against the array, as in NumPy.

    Raises:
        ActcliError: if they do not fit the shape.

    """
    lists = {name: _align(activation, name, numbers, shape) for name, numbers in activation.lists.items()}
    lengths = np.broadcast_shapes(*(numbers.shape for numbers in lists.values()))
    lists = {name: np.broadcast_to(numbers, lengths) for name, numbers in lists.items()}
    for position in np.ndindex(lengths):
        place = tuple(slice(None) if length == 1 else i for i, length in zip(position, lengths, strict=True))
        # With an ellipsis even one place is an array.
        yield activation.replace(**{name: float(numbers[position]) for name, numbers in lists.items()}), (*place, ...)


def _align(activation: Activation, name: str, numbers: list[float], shape: tuple[int, ...]) -> Float64Array:
    """Return the numbers of a list with as many axes as the array, those of length 1 along which they stay the same."""
    array = np.array(numbers, np.float64)
    if array.ndim == 1:
        axis = find_channel_axis(activation, len(shape))
        if array.size != shape[axis]:
            which = "the last axis" if axis == len(shape) - 1 else f"axis {axis}"
            places = f"{shape[axis]} number{'s' * (shape[axis] != 1)} along {which} of x"
            problem = f"has {array.size} numbers for {places}; expected one number, or one for each"
            raise ArgumentError(name, problem, activation.name)
        return array.reshape([array.size if i == axis else 1 for i in range(len(shape))])
    added = len(shape) - array.ndim
    if added < 0 or any(size not in {1, length} for size, length in zip(array.shape, shape[added:], strict=True)):
        problem = f"of shape {array.shape} does not broadcast to {shape}, that of x"
        raise ArgumentError(name, problem, activation.name)
    return array.reshape((1,) * added + array.shape)
