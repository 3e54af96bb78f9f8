"""The intervals of input in which a limit is exceeded, few of them however many inputs there are."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from actcli.numerics.distance import Steps
from actcli.numerics.dtypes import FloatArray, Positions

KEPT = 64
"""Intervals kept while inputs come; of more, those with the fewest good inputs between them are joined."""


class Interval(NamedTuple):
    """Inputs over the limit, with few or no good ones between them."""

    first: FloatArray
    """The first input, as an array of one number."""
    last: FloatArray
    begin: int
    """Where the first input is among all that were tried."""
    end: int
    inputs: int
    """How many inputs are over the limit."""
    steps: int
    """The most that one of them is off, NaN apart."""


def find_intervals(x: FloatArray, places: Positions, steps: Steps, offset: int) -> list[Interval]:
    """Return the intervals of a chunk: the inputs over the limit, their places in it and steps; offset of its first."""
    if not places.size:
        return []
    gaps = np.diff(places) - 1
    breaks = np.flatnonzero(gaps > 0)
    if breaks.size >= KEPT:
        breaks = np.sort(np.argpartition(gaps, gaps.size - KEPT + 1)[gaps.size - KEPT + 1 :])
    starts = [0, *(breaks + 1).tolist()]
    ends = [*breaks.tolist(), places.size - 1]
    most = np.maximum.reduceat(steps, starts).tolist()
    return [
        Interval(
            x[i : i + 1].copy(),
            x[k : k + 1].copy(),
            offset + int(places[i]),
            offset + int(places[k]),
            k - i + 1,
            worst,
        )
        for i, k, worst in zip(starts, ends, most, strict=True)
    ]


def join_intervals(intervals: list[Interval], most: int = KEPT) -> list[Interval]:
    """Return at most so many intervals, neighbours with nothing between them always joined."""
    gaps = [after.begin - before.end - 1 for before, after in pairwise(intervals)]
    splits = sorted((i for i, gap in enumerate(gaps) if gap > 0), key=lambda i: -gaps[i])[: most - 1]
    joined: list[Interval] = []
    for i, each in enumerate(intervals):
        if i == 0 or i - 1 in splits:
            joined.append(each)
        else:
            before = joined[-1]
            joined[-1] = before._replace(
                last=each.last, end=each.end, inputs=before.inputs + each.inputs, steps=max(before.steps, each.steps)
            )
    return joined
