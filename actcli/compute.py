"""Compute a prepared activation on an array: values, derivatives, and the product of a vector with the Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from actcli import registry
from actcli.activation import Activation, AlongAxis, Elementwise, Packed
from actcli.backend import Backend, Formula, T
from actcli.errors import ActcliError, require_choice
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


def compute_values(activation: Activation, x: FloatArray, numerics: str) -> FloatArray:
    """Return the values of a prepared activation for an array; result and errors as in ``api.evaluate``."""
    if columns := _split_columns(activation, x):
        return np.stack([compute_values(each, part, numerics) for each, part in columns], axis=-1)
    if require_choice("numerics", numerics, NUMERICS) == "tensorflow2":
        return _tensorflow2(activation, x)
    if isinstance(activation, AlongAxis):
        return _values_along_axis(activation, x)
    assert isinstance(activation, Elementwise)
    return _evaluate_in_domain(activation, activation.value, activation.value_condition_terms, x)


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
    return _evaluate_in_domain(activation, activation.derivative, activation.derivative_condition_terms, x)


def compute_vjp(activation: Activation, x: FloatArray, g: FloatArray) -> FloatArray:
    """Return the product of g with the Jacobian at x; result and errors as in ``api.vjp``."""
    if isinstance(activation, AlongAxis):
        return _vjp_along_axis(activation, x, g)
    columns = _split_columns(activation, x)
    _check_shape(activation.name, g, x.shape)
    if columns:
        return np.stack([_elementwise_vjp(each, x, g[..., i]) for i, (each, x) in enumerate(columns)], axis=-1)
    result = _elementwise_vjp(activation, x, g)
    result[is_outside(activation, x)] = np.nan
    return result


def _split_columns(activation: Activation, x: FloatArray) -> list[tuple[Activation, FloatArray]]:
    """Return each place along the last axis of x with its activation, if a parameter is a list; else none."""
    count = x.shape[-1] if x.ndim else 1
    activations = activation.for_columns(count, f"{count} number{'s' * (count != 1)} along the last axis of x")
    return [(each, x[..., i]) for i, each in enumerate(activations)]


def _evaluate_in_domain(activation: Elementwise, call: Formula, terms: Formula | None, x: FloatArray) -> FloatArray:
    """Return the function of the numbers in the activation's domain, and NaN for all others."""
    if activation.domain == Activation.domain:
        return _elementwise(activation, call, terms, x)
    outside = is_outside(activation, x)
    result = np.full(x.shape, np.nan, x.dtype)
    result[~outside] = _elementwise(activation, call, terms, x[~outside])
    return result


def is_outside(activation: Activation, x: FloatArray) -> BoolArray:
    """Tell which numbers are outside the activation's domain."""
    low, high = activation.domain
    wide = x.astype(np.float64)
    outside: BoolArray = (wide < low) | (wide > high)
    return outside


def _elementwise(activation: Elementwise, call: Formula, terms: Formula | None, x: FloatArray) -> FloatArray:
    function = elementwise.Function(call, activation.error, terms, activation.single_rounding)
    return elementwise.evaluate_rounded(function, x, dtypes.find(x.dtype))


def _values_along_axis(activation: AlongAxis, x: FloatArray) -> FloatArray:
    from actcli.numerics import exact, row_wise

    rows, _ = _rows_of(activation, x)
    format = dtypes.find(x.dtype)
    if isinstance(activation, Packed):
        gate, value = (rows[..., place] for place in activation.places(rows.shape[-1]))
        result = exact.evaluate_rounded(activation.gated, None, (gate, value), format)
    else:
        result = row_wise.evaluate_rounded(activation.value, (rows,), format)
        result[_leave_nothing(activation, rows)] = np.nan
    return np.moveaxis(result, -1, activation.axis)


def _vjp_along_axis(activation: AlongAxis, x: FloatArray, g: FloatArray) -> FloatArray:
    from actcli.numerics import row_wise

    rows, length = _rows_of(activation, x)
    axis = activation.axis % x.ndim
    _check_shape(activation.name, g, (*x.shape[:axis], length, *x.shape[axis + 1 :]))
    weights = _last(g, axis)
    if isinstance(activation, Packed):
        result = _packed_vjp(activation, rows, weights)
    else:
        result = row_wise.evaluate_rounded(activation.vjp, (rows, weights), dtypes.find(x.dtype), is_product=True)
        result[_leave_nothing(activation, rows)] = np.nan
    return np.moveaxis(result, -1, axis)


def _leave_nothing(activation: AlongAxis, rows: FloatArray) -> BoolArray:
    """Tell which rows leave nothing to choose from."""
    if activation.nothing is None:
        return np.zeros(rows.shape[:-1], np.bool_)
    empty: BoolArray = np.all(rows == activation.nothing, axis=-1)
    return empty


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


def _rows_of(activation: AlongAxis, x: FloatArray) -> tuple[FloatArray, int]:
    """Return x with the activation's axis as the last one, and the length of the results along it."""
    length = x.shape[activation.normalize_axis(x.ndim)]
    if isinstance(activation, Packed):
        length, odd = divmod(length, 2)
        if odd:
            raise ActcliError(
                f"{activation.name} splits the numbers along the axis into {' and '.join(activation.halves)}; expected "
                f"an even number of them, got {2 * length + 1}"
            )
    return _last(x, activation.axis), length


def _last(x: FloatArray, axis: int) -> FloatArray:
    """Return an array with that axis as the last one, in the order in memory by which balls are put together."""
    return np.ascontiguousarray(np.moveaxis(x, axis, -1))


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
