"""The referee on many numbers at once: what ``mpfr`` gives one by one, by the same formulas, many times faster.

Numbers of MPFR go through the formula bare where no slope is asked for, names and constants are made once for each
precision, and only where a formula compared equal values is it looked for a kink. Ties of transcendental formulas go
back to ``mpfr``.
"""

from typing import Any, NamedTuple

import gmpy2
import numpy as np

from tests.reference import mpfr
from tests.reference.dual import Dual, dual

FEW_BITS = 250
FAR = 2.0**23
"""Beyond, the referee has too few bits to see on which side of a tie e**-abs(x) lies."""


class Case(NamedTuple):
    """What is evaluated: an activation's formula or its slope, with what parameters, rounded to what format."""

    activation: Any
    kind: str
    parameters: dict[str, Any]
    format: str


def exact(
    activation: Any, kind: str, x: np.ndarray, parameters: dict[str, Any], format: str = "float32"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the activation's formula (kind ``value``) or its slope at numbers of a format: exactly, and rounded to it.

    The first result is the float64 next to the exact number, the second what it lacks, the third the exact number
    rounded once to the format; all are float64, and NaN at kinks.
    """
    return _evaluate(Case(activation, kind, parameters, format), x, None)


def quick(
    activation: Any, kind: str, x: np.ndarray, parameters: dict[str, Any], format: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the same with fewer bits than are surely enough.

    What then agrees with a result that was found in another way is right; what does not is open.
    """
    return _evaluate(Case(activation, kind, parameters, format), x, FEW_BITS)


def confirm(case: Case, x: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what ``exact`` does: with few bits where those agree with what was found, else with enough of them."""
    results = quick(case.activation, case.kind, x, case.parameters, case.format)
    with np.errstate(invalid="ignore"):
        open = np.flatnonzero((results[2] != found) | (np.signbit(results[2]) != np.signbit(found)))
    for result, sure in zip(
        results, exact(case.activation, case.kind, x[open], case.parameters, case.format), strict=True
    ):
        result[open] = sure
    return results


def find_open_ties(
    activation: Any, x: np.ndarray, found: np.ndarray, exact: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """Tell where the exact results, as far as the referee sees, lie in the middle of its answer and what was found."""
    if not mpfr.is_transcendental(activation):
        return np.zeros(x.shape, np.bool_)
    high, low, rounded = exact
    with np.errstate(invalid="ignore"):  # beside infinities
        return (np.abs(x) >= FAR) & (2 * ((high - rounded) + low) == found - rounded) & (found != rounded)


def _evaluate(case: Case, x: np.ndarray, bits: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    activation, kind, parameters, format = case
    high, low, rounded = np.zeros((3, x.size))
    transcendental = mpfr.is_transcendental(activation)
    beside = gmpy2.context(precision=mpfr.FORMATS[format]["precision"] + 1)
    target = gmpy2.context(subnormalize=True, **mpfr.FORMATS[format])
    code, names, one = mpfr.code_of(activation.formula), {}, gmpy2.mpfr(1)
    with gmpy2.context(emax=gmpy2.get_emax_max()) as context:
        for i in np.argsort(np.abs(x), kind="stable"):
            number = x[i].item()
            if bits is None and transcendental and abs(number) >= mpfr.HUGE:
                high[i], rounded[i] = _alone(activation, kind, number, format, parameters)
                continue
            needed = bits or mpfr.bits_for(activation, number, format)
            if needed != context.precision or not names:
                context.precision = needed
                names = _names(kind, parameters, needed)
            point = context.plus(number)  # ten times as fast as gmpy2.mpfr(number)
            if kind == "value":
                y = eval(code, names, {"x": point})
            else:
                Dual.tied = False
                y = dual(eval(code, names, {"x": Dual(point, one)})).slope
            tie = bits is None and transcendental and beside.plus(y) == y != target.plus(y)
            if tie or (kind == "derivative" and Dual.tied):
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
