"""Where a kernel is tried: every number of a format, or numbers of every size, the same ones anywhere."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from actcli.errors import ActcliError, ArgumentError
from actcli.numerics import distance, dtypes, hexadecimal, rounding
from actcli.numerics.array_likes import read_array
from actcli.numerics.dtypes import Float64Array, FloatArray, Format, Positions
from actcli.referee.truth import Truth, find_roots

CHUNK_NUMBERS = 2**20
STRATA = {"float32": 512, "float64": 64}
"""Numbers of each sign and exponent, unless another count is asked for."""
_MAX_STRATA = 2**20
_EVEN_NUMBERS, _EVEN_END = 2**15, 20.0
_NEIGHBOURS = 64
_ROW_LENGTHS = (1, 2, 3, 4, 7, 16, 33, 64, 65, 128, 257, 1000)
_ROWS = 48  # of each length and kind


class Inputs(NamedTuple):
    """Numbers to try, chunk by chunk in ascending order; for a function along an axis, rows of one length a chunk."""

    description: str
    size: int
    """How many results are due."""
    chunks: Callable[[], Iterator[FloatArray]]
    is_complete: bool = False
    """Whether they are every pattern of their format, as ``list_patterns`` gives them."""


def choose_inputs(word: str | None, truth: Truth, seed: int = 0, *, otherwise: str = "an array") -> Inputs:
    """Return the inputs that a word asks for: ``all``, ``strata``, ``strata:N``; None for the default of the format.

    Args:
        word: the word.
        truth: what is checked.
        seed: of the strata.
        otherwise: what the caller accepts beside words, for messages.

    Raises:
        ActcliError: for any other word, or where there are too many patterns.

    """
    format = truth.format
    name, _, count = (word or "").strip().lower().partition(":")
    if name not in ("", "all", "strata") or (count and name != "strata"):
        raise ArgumentError("inputs", f"must be all, strata, strata:N or {otherwise}, got {word!r}")
    if not truth.is_elementwise:
        if name == "all":
            raise ArgumentError("inputs", f"all is for functions of one number; {truth.activation.name} works on rows")
        return draw_rows(truth, seed, _parse_count(word, count, _ROWS))
    bits = dtypes.width(format)
    if name == "all" or (not name and bits <= 16):
        if bits > 32:
            raise ArgumentError("inputs", f"all: {format.name} has 2**{bits} patterns; use strata:N or {otherwise}")
        return Inputs("all inputs", 2**bits, lambda: list_patterns(format), is_complete=True)
    x = draw_strata(truth, _parse_count(word, count, STRATA.get(format.name, 512)), seed)
    return Inputs(f"strata:{count or STRATA.get(format.name, 512)}, seed {seed}", x.size, lambda: in_chunks(x))


def _parse_count(word: str | None, count: str, default: int) -> int:
    if not count:
        return default
    if not (count.isdecimal() and 1 <= int(count) <= _MAX_STRATA):
        raise ArgumentError("inputs", f"strata:N needs N from 1 to {_MAX_STRATA:,}, got {word!r}")
    return int(count)


def take_inputs(given: object, truth: Truth, seed: int) -> Inputs:
    """Return the inputs that a caller of the library gives: a word or None, as above, or numbers in an array-like.

    Raises:
        ActcliError: for anything else.

    """
    if given is None or isinstance(given, str):
        return choose_inputs(given, truth, seed)
    return use_numbers(read_array(given, truth.format.name, "inputs"), truth, "the inputs of an array")


def use_numbers(values: FloatArray, truth: Truth, description: str) -> Inputs:
    """Return numbers of the caller's own as inputs, sorted; for a function along an axis, the rows of a matrix.

    Raises:
        ActcliError: if they have another dtype or another number of axes, or are none.

    """
    axes = 1 if truth.is_elementwise else 2
    if values.dtype != truth.format.dtype or values.ndim != axes or not values.size:
        raise ActcliError(
            f"inputs must be {truth.format.name} numbers in an array with {axes} {'axes' if axes > 1 else 'axis'}, "
            f"got {values.dtype} of shape {values.shape}"
        )
    if values.ndim == 1:
        values = sort_numbers(values)
    return Inputs(description, values.size // (2 if truth.is_packed else 1), lambda: in_chunks(values))


def sort_numbers(values: FloatArray) -> FloatArray:
    """Return numbers (1-D) in ascending order: NaN with a sign first, then -inf to inf, and -0 before 0."""
    return values[sort_order(values)]


def sort_order(values: FloatArray) -> Positions:
    """Return the positions of numbers (1-D) in that order."""
    places = distance.find_places(values)
    return np.argsort(np.where(np.signbit(values), places - 1, places), kind="stable")


def in_chunks(values: FloatArray) -> Iterator[FloatArray]:
    """Yield numbers, or rows, some at a time."""
    rows = CHUNK_NUMBERS if values.ndim == 1 else max(1, CHUNK_NUMBERS // max(values.shape[1], 1))
    for start in range(0, len(values), rows):
        yield values[start : start + rows]


def list_patterns(format: Format, first: int = 0, step: int = 1) -> Iterator[FloatArray]:
    """Yield every pattern of bits of a format in ascending order, NaN at both ends; of the chunks each step-th one."""
    bits, count = np.dtype(f"u{format.dtype.itemsize}"), 2 ** dtypes.width(format)
    if count <= CHUNK_NUMBERS:
        yield sort_numbers(hexadecimal.list_patterns(format))
        return
    offsets = np.arange(CHUNK_NUMBERS, dtype=bits)
    for start in range(first * CHUNK_NUMBERS, count, step * CHUNK_NUMBERS):
        flipped = bits.type(count - 1 if start < count // 2 else count // 2)
        yield ((offsets + bits.type(start)) ^ flipped).view(format.dtype)


def draw_strata(truth: Truth, count: int, seed: int) -> FloatArray:
    """Return numbers of every sign and exponent, even ones from -20 to 20, and the neighbours of kinks and roots.

    Of each exponent there is a number from each of so many equal parts, and always the first two, the middle and the
    last one. All special values are among them.
    """
    format = truth.format
    bits = format.precision - 1  # of a mantissa
    part = -(-(2**bits) // count)
    firsts = np.arange(0, 2**bits, part, dtype=np.uint64)
    largest = _place_of_largest(format)
    exponents = np.arange((largest >> bits) + 1, dtype=np.uint64)
    numbers = mix(np.arange(exponents.size * firsts.size, dtype=np.uint64), seed).reshape(exponents.size, firsts.size)
    drawn = np.minimum(firsts + numbers % np.uint64(part), np.uint64(2**bits - 1))
    always = np.array([0, 1, 2 ** (bits - 1), 2**bits - 1], np.uint64)
    mantissas = np.concatenate([drawn, np.broadcast_to(always, (exponents.size, 4))], axis=1)
    places = ((exponents[:, None] << np.uint64(bits)) + mantissas).astype(np.int64).reshape(-1)
    places = places[places <= largest]
    even = rounding.nearest(np.linspace(-_EVEN_END, _EVEN_END, _EVEN_NUMBERS), format)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan])
    with np.errstate(all="ignore"):
        special = special.astype(np.float32).astype(format.dtype)
    parts = [distance.at_places(places, format), distance.at_places(-places, format), even, special]
    values = np.concatenate([*parts, _neighbours(truth)])
    patterns = np.unique(values.view(f"u{format.dtype.itemsize}"))
    return sort_numbers(patterns.view(format.dtype))


def _neighbours(truth: Truth) -> FloatArray:
    """Return the numbers on both sides of every kink and root."""
    kinks = np.array([kink.x for kink in truth.kinks])
    points: Float64Array = np.concatenate([kinks, find_roots(truth)])
    centres = distance.find_places(rounding.nearest(points, truth.format))
    places = (centres[:, None] + np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1)).reshape(-1)
    return distance.at_places(places[np.abs(places) <= _place_of_largest(truth.format)], truth.format)


def _place_of_largest(format: Format) -> int:
    return int(distance.find_places(rounding.nearest(np.array([format.largest]), format))[0])


def mix(counter: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return a random-looking number of 64 bits for each counter, the same in every version of every library.

    The steps are those of SplitMix64 (Steele, Lea, Flood 2014).
    """
    with np.errstate(over="ignore"):
        z = (counter + np.uint64(seed % 2**64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def draw_rows(truth: Truth, seed: int, count: int = _ROWS) -> Inputs:
    """Return rows of many lengths: ordinary and large numbers, all alike, one above all others, and all patterns."""
    chunks = [_rows(truth.format, length, count, seed + i) for i, length in enumerate(_row_lengths(truth))]
    size = sum(chunk.size for chunk in chunks) // (2 if truth.is_packed else 1)
    return Inputs(
        f"{sum(map(len, chunks)):,} rows of 1 to {chunks[-1].shape[1]} numbers, seed {seed}", size, lambda: iter(chunks)
    )


def _row_lengths(truth: Truth) -> list[int]:
    return [2 * length for length in _ROW_LENGTHS] if truth.is_packed else list(_ROW_LENGTHS)


def _rows(format: Format, length: int, count: int, seed: int) -> FloatArray:
    """Return rows of one length of each kind."""
    numbers = mix(np.arange(8 * count * length, dtype=np.uint64), seed << 32)
    # The sum of four even numbers, from -2 to 2, is near a normal one.
    normal = (numbers >> np.uint64(11)).astype(np.float64).reshape(4, -1).sum(axis=0) * 2.0**-53 - 2.0
    normal = normal.reshape(2 * count, length)
    spread, alike = normal[:count], normal[count:]
    top = np.where(np.arange(length) == length // 2, 30.0, spread)
    kinds = [spread, 10 * alike, 100 * spread, np.repeat(alike[:, :1], length, axis=1), top, 1e-3 * alike]
    bits = numbers[: count * length] >> np.uint64(64 - dtypes.width(format))
    patterns = bits.astype(f"u{format.dtype.itemsize}").view(format.dtype)
    return np.concatenate([*(rounding.nearest(kind, format) for kind in kinds), patterns.reshape(count, length)])
