"""The float formats: precision, range, and what lies beyond it."""

import math
import re
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from actcli.errors import require_choice, show

FloatArray = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
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
        Format("float8_e4m3fn", 4, -6, 448.0, math.nan, (1e-6, math.inf)),
        Format("float8_e5m2", 3, -14, 57344.0, math.inf, (1e-6, math.inf)),
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
    "float8_e4m3": "float8_e4m3fn",
    "e5m2": "float8_e5m2",
}


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


_TYPE_CODE = re.compile(r"[<>=|]?(f[248]|[efd])")  # of NumPy's array protocol


def as_format(dtype: object) -> Format:
    """Return the format of a dtype as people write it: a name, a type code, or the dtype of any library.

    Raises:
        ActcliError: for any other dtype.

    """
    if isinstance(dtype, str):
        word = dtype.strip()
        code = _TYPE_CODE.fullmatch(word)
        return find(np.dtype(word) if code else word.rpartition(".")[2])  # as in torch.float16
    if dtype is not None:
        try:
            own = np.dtype(dtype)  # type: ignore[call-overload]  # it may be anything
        except (TypeError, ValueError):  # a dtype of torch, mlx or TensorFlow
            own = None
        if own is not None and own.kind != "O":
            return find(own)
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or show(dtype)
    return find(str(name).rpartition(".")[2])
