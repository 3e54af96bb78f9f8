"""One result beside what is due, in numbers with their bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actcli.numerics import distance, hexadecimal, text
from actcli.numerics.dtypes import Float64Array, FloatArray
from actcli.referee.budget import steps_word
from actcli.referee.differences import MISMATCH, count_steps
from actcli.referee.tally import Case
from actcli.referee.truth import Truth


@dataclass(frozen=True)
class Number:
    """A number of a format."""

    value: float
    text: str
    """In the fewest digits that round-trip."""
    bits: str
    """In hexadecimal."""

    @classmethod
    def of(cls, array: FloatArray) -> Number:
        """Return the only number of an array."""
        shown = text.shortest(array)[0].removesuffix(".0")
        return cls(float(array[0]), shown, hexadecimal.write_bits(array)[0])


@dataclass(frozen=True)
class Finding:
    """One result beside what is due."""

    x: Number
    got: Number
    due: Number
    steps: int | None
    """None where only one of the two is NaN."""
    ulp: float | None
    row: int | None = None
    """Of a function along an axis: the length of the row, and the place in it."""
    place: int | None = None


def describe_finding(finding: Finding) -> str:
    """Return a finding as a phrase."""
    steps = "" if finding.steps is None else f"{finding.steps:,} {steps_word(finding.steps)} "
    row = "" if finding.row is None else f" (place {finding.place} of a row of {finding.row})"
    return f"{steps}at {finding.x.text} {finding.x.bits}{row}: got {finding.got.text}, due {finding.due.text}"


def describe_pair(x: FloatArray, due: FloatArray, got: FloatArray, place: int) -> Finding:
    """Return the results of two calls at a place of an array as a finding, the first as what is due."""
    part = slice(place, place + 1)
    pair = [np.ascontiguousarray(values).reshape(-1)[part] for values in (got, due)]
    steps = int(count_steps(*pair)[0])
    place = place if x.ndim == 1 else place // due.shape[1] * x.shape[1] + place % due.shape[1]
    beside = np.ascontiguousarray(x).reshape(-1)[place : place + 1]
    return Finding(Number.of(beside), Number.of(pair[0]), Number.of(pair[1]), _numeric(steps), None)


def find(case: Case, truth: Truth) -> Finding:
    """Return a result that a tally kept, with its distance to the true value."""
    format = truth.out_format
    true: Float64Array
    if case.row is None:
        true = truth.as_float64(case.x)
    else:
        true = truth.as_float64(case.row[None, :])[0, case.place : case.place + 1]
    ulp = float(distance.count_ulps(case.got, true, format)[0])
    return Finding(
        Number.of(case.x),
        Number.of(case.got),
        Number.of(case.due),
        _numeric(case.steps),
        ulp if np.isfinite(ulp) else None,
        None if case.row is None else len(case.row),
        None if case.row is None else case.place,
    )


def _numeric(steps: int) -> int | None:
    return None if steps == int(MISMATCH) else steps
