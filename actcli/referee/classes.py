"""Which class an input is in; each class has a budget of its own."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from actcli.numerics import distance, rounding
from actcli.numerics.distance import magnitudes
from actcli.numerics.dtypes import BoolArray, FloatArray, Format
from actcli.referee.truth import Truth

Codes = NDArray[np.uint8]
Counts = NDArray[np.int64]

CLASSES = ("normal", "subnormal", "special", "kink")
NORMAL, SUBNORMAL, SPECIAL, KINK = range(len(CLASSES))
"""Normal: the rest. Subnormal: the input, or the true value before rounding. Special: the input is NaN, infinite or
zero, or an infinity, NaN or exactly 0 is due. Kink: the slope is asked for where it jumps."""

_BLOCK_NUMBERS = 2**16  # counted at a time: they stay in the cache of a core


class Scale(NamedTuple):
    """Where the normal numbers of a format begin and end, in its order counted from zero."""

    smallest: int
    beyond: int

    @classmethod
    def of(cls, format: Format) -> "Scale":
        """Return that of a format."""
        ends = rounding.nearest(np.array([2.0**format.min_exponent, format.largest]), format)
        smallest, largest = distance.find_places(ends).tolist()
        return cls(smallest, largest + 1)


class Classifier:
    """Puts inputs into classes, by what they are and what is due."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._inputs, self._results = Scale.of(truth.format), Scale.of(truth.out_format)
        self._kinks = [kink.x for kink in truth.kinks] if truth.derivative else []

    def count(self, x: FloatArray, due: FloatArray) -> Counts:
        """Return how many inputs (1-D, ascending) are in each class."""
        counts = np.zeros(len(CLASSES), np.int64)
        if x.size and (code := self._find_common_class(x, due)) is not None:
            counts[code] = x.size
            return counts
        for start in range(0, x.size, _BLOCK_NUMBERS):
            part = slice(start, start + _BLOCK_NUMBERS)
            counts += self._count_block(x[part], due[part])
        return counts

    def _find_common_class(self, x: FloatArray, due: FloatArray) -> int | None:
        """Return the class of numbers of one sign for all of which the same is due; None if that is not so."""
        ends = slice(None, None, max(x.size - 1, 1))
        sizes = magnitudes(due[ends])
        if sizes[0] != sizes[-1] or np.signbit(x[0]) != np.signbit(x[-1]) or self._at_kinks(x).any():
            return None
        codes = self.classify(x[ends], due[ends])
        return int(codes[0]) if codes[0] == codes[-1] and (magnitudes(due) == sizes[0]).all() else None

    def _count_block(self, x: FloatArray, due: FloatArray) -> Counts:
        sizes, ends = magnitudes(due), slice(None, None, max(x.size - 1, 1))
        counts = np.zeros(len(CLASSES), np.int64)
        places = np.flatnonzero(self._at_kinks(x)) if self._kinks else ()
        begin, end = self._inputs
        if np.signbit(x[0]) == np.signbit(x[-1]) and all(begin <= size < end for size in magnitudes(x[ends])):
            begin, end = self._results
            kind = sizes.dtype.type
            sizes -= kind(begin + 1)  # what is below wraps around
            sure = sizes < kind(end - begin - 1)
            counts[NORMAL] = np.count_nonzero(sure)
            if counts[NORMAL] == x.size and not len(places):
                return counts
            left = ~sure
            left[places] = True
            counts[NORMAL] = x.size - np.count_nonzero(left)
            x, due = x[left], due[left]
        return counts + np.bincount(self.classify(x, due), minlength=len(CLASSES))

    def classify(self, x: FloatArray, due: FloatArray) -> Codes:
        """Return the class of each input (1-D)."""
        (begin, end), sizes = self._inputs, magnitudes(x)
        codes = np.full(x.shape, NORMAL, np.uint8)
        codes[(sizes < begin) | self.is_below_normal(x, due)] = SUBNORMAL
        special = (sizes == 0) | (sizes >= end) | (magnitudes(due) >= self._results.beyond)
        zeros = np.flatnonzero((magnitudes(due) == 0) & ~special)
        special[zeros] = self._truth.is_zero(x[zeros])
        codes[special] = SPECIAL
        if self._kinks:
            codes[self._at_kinks(x)] = KINK
        return codes

    def classify_rows(self, x: FloatArray, due: FloatArray) -> Codes:
        """Return the class of each result of rows; a 0 that is due counts as too small, not as exact."""
        codes = np.where(magnitudes(due) < self._results.smallest, SUBNORMAL, NORMAL)
        special = (magnitudes(x) >= self._inputs.beyond).any(axis=1, keepdims=True)
        codes[special | (magnitudes(due) >= self._results.beyond)] = SPECIAL
        return codes.astype(np.uint8)

    def is_below_normal(self, x: FloatArray, due: FloatArray) -> BoolArray:
        """Tell where the true value, before it is rounded, is smaller than the smallest normal number."""
        sizes = magnitudes(due)
        below: BoolArray = sizes < self._results.smallest
        if self._truth.is_elementwise and (edge := np.flatnonzero(sizes == self._results.smallest)).size:
            below[edge] = self._truth.is_below_normal(x[edge])
        return below

    def is_subnormal_input(self, x: FloatArray) -> BoolArray:
        """Tell where an input is subnormal."""
        sizes = magnitudes(x)
        found: BoolArray = (sizes > 0) & (sizes < self._inputs.smallest)
        return found

    def _at_kinks(self, x: FloatArray) -> BoolArray:
        mask = np.zeros(x.shape, np.bool_)
        for kink in self._kinks:
            mask |= x == x.dtype.type(kink)
        return mask
