"""Numbers as text: in, rounded once from all their digits; out, with digits enough to lose nothing."""

import math
import re
from collections.abc import Callable, Iterable

import numpy as np

from actcli.errors import ActcliError
from actcli.numerics import dtypes, held, rounding
from actcli.numerics.dtypes import Float64Array, FloatArray, Format

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)


def normalize(text: str) -> str:
    """Return the text without blanks around it and with U+2212, the minus of web pages, as a hyphen."""
    return text.strip().replace("\N{MINUS SIGN}", "-")


def is_number(text: str) -> bool:
    """Tell whether a normalised text is a number: decimal digits with an optional exponent, inf or nan."""
    return _NUMBER.fullmatch(text) is not None


def parse(texts: Iterable[str], format: Format) -> FloatArray:
    """Return the array (1-D) of the numbers nearest to the texts, each rounded once.

    Raises:
        ActcliError: names the first text that is no number, or NaN where the format has none.

    """
    cleaned = [normalize(text) for text in texts]
    for text in cleaned:
        if not is_number(text):
            raise ActcliError(f"{text!r} is not a number")
    wide = np.array([float(text) for text in cleaned], dtype=np.float64)
    held.require_numbers(wide, format, lambda i: f"{cleaned[i]!r} is not a number")
    return round_from_text(wide, cleaned.__getitem__, format)


def round_from_text(wide: Float64Array, text_at: Callable[[int], str], format: Format) -> FloatArray:
    """Round float64 readings of texts to the format as if straight from the texts.

    A reading on the boundary between two numbers of the format hides on which side of it the text lies; only
    those are read again, as exact decimals.

    Args:
        wide: float64 numbers (1-D) nearest to the texts.
        text_at: gives the text of a position.
        format: the format of the result, which may be one that saturates.

    """
    if format.name == "float64":
        return held.clamp(wide, format)
    # 2**-51 is the least that changes a float64 number in both directions.
    rounded = rounding.nearest(wide, format)
    with np.errstate(over="ignore", invalid="ignore"):
        candidates = rounding.find_hard_cases(wide, rounded, 2.0**-51, format)
    candidates = candidates[np.isfinite(wide[candidates])]
    if candidates.size:
        from decimal import Context, Decimal, localcontext

        readings = wide[candidates]
        with localcontext(Context()):
            exact = [Decimal(text_at(int(position))) for position in candidates]
            sides = [float(x.compare(Decimal(reading))) for x, reading in zip(exact, readings.tolist(), strict=True)]
        rounded[candidates] = rounding.nearest_pair(readings, np.array(sides), format)
    return held.clamp(rounded, format)


def shortest(values: FloatArray) -> list[str]:
    """Return for each number (1-D) the shortest text that reads back to the same value of its dtype."""
    format = dtypes.find(values.dtype)
    if format.is_ml_dtype:
        distinct, positions = np.unique(values.view(f"u{values.itemsize}"), return_inverse=True)
        texts = [_format(_decimal(float(value), format), format) for value in distinct.view(values.dtype)]
        return [texts[position] for position in positions]
    return [_format(value, format) for value in values]


def _format(value: np.floating, format: Format) -> str:
    if not np.isfinite(value):
        return str(value)
    low, high = format.positional
    if value == 0 or low <= abs(value) < high:
        return np.format_float_positional(value, unique=True, trim="0")
    return np.format_float_scientific(value, unique=True, trim="-", exp_digits=1)


def _decimal(value: float, format: Format) -> np.float64:
    """Return the decimal with fewest digits, the nearest among those, that rounds to the value in the format."""
    from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext

    if value == 0 or not np.isfinite(value):
        return np.float64(value)
    format = format._replace(overflow_value=math.nan)  # a decimal beyond the largest number is not its text
    with localcontext(Context()):
        exact = Decimal(value)
        for digits in range(1, 18):
            around = (Context(prec=digits, rounding=way).plus(exact) for way in (ROUND_FLOOR, ROUND_CEILING))
            near = [decimal for decimal in around if float(parse([str(decimal)], format)[0]) == value]
            if near:
                return np.float64(min(near, key=lambda decimal: abs(decimal - exact)))
    raise AssertionError("17 digits tell any float64 from its neighbours")
