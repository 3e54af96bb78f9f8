"""Hexadecimal text: numbers as C and Python write them, such as ``0x1.8p3``, and the bits of numbers."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actcli.numerics import dtypes
from actcli.numerics.dtypes import FloatArray, Format

if TYPE_CHECKING:  # decimal text does without
    from fractions import Fraction

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)0x(?=\.?[0-9a-f])(?P<whole>[0-9a-f]*)(?:\.(?P<part>[0-9a-f]*))?(?:p(?P<exponent>[+-]?\d+))?",
    re.ASCII | re.IGNORECASE,
)
_INTEGER = re.compile(r"[+-]?0x[0-9a-f]+", re.ASCII | re.IGNORECASE)


def is_number(text: str) -> bool:
    """Tell whether a normalised text is a hexadecimal number with a point or an exponent."""
    return _NUMBER.fullmatch(text) is not None and not is_integer(text)


def is_integer(text: str) -> bool:
    """Tell whether it has neither: such digits are the bits of a number, or a number to C."""
    return _INTEGER.fullmatch(text) is not None


def to_float(text: str) -> float:
    """Return the float64 number nearest to a hexadecimal number."""
    try:
        return float.fromhex(text)
    except OverflowError:
        return float("-inf" if text.startswith("-") else "inf")


def to_fraction(text: str) -> "Fraction":
    """Return a hexadecimal number, exactly."""
    from fractions import Fraction

    match = _NUMBER.fullmatch(text)
    assert match is not None
    part = match["part"] or ""
    size = int(match["whole"] + part, 16) * Fraction(2) ** (int(match["exponent"] or 0) - 4 * len(part))
    return -size if match["sign"] == "-" else size


def compare(text: str, number: float) -> int:
    """Return -1, 0 or 1: whether a hexadecimal number is less than a finite float64 one, equal or greater."""
    exact = to_fraction(text)
    return (exact > number) - (exact < number)


def list_patterns(format: Format) -> FloatArray:
    """Return the numbers (1-D) of all patterns of bits, in the order of these: each stands at its own code."""
    return np.arange(2 ** dtypes.width(format)).astype(f"u{format.dtype.itemsize}").view(format.dtype)


def find_problem(text: str, format: Format) -> str:
    """Return why hexadecimal digits are not the bits of a number of the format; nothing if they are."""
    if text[0] in "+-":
        return "has a sign, which is one of the bits"
    width = dtypes.width(format)
    return f"has more than the {width} bits of {format.name}" if int(text, 16) >= 2**width else ""


def from_bits(bits: Iterable[int], format: Format) -> FloatArray:
    """Return the numbers (1-D) of the format with these bits."""
    return np.array(list(bits), dtype=f"u{format.dtype.itemsize}").view(format.dtype)


def to_bits(values: np.ndarray) -> NDArray[np.unsignedinteger]:
    """Return the bits of each number (any shape, floats or integers), as unsigned integers of the same size."""
    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")


def write_bits(values: np.ndarray) -> list[str]:
    """Return the bits of each number (1-D, floats or integers) in hexadecimal, with the zeros of its width."""
    return [f"0x{bits:0{2 * values.dtype.itemsize}x}" for bits in to_bits(values).tolist()]
