"""An activation's formula and its exact derivative, evaluated by MPFR with hundreds of bits and rounded once.

Only the text of the formula, the names in it, the numbers of the parameters and the names of formats are taken from
actcli.
"""

import contextlib
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import gmpy2
import ml_dtypes
import numpy as np
from mpmath import mp

from actcli.activation import Packed
from actcli.numerics import dtypes
from tests.reference.dual import Dual, dual, functions


def _dtype(name: str) -> np.dtype[Any]:
    return np.dtype(getattr(ml_dtypes, name, name))


def _cast(number: float, name: str) -> float:
    """Return what ml_dtypes makes of a float32 number."""
    with np.errstate(all="ignore"):
        return float(np.array(number, np.float32).astype(_dtype(name)))


def _format(name: str) -> dict[str, int]:
    """Return a format as MPFR counts, whose significand lies in [1/2, 1): by ml_dtypes, not by the code under test."""
    found = ml_dtypes.finfo(_dtype(name))
    smallest = int(found.minexp) - int(found.nmant) + 1
    return {"precision": int(found.nmant) + 1, "emin": smallest, "emax": math.frexp(float(found.max))[1]}


FORMATS = {name: _format(name) for name in dtypes.FORMATS}
LARGEST = {name: float(ml_dtypes.finfo(_dtype(name)).max) for name in FORMATS}
BEYOND = {name: _cast(math.inf, name) for name in FORMATS}
"""What is in place of infinity: NaN, or the largest number, where a format gives its place to numbers."""
MINUS_ZERO = {name: _cast(-0.0, name) for name in FORMATS}
HUGE = 2.0**28  # exponents of exp(x) beyond this are too large for MPFR; mpmath has no such limit


def bits_for(activation: Any, x: float, format: str) -> int:
    """Return how many bits to compute with.

    A formula like x - tanh(x) loses thrice those between 1 and x; one like a * (exp(x) - 1) + b those between the
    largest and the smallest number.
    """
    fewest = 400 if format != "float64" else 2400 if is_transcendental(activation) else 1200
    return fewest + 4 * abs(math.frexp(x)[1])


def rounded(y: Any, format: str) -> float:
    """Round an MPFR number once to a format: nearest, ties to even, with subnormals and infinities."""
    with gmpy2.context(subnormalize=True, **FORMATS[format]):
        result = float(gmpy2.mpfr(y))
    if abs(result) > LARGEST[format]:  # 480 is one to MPFR too, but float8_e4m3fn ends at 448
        return math.copysign(BEYOND[format], result)
    return result or (MINUS_ZERO[format] if math.copysign(1, result) < 0 else 0.0)


@cache
def code_of(formula: str) -> Any:
    """Return a formula, compiled."""
    # A number in the formula's text means the decimal, not a float64 near it.
    return compile(re.sub(r"(?<![\w.])\d+\.\d+", lambda number: f"number('{number[0]}')", formula), "formula", "eval")


