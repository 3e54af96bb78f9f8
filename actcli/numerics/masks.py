"""Numbers along an axis that count as not there: what is masked, and infinities that have no share."""

import math

import numpy as np

from actcli.errors import ArgumentError
from actcli.numerics import dtypes, held, rounding
from actcli.numerics.dtypes import BoolArray, FloatArray, Format


def find_kept(
    name: str, x: FloatArray, where: BoolArray | None, fill_value: float | None, format: Format
) -> BoolArray | None:
    """Tell which numbers are not masked; None: all are kept.

    Args:
        name: what messages begin with.
        x: the numbers.
        where: where they are kept, of the shape of x; None: everywhere.
        fill_value: what stands for a masked one, rounded as the numbers were; None: nothing does.
        format: that of the numbers, which may saturate.

    Raises:
        ArgumentError: for a fill value that is NaN in the format, as other numbers may be.

    """
    if fill_value is None:
        return where
    filling = held.clamp(rounding.nearest(np.array(fill_value), format), format).astype(np.float64)
    if np.isnan(filling):
        problem = f"is NaN in {format.name}, whose largest number is {format.largest:g}, got {fill_value:g}"
        raise ArgumentError("fill_value", f"{problem}; give a number it has, or saturate", name)
    filled: BoolArray = x != x.dtype.type(filling)
    return filled if where is None else filled & where


def leave_out(x: FloatArray, kept: BoolArray | None, absent: float | None, format: Format) -> FloatArray:
    """Return x with the infinity that has no share in place of what is masked; in float32, if x cannot hold that."""
    if kept is None or absent is None:
        return x
    if not math.isinf(dtypes.FORMATS[format.name].overflow_value):
        x = x.astype(np.float32)
    return np.where(kept, x, x.dtype.type(absent))


def put_back(result: FloatArray, kept: BoolArray | None, due: float) -> None:
    """Put what is due for masked numbers into results."""
    if kept is not None:
        result[~kept] = due


def put_limits(result: FloatArray, rows: FloatArray, absent: float, at_absent: float, of_nothing: float) -> None:
    """Put the limits at infinities into the results of rows, which come from huge numbers in their place.

    Args:
        result: the results, unless NaN.
        rows: the numbers.
        absent: the infinity that has no share; where the other one is, finite numbers have none either.
        at_absent: the result without a share.
        of_nothing: the result of rows that hold nothing else.

    """
    is_absent = rows == absent
    left = ~is_absent.all(axis=-1)
    shareless = is_absent | (np.isfinite(rows) & (rows == -absent).any(axis=-1, keepdims=True))
    result[shareless & ~np.isnan(result)] = at_absent
    result[~left] = of_nothing
