"""What a format cannot hold: NaN and infinities where it lacks them, and numbers that are to be clamped.

A stack that saturates has the largest number of a format in place of anything beyond it; a format does so if that is
its ``overflow_value``. Some formats have neither infinities nor NaN, and in others a NaN, which may have no sign,
stands for overflow too. Their results are computed as *held* ones first: the numbers of the format in float32, where
infinities of both signs and NaN are apart.
"""

import math
from collections.abc import Callable

import numpy as np

from actcli.errors import ActcliError
from actcli.numerics import dtypes, rounding
from actcli.numerics.dtypes import Float64Array, FloatArray, Format


class HeldFormat(Format):
    """A format whose numbers are kept in float32, so that a result beyond the largest one can be an infinity."""

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """That of float32."""
        return np.dtype(np.float32)


def saturating(format: Format, saturate: bool = True) -> Format:
    """Return the format, or if it is to saturate, one in which what rounds beyond the largest number becomes that."""
    return format._replace(overflow_value=format.largest) if saturate else format


def hold(format: Format) -> Format:
    """Return the format in which to compute results: the format itself, if it can tell what is due."""
    lacks_infinities = not math.isinf(dtypes.FORMATS[format.name].overflow_value)
    has_signed_nan = format.name == "float8_e4m3fn"
    if not lacks_infinities or (has_signed_nan and math.isnan(format.overflow_value)):
        return format
    return HeldFormat(*format)._replace(overflow_value=math.inf)


def release(results: FloatArray, format: Format, describe: Callable[[int], str]) -> FloatArray:
    """Return results, held or not, in their format, which may be one that saturates.

    Args:
        results: the results.
        format: the format.
        describe: says of a position in the flat array what is NaN there, for messages.

    Raises:
        ActcliError: for NaN in a format without it.

    """
    require_numbers(results, format, describe)
    with np.errstate(all="ignore"):  # a NaN counts as an invalid cast
        return clamp(results, format).astype(format.dtype, copy=False)


def clamp(values: FloatArray, format: Format) -> FloatArray:
    """Return numbers with the largest one in place of infinities, if the format saturates."""
    if math.isfinite(format.overflow_value) and (infinite := np.isinf(values)).any():
        values = values.copy()
        values[infinite] = np.copysign(values.dtype.type(format.largest), values[infinite])
    return values


def round_input(wide: Float64Array, format: Format, describe: Callable[[int], str]) -> FloatArray:
    """Return float64 numbers that were read, each rounded once to a format; errors as in ``require_numbers``."""
    require_numbers(wide, format, describe)
    return clamp(rounding.nearest(wide, format), format)


def require_numbers(values: FloatArray, format: Format, describe: Callable[[int], str]) -> None:
    """Raise ActcliError if one of the values is NaN and the format has none.

    Args:
        values: the numbers, not yet in the format.
        format: the format.
        describe: says of a position in the flat array what is NaN there: ``"x has NaN"``.

    """
    if dtypes.has_nan(format):
        return
    wrong = np.flatnonzero(np.isnan(values))
    if wrong.size:
        raise ActcliError(f"{describe(int(wrong[0]))}; {format.name} has no NaN: use another dtype")