def names_for(library: Any, bits: int, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what the names in a formula mean, over gmpy2 or mpmath with that many bits."""
    number, pi = (gmpy2.mpfr, gmpy2.const_pi(bits)) if library is gmpy2 else (mp.mpf, +mp.pi)
    names = functions(library, pi, number(2) ** -(bits // 2))
    names["number"] = cache(lambda text: Dual(number(text)))
    return names | {name: _exact(value, number) for name, value in parameters.items()}


def _at(activation: Any, x: Any, parameters: dict[str, Any], bits: int) -> Dual:
    """Return the activation's formula and its slope at x, which is a number of MPFR or of mpmath."""
    library = gmpy2 if isinstance(x, type(gmpy2.mpfr(0))) else mp
    names = names_for(library, bits, parameters)
    return dual(eval(code_of(activation.formula), names, {"x": Dual(x, type(x)(1))}))


def _exact(value: Any, number: Any) -> Any:
    if isinstance(value, tuple):  # a fraction
        return Dual(number(value[0]) / value[1])
    return value if value is None or isinstance(value, bool) else Dual(number(value))


@contextlib.contextmanager
def _arithmetic(x: float, bits: int) -> Iterator[Any]:
    """Work with that many bits, and yield x as a number of MPFR, or of mpmath where exponents are huge."""
    if abs(x) < HUGE:
        with gmpy2.context(precision=bits):
            yield gmpy2.mpfr(x)
    else:
        with mp.workprec(bits):
            yield mp.mpf(x)


def _rounded(y: Any, format: str) -> float:
    """Round a number of either library once to the format."""
    if isinstance(y, mp.mpf) and mp.isfinite(y):
        mantissa, exponent = (int(part) for part in y.man_exp)
        mantissa = -abs(mantissa) if y < 0 else abs(mantissa)
        size = exponent + mantissa.bit_length()
        if abs(size) > 1200:
            beyond = math.inf if size > 0 else 0.0
            return rounded(math.copysign(beyond, 1 if mantissa >= 0 else -1), format)
        power = gmpy2.mpq(2) ** abs(exponent)
        y = mantissa * power if exponent > 0 else mantissa / power
    return rounded(float(y) if isinstance(y, mp.mpf) else y, format)


def value(activation: Any, x: float, format: str, **parameters: Any) -> float:
    """Return the activation's formula at x, rounded once to the format."""
    bits = bits_for(activation, x, format)
    with _arithmetic(x, bits) as number:
        y = _at(activation, number, parameters, bits).value
    if abs(x) < 2.0**23 and is_transcendental(activation) and is_tie(y, format):
        # What decides may be as small as exp(-abs(x)).
        bits += 2 * math.ceil(abs(x))
        with _arithmetic(x, bits) as number:
            y = _at(activation, number, parameters, bits).value
    return _rounded(y, format)


def is_transcendental(activation: Any) -> bool:
    """Tell whether an activation's formula has more than algebraic operations."""
    return bool(re.search("exp|log|tanh|erf|sin", activation.formula))


def is_tie(y: Any, format: str) -> bool:
    """Tell whether an MPFR number lies exactly between two normal numbers of a format."""
    precision = FORMATS[format]["precision"]
    below, beside = (gmpy2.context(precision=bits).plus(y) for bits in (precision, precision + 1))
    return beside == y != below


def derivative(activation: Any, x: float, format: str, *, factor: float = 1.0, **parameters: Any) -> float | None:
    """Return the slope of the activation's formula at x, times a factor, rounded once to the format; None at a kink.

    A formula with cases or bounds is tried a trace to either side too: where the slopes there are not the same, or
    the values, the formula leaves the derivative open.
    """
    bits = bits_for(activation, x, format)
    with _arithmetic(x, bits) as number:
        Dual.tied = False
        slope = _at(activation, number, parameters, bits).slope
        if Dual.tied and re.search(r"\b(min|max|abs|if x)\b", activation.formula):
            trace = max(abs(x), 1.0) * number.__class__(2) ** -(bits // 2)
            below, above = (_at(activation, number + side, parameters, bits) for side in (-trace, trace))
            for left, right in ((below.slope, above.slope), (below.value, above.value)):
                if abs(left - right) > 2**20 * trace * (abs(left) + abs(right) + 1):
                    return None
        slope = slope * number.__class__(factor)
    return _rounded(slope, format)


def along_axis(activation: Any, row: Iterable[Any], **parameters: Any) -> list[Any]:
    """Return what the activation's formula gives for a row of numbers (MPFR's or Python's), with 2000 bits."""
    prepared, code = activation(**parameters), code_of(activation.formula)
    names: dict[str, Any] = {name: getattr(gmpy2, name) for name in ("exp", "log", "sqrt", "tanh", "erfc")}
    values = {name: getattr(prepared, name) for name in activation.parameters}
    with gmpy2.context(precision=2000):
        names |= {name: gmpy2.mpfr(value) if isinstance(value, float) else value for name, value in values.items()}
        x = [gmpy2.mpfr(number) for number in row]
        for name, parameter in activation.parameters.items():
            if parameter.per_column and not isinstance(names[name], list):
                names[name] = [names[name]] * len(x)
        names |= {"pi": gmpy2.const_pi(), "number": gmpy2.mpfr, **root_names()}
        if not issubclass(activation, Packed):
            return [eval(code, {**names, "x": x, "i": i}) for i in range(len(x))]
        in_halves = names["layout"] == "halves"
        pairs = zip(x[: len(x) // 2], x[len(x) // 2 :], strict=True) if in_halves else zip(x[::2], x[1::2], strict=True)
        return [
            eval(code_of(activation.formula), {**names, **dict(zip(prepared.halves, pair, strict=True))})
            for pair in pairs
        ]


class _Reals:
    """All real numbers, in the order in which somebody asks for them."""

    current: Any = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self.current


def root_names() -> dict[str, Any]:
    """Return ``reals``, and ``root(y for x in reals)``: where y, which decreases, is 0; the same at each call."""
    reals, found = _Reals(), list[Any]()

    def root(values: Iterator[Any]) -> Any:
        def at(x: Any) -> Any:
            reals.current = x
            return next(values)

        if not found:
            found.append(find_root(at))
        return found[0]

    return {"reals": reals, "root": root}


def find_root(at: Callable[[Any], Any]) -> Any:
    """Return where a decreasing function of MPFR numbers is 0: by halving, then by the false position (Illinois)."""
    low, high = gmpy2.mpfr(-1), gmpy2.mpfr(1)
    while at(low) < 0:
        low *= 2
    while at(high) > 0:
        high *= 2
    while high - low > 2.0**-30:
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle) > 0 else (low, middle)
    over, under = at(low), at(high)
    side = 0
    for _ in range(200):
        if not over or not under or high - low < gmpy2.exp2(40 - gmpy2.get_context().precision):
            break
        x = (low * under - high * over) / (under - over)
        y = at(x)
        if y > 0:
            low, over, under, side = x, y, under / 2 if side > 0 else under, 1
        else:
            high, under, over, side = x, y, over / 2 if side < 0 else over, -1
    else:
        raise AssertionError("no root")
    return high if not under else low


def jacobian(activation: Any, row: list[float], **parameters: Any) -> list[list[Any]]:
    """Return how fast each number of a row (outer list) changes each result, by differences with 2000 bits.

    An entry is NaN where it is not the same to either side.
    """

    def moved(j: int, step: Any) -> list[Any]:
        there = along_axis(activation, [x + step if i == j else x for i, x in enumerate(row)], **parameters)
        return [(y - y0) / step for y, y0 in zip(there, here, strict=True)]

    here = along_axis(activation, row, **parameters)
    with gmpy2.context(precision=2000):
        step = gmpy2.mpfr(2) ** -900
        sides = [zip(moved(j, -step), moved(j, step), strict=True) for j in range(len(row))]
        return [[_same(below, above) for below, above in entries] for entries in sides]


def _same(below: Any, above: Any) -> Any:
    return (
        above if abs(above - below) <= gmpy2.exp2(-400) * (abs(above) + abs(below) + gmpy2.exp2(-600)) else gmpy2.nan()
    )
