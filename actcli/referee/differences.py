"""Where results differ from what is due, by how many steps, and what else would be accepted."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from actcli.errors import ArgumentError
from actcli.numerics import distance, rounding
from actcli.numerics.distance import Steps
from actcli.numerics.dtypes import BoolArray, FloatArray, Positions
from actcli.referee.classes import KINK, Classifier, Codes, Counts
from actcli.referee.truth import Truth

MISMATCH = np.uint64(2**64 - 1)
"""In place of steps where of a result and what is due one is NaN: no distance, and never within a limit."""


@dataclass(frozen=True)
class Leniency:
    """What is accepted beside the true value rounded once."""

    ftz: bool = False
    """A zero of either sign where the true value is below the normal numbers."""
    daz: bool = False
    """The results for 0 and -0 where the input is subnormal."""
    daz_min: bool = False
    """Those for the smallest normal numbers too."""
    floor: float | None = None
    """Results that are off by no more than this."""

    def __post_init__(self) -> None:
        if self.floor is not None and not 0 <= self.floor < np.inf:
            raise ArgumentError("floor", f"must be a number >= 0, got {self.floor!r}")


class Differences(NamedTuple):
    """The results of a chunk whose bits are not those that are due."""

    places: Positions
    """Where they are in the chunk (1-D)."""
    x: FloatArray
    got: FloatArray
    due: FloatArray
    codes: Codes
    steps: Steps
    """The fewest to an accepted answer; 0 where the floor lets one pass."""
    by_floor: int
    """How many pass by the floor only."""


class Compared(NamedTuple):
    """A chunk of results beside what is due."""

    x: FloatArray
    """The inputs (1-D); of rows (2-D) all."""
    got: FloatArray
    due: FloatArray
    counts: Counts
    """How many are in each class."""
    differences: Differences


class Comparer:
    """Sets results beside what is due."""

    def __init__(self, truth: Truth, leniency: Leniency) -> None:
        self._truth, self._leniency = truth, leniency
        self._classifier = Classifier(truth)

    def compare(self, x: FloatArray, got: FloatArray, due: FloatArray) -> Compared:
        """Return a chunk (1-D and ascending, or rows) with its differences."""
        bits = f"u{due.dtype.itemsize}"
        if x.ndim == 1:
            places = np.flatnonzero(got.view(bits) != due.view(bits))
            counts = self._classifier.count(x, due)
            if places.size and counts.max() == x.size:
                codes = np.full(places.shape, counts.argmax(), np.uint8)
            else:
                codes = self._classifier.classify(x[places], due[places])
            return Compared(x, got, due, counts, self._measure(places, x[places], got[places], due[places], codes))
        codes = self._classifier.classify_rows(x, due).reshape(-1)
        counts = np.bincount(codes, minlength=KINK + 1)
        flat, right = np.ascontiguousarray(got).reshape(-1), np.ascontiguousarray(due).reshape(-1)
        places = np.flatnonzero(flat.view(bits) != right.view(bits))
        beside = x[:, : due.shape[1]].reshape(-1)[places]
        found = self._measure(places, beside, flat[places], right[places], codes[places])
        return Compared(x, got, due, counts, found)

    def _measure(self, places: Positions, x: FloatArray, got: FloatArray, due: FloatArray, codes: Codes) -> Differences:
        steps = count_steps(got, due)
        for where, answer in self._accepted(x, due, codes):
            steps = np.where(where, np.minimum(steps, count_steps(got, np.broadcast_to(answer, got.shape))), steps)
        passing = self._find_within_floor(x, got, steps)
        steps[passing] = 0
        return Differences(places, x, got, due, codes, steps, passing.size)

    def _accepted(self, x: FloatArray, due: FloatArray, codes: Codes) -> list[tuple[BoolArray, FloatArray]]:
        """Return what else is accepted, and where."""
        leniency, format = self._leniency, self._truth.out_format
        answers: list[tuple[BoolArray, FloatArray]] = []
        if leniency.ftz:
            answers.append((self._classifier.is_below_normal(x, due), np.zeros(1, format.dtype)))
        if leniency.daz or leniency.daz_min:
            where = self._classifier.is_subnormal_input(x)
            answers += [(where, self._around_zero[k : k + 1]) for k in range(4 if leniency.daz_min else 2)]
        if self._truth.derivative:
            for kink in self._truth.kinks:
                sides = rounding.nearest(np.array([kink.below, kink.above]), format)
                where = (codes == KINK) & (x == x.dtype.type(kink.x))
                answers += [(where, sides[:1]), (where, sides[1:])]
        return answers

    @cached_property
    def _around_zero(self) -> FloatArray:
        """What is due for the zeros and for the smallest normal numbers."""
        smallest = 2.0**self._truth.format.min_exponent
        points = rounding.nearest(np.array([0.0, -0.0, smallest, -smallest]), self._truth.format)
        return self._truth.round_once(points)

    def _find_within_floor(self, x: FloatArray, got: FloatArray, steps: Steps) -> Positions:
        if self._leniency.floor is None or not self._truth.is_elementwise:
            return np.empty(0, np.intp)
        off = np.flatnonzero((steps > 0) & (steps < MISMATCH))
        with np.errstate(all="ignore"):
            distances = np.abs(got[off].astype(np.float64) - self._truth.as_float64(x[off]))
        return off[distances <= self._leniency.floor]


def count_steps(got: FloatArray, due: FloatArray) -> Steps:
    """Return the steps between results and what is due: 0 between two NaN, ``MISMATCH`` where one is NaN."""
    steps = distance.count_steps(got, due)
    not_a_number = np.isnan(got), np.isnan(due)
    steps[not_a_number[0] | not_a_number[1]] = MISMATCH
    steps[not_a_number[0] & not_a_number[1]] = 0
    return steps


def differ_in_bits(first: FloatArray, second: FloatArray) -> BoolArray:
    """Tell where two arrays differ in a bit, other than those of NaN."""
    bits = f"u{first.dtype.itemsize}"
    one, other = np.ascontiguousarray(first), np.ascontiguousarray(second)
    mask: BoolArray = (one.view(bits) != other.view(bits)).reshape(-1)
    if mask.any():
        mask &= ~(np.isnan(one) & np.isnan(other)).reshape(-1)
    return mask
