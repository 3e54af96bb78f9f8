"""The referee on many numbers at once: what ``mpfr`` gives one by one, by the same formulas, many times faster.

Numbers of MPFR go through the formula bare where no slope is asked for, names and constants are made once for each
precision, and only where a formula compared equal values is it looked for a kink. Ties of transcendental formulas go
back to ``mpfr``.
"""

from typing import Any

import gmpy2
import numpy as np

from tests.reference import mpfr
from tests.reference.dual import Dual, dual


def exact(
    activation: Any, kind: str, x: np.ndarray, parameters: dict[str, Any], format: str = "float32"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the activation's formula (kind ``value``) or its slope at numbers of a format: exactly, and rounded to it.

    The first result is the float64 next to the exact number, the second what it lacks, the third the exact number
    rounded once to the format; all are float64, and NaN at kinks.
    """
    high, low, rounded = np.zeros((3, x.size))
    transcendental = mpfr.is_transcendental(activation)
    beside = gmpy2.context(precision=mpfr.FORMATS[format]["precision"] + 1)
    target = gmpy2.context(subnormalize=True, **mpfr.FORMATS[format])
    code, names, one = mpfr.code_of(activation.formula), {}, gmpy2.mpfr(1)
    with gmpy2.context() as context:
        for i in np.argsort(np.abs(x), kind="stable"):
            number = x[i].item()
            if transcendental and abs(number) >= mpfr.HUGE:
                high[i], rounded[i] = _alone(activation, kind, number, format, parameters)
                continue
            bits = mpfr.bits_for(activation, number, format)
            if bits != context.precision or not names:
                context.precision = bits
                names = _names(kind, parameters, bits)
            point = context.plus(number)  # ten times as fast as gmpy2.mpfr(number)
            if kind == "value":
                y = eval(code, names, {"x": point})
            else:
                Dual.tied = False
                y = dual(eval(code, names, {"x": Dual(point, one)})).slope
            if (kind == "derivative" and Dual.tied) or (transcendental and beside.plus(y) == y != target.plus(y)):
                high[i], rounded[i] = _alone(activation, kind, number, format, parameters)
                continue
            high[i], rounded[i] = float(y), float(target.plus(y))
            low[i] = float(y - high[i].item())
    return high, low, rounded


def _names(kind: str, parameters: dict[str, Any], bits: int) -> dict[str, Any]:
    """Return what the names in a formula mean: bare numbers for values, dual ones for slopes."""
    names = mpfr.names_for(gmpy2, bits, parameters)
    if kind == "derivative":
        return names
    bare = {name: _bare(meaning) for name, meaning in names.items()}
    return bare | {"number": lambda text: names["number"](text).value}


def _bare(meaning: Any) -> Any:
    return meaning.value if isinstance(meaning, Dual) else getattr(meaning, "of_number", meaning)


def _alone(activation: Any, kind: str, number: float, format: str, parameters: dict[str, Any]) -> tuple[float, float]:
    """Return the nearest float64 and the rounded number of one x, with mpmath's exponents or at a kink."""
    wide, rounded = (getattr(mpfr, kind)(activation, number, wanted, **parameters) for wanted in ("float64", format))
    return (np.nan, np.nan) if rounded is None else (wide, rounded)
