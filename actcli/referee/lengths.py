"""Whether the length of an array, or the place of a number in it, changes a result."""

import numpy as np

from actcli.numerics.dtypes import BoolArray, FloatArray, Positions
from actcli.referee.differences import MISMATCH, count_steps, differ_in_bits
from actcli.referee.findings import Number
from actcli.referee.kernel import Kernel
from actcli.referee.report import LengthsReport

LONGEST = 65
_ARRAYS = 10  # of each length


def try_lengths(kernel: Kernel, x: FloatArray) -> LengthsReport:
    """Return how results in short arrays, and in every second place of one, differ from those in a long array.

    Args:
        kernel: the kernel.
        x: numbers, of which some are taken, evenly.

    """
    lengths = np.tile(np.arange(1, LONGEST + 1), _ARRAYS)
    x = x[np.linspace(0, x.size - 1, int(lengths.sum())).astype(np.intp)]
    # Neighbours go into different arrays, so that each short one has numbers of every size.
    x = x.reshape(-1, LONGEST).T.reshape(-1).copy() if x.size % LONGEST == 0 else x
    whole = kernel.compute(x)
    parts, start = np.empty_like(whole), 0
    for length in lengths.tolist():
        part = slice(start, start + length)
        parts[part] = kernel.compute(x[part].copy())
        start += length
    every_second = kernel.compute(x[::2])
    differ = differ_in_bits(whole, parts)
    strided = differ_in_bits(whole[::2], every_second)
    found = _describe(x, whole, parts, differ, lengths)
    apart = _describe(x[::2], whole[::2], every_second, strided, None)
    worse = apart if apart[0] > found[0] else found
    count = int(np.count_nonzero(differ)) + int(np.count_nonzero(strided))
    return LengthsReport(x.size + every_second.size, count, *worse)


def _describe(
    x: FloatArray, whole: FloatArray, parts: FloatArray, differ: BoolArray, lengths: Positions | None
) -> tuple[int, tuple[Number, Number, Number] | None, str]:
    """Return the most steps between two results, the numbers, and where the second stood."""
    places = np.flatnonzero(differ)
    if not places.size:
        return 0, None, ""
    steps = count_steps(parts[places], whole[places])
    steps = np.where(steps == MISMATCH, np.uint64(0), steps)
    place = int(places[np.argmax(steps)])
    numbers = tuple(Number.of(np.ascontiguousarray(values[place : place + 1])) for values in (x, whole, parts))
    where = "in every second place of an array"
    if lengths is not None:
        ends = np.cumsum(lengths)
        which = int(np.searchsorted(ends, place, side="right"))
        where = f"at place {place - int(ends[which]) + int(lengths[which])} of an array of {int(lengths[which])}"
    return int(steps.max()), (numbers[0], numbers[1], numbers[2]), where
