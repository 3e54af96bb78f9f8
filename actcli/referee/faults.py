"""Faults: results that are wrong in kind, which no budget hides."""

from collections.abc import Iterator

import numpy as np

from actcli.numerics import distance
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
    got, due = (values.astype(np.float64) for values in (differences.got, differences.due))
    wrong = differences.steps > 0
    with np.errstate(invalid="ignore"):
        masks: dict[str, BoolArray] = {
            "nan": np.isnan(got) & ~np.isnan(due),
            "not_nan": np.isnan(due) & ~np.isnan(got),
            "infinite": np.isinf(got) & np.isfinite(due),
            "finite": np.isinf(due) & np.isfinite(got),
            "zero": (got == 0) & (due != 0) & (differences.codes == NORMAL),
            "sign": got * np.sign(due) < 0,
        }
    for name, mask in masks.items():
        yield name, np.flatnonzero(mask & wrong)


def find_zero_signs(differences: Differences) -> Positions:
    """Return where a zero has the other sign, among the differences."""
    got, due = (values.astype(np.float64) for values in (differences.got, differences.due))
    return np.flatnonzero((got == 0) & (due == 0) & (np.signbit(got) != np.signbit(due)))


def find_inversions(compared: Compared, direction: int) -> Positions:
    """Return the places in a chunk (1-D) whose result turns back from the one before, where the function does not.

    Args:
        compared: the chunk.
        direction: 1 for a function that never falls, -1 for one that never rises, 0 for any other: there, what
            is due shows which way it goes.

    """
    places = compared.differences.places
    if places.size == 0 or compared.x.size < 2:
        return np.empty(0, np.intp)
    mask = np.zeros(compared.x.size + 1, np.bool_)
    mask[places] = mask[places + 1] = True
    ends = np.flatnonzero(mask[1:-1]) + 1
    got, due = compared.got, compared.due
    return ends[turns_back(got[ends - 1], got[ends], due[ends - 1], due[ends], direction)]


def turns_back(
    got_before: FloatArray, got: FloatArray, due_before: FloatArray, due: FloatArray, direction: int
) -> BoolArray:
    """Tell where results go the other way than the function does."""
    moved, meant = (
        np.sign(distance.find_places(there).astype(np.float64) - distance.find_places(here).astype(np.float64))
        for here, there in ((got_before, got), (due_before, due))
    )
    numbers = ~(np.isnan(got_before) | np.isnan(got) | np.isnan(due_before) | np.isnan(due))
    backwards: BoolArray = numbers & (moved * np.where(meant == 0, direction, meant) < 0)
    return backwards
