"""Faults: results that are wrong in kind, which no budget hides."""

from collections.abc import Iterator

import numpy as np

from actcli.numerics.dtypes import BoolArray, FloatArray, Positions
from actcli.referee.classes import NORMAL
from actcli.referee.differences import Compared, Differences

FAULTS = {
    "nan": "NaN where a number is due",
    "not_nan": "number where NaN is due",
    "infinite": "infinite where a finite number is due",
    "finite": "finite where an infinity is due",
    "zero": "zero where a normal number is due",
    "sign": "wrong sign",
    "not_monotone": "not monotone where the function is",
}
"""What each is called in data, and in words."""
ZERO_SIGN = "sign of zero"
"""Counted apart: no fault, but a difference of bits."""


def find_faults(differences: Differences) -> Iterator[tuple[str, Positions]]:
    """Yield each fault of single results with its places among the differences."""
    some = _find_unusual(differences)
    got, due = (values[some].astype(np.float64) for values in (differences.got, differences.due))
    wrong, codes = differences.steps[some] > 0, differences.codes[some]
    with np.errstate(invalid="ignore"):
        masks: dict[str, BoolArray] = {
            "nan": np.isnan(got) & ~np.isnan(due),
            "not_nan": np.isnan(due) & ~np.isnan(got),
            "infinite": np.isinf(got) & np.isfinite(due),
            "finite": np.isinf(due) & np.isfinite(got),
            "zero": (got == 0) & (due != 0) & (codes == NORMAL),
            "sign": got * np.sign(due) < 0,
        }
    for name, mask in masks.items():
        yield name, some[mask & wrong]


def _find_unusual(differences: Differences) -> Positions:
    """Return where a difference may be more than one of size: at zeros, infinities, NaN, and between two signs."""
    got, due = differences.got, differences.due
    usual = np.isfinite(got) & np.isfinite(due) & (got != 0) & (np.signbit(got) == np.signbit(due))
    return np.flatnonzero(~usual)


def find_zero_signs(differences: Differences) -> Positions:
    """Return where a zero has the other sign, among the differences."""
    return np.flatnonzero((differences.got == 0) & (differences.due == 0))


def find_inversions(compared: Compared, direction: int) -> Positions:
    """Return the places in a chunk (1-D) whose result turns back from the one before, where the function does not.

    Args:
        compared: the chunk.
        direction: 1 for a function that never falls, -1 for one that never rises, 0 for any other: there, what
            is due shows which way it goes.

    """
    got, due = compared.got, compared.due
    if compared.differences.places.size == 0:
        return np.empty(0, np.intp)
    return np.flatnonzero(turns_back(got[:-1], got[1:], due[:-1], due[1:], direction)) + 1


def turns_back(
    got_before: FloatArray, got: FloatArray, due_before: FloatArray, due: FloatArray, direction: int
) -> BoolArray:
    """Tell where results go the other way than the function does."""
    rises, falls = due > due_before, due < due_before
    if direction:
        meant = rises if direction > 0 else falls
        meant |= due == due_before
    backwards: BoolArray = (rises & (got < got_before)) | (falls & (got > got_before))
    return backwards
