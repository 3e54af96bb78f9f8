"""Mathematics on a row of intervals: what neither pairs nor balls decide of a function along an axis."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import accumulate, islice
from typing import TypeAlias

import numpy as np

from actcli.backend import AxisBackend, Excess
from actcli.numerics import intervals
from actcli.numerics.dtypes import Float64Array, Format, Positions
from actcli.numerics.intervals import Interval, Verdict, iv
from actcli.numerics.newton import find_start

RowOperand: TypeAlias = "IntervalRow | Interval | float"
_OUTCOMES = ((True,), (True, None))
_EXACT = 2**16  # bits with which ends are compared: more than they have
_NEWTON_STEPS = 12  # each doubles the digits: from float64 to more than intervals ever have


class VerdictRow:
    """The outcomes of comparisons, place by place."""

    __slots__ = ("verdicts",)

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self.verdicts = tuple(verdicts)

    def __and__(self, other: VerdictRow) -> VerdictRow:
        return VerdictRow(map(operator.and_, self.verdicts, other.verdicts))

    def __or__(self, other: VerdictRow) -> VerdictRow:
        return VerdictRow(map(operator.or_, self.verdicts, other.verdicts))


class IntervalRow:
    """Intervals at the places of a row; one alone stands for all places."""

    __slots__ = ("items",)

    def __init__(self, items: Iterable[Interval]) -> None:
        self.items = tuple(items)

    def __neg__(self) -> IntervalRow:
        return _each(operator.neg, self)

    def __abs__(self) -> IntervalRow:
        return _each(intervals.abs, self)

    def __add__(self, other: RowOperand) -> IntervalRow:
        return _each(operator.add, self, other)

    def __sub__(self, other: RowOperand) -> IntervalRow:
        return _each(operator.sub, self, other)

    def __rsub__(self, other: RowOperand) -> IntervalRow:
        return _each(operator.sub, other, self)

    def __mul__(self, other: RowOperand) -> IntervalRow:
        return _each(operator.mul, self, other)

    def __truediv__(self, other: RowOperand) -> IntervalRow:
        return _each(operator.truediv, self, other)

    def __rtruediv__(self, other: RowOperand) -> IntervalRow:
        return _each(operator.truediv, other, self)

    __radd__ = __add__
    __rmul__ = __mul__

    def __lt__(self, other: RowOperand) -> VerdictRow:
        return _compare(operator.lt, self, other)

    def __le__(self, other: RowOperand) -> VerdictRow:
        return _compare(operator.le, self, other)

    def __gt__(self, other: RowOperand) -> VerdictRow:
        return _compare(operator.gt, self, other)

    def __ge__(self, other: RowOperand) -> VerdictRow:
        return _compare(operator.ge, self, other)

    def __eq__(self, other: object) -> VerdictRow:  # type: ignore[override]
        return _compare(operator.eq, self, other)

    __hash__ = None  # type: ignore[assignment]


def _items(x: object) -> tuple[Interval, ...]:
    if isinstance(x, VerdictRow):
        return x.verdicts  # type: ignore[return-value]  # outcomes choose between intervals
    return x.items if isinstance(x, IntervalRow) else (x if isinstance(x, Interval) else Interval(x),)


def _each(function: Callable[..., Interval], *operands: object) -> IntervalRow:
    """Return a function of one number, or of the numbers at each place of several rows."""
    return IntervalRow(map(function, *_spread(operands)))


def _compare(relation: Callable[[Interval, Interval], Verdict], *operands: object) -> VerdictRow:
    return VerdictRow(map(relation, *_spread(operands)))


def _spread(operands: Sequence[object]) -> list[tuple[Interval, ...]]:
    """Return operands as rows of the same length."""
    rows = [_items(operand) for operand in operands]
    length = max(map(len, rows))
    return [row if len(row) == length else row * length for row in rows]


def __getattr__(name: str) -> object:
    """Return a constant, or a function of each number, of the mathematics on intervals."""
    found = getattr(intervals, name)
    return partial(_each, found) if callable(found) and name != "constant" else found


def max_last(x: IntervalRow) -> IntervalRow:
    """Return the largest number along the row."""
    largest = x.items[0]
    for item in x.items[1:]:
        largest = intervals.maximum(largest, item)
    return IntervalRow([largest])


def sum_last(x: IntervalRow) -> IntervalRow:
    """Return the sum along the row."""
    return IntervalRow([sum(x.items, Interval(0))])


def count_last(condition: VerdictRow) -> IntervalRow:
    """Return at how many places a condition holds."""
    certain, possible = (sum(verdict.holds in outcomes for verdict in condition.verdicts) for outcomes in _OUTCOMES)
    return IntervalRow([Interval([certain, possible])])


def cumsum(x: IntervalRow) -> IntervalRow:
    """Return the sums of the numbers up to each place."""
    return IntervalRow(accumulate(x.items))


def sort_descending(x: IntervalRow) -> IntervalRow:
    """Return the numbers from the largest to the smallest: the largest lower end, the largest upper end, and so on."""
    lows, highs = (
        sorted((intervals.mp.mpf(getattr(item.ends, end)) for item in x.items), reverse=True) for end in "ab"
    )
    return IntervalRow(Interval(iv.mpf(ends)) for ends in zip(lows, highs, strict=True))


def positions(x: IntervalRow) -> IntervalRow:
    """Return 1, 2, 3 ... along the row."""
    return IntervalRow(map(Interval, range(1, len(x.items) + 1)))


def distrust(_: VerdictRow, x: IntervalRow) -> IntervalRow:
    """Return x: intervals know how good they are."""
    return x


def root_last(m: AxisBackend[IntervalRow], excess: Excess[IntervalRow], x: IntervalRow) -> IntervalRow:
    """Return where the excess is 0: the number next to it that Newton's method finds, and as far around as that is."""
    start = find_start(excess, np.array([[float(intervals.mp.mpf(item.ends.mid)) for item in x.items]]))
    s = IntervalRow([Interval(float(start[0, 0]))])
    for _ in range(_NEWTON_STEPS):
        value, slope = excess(m, x, s)
        if value.items[0].ends.a <= 0 <= value.items[0].ends.b:
            break
        s = IntervalRow([Interval((s + value / slope).items[0].ends.mid)])
    root: IntervalRow = s + 2.0 * value * Interval([-1, 1])
    return root


def round_row(
    call: Callable[..., IntervalRow], rows: Sequence[Float64Array], places: Positions, format: Format
) -> list[float]:
    """Return a function of a row from each of some arrays (1-D, finite), rounded once, at some places."""
    lengths = [len(row) for row in rows]
    known: dict[int, IntervalRow] = {}  # by the precision

    def at(place: int, *numbers: Interval) -> Interval:
        if iv.prec not in known:
            rest = iter(numbers)
            parts = [IntervalRow(islice(rest, length)) for length in lengths]
            with intervals.mp.workprec(_EXACT):
                known[iv.prec] = call(sys.modules[__name__], *parts)
        found: Interval = known[iv.prec].items[place]
        return found

    numbers = np.concatenate(rows).tolist()
    return [intervals.evaluate_rounded(lambda _, *x: at(place, *x), numbers, format) for place in places.tolist()]  # noqa: B023
