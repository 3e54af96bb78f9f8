"""Compute a prepared activation along axes of an array: values, and the product of a vector with the Jacobian."""

from __future__ import annotations

import math

import numpy as np

from actcli.activation import AlongAxis, Packed
from actcli.backend import AxisBackend, Backend, T
from actcli.errors import ActcliError, ArgumentError
from actcli.numerics import held
from actcli.numerics.dtypes import BoolArray, FloatArray, Format


def check_shape(name: str, g: FloatArray, shape: tuple[int, ...]) -> None:
    """Raise ActcliError unless g has the shape of the result."""
    if g.shape != shape:
        raise ActcliError(f"{name}: g has shape {g.shape}; expected that of the result, {shape}")


def values_along_axes(activation: AlongAxis, x: FloatArray, format: Format, where: BoolArray | None) -> FloatArray:
    """Return the values for an array of a format, held on the way if the format cannot say what is due.

    Args:
        activation: the activation.
        x: the numbers.
        format: their format, which is that of the results, too; it may saturate.
        where: which numbers are kept, of the shape of x; None: all; without the fill value.

    Raises:
        ActcliError: for an axis or a mask that is not accepted, and for NaN in a format without it.

    """
    from actcli.numerics import exact, masks, row_wise

    working = held.hold(format)
    axes = activation.normalize_axes(x.ndim)
    kept = masks.find_kept(activation.name, x, where, activation.fill_value, format)
    rows = _last(masks.leave_out(x, kept, activation.absent, format), axes)
    if isinstance(activation, Packed):
        length = _packed_length(activation, rows)
        gate, value = (rows[..., place] for place in activation.places(rows.shape[-1]))
        result = exact.evaluate_rounded(activation.gated, None, (gate, value), working)
        return release_rows(activation, _put_back(result, axes, _replaced(x.shape, axes[0], length)), format)
    lists = _spread_lists(activation, rows, x.shape, axes)

    def values(m: AxisBackend[T], x: T, *numbers: T) -> T:
        return activation.replace(**dict(zip(lists, numbers, strict=True))).value(m, x)

    result = row_wise.evaluate_rounded(values, (rows, *lists.values()), working)
    if activation.absent is not None:
        masks.put_limits(result, rows, activation.absent, activation.at_absent, activation.of_nothing)
    result = _put_back(result, axes, x.shape)
    masks.put_back(result, kept, activation.at_absent)
    return release_rows(activation, result, format)


def vjp_along_axes(
    activation: AlongAxis, x: FloatArray, g: FloatArray, format: Format, where: BoolArray | None
) -> FloatArray:
    """Return the product of g with the Jacobian at x; otherwise as ``values_along_axes``."""
    from actcli.numerics import masks, row_wise

    working = held.hold(format)
    axes = activation.normalize_axes(x.ndim)
    kept = masks.find_kept(activation.name, x, where, activation.fill_value, format)
    rows = _last(masks.leave_out(x, kept, activation.absent, format), axes)
    if isinstance(activation, Packed):
        check_shape(activation.name, g, _replaced(x.shape, axes[0], _packed_length(activation, rows)))
        result = _packed_vjp(activation, rows, _last(g, axes), working)
        return release_rows(activation, _put_back(result, axes, x.shape), format)
    check_shape(activation.name, g, x.shape)
    weights = _last(g if kept is None else np.where(kept, g, g.dtype.type(0)), axes)
    lists = _spread_lists(activation, rows, x.shape, axes)

    def product(m: AxisBackend[T], x: T, g: T, *numbers: T) -> T:
        return activation.replace(**dict(zip(lists, numbers, strict=True))).vjp(m, x, g)

    result = row_wise.evaluate_rounded(product, (rows, weights, *lists.values()), working, is_product=True)
    if activation.absent is not None and np.isnan(activation.of_nothing):
        result[np.all(rows == activation.absent, axis=-1)] = np.nan
    result = _put_back(result, axes, x.shape)
    masks.put_back(result, kept, 0.0)
    return release_rows(activation, result, format)


def release_rows(activation: AlongAxis, results: FloatArray, format: Format) -> FloatArray:
    """Return results, held or not, in their format; raise ActcliError for NaN in a format without it."""
    return held.release(results, format, lambda _: f"a result of {activation.name} is NaN")


def _packed_vjp(activation: Packed, rows: FloatArray, g: FloatArray, format: Format) -> FloatArray:
    """Return g times the slope of the gate times the factor, and g times the activated gate, packed as the rows are."""
    from actcli.numerics import exact

    places = activation.places(rows.shape[-1])
    gate, value = (rows[..., place] for place in places)
    unit = activation.unit()
    terms = unit.derivative_condition_terms

    def by_gate(m: Backend[T], gate: T, value: T, g: T) -> T | float:
        return activation.slope(m, gate) * activation.factor(m, value) * g

    def sizes(m: Backend[T], gate: T, value: T, g: T) -> T | float:
        assert terms is not None
        return terms(m, gate) * m.abs(activation.factor(m, value) * g)

    def by_value(m: Backend[T], gate: T, value: T, g: T) -> T | float:
        return activation.product(m, gate, g * activation.factor_slope(m, value))

    result = np.empty(rows.shape, format.dtype)
    for place, product, its_sizes in zip(places, (by_gate, by_value), (sizes if terms else None, None), strict=True):
        result[..., place] = exact.evaluate_rounded(product, its_sizes, (gate, value, g), format, decide_ties=False)
    return result


def _spread_lists(
    activation: AlongAxis, rows: FloatArray, shape: tuple[int, ...], axes: tuple[int, ...]
) -> dict[str, FloatArray]:
    """Return the lists of parameters as arrays of the shape of rows: along the axis, or in the shape of the input."""
    found: dict[str, FloatArray] = {}
    for name, numbers in activation.lists.items():
        array, length = np.array(numbers, np.float64), rows.shape[-1]
        if array.shape == (length,):
            found[name] = np.broadcast_to(array, rows.shape)
        elif array.shape == shape:
            found[name] = _last(array, axes)
        else:
            problem = (
                f"has {' x '.join(map(str, array.shape))} numbers; expected one number, one for each of the {length}"
            )
            raise ArgumentError(name, f"{problem} along the axis, or as many as x", activation.name)
    return found


def _packed_length(activation: Packed, rows: FloatArray) -> int:
    """Return how many results there are along the axis."""
    length, odd = divmod(rows.shape[-1], 2)
    if odd:
        raise ActcliError(
            f"{activation.name} splits the numbers along the axis into {' and '.join(activation.halves)}; expected "
            f"an even number of them, got {rows.shape[-1]}"
        )
    return int(length)


def _replaced(shape: tuple[int, ...], axis: int, length: int) -> tuple[int, ...]:
    return (*shape[:axis], length, *shape[axis + 1 :])


def _last(x: FloatArray, axes: tuple[int, ...]) -> FloatArray:
    """Return an array with those axes as its last one, in the order in memory by which balls are put together."""
    x = np.atleast_1d(x)
    moved = np.moveaxis(x, axes, range(-len(axes), 0))
    rest = moved.shape[: x.ndim - len(axes)]
    return np.ascontiguousarray(moved).reshape(*rest, math.prod(x.shape[axis] for axis in axes))


def _put_back(rows: FloatArray, axes: tuple[int, ...], shape: tuple[int, ...]) -> FloatArray:
    """Return an array whose last axis is those of the shape."""
    if not shape:
        return rows.reshape(())
    along = [shape[axis] for axis in axes]
    return np.moveaxis(rows.reshape(*rows.shape[:-1], *along), range(-len(axes), 0), axes)
