"""Compute a prepared activation on an array: values, derivatives, and the product of a vector with the Jacobian."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from copy import copy
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from actcli import registry
from actcli.activation import Activation, AlongAxis, Elementwise, Packed
from actcli.backend import Backend, Formula, T
from actcli.errors import ActcliError, ArgumentError, require_choice
from actcli.numerics import dtypes, elementwise, rounding, text
from actcli.numerics.dtypes import BoolArray, FloatArray

Numerics = Literal["exact", "tensorflow2"]
Compute: TypeAlias = Callable[[Activation, FloatArray, str], FloatArray]
"""``compute_values`` or ``compute_derivatives``."""
NUMERICS: tuple[Numerics, ...] = get_args(Numerics)


def as_array(x: ArrayLike, dtype: DTypeLike | None, name: str = "x") -> FloatArray:
    """Return x as an array of the dtype, or without one of its own dtype if that is floating, else of float32.

    Raises:
        ActcliError: if it is no array of real numbers; the message calls it by its name.

    """
    try:
        values = np.asarray(x)
    except ValueError as error:
        raise ActcliError(f"{name} is not an array: {error}") from None
    kind = values.dtype.kind
    is_floating = hasattr(x, "dtype") and kind not in "biuUSOc"
    format = dtypes.find(dtype if dtype is not None else values.dtype if is_floating else "float32")
    if values.dtype == format.dtype:
        return values
    if kind == "c":
        raise ActcliError(f"{name} is complex; expected real numbers ({', '.join(dtypes.FORMATS)})")
    if kind in "USO" or (kind in "iu" and values.size and max(int(values.max()), -int(values.min())) > 2**53):
        return text.parse([str(value) for value in values.flat], format).reshape(values.shape)
    with np.errstate(all="ignore"):  # a NaN of bfloat16 counts as an invalid cast
        wide = values.astype(np.float64)
    return rounding.nearest(wide, format)


def as_mask(where: ArrayLike | None, shape: tuple[int, ...], name: str) -> BoolArray | None:
    """Return a mask as an array of that shape, None for no mask.

    Args:
        where: truth values, or 0 and 1; of the shape, or one that is broadcast to it.
        shape: that of the numbers.
        name: what messages begin with.

    Raises:
        ArgumentError: if it is no such array.

    """
    if where is None:
        return None
    try:
        kept = np.asarray(where)
    except ValueError as error:
        raise ArgumentError("where", f"is not an array: {error}", name) from None
    if kept.dtype.kind != "b" and not (kept.dtype.kind in "iu" and np.isin(kept, (0, 1)).all()):
        raise ArgumentError(
            "where", f"must hold truth values, or 0 and 1: which numbers are kept; got {kept.dtype}", name
        )
    try:
        return np.broadcast_to(kept.astype(np.bool_), shape)
    except ValueError:
        raise ArgumentError("where", f"has shape {kept.shape}, which cannot be broadcast to {shape}", name) from None


def compute_values(activation: Activation, x: FloatArray, numerics: str, where: BoolArray | None = None) -> FloatArray:
    """Return the values of a prepared activation for an array; result and errors as in ``api.evaluate``."""
    _check_mask(activation, where)
    if columns := _split_columns(activation, x):
        return np.stack([compute_values(each, part, numerics) for each, part in columns], axis=-1)
    if require_choice("numerics", numerics, NUMERICS) == "tensorflow2":
        return _tensorflow2(activation, x)
    if isinstance(activation, AlongAxis):
        return _values_along_axis(activation, x, where)
    assert isinstance(activation, Elementwise)
    return _elementwise(activation, activation.value, activation.value_condition_terms, x)


def compute_derivatives(activation: Activation, x: FloatArray, numerics: str) -> FloatArray:
    """Return the derivatives of a prepared activation for an array; result and errors as in ``api.derivative``."""
    if columns := _split_columns(activation, x):
        return np.stack([compute_derivatives(each, part, numerics) for each, part in columns], axis=-1)
    if require_choice("numerics", numerics, NUMERICS) != "exact":
        raise ActcliError(f"numerics {numerics} defines values only; derivatives need --numerics exact")
    if not isinstance(activation, Elementwise):
        raise ActcliError(
            f"{activation.name} has a Jacobian, not a derivative per value: each result depends on several "
            "inputs; in Python, use actcli.vjp, its product with a vector"
        )
    return _elementwise(activation, activation.derivative, activation.derivative_condition_terms, x)


def compute_vjp(activation: Activation, x: FloatArray, g: FloatArray, where: BoolArray | None = None) -> FloatArray:
    """Return the product of g with the Jacobian at x; result and errors as in ``api.vjp``."""
    _check_mask(activation, where)
    if isinstance(activation, AlongAxis):
        return _vjp_along_axis(activation, x, g, where)
    columns = _split_columns(activation, x)
    _check_shape(activation.name, g, x.shape)
    if columns:
        return np.stack([_elementwise_vjp(each, x, g[..., i]) for i, (each, x) in enumerate(columns)], axis=-1)
    return _elementwise_vjp(activation, x, g)


def _check_mask(activation: Activation, where: BoolArray | None) -> None:
    """Raise ActcliError for a mask where none has a meaning."""
    if where is not None and (not isinstance(activation, AlongAxis) or activation.absent is None):
        able = ", ".join(each.name for each in registry.registered() if getattr(each, "absent", None) is not None)
        raise ActcliError(f"{activation.name} takes no mask: where is for {able}")


def _split_columns(activation: Activation, x: FloatArray) -> list[tuple[Activation, FloatArray]]:
    """Return each place along the last axis of x with its activation, if a parameter is a list; else none."""
    if isinstance(activation, AlongAxis):  # which takes the list as a whole
        return []
    count = x.shape[-1] if x.ndim else 1
    activations = activation.for_columns(count, f"{count} number{'s' * (count != 1)} along the last axis of x")
    return [(each, x[..., i]) for i, each in enumerate(activations)]


def _elementwise(activation: Elementwise, call: Formula, terms: Formula | None, x: FloatArray) -> FloatArray:
    function = elementwise.Function(call, activation.error, terms, activation.single_rounding)
    return elementwise.evaluate_rounded(function, x, dtypes.find(x.dtype))


def _values_along_axis(activation: AlongAxis, x: FloatArray, where: BoolArray | None = None) -> FloatArray:
    from actcli.numerics import exact, masks, row_wise

    axes = activation.normalize_axes(x.ndim)
    kept = masks.find_kept(x, where, activation.fill_value)
    rows = _last(masks.leave_out(x, kept, activation.absent), axes)
    format = dtypes.find(x.dtype)
    if isinstance(activation, Packed):
        length = _packed_length(activation, rows)
        gate, value = (rows[..., place] for place in activation.places(rows.shape[-1]))
        result = exact.evaluate_rounded(activation.gated, None, (gate, value), format)
        return _put_back(result, axes, _replaced(x.shape, axes[0], length))
    result = row_wise.evaluate_rounded(_with_arrays(activation, rows).value, (rows,), format)
    if activation.absent is not None:
        masks.put_limits(result, rows, activation.absent, activation.at_absent, activation.of_nothing)
    result = _put_back(result, axes, x.shape)
    if kept is not None:
        result[~kept] = activation.at_absent
    return result


def _vjp_along_axis(activation: AlongAxis, x: FloatArray, g: FloatArray, where: BoolArray | None = None) -> FloatArray:
    from actcli.numerics import masks, row_wise

    axes = activation.normalize_axes(x.ndim)
    kept = masks.find_kept(x, where, activation.fill_value)
    rows = _last(masks.leave_out(x, kept, activation.absent), axes)
    if isinstance(activation, Packed):
        _check_shape(activation.name, g, _replaced(x.shape, axes[0], _packed_length(activation, rows)))
        return _put_back(_packed_vjp(activation, rows, _last(g, axes)), axes, x.shape)
    _check_shape(activation.name, g, x.shape)
    weights = _last(g if kept is None else np.where(kept, g, g.dtype.type(0)), axes)
    call = _with_arrays(activation, rows).vjp
    result = row_wise.evaluate_rounded(call, (rows, weights), dtypes.find(x.dtype), is_product=True)
    if activation.absent is not None and np.isnan(activation.of_nothing):
        result[np.all(rows == activation.absent, axis=-1)] = np.nan
    result = _put_back(result, axes, x.shape)
    if kept is not None:
        result[~kept] = 0
    return result


def _packed_vjp(activation: Packed, rows: FloatArray, g: FloatArray) -> FloatArray:
    """Return g times the slope of the gate times the factor, and g times the activated gate, packed as the rows are."""
    from actcli.numerics import exact

    places = activation.places(rows.shape[-1])
    gate, value = (rows[..., place] for place in places)
    format = dtypes.find(g.dtype)
    unit = activation.unit()
    terms = unit.derivative_condition_terms

    def by_gate(m: Backend[T], gate: T, value: T, g: T) -> T | float:
        return activation.slope(m, gate) * activation.factor(m, value) * g

    def sizes(m: Backend[T], gate: T, value: T, g: T) -> T | float:
        assert terms is not None
        return terms(m, gate) * m.abs(activation.factor(m, value) * g)

    def by_value(m: Backend[T], gate: T, value: T, g: T) -> T | float:
        return activation.product(m, gate, g * activation.factor_slope(m, value))

    result = np.empty_like(rows)
    for place, product, its_sizes in zip(places, (by_gate, by_value), (sizes if terms else None, None), strict=True):
        result[..., place] = exact.evaluate_rounded(product, its_sizes, (gate, value, g), format, decide_ties=False)
    return result


def _with_arrays(activation: AlongAxis, rows: FloatArray) -> AlongAxis:
    """Return the activation with arrays in place of lists of parameters, a number for each along the axis."""
    lists = {name: value for name, value in vars(activation).items() if isinstance(value, list)}
    for name, numbers in lists.items():
        if len(numbers) != rows.shape[-1]:
            accepted = f"expected one number, or one for each of the {rows.shape[-1]} along the axis"
            raise ArgumentError(name, f"has {len(numbers)} numbers; {accepted}", activation.name)
    result = copy(activation)
    vars(result).update({name: np.array(numbers) for name, numbers in lists.items()})
    return result


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


def _check_shape(name: str, g: FloatArray, shape: tuple[int, ...]) -> None:
    if g.shape != shape:
        raise ActcliError(f"{name}: g has shape {g.shape}; expected that of the result, {shape}")


def _elementwise_vjp(activation: Activation, x: FloatArray, g: FloatArray) -> FloatArray:
    from actcli.numerics import exact

    assert isinstance(activation, Elementwise)
    terms = activation.derivative_condition_terms

    def product(m: Backend[T], x: T, g: T) -> T | float:
        return activation.derivative(m, x) * g

    def sizes(m: Backend[T], x: T, g: T) -> T | float:
        assert terms is not None
        return terms(m, x) * m.abs(g)

    result = exact.evaluate_rounded(product, sizes if terms else None, (x, g), dtypes.find(x.dtype), decide_ties=False)
    beyond = ~np.isfinite(x.astype(np.float64))
    if beyond.any():
        limits = compute_derivatives(activation, x[beyond].astype(np.float64), "exact")
        with np.errstate(all="ignore"):
            result[beyond] = rounding.nearest(
                limits.astype(np.float64) * g[beyond].astype(np.float64), dtypes.find(x.dtype)
            )
    return result


def _tensorflow2(activation: Activation, x: FloatArray) -> FloatArray:
    """Return the values of the tutorial's TensorFlow for a float32 array."""
    from actcli.numerics import tensorflow2

    if activation.tensorflow2 is None:
        known = ", ".join(each.name for each in registry.registered() if each.tensorflow2)
        raise ActcliError(f"numerics tensorflow2 is available for {known}, not for {activation.name}; use exact")
    if x.dtype != np.float32:
        raise ActcliError(f"numerics tensorflow2 is available for float32, not for {x.dtype}; use exact")
    result = np.empty_like(flat := x.reshape(-1))
    with np.errstate(all="ignore"):
        for part in _chunks(flat.size):
            result[part] = activation.tensorflow2(tensorflow2, flat[part])
    return result.reshape(x.shape)


def _chunks(size: int) -> Iterator[slice]:
    return (slice(start, start + elementwise.CHUNK_NUMBERS) for start in range(0, size, elementwise.CHUNK_NUMBERS))
