"""The float formats: precision, range, and what lies beyond it."""

import math
import sys
from typing import Any, NamedTuple

import numpy as np

from actcli.errors import choose


class Format(NamedTuple):
    """A binary floating-point format: ``precision`` bits with the leading one, exponents from ``minimum`` up."""

    name: str
    precision: int
    minimum: int
    largest: float
    """Largest finite number; what rounds beyond it becomes an infinity."""
    positional: tuple[float, float]
    """Range of absolute values that are written without an exponent."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype; bfloat16 loads ml_dtypes."""
        if self.name == "bfloat16":
            import ml_dtypes

            bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
            return bfloat16
        return np.dtype(self.name)

    @property
    def parameters(self) -> "Format":
        """The format to which parameters are rounded: float64 for float64, float32 for everything narrower."""
        return FORMATS["float64" if self.name == "float64" else "float32"]


# The ranges are those of polars' own writer, so that a number has one text wherever it is written.
FORMATS = {
    format.name: format
    for format in (
        Format("float16", 11, -14, 65504.0, (1e-6, math.inf)),
        Format("bfloat16", 8, -126, 2.0**128 - 2.0**120, (1e-6, 1e13)),
        Format("float32", 24, -126, 2.0**128 - 2.0**104, (1e-6, 1e13)),
        Format("float64", 53, -1022, sys.float_info.max, (1e-5, 1e16)),
    )
}


def find(dtype: Any) -> Format:
    """Return the format of a dtype given by name, as a NumPy dtype or as a scalar type.

    Raises:
        ActcliError: for any other dtype.

    """
    try:
        name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    except TypeError:
        name = str(dtype)
    return FORMATS[choose("dtype", name, FORMATS)]
