"""A number that a framework and actcli see differently, and the reason for it."""

from collections.abc import Callable
from typing import NamedTuple


class Disagreement(NamedTuple):
    """A number that a framework and actcli see differently."""

    framework: str
    function: str
    parameters: str
    kind: str
    row: tuple[float, ...]
    """All numbers of the row, for a function along an axis; else x alone."""
    x: float
    actual: float
    reference: float

    def within(self, size: float) -> bool:
        """Tell whether the two are at most that far apart."""
        return abs(self.actual - self.reference) <= size


class Reason(NamedTuple):
    """Why some frameworks give something else for some functions; names are separated by spaces."""

    text: str
    frameworks: str
    functions: str
    kinds: str
    holds: Callable[[Disagreement], bool]
    """The condition on x and the results. Where digits are lost, it bounds how many."""

    def covers(self, d: Disagreement) -> bool:
        """Tell whether this is the reason of a disagreement."""
        return (
            d.framework in self.frameworks.split()
            and d.function in self.functions.split()
            and d.kind in self.kinds.split()
            and self.holds(d)
        )
