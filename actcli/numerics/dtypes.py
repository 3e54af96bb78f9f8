"""The float formats: precision, range, and what lies beyond it."""

import math
import re
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from actcli.errors import ArgumentError, require_choice, show

FloatArray = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Codes = NDArray[np.integer]
Positions = NDArray[np.intp]


class Format(NamedTuple):
    """A binary floating-point format: ``precision`` bits with the leading one, exponents from ``min_exponent`` up."""

    name: str
    precision: int
    min_exponent: int
    largest: float
    overflow_value: float
    """What a number that rounds beyond the largest one becomes."""
    positional: tuple[float, float]
    """Range of absolute values that are written without an exponent."""

    @property
    def dtype(self) -> np.dtype[np.floating[Any]]:
        """The NumPy dtype; those that NumPy does not have load ml_dtypes."""
        if self.is_ml_dtype:
            import ml_dtypes

            foreign: np.dtype[np.floating[Any]] = np.dtype(getattr(ml_dtypes, self.name))
            return foreign
        return np.dtype(self.name)

    @property
    def is_ml_dtype(self) -> bool:
        """Whether NumPy lacks the dtype."""
        return self.name not in {"float16", "float32", "float64"}

    @property
    def parameters(self) -> "Format":
        """The format to which parameters are rounded: float64 for float64, float32 for everything narrower."""
        return FORMATS["float64" if self.name == "float64" else "float32"]


# The ranges are those of polars' own writer, so that a number has one text wherever it is written.
FORMATS = {
    format.name: format
    for format in (
        Format("float4_e2m1fn", 2, 0, 6.0, 6.0, (1e-6, math.inf)),
        Format("float6_e2m3fn", 4, 0, 7.5, 7.5, (1e-6, math.inf)),
        Format("float6_e3m2fn", 3, -2, 28.0, 28.0, (1e-6, math.inf)),
        Format("float8_e3m4", 5, -2, 15.5, math.inf, (1e-6, math.inf)),
        Format("float8_e4m3fn", 4, -6, 448.0, math.nan, (1e-6, math.inf)),
        Format("float8_e4m3fnuz", 4, -7, 240.0, math.nan, (1e-6, math.inf)),
        Format("float8_e4m3b11fnuz", 4, -10, 30.0, math.nan, (1e-6, math.inf)),
        Format("float8_e5m2", 3, -14, 57344.0, math.inf, (1e-6, math.inf)),
        Format("float8_e5m2fnuz", 3, -15, 57344.0, math.nan, (1e-6, math.inf)),
        Format("float16", 11, -14, 65504.0, math.inf, (1e-6, math.inf)),
        Format("bfloat16", 8, -126, 2.0**128 - 2.0**120, math.inf, (1e-6, 1e13)),
        Format("float32", 24, -126, 2.0**128 - 2.0**104, math.inf, (1e-6, 1e13)),
        Format("float64", 53, -1022, sys.float_info.max, math.inf, (1e-5, 1e16)),
    )
}


ALIASES = {
    "half": "float16",
    "single": "float32",
    "double": "float64",
    "fp16": "float16",
    "fp32": "float32",
    "fp64": "float64",
    "bf16": "bfloat16",
    "e4m3": "float8_e4m3fn",
    "e4m3fn": "float8_e4m3fn",
    "float8_e4m3": "float8_e4m3fn",  # what CUDA, ONNX and safetensors call so, not ml_dtypes' dtype with infinities
    "e4m3fnuz": "float8_e4m3fnuz",
    "e4m3b11": "float8_e4m3b11fnuz",
    "e4m3b11fnuz": "float8_e4m3b11fnuz",
    "float8_e4m3b11": "float8_e4m3b11fnuz",
    "e5m2": "float8_e5m2",
    "e5m2fnuz": "float8_e5m2fnuz",
    "e3m4": "float8_e3m4",
    "e2m3": "float6_e2m3fn",
    "e2m3fn": "float6_e2m3fn",
    "float6_e2m3": "float6_e2m3fn",
    "e3m2": "float6_e3m2fn",
    "e3m2fn": "float6_e3m2fn",
    "float6_e3m2": "float6_e3m2fn",
    "fp4": "float4_e2m1fn",
    "e2m1": "float4_e2m1fn",
    "e2m1fn": "float4_e2m1fn",
    "float4_e2m1": "float4_e2m1fn",
}


def has_nan(format: Format) -> bool:
    """Tell whether a format has NaN; those without it, float4 and float6, have no infinities either."""
    return not math.isfinite(FORMATS[format.name].overflow_value)


def width(format: Format) -> int:
    """Return how many bits a number of a format has; those of float4 and float6 are the lowest ones of a byte."""
    return format.dtype.itemsize * 8 if has_nan(format) else int(format.name[len("float")])


_TYPE_CODE = re.compile(r"[<>=|]?(f[248]|[efd])")  # of NumPy's array protocol
_LIBRARY = re.compile(r"([a-z_]\w*\.)+(?=\w)", re.IGNORECASE)  # as in torch.float16


def find_usable(dtype: object) -> Format:
    """Return the format of a dtype as people write it: a name, a type code, or the dtype of any library.

    Raises:
        ActcliError: for any other dtype; for a format of scales, and one that only shares a name, it says why.

    """
    name = name_as_written(dtype)
    if "e8m0" in name.lower():
        raise ArgumentError(
            "dtype", "cannot be float8_e8m0fnu: it has neither a zero nor a sign; it is for scales only"
        )
    if name == "float8_e4m3" and not isinstance(dtype, str):
        raise ArgumentError(
            "dtype", "cannot be the float8_e4m3 of ml_dtypes, which has infinities; take float8_e4m3fn or float16"
        )
    return find(name)


def name_as_written(dtype: object) -> str:
    """Return the name of a dtype as people write it, which may be none that is accepted."""
    if isinstance(dtype, str):
        word = dtype.strip()
        return str(np.dtype(word).name) if _TYPE_CODE.fullmatch(word) else _without_library(word)
    if dtype is not None:
        try:
            own = np.dtype(dtype)  # type: ignore[call-overload]  # it may be anything
        except (TypeError, ValueError):  # a dtype of torch, mlx or TensorFlow
            own = None
        if own is not None and own.kind != "O":
            return str(own.name)
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or show(dtype)
    return _without_library(str(name))


def _without_library(word: str) -> str:
    return word[match.end() :] if (match := _LIBRARY.match(word)) else word


def find(dtype: DTypeLike) -> Format:
    """Return the format of a dtype given by name, as a NumPy dtype or as a scalar type.

    Raises:
        ActcliError: for any other dtype.

    """
    try:
        name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    except TypeError:
        name = str(dtype)
    return FORMATS[require_choice("dtype", name, FORMATS, ALIASES)]
