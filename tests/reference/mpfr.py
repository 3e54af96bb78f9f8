"""The referee: a block's formula, evaluated by MPFR with a thousand bits and more, and rounded once.

Only the text of the formula and the numbers of the parameters are taken from actcli.
"""

from typing import Any

import gmpy2

# Smallest and largest exponents as MPFR counts them: the significand lies in [1/2, 1).
FORMATS = {
    "float16": {"precision": 11, "emin": -23, "emax": 16},
    "bfloat16": {"precision": 8, "emin": -132, "emax": 128},
    "float32": {"precision": 24, "emin": -148, "emax": 128},
    "float64": {"precision": 53, "emin": -1073, "emax": 1024},
}
# Bits to compute with, and the power of 1/2 over which differences are taken: beyond the last bit of the format.
_BITS, _STEP = {"float64": 4500}, {"float64": 1400}
_NARROW_BITS, _NARROW_STEP = 1200, 400


def rounded(y: Any, format: str) -> float:
    """Round an MPFR number once to a format: nearest, ties to even, with subnormals and infinities."""
    with gmpy2.context(subnormalize=True, **FORMATS[format]):
        return float(gmpy2.mpfr(y))


def _formula(block: Any, parameters: dict[str, float | None]) -> Any:
    names = {"exp": gmpy2.exp, "tanh": gmpy2.tanh, "min": min, "max": max, **parameters}
    code = compile(block.formula, block.name, "eval")
    return lambda x: eval(code, names, {"x": x})


def value(block: Any, x: float, format: str, **parameters: float | None) -> float:
    """Return the block's formula at x, rounded once to the format."""
    with gmpy2.context(precision=_BITS.get(format, _NARROW_BITS)):
        y = _formula(block, parameters)(gmpy2.mpfr(x))
    return rounded(y, format)


def derivative(block: Any, x: float, format: str, **parameters: float | None) -> float:
    """Return the slope of the block's formula at x, by a central difference, rounded once to the format."""
    with gmpy2.context(precision=_BITS.get(format, _NARROW_BITS)):
        f, x, step = _formula(block, parameters), gmpy2.mpfr(x), gmpy2.mpfr(2) ** -_STEP.get(format, _NARROW_STEP)
        slope = (f(x + step) - f(x - step)) / (2 * step)
    return rounded(slope, format)
