"""Compute a prepared activation on an array: values, derivatives, and the product of a vector with the Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias, TypeVar, get_args

import numpy as np

from actcli import domain, parameter_lists, registry
from actcli.activation import Activation, AlongAxis, Elementwise, Packed
from actcli.backend import Backend, Formula, T
from actcli.errors import ActcliError, require_choice
from actcli.numerics import dtypes, elementwise, held, rounding
from actcli.numerics.dtypes import BoolArray, Codes, FloatArray, Format
from actcli.numerics.quantized import Quantization, round_to_codes

Numerics = Literal["exact", "tensorflow2"]
Array = TypeVar("Array", FloatArray, Codes)
Compute: TypeAlias = Callable[[Activation, FloatArray, str], FloatArray]
"""``compute_values`` or ``compute_derivatives``, which have one more argument, ``saturate``."""
NUMERICS: tuple[Numerics, ...] = get_args(Numerics)


def compute_values(activation: Activation, x: FloatArray, numerics: str, saturate: bool = False) -> FloatArray:
    """Return the values of a prepared activation for an array; result and errors as in ``api.evaluate``."""
    if activation.has_lists:
        return _place_by_place(activation, x, lambda each, place: compute_values(each, x[place], numerics, saturate))
    if require_choice("numerics", numerics, NUMERICS) == "tensorflow2":
        return held.release(_tensorflow2(activation, x), _result_format(x, saturate), str)
    if isinstance(activation, AlongAxis):
        return release_rows(lambda x: _values_along_axis(activation, x), activation, x, saturate)
    assert isinstance(activation, Elementwise)
    result = _compute_elementwise(activation, activation.value, activation.value_condition_terms, x, saturate)
    return domain.where_defined(activation, "value", x, result)


def compute_quantized(activation: Activation, codes: Codes, quantization: Quantization) -> Codes:
    """Return the codes of an elementwise activation's values for codes (any shape), each rounded once.

    Raises:
        ActcliError: if it works along an axis.

    """
    if activation.has_lists:
        return _place_by_place(
            activation, codes, lambda each, place: compute_quantized(each, codes[place], quantization)
        )
    if not isinstance(activation, Elementwise):
        raise ActcliError(f"codes are for functions of one number; {activation.name} works on vectors")
    distinct, positions = np.unique(codes, return_inverse=True)
    x = quantization.dequantize(distinct)
    y, terms = compute_values(activation, x, "exact"), activation.value_condition_terms
    table = round_to_codes(activation.value, terms, x, y, quantization)
    results: Codes = table[positions].reshape(codes.shape)
    return results


def compute_derivatives(activation: Activation, x: FloatArray, numerics: str, saturate: bool = False) -> FloatArray:
    """Return the derivatives of a prepared activation for an array; result and errors as in ``api.derivative``."""
    if activation.has_lists:
        return _place_by_place(
            activation, x, lambda each, place: compute_derivatives(each, x[place], numerics, saturate)
        )
    if require_choice("numerics", numerics, NUMERICS) != "exact":
        raise ActcliError(f"numerics {numerics} defines values only; derivatives need --numerics exact")
    if not isinstance(activation, Elementwise):
        raise ActcliError(
            f"{activation.name} has a Jacobian, not a derivative per value: each result depends on several "
            "inputs; in Python, use actcli.vjp, its product with a vector"
        )
    terms = activation.derivative_condition_terms
    result = _compute_elementwise(activation, activation.derivative, terms, x, saturate)
    return domain.where_defined(activation, "derivative", x, result)


def compute_vjp(activation: Activation, x: FloatArray, g: FloatArray, saturate: bool = False) -> FloatArray:
    """Return the product of g with the Jacobian at x; result and errors as in ``api.vjp``."""
    if isinstance(activation, AlongAxis):
        return release_rows(lambda x: _vjp_along_axis(activation, x, g.astype(x.dtype)), activation, x, saturate)
    _check_shape(activation.name, g, x.shape)
    if activation.has_lists:
        return _place_by_place(activation, x, lambda each, place: _elementwise_vjp(each, x[place], g[place], saturate))
    return _elementwise_vjp(activation, x, g, saturate)


def _place_by_place(
    activation: Activation, x: Array, compute: Callable[[Activation, parameter_lists.Place], Array]
) -> Array:
    """Return the results for each place in x that has an activation of its own, as its parameters are lists."""
    result = np.empty_like(x)
    for each, place in parameter_lists.split_array(activation, x.shape):
        result[place] = compute(each, place)
    return result


def _compute_elementwise(
    activation: Elementwise, call: Formula, terms: Formula | None, x: FloatArray, saturate: bool
) -> FloatArray:
    """Return a function of x in its dtype, held on the way if the dtype cannot say what is due."""
    format = _result_format(x, saturate)
    if (working := held.hold(format)) is format:
        results = _elementwise(activation, call, terms, x)
    else:
        function = elementwise.Function(call, activation.error, terms, activation.single_rounding)
        results = elementwise.evaluate_rounded(function, x, working)
    return held.release(results, format, lambda i: f"{activation.name} is NaN at {x.reshape(-1)[i]}")


def _result_format(x: FloatArray, saturate: bool) -> Format:
    return held.saturating(dtypes.find(x.dtype), saturate)


def release_rows(
    compute: Callable[[FloatArray], FloatArray], activation: Activation, x: FloatArray, saturate: bool
) -> FloatArray:
    """Return a function of rows in their dtype; where that cannot say what is due, float32 tells."""
    results, format = compute(x), _result_format(x, saturate)
    if held.hold(format) is not format:
        results = held.hold_results(results, compute(x.astype(np.float32)), format)
    return held.release(results, format, lambda _: f"a result of {activation.name} is NaN")


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


def _elementwise_vjp(activation: Activation, x: FloatArray, g: FloatArray, saturate: bool) -> FloatArray:
    from actcli.numerics import exact

    assert isinstance(activation, Elementwise)
    terms, format = activation.derivative_condition_terms, _result_format(x, saturate)
    working = held.hold(format)

    def product(m: Backend[T], x: T, g: T) -> T | float:
        return activation.derivative(m, x) * g

    def sizes(m: Backend[T], x: T, g: T) -> T | float:
        assert terms is not None
        return terms(m, x) * m.abs(g)

    result = exact.evaluate_rounded(product, sizes if terms else None, (x, g), working, decide_ties=False)
    beyond = ~np.isfinite(x.astype(np.float64))
    if beyond.any():
        limits = compute_derivatives(activation, x[beyond].astype(np.float64), "exact")
        with np.errstate(all="ignore"):
            result[beyond] = rounding.nearest(limits.astype(np.float64) * g[beyond].astype(np.float64), working)
    result[domain.is_outside(activation, x)] = np.nan
    return held.release(result, format, lambda i: f"the product is NaN at {x.reshape(-1)[i]}")


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
