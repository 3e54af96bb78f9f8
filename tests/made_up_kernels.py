"""Kernels made up for the tests: the true values with one thing wrong, and the check of them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from actcli.api import prepare
from actcli.numerics import dtypes
from actcli.referee.check import Check, Plan
from actcli.referee.differences import Leniency
from actcli.referee.inputs import choose_inputs, use_numbers
from actcli.referee.report import ClassReport, Report
from actcli.referee.truth import Truth

Numbers = Any


class MadeUp:
    """A kernel of a function of arrays."""

    def __init__(self, function: Callable[[Numbers], Numbers], name: str = "made up") -> None:
        self.function, self.name = function, name

    def compute(self, inputs: Numbers) -> Numbers:
        """Return its results."""
        with np.errstate(all="ignore"):
            return self.function(inputs)


def truth_of(
    name: str,
    dtype: str,
    out_dtype: str | None = None,
    *,
    derivative: bool = False,
    dialect: str | None = None,
    **given: Any,
) -> Truth:
    """Return what is due."""
    formats = dtypes.FORMATS
    activation = prepare(name, given, dtype, dialect)
    return Truth(activation, formats[dtype], formats[out_dtype or dtype], derivative=derivative)


def judge(
    function: Callable[[Numbers], Numbers],
    truth: Truth,
    inputs: Any = None,
    *,
    accept: Leniency | None = None,
    **plan: Any,
) -> Report:
    """Return the report on a kernel."""
    chosen = use_numbers(inputs, truth, "typed") if isinstance(inputs, np.ndarray) else choose_inputs(inputs, truth)
    check = Check(MadeUp(function), Plan(truth, chosen, accept or Leniency(), **plan))
    check.run()
    return check.report()


def spoil(truth: Truth, wrong: Callable[[Numbers, Numbers], Numbers]) -> Callable[[Numbers], Numbers]:
    """Return the right kernel with what ``wrong`` makes of its inputs and results (a copy, which it may write to)."""
    return lambda x: wrong(x, truth.round_once(x).copy())


def by_class(report: Report) -> dict[str, ClassReport]:
    """Return the classes by name."""
    return {each.name: each for each in report.classes}


def faults(report: Report) -> dict[str, int]:
    """Return how often each fault was found."""
    return {fault.name: fault.count for fault in report.faults}
