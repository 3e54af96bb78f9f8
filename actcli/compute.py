"""Compute a prepared activation on an array: values, derivatives, and the product of a vector with the Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias, TypeVar, get_args

import numpy as np

from actcli import along_axes, domain, parameter_lists, registry
from actcli.activation import Activation, AlongAxis, Elementwise
from actcli.backend import Backend, Formula, T
from actcli.errors import ActcliError, require_choice
from actcli.numerics import dtypes, elementwise, held, rounding
from actcli.numerics.dtypes import BoolArray, Codes, FloatArray, Format
from actcli.numerics.quantized import Quantization, round_to_codes

Numerics = Literal["exact", "tensorflow2"]
Array = TypeVar("Array", FloatArray, Codes)
Compute: TypeAlias = Callable[[Activation, FloatArray, str], FloatArray]
"""``compute_values`` or ``compute_derivatives``, which have more arguments, such as ``saturate``."""
NUMERICS: tuple[Numerics, ...] = get_args(Numerics)
_QUIET = np.errstate(invalid="ignore")  # to NumPy, whatever meets a signalling NaN is invalid, even a cast


@_QUIET
def compute_values(
    activation: Activation, x: FloatArray, numerics: str, saturate: bool = False, kept: BoolArray | None = None
) -> FloatArray:
    """Return the values of a prepared activation for an array; result and errors as in ``api.evaluate``."""
    if isinstance(activation, Elementwise) and activation.lists:
        return _place_by_place(activation, x, lambda each, place: compute_values(each, x[place], numerics, saturate))
    if require_choice("numerics", numerics, NUMERICS) == "tensorflow2":
        return held.release(_tensorflow2(activation, x), _result_format(x, saturate), str)
    if isinstance(activation, AlongAxis):
        return along_axes.values_along_axes(activation, x, _result_format(x, saturate), kept)
    assert isinstance(activation, Elementwise)
    result = _compute_elementwise(activation, activation.value, activation.value_condition_terms, x, saturate)
    return domain.where_defined(activation, "value", x, result)


def compute_quantized(activation: Activation, codes: Codes, quantization: Quantization) -> Codes:
    """Return the codes of an elementwise activation's values for codes (any shape), each rounded once.

    Raises:
        ActcliError: if it works along an axis.

    """
    if activation.lists:
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


@_QUIET
def compute_derivatives(activation: Activation, x: FloatArray, numerics: str, saturate: bool = False) -> FloatArray:
    """Return the derivatives of a prepared activation for an array; result and errors as in ``api.derivative``."""
    if activation.lists:
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


@_QUIET
def compute_vjp(
    activation: Activation, x: FloatArray, g: FloatArray, saturate: bool = False, kept: BoolArray | None = None
) -> FloatArray:
    """Return the product of g with the Jacobian at x; result and errors as in ``api.vjp``."""
    if isinstance(activation, AlongAxis):
        return along_axes.vjp_along_axes(activation, x, g, _result_format(x, saturate), kept)
    along_axes.check_shape(activation.name, g, x.shape)
    if activation.lists:
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


def _elementwise(activation: Elementwise, call: Formula, terms: Formula | None, x: FloatArray) -> FloatArray:
    function = elementwise.Function(call, activation.error, terms, activation.single_rounding)
    return elementwise.evaluate_rounded(function, x, dtypes.find(x.dtype))


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
