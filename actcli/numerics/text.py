"""Numbers as text: in, rounded once from all their digits; out, with digits enough to lose nothing."""

import math
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from actcli.errors import ActcliError
from actcli.numerics import dtypes, held, hexadecimal, rounding
from actcli.numerics.dtypes import Float64Array, FloatArray, Format

if TYPE_CHECKING:
    from fractions import Fraction

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)


def normalize(text: str) -> str:
    """Return the text without blanks around it and with U+2212, the minus of web pages, as a hyphen."""
    return text.strip().replace("\N{MINUS SIGN}", "-")


def is_number(text: str) -> bool:
    """Tell whether a normalised text is a number: decimal or like ``0x1.8p3``, inf or nan."""
    return _NUMBER.fullmatch(text) is not None or hexadecimal.is_number(text)


def is_number_or_bits(text: str) -> bool:
    """Tell whether a normalised text is a number, or hexadecimal digits that may be the bits of one."""
    return is_number(text) or hexadecimal.is_integer(text)


def to_float(text: str) -> float:
    """Return the float64 number nearest to a normalised text that is a number."""
    return hexadecimal.to_float(text) if hexadecimal.is_number(text) else float(text)


def to_fraction(text: str) -> "Fraction":
    """Return the exact value of a normalised text that is a finite number."""
    from fractions import Fraction

    return hexadecimal.to_fraction(text) if hexadecimal.is_number(text) else Fraction(text)


def parse(texts: Iterable[str], format: Format, *, bits: bool = False) -> FloatArray:
    """Return the array (1-D) of the numbers nearest to the texts, each rounded once.

    Args:
        texts: the numbers.
        format: the format of the result.
        bits: whether a text like ``0x3f80`` is the number of the format with these bits.

    Raises:
        ActcliError: names the first text that is no number, or may be two, or NaN where the format has none.

    """
    cleaned = [normalize(text) for text in texts]
    for text in cleaned:
        if problem := find_problem(text, format, bits=bits):
            raise ActcliError(f"{text!r} {problem}")
    coded = {i: int(text, 16) for i, text in enumerate(cleaned) if hexadecimal.is_integer(text)}
    wide = np.array([0.0 if i in coded else to_float(text) for i, text in enumerate(cleaned)], dtype=np.float64)
    held.require_numbers(wide, format, lambda i: f"{cleaned[i]!r} is not a number")
    values = round_from_text(wide, cleaned.__getitem__, format)
    values[list(coded)] = hexadecimal.from_bits(coded.values(), format)
    return values


def find_problem(text: str, format: Format, *, bits: bool = False) -> str:
    """Return why ``parse`` refuses a normalised text, to be said behind it; nothing if it does not."""
    if is_number(text):
        return ""
    if not hexadecimal.is_integer(text):
        return "is not a number"
    if not bits:
        return f"may be a number or its bits: write {text}p0 for the number; --bits reads bits"
    return hexadecimal.find_problem(text, format)


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
        texts = (text_at(int(position)) for position in candidates)
        with localcontext(Context()):
            sides = [
                float(hexadecimal.compare(text, reading))
                if hexadecimal.is_number(text)
                else float(Decimal(text).compare(Decimal(reading)))
                for text, reading in zip(texts, readings.tolist(), strict=True)
            ]
        rounded[candidates] = rounding.nearest_pair(readings, np.array(sides), format)
    return held.clamp(rounded, format)


def shortest(values: FloatArray) -> list[str]:
    """Return for each number (1-D, floats or integers) the shortest text that reads back to the same of its dtype."""
    if values.dtype.kind in "iu":
        return list(map(str, values.tolist()))
    format = dtypes.find(values.dtype)
    if format.is_ml_dtype:
        distinct, positions = np.unique(values.view(f"u{values.itemsize}"), return_inverse=True)
        decimals = _decimals(list(map(float, distinct.view(values.dtype))), format)
        texts = [_format(decimal, format) for decimal in decimals]
        return [texts[position] for position in positions]
    return [_format(value, format) for value in values]


def _format(value: np.floating, format: Format) -> str:
    if not np.isfinite(value):
        return str(value)
    low, high = format.positional
    if value == 0 or low <= abs(value) < high:
        return np.format_float_positional(value, unique=True, trim="0")
    return np.format_float_scientific(value, unique=True, trim="-", exp_digits=1)


def _decimals(values: list[float], format: Format) -> list[np.float64]:
    """Return for each number the decimal with fewest digits, the nearest among those, that rounds to it."""
    from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext

    format = format._replace(overflow_value=math.nan)  # a decimal beyond the largest number is not its text
    found: dict[float, Decimal] = {}
    left = {value: Decimal(value) for value in values if value and np.isfinite(value)}
    digits = 0
    while left:
        digits += 1
        contexts = [Context(prec=digits, rounding=way) for way in (ROUND_FLOOR, ROUND_CEILING)]
        around = [(value, context.plus(exact)) for value, exact in left.items() for context in contexts]
        texts = [str(decimal) for _, decimal in around]
        read = round_from_text(np.array(list(map(float, texts))), texts.__getitem__, format)
        with localcontext(Context()):
            for (value, decimal), number in zip(around, read.astype(np.float64).tolist(), strict=True):
                is_nearer = value not in found or abs(decimal - left[value]) < abs(found[value] - left[value])
                if number == value and is_nearer:
                    found[value] = decimal
        left = {value: exact for value, exact in left.items() if value not in found}
    return [np.float64(found.get(value, value)) for value in values]
