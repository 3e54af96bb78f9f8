"""What elementwise functions give at infinities and zeros: the rows of golden/special_inputs.csv.

A row is made from the formula by MPFR: at an infinity the limit, the sign of a zero that of the values on the way
there; at a zero the value, its sign that of the values beside it, or that of the formula where those are 0. Rows that
people wrote, from a table of the functions, have another origin and are never replaced.
"""

import csv
import io
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any

import gmpy2

from tests.activations import ELEMENTWISE, NEEDED
from tests.reference import mpfr

TABLE = Path(__file__).parents[1] / "golden" / "special_inputs.csv"
HEADER = ["function", "inf", "-inf", "0", "-0", "origin"]
COMPLETE = [activation for activation in ELEMENTWISE if not NEEDED[activation.name]]
_NEAR, _FAR, _FARTHEST, _TINY = 2.0**6, 2.0**400, 2.0**800, 2.0**-100


def read() -> dict[str, list[str]]:
    """Return the rows of the table by function: four numbers and the origin."""
    lines = csv.reader(line for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    return {name: cells for name, *cells in list(lines)[1:]}


def make(names: Collection[str]) -> str:
    """Return the text of the table with new rows for some activations, and those of all others."""
    known, out = read(), io.StringIO()
    out.write(
        "# Limits and signs of zero, default parameters; origin: who says so (see reference/special_inputs.py).\n"
    )
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for activation in COMPLETE:
        row = known.get(activation.name)
        if row is None or (activation.name in names and row[-1].startswith("gmpy2")):
            row = [*map(write, limits(activation)), f"gmpy2 {gmpy2.version()}, {gmpy2.mpfr_version()}"]
        writer.writerow([activation.name, *row])
    return out.getvalue()


def write(number: float) -> str:
    """Return a number as the table has it."""
    return repr(number).removesuffix(".0")


def limits(activation: Any) -> list[float]:
    """Return what a function gives at the four special inputs, by its formula."""
    defaults = {name: parameter.default for name, parameter in activation.parameters.items()}

    def at(x: float) -> float:
        return mpfr.value(activation, x, "float64", **defaults)

    return [_limit(at, 1.0), _limit(at, -1.0), _at_zero(at, 0.0), _at_zero(at, -0.0)]


def _limit(at: Any, side: float) -> float:
    near, far, farthest = (at(side * size) for size in (_NEAR, _FAR, _FARTHEST))
    if math.isnan(farthest):  # whose sign says nothing
        return math.nan
    if abs(farthest) > 2 * abs(far) or math.isinf(far):
        return math.copysign(math.inf, farthest)
    return math.copysign(0.0, near) if abs(farthest) <= abs(far) / 2 else farthest


def _at_zero(at: Any, zero: float) -> float:
    y = at(zero)
    beside = at(math.copysign(_TINY, zero))
    return y if y else math.copysign(0.0, beside or y)
