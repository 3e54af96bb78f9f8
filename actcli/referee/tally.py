"""What was seen so far: counts, the worst, faults; of any number of results in constant memory."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from actcli.numerics.dtypes import FloatArray, Positions
from actcli.referee import faults
from actcli.referee.classes import CLASSES, Counts
from actcli.referee.differences import MISMATCH, Compared
from actcli.referee.intervals import Interval, find_intervals, join_intervals

BINS = ("0", "1", "2", "3-10", "11-100", ">100")
"""Of the histogram of steps; NaN where a number is due, or the other way round, is in the last."""
_BIN_ENDS = (0, 1, 2, 10, 100)


class Case(NamedTuple):
    """One result; numbers are arrays of length 1, which keep their bits."""

    x: FloatArray
    got: FloatArray
    due: FloatArray
    code: int
    steps: int
    position: int
    """Among all results."""
    row: FloatArray | None = None
    """The row it is from, if the function works along an axis; and its place in the row."""
    place: int = 0


@dataclass
class Kind:
    """How often something was seen, and where first."""

    count: int = 0
    first: Case | None = None

    def add(self, count: int, first: Case | None) -> None:
        """Add what was seen later."""
        self.count += count
        self.first = self.first or first


def _zeros() -> Counts:
    return np.zeros(len(CLASSES), np.int64)


@dataclass
class Tally:
    """The sums over chunks, which are added in the order of their inputs.

    Args:
        limit: steps beyond which an input is in an interval.
        keep: how many of the worst are kept of each class.
        direction: 1 for a function that never falls, -1 for one that never rises, 0 for any other.

    """

    limit: int = 1
    keep: int = 5
    direction: int = 0
    size: int = 0
    counts: Counts = field(default_factory=_zeros)
    wrong: Counts = field(default_factory=_zeros)
    """Results off by a step or more, in each class; NaN where a number is due, or the other way round, among them."""
    mismatches: Counts = field(default_factory=_zeros)
    """The latter."""
    by_floor: int = 0
    histogram: Counts = field(default_factory=lambda: np.zeros(len(BINS), np.int64))
    worst: list[list[Case]] = field(default_factory=lambda: [[] for _ in CLASSES])
    faults: dict[str, Kind] = field(default_factory=lambda: {name: Kind() for name in faults.FAULTS})
    zero_signs: Kind = field(default_factory=Kind)
    intervals: list[Interval] = field(default_factory=list)
    _last: tuple[FloatArray, FloatArray] | None = None
    """The last result, and what was due."""

    def add(self, compared: Compared) -> None:
        """Add a chunk."""
        found = compared.differences
        offset, self.size = self.size, self.size + compared.due.size
        self.counts += compared.counts
        self.by_floor += found.by_floor
        beyond = [int(np.count_nonzero(found.steps > end)) for end in _BIN_ENDS]
        self.histogram -= np.diff([compared.due.size, *beyond, 0])
        for code in np.flatnonzero(np.bincount(found.codes, minlength=len(CLASSES))):
            self._add_class(compared, int(code), offset)
        self._add_faults(compared, offset)
        if compared.x.ndim == 1:
            over = np.flatnonzero((found.steps > self.limit) & ~np.isnan(found.x))
            sizes = np.where(found.steps == MISMATCH, np.uint64(0), found.steps)[over]
            some = find_intervals(found.x[over], found.places[over], sizes, offset)
            self.intervals = join_intervals([*self.intervals, *some])

    def _add_class(self, compared: Compared, code: int, offset: int) -> None:
        """Add the differences of one class, and keep the worst."""
        steps, of_class = compared.differences.steps, compared.differences.codes == code
        self.wrong[code] += np.count_nonzero((steps > 0) & of_class)
        self.mismatches[code] += np.count_nonzero((steps == MISMATCH) & of_class)
        kept = self.worst[code]
        least = kept[-1].steps if len(kept) == self.keep else 0
        here = np.flatnonzero((steps > least) & (steps < MISMATCH) & of_class)
        if here.size > self.keep:
            least = np.partition(steps[here], here.size - self.keep)[here.size - self.keep]
            above = here[steps[here] > least]
            here = np.sort(np.concatenate([above, here[steps[here] == least][: self.keep - above.size]]))
        cases = [self._case(compared, int(i), offset) for i in here]
        self.worst[code] = sorted([*kept, *cases], key=lambda case: (-case.steps, case.position))[: self.keep]

    def _add_faults(self, compared: Compared, offset: int) -> None:
        found = compared.differences
        for name, places in faults.find_faults(found):
            self._see(self.faults[name], compared, places, offset)
        self._see(self.zero_signs, compared, faults.find_zero_signs(found), offset)
        if compared.x.ndim > 1 or not compared.x.size:
            return
        turns = faults.find_inversions(compared, self.direction)
        inversions = self.faults["not_monotone"]
        if self._last is not None:
            got, due = self._last
            if faults.turns_back(got, compared.got[:1], due, compared.due[:1], self.direction).any():
                turns = np.concatenate([[0], turns])
        self._last = compared.got[-1:].copy(), compared.due[-1:].copy()
        if turns.size:
            inversions.add(turns.size, _case_at(compared, int(turns[0]), offset))

    def _see(self, kind: Kind, compared: Compared, places: Positions, offset: int) -> None:
        """Count some of the differences."""
        if places.size:
            kind.add(places.size, self._case(compared, int(places[0]), offset))

    def _case(self, compared: Compared, i: int, offset: int) -> Case:
        """Return one of the differences."""
        found = compared.differences
        steps, code = int(found.steps[i]), int(found.codes[i])
        return _case_at(compared, int(found.places[i]), offset)._replace(code=code, steps=steps)


def _case_at(compared: Compared, place: int, offset: int) -> Case:
    """Return the result at a place of a chunk."""
    part = slice(place, place + 1)
    got, due = (np.ascontiguousarray(values).reshape(-1)[part].copy() for values in (compared.got, compared.due))
    if compared.x.ndim == 1:
        return Case(compared.x[part].copy(), got, due, 0, 0, offset + place)
    row, column = divmod(place, compared.due.shape[1])
    numbers = compared.x[row].copy()
    return Case(numbers[column : column + 1], got, due, 0, 0, offset + place, numbers, column)
