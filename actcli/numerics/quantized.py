"""Integer codes of quantized models: a code q stands for scale * (q - zero point), as in TFLite, ONNX and PyTorch."""

import math
import re
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from actcli.backend import Backend, T
from actcli.errors import ActcliError, ArgumentError, require_choice, show
from actcli.numerics import dtypes, text
from actcli.numerics.array_likes import read_array, read_numbers
from actcli.numerics.dtypes import BoolArray, Codes, Float64Array, FloatArray

if TYPE_CHECKING:
    from actcli.numerics.exact import Call

DTYPES = ("int8", "uint8", "int16", "uint16")
ROUNDINGS = ("half-even", "half-away")
_FARTHEST = 2.0**20  # steps from zero: beyond the codes, whatever the zero point


class Quantization(NamedTuple):
    """How codes stand for the inputs and the results of a function."""

    dtype: str
    input_scale: float
    """A number of float32, as runtimes hold it."""
    input_zero_point: int
    output_scale: float
    """A number of float32."""
    output_zero_point: int
    rounding: str = ROUNDINGS[0]
    """What becomes of a result halfway between two codes."""

    @classmethod
    def create(  # noqa: PLR0913  what a quantization is made of
        cls,
        *,
        dtype: object,
        input_scale: object,
        input_zero_point: object,
        output_scale: object,
        output_zero_point: object,
        rounding: object,
    ) -> Self:
        """Return the quantization with a caller's values: numbers of any type, or text; the dtype one of ``DTYPES``.

        Raises:
            ArgumentError: for one that is missing or not accepted.

        """
        word = require_choice("dtype", dtypes.name_as_written(dtype), DTYPES)
        return cls(
            word,
            _parse_scale("input_scale", input_scale),
            _parse_zero_point("input_zero_point", input_zero_point, word),
            _parse_scale("output_scale", output_scale),
            _parse_zero_point("output_zero_point", output_zero_point, word),
            require_choice("rounding", rounding, ROUNDINGS),
        )

    @property
    def texts(self) -> dict[str, str]:
        """The text of each of its numbers and words, by name; without the dtype."""
        scales = {name: np.array([getattr(self, name)], np.float32) for name in ("input_scale", "output_scale")}
        values = self._asdict() | {name: text.shortest(scale)[0] for name, scale in scales.items()}
        return {name: str(value) for name, value in values.items() if name != "dtype"}

    def __str__(self) -> str:
        named = (f"{name.replace('_', ' ')} {value}" for name, value in self.texts.items())
        return ", ".join([self.dtype, *named])

    @property
    def codes(self) -> Codes:
        """All codes (1-D), in ascending order."""
        lowest, highest = code_range(self.dtype)
        return np.arange(lowest, highest + 1).astype(self.dtype)

    def read(self, q: object) -> tuple[Codes, BoolArray | None]:
        """Return the codes in an array-like, all codes for None, and what a masked array hides, as codes of zero.

        Raises:
            ActcliError: if it is no array of codes.

        """
        if q is None:
            return self.codes, None
        numbers, mask = read_numbers(q, "float64", "q")
        return self.convert(numbers if mask is None else np.where(mask, 0, numbers), "q"), mask

    def convert(self, numbers: np.ndarray, name: str) -> Codes:
        """Return numbers of any shape as codes; raise ActcliError, with the name of the data, for one that is none."""
        lowest, highest = code_range(self.dtype)
        with np.errstate(invalid="ignore"):
            wrong = np.flatnonzero(~((numbers >= lowest) & (numbers <= highest) & (numbers == np.floor(numbers))))
        if wrong.size:
            raise ActcliError(
                f"{name} has {numbers.reshape(-1)[wrong[0]]:.17g}; codes of {self.dtype} are integers from {lowest} to "
                f"{highest}"
            )
        return numbers.astype(self.dtype)

    def dequantize(self, codes: Codes) -> Float64Array:
        """Return the numbers that codes stand for; float64 holds each exactly."""
        return (codes.astype(np.float64) - self.input_zero_point) * self.input_scale


def code_range(dtype: str) -> tuple[int, int]:
    """Return the lowest and the highest code of an integer dtype."""
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def _parse_scale(name: str, value: object) -> float:
    if value is None:
        raise ArgumentError(name, "is required: what one step of the codes is")
    scale = _read_number(value, "float32")
    if not 0 < scale < np.inf:
        raise ArgumentError(name, f"must be a positive number of float32, got {show(value)}")
    return scale


def _parse_zero_point(name: str, value: object, dtype: str) -> int:
    lowest, highest = code_range(dtype)
    is_decimal = isinstance(value, str) and not re.fullmatch(r"[+-]?\d+", text.normalize(value))
    number = math.nan if is_decimal else _read_number(value, "float64")
    if not (lowest <= number <= highest and number.is_integer()):
        raise ArgumentError(name, f"must be an integer from {lowest} to {highest}, got {show(value)}")
    return int(number)


def _read_number(value: object, dtype: str) -> float:
    """Return the one number that an array-like holds; NaN for anything else."""
    try:
        numbers = read_array(value, dtype)
    except ActcliError:
        return math.nan
    return float(numbers.reshape(-1)[0]) if numbers.size == 1 else math.nan


def round_to_codes(
    call: "Call", terms: "Call | None", x: Float64Array, y: FloatArray, quantization: Quantization
) -> Codes:
    """Return the codes (1-D) nearest to a function's true values; infinities give the ends, NaN the lowest code.

    Args:
        call: the function.
        terms: sum of the sizes of the terms that cancel in it; None if none do.
        x: numbers (1-D).
        y: the function of them, rounded once to float64.
        quantization: what the codes stand for.

    """
    scale = quantization.output_scale
    with np.errstate(all="ignore"):
        steps = np.clip(np.floor(np.where(np.isnan(y), 0.0, y) / scale), -_FARTHEST, _FARTHEST)
    # The middle between two codes is a number of float64, so that y lies on the side of it where the true value does.
    middle = (steps + 0.5) * scale
    above, is_tie = y > middle, np.zeros(y.shape, np.bool_)
    unsure = np.flatnonzero(y == middle)
    if unsure.size:
        above[unsure], is_tie[unsure] = _compare_with_middles(call, terms, x[unsure], middle[unsure])
    up = steps % 2 == 1 if quantization.rounding == "half-even" else steps >= 0
    lowest, highest = code_range(quantization.dtype)
    codes = np.clip(steps + np.where(is_tie, up, above) + quantization.output_zero_point, lowest, highest)
    return np.where(np.isnan(y), lowest, codes).astype(quantization.dtype)


def _compare_with_middles(
    call: "Call", terms: "Call | None", x: Float64Array, middle: Float64Array
) -> tuple[BoolArray, BoolArray]:
    """Tell where a function of numbers is above others that its float64 value equals, and where it is just that."""
    from actcli.numerics import exact

    def sizes(m: Backend[T], x: T, middle: T) -> T:
        size: T = (terms or call)(m, x)
        return m.abs(size) + m.abs(middle)

    format = dtypes.FORMATS["float64"]
    # Only the sign of the difference counts, which a zero keeps: what is too small for float64 is -0 from one side.
    excess = exact.evaluate_rounded(lambda m, x, middle: call(m, x) - middle, sizes, (x, middle), format)
    lack = exact.evaluate_rounded(lambda m, x, middle: middle - call(m, x), sizes, (x, middle), format)
    return np.signbit(lack), ~np.signbit(lack) & ~np.signbit(excess)
