"""What is due: the true value of a function, rounded once to the format of the results."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, cast

import numpy as np

from actcli import compute, domain
from actcli.activation import Activation, AlongAxis, Elementwise, Packed
from actcli.backend import Backend, Formula, T
from actcli.errors import ActcliError, ArgumentError
from actcli.numerics import distance, elementwise, exact, held, masks, rounding
from actcli.numerics.dtypes import FORMATS, BoolArray, Float64Array, FloatArray, Format, has_nan

_FLOAT64 = FORMATS["float64"]
_NEAR = 2.0**-90
"""How far beside a point, as a share of its size, a limit is taken: a pair of float64 holds the sum exactly."""
_LEAST = 2.0**-300  # how far beside zero
_SAME = 2.0**-30  # share by which slopes to either side differ at most where there is no kink
_LEAST_JUMP = 2.0**-64
_FEW_RUNS = 16  # zeros in more runs than that are decided one by one


class Kink(NamedTuple):
    """A point at which the slopes to its two sides differ."""

    x: float
    below: float
    above: float


class Truth:
    """The true values, or slopes, of a function of each number on its own; or of rows along an axis.

    Args:
        activation: the function, with its parameters.
        format: that of the inputs.
        out_format: that of the results.
        derivative: whether its derivative is meant.
        saturate: whether the largest number is due in place of infinities and overflow.

    Raises:
        ActcliError: for a function along an axis other than the last, its derivative, or a list as a parameter.

    """

    def __init__(
        self,
        activation: Activation,
        format: Format,
        out_format: Format,
        *,
        derivative: bool = False,
        saturate: bool = False,
    ) -> None:
        self.activation = activation
        self.format, self.out_format = format, out_format
        self.derivative, self.saturate = derivative, saturate
        if activation.lists:
            raise ActcliError(f"check takes one number for each parameter of {activation.name}, not several")
        if isinstance(activation, AlongAxis):
            if derivative:
                raise ActcliError(f"{activation.name} has a Jacobian, not a derivative per value; check its values")
            if activation.listed_axes != (-1,):
                raise ArgumentError("axis", f"must be -1, as check works along rows; got {activation.axis}")
        else:
            assert isinstance(activation, Elementwise)
            call = activation.derivative if derivative else activation.value
            terms = activation.derivative_condition_terms if derivative else activation.value_condition_terms
            self._function = elementwise.Function(call, activation.error, terms, activation.single_rounding)

    @property
    def is_elementwise(self) -> bool:
        """Whether each number is taken on its own."""
        return isinstance(self.activation, Elementwise)

    @property
    def is_packed(self) -> bool:
        """Whether a row of results is half as long as its inputs."""
        return isinstance(self.activation, Packed)

    def round_once(self, x: FloatArray) -> FloatArray:
        """Return what is due for numbers (1-D), or rows of them (2-D), in the format of the results."""
        return self._round_to(x, held.saturating(self.out_format, self.saturate))

    def find_due(self, x: FloatArray) -> BoolArray:
        """Tell for which numbers, or rows, a number is due, or a NaN that the format of the results has."""
        if has_nan(self.out_format):
            return np.ones(len(x), np.bool_)
        due: BoolArray = ~np.isnan(self.as_float64(x))
        return due if x.ndim == 1 else np.asarray(due.all(axis=1))

    def as_float64(self, x: FloatArray) -> Float64Array:
        """Return the true values, rounded to float64."""
        return self._round_to(x, _FLOAT64).astype(np.float64, copy=False)

    def _round_to(self, x: FloatArray, format: Format) -> FloatArray:
        with np.errstate(invalid="ignore"):  # a NaN of bfloat16 counts as an invalid cast
            if not self.is_elementwise:
                return self._round_rows(x, format)
            if x.size and np.isnan(x[[0, -1]]).any():  # at the ends of ascending numbers: they need no evaluation
                result = np.full(x.shape, np.nan, format.dtype)
                numbers = ~np.isnan(x)
                result[numbers] = self._evaluate(x[numbers], format)
                return result
            return self._evaluate(x, format)

    def _evaluate(self, x: FloatArray, format: Format) -> FloatArray:
        result = elementwise.evaluate_rounded(self._function, x, held.hold(format))
        result = domain.where_defined(self.activation, "derivative" if self.derivative else "value", x, result)
        return held.release(result, format, lambda i: f"{self.activation.name} is NaN at {x[i]}")

    def _round_rows(self, x: FloatArray, format: Format) -> FloatArray:
        if format.name == self.format.name:
            return compute.compute_values(self.activation, x, "exact", self.saturate)
        if format.name != "float64" and not (format.name == "float32" and self.format.name != "float64"):
            accepted = f"float32, float64 or {self.format.name}"
            raise ArgumentError("out_dtype", f"must be {accepted} for {self.activation.name}, got {format.name}")
        saturate = self.saturate and format.name == self.out_format.name
        kept = None
        if isinstance(self.activation, AlongAxis):  # the fill value is rounded as the numbers are
            kept = masks.find_kept(self.activation.name, x, None, self.activation.fill_value, self.format)
        return compute.compute_values(self.activation, x.astype(format.dtype), "exact", saturate, kept)

    def is_below_normal(self, x: FloatArray) -> BoolArray:
        """Tell where the true values, which are rounded to the smallest normal number, are smaller than it."""
        call, terms = self._function.call, self._function.condition_terms
        smallest = 2.0**self.out_format.min_exponent

        def beyond(m: Backend[T], x: T) -> T | float:
            return m.abs(cast("T", call(m, x))) - smallest

        def sizes(m: Backend[T], x: T) -> T | float:
            return (m.abs(cast("T", call(m, x))) if terms is None else terms(m, x)) + smallest

        found: BoolArray = exact.evaluate_rounded(beyond, sizes, (x,), _FLOAT64) < 0
        return found

    def is_zero(self, x: FloatArray) -> BoolArray:
        """Tell where the true values at finite numbers, which are rounded to 0, are 0 and not just too small.

        In a run of neighbours of one sign they all are, or none is, if it is so at both ends: to be small without a
        break is not to cross 0.
        """
        wide = x.astype(np.float64)
        ends = np.flatnonzero(np.signbit(wide[1:]) != np.signbit(wide[:-1])) + 1
        if ends.size > _FEW_RUNS:
            return exact.find_zeros(self._function.call, (wide,))
        mask = np.zeros(x.shape, np.bool_)
        for run in np.split(np.arange(x.size), ends):
            if run.size:
                first, last = exact.find_zeros(self._function.call, (wide[run[[0, -1]]],))
                mask[run] = first if first == last else exact.find_zeros(self._function.call, (wide[run],))
        return mask

    def find_signs(self, x: FloatArray) -> Float64Array:
        """Return the signs of the function at numbers, as float64 finds them."""
        with np.errstate(all="ignore"):
            y = self._function.call(exact.VECTOR, x.astype(np.float64))
            return np.broadcast_to(np.sign(y), x.shape)

    @cached_property
    def kinks(self) -> tuple[Kink, ...]:
        """The points of the input format at which the slope jumps, as far as they are numbers with few digits."""
        return find_kinks(self.activation, self.format) if isinstance(self.activation, Elementwise) else ()


def find_kinks(activation: Elementwise, format: Format) -> tuple[Kink, ...]:
    """Return the points of a format at which the slopes of a function to their two sides differ.

    Tried are all bfloat16 and float16 numbers, which have up to 11 digits, and the numbers of the parameters.
    """
    x = _candidates(activation, format)
    size = np.maximum(np.abs(x) * 2.0**-40, _LEAST)
    slope = elementwise.Function(activation.derivative, activation.error, activation.derivative_condition_terms)
    with np.errstate(all="ignore"):
        below, above = (np.broadcast_to(slope.call(exact.VECTOR, x + side), x.shape) for side in (-size, size))
        differ = np.abs(above - below) > 2.0**-20 * (np.abs(above) + np.abs(below))
    x = x[differ]
    below, above = (_limits(slope.call, slope.condition_terms, x, side) for side in (-1.0, 1.0))
    jump = np.abs(above - below) > np.maximum(_SAME * (np.abs(above) + np.abs(below)), _LEAST_JUMP)
    return tuple(Kink(*each) for each in zip(x[jump].tolist(), below[jump].tolist(), above[jump].tolist(), strict=True))


def _candidates(activation: Activation, format: Format) -> Float64Array:
    """Return numbers of the format (float64, each once) at which a function may have a kink or a sign may change."""
    patterns = np.arange(2**16, dtype=np.uint16)
    values = [patterns.view(FORMATS[name].dtype) for name in ("float16", "bfloat16")]
    parameters = [getattr(activation, name) for name in activation.parameters]
    numbers = [value for value in parameters if isinstance(value, float)]
    with np.errstate(all="ignore"):
        x = np.concatenate([*(each.astype(np.float64) for each in values), numbers, np.negative(numbers)])
        x = np.unique(x[np.isfinite(x)]) + 0.0
        held: Float64Array = x[rounding.nearest(x, format).astype(np.float64) == x]
    return held


def _limits(call: Formula, terms: Formula | None, x: Float64Array, side: float) -> Float64Array:
    """Return a function's limits from one side, rounded to float64."""
    offset = side * np.clip(np.abs(x) * _NEAR, _LEAST, _NEAR)  # less than a period, however large x is

    def beside(m: Backend[T], x: T, offset: T) -> T | float:
        return call(m, x + offset)

    def sizes(m: Backend[T], x: T, offset: T) -> T | float:
        assert terms is not None
        return terms(m, x + offset)

    limits = exact.evaluate_rounded(beside, sizes if terms else None, (x, offset), _FLOAT64, decide_ties=False)
    return limits.astype(np.float64, copy=False)


def find_roots(truth: Truth) -> Float64Array:
    """Return numbers of the input format at which the function is 0 by itself, or beside which its sign changes."""
    x = _candidates(truth.activation, truth.format)
    signs = truth.find_signs(x)
    changes = np.flatnonzero(signs[1:] * signs[:-1] < 0)
    alone = np.flatnonzero((signs[1:-1] == 0) & (signs[2:] != 0) & (signs[:-2] != 0)) + 1
    low, high = (distance.find_places(rounding.nearest(x[changes + k], truth.format)) for k in (0, 1))
    for _ in range(8 * truth.format.dtype.itemsize):
        middle = low + (high - low) // 2
        before = truth.find_signs(distance.at_places(middle, truth.format)) == signs[changes]
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.concatenate([distance.at_places(low, truth.format).astype(np.float64), x[alone]])
