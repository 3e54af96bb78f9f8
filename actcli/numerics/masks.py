"""Numbers along an axis that count as not there: what is masked, and infinities that have no share."""

import numpy as np

from actcli.numerics import dtypes, rounding
from actcli.numerics.dtypes import BoolArray, FloatArray


def find_kept(x: FloatArray, where: BoolArray | None, fill_value: float | None) -> BoolArray | None:
    """Tell which numbers are not masked; None: all are kept.

    Args:
        x: the numbers.
        where: where they are kept, of the shape of x; None: everywhere.
        fill_value: what stands for a masked one, rounded as the numbers were; None: nothing does.

    """
    if fill_value is None:
        return where
    filled: BoolArray = x != rounding.nearest(np.array(fill_value), dtypes.find(x.dtype))
    return filled if where is None else filled & where


def leave_out(x: FloatArray, kept: BoolArray | None, absent: float | None) -> FloatArray:
    """Return x with the infinity that has no share in place of what is masked."""
    return x if kept is None else np.where(kept, x, x.dtype.type(absent))


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
