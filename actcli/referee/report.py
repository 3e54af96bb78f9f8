"""The report: what was found, in numbers with their bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from actcli.numerics import dtypes
from actcli.referee import budget
from actcli.referee.budget import Key, Measured, Verdict
from actcli.referee.classes import CLASSES
from actcli.referee.differences import Leniency
from actcli.referee.faults import FAULTS, ZERO_SIGN
from actcli.referee.findings import Finding, Number, describe_finding, find
from actcli.referee.intervals import join_intervals
from actcli.referee.tally import BINS, Case, Tally
from actcli.referee.truth import Truth

_SHOWN_INTERVALS = 8
_FRAMEWORKS = frozenset({"torch", "jax", "keras", "tensorflow", "onnxruntime", "numpy", "scipy"})


@dataclass(frozen=True)
class ClassReport:
    """What was found in one class."""

    name: str
    count: int
    exact: int
    """How many results are right to the bit, but for the sign of zero and the pattern of NaN, or accepted."""
    mismatches: int
    """How many are NaN where a number is due, or the other way round."""
    worst: tuple[Finding, ...]
    """The results that are farthest off, the worst first."""

    @property
    def wrong(self) -> int:
        """How many are off by a step or more, or in kind."""
        return self.count - self.exact

    @property
    def steps(self) -> int:
        """The most that a result is off, NaN apart."""
        return self.worst[0].steps or 0 if self.worst else 0

    @property
    def measured(self) -> Measured:
        """What a budget is held against."""
        return Measured(self.count, self.wrong if self.name in budget.COUNTED else self.steps, self.mismatches)


@dataclass(frozen=True)
class FaultReport:
    """Results that are wrong in kind."""

    name: str
    description: str
    count: int
    first: Finding


@dataclass(frozen=True)
class IntervalReport:
    """Inputs between which a limit is exceeded."""

    first: Number
    last: Number
    inputs: int
    """How many inputs are over the limit,"""
    of: int
    """and how many were tried between the two."""
    steps: int


@dataclass(frozen=True)
class LengthsReport:
    """Whether the length of an array, or the place of a number in it, changes results."""

    tried: int
    differ: int
    steps: int
    """The most that two results for one number differ."""
    worst: tuple[Number, Number, Number] | None
    """The input, its result in a long array and in a short one."""
    where: str
    """Which short array that was."""


@dataclass(frozen=True)
class Report:
    """What was found of a kernel."""

    kernel: str
    function: str
    """The function with the parameters that are not its defaults."""
    dtype: str
    out_dtype: str
    kind: str
    """``value`` or ``derivative``."""
    dialect: str | None
    inputs: str
    planned: int
    leniency: Leniency
    limit: int
    """Steps beyond which an input is in an interval."""
    qualifiers: frozenset[str]
    tried: int = 0
    classes: tuple[ClassReport, ...] = ()
    histogram: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[FaultReport, ...] = ()
    zero_signs: FaultReport | None = None
    by_floor: int = 0
    intervals: tuple[IntervalReport, ...] = ()
    calls_differ: FaultReport | None = None
    """Where two calls with the same numbers differ."""
    lengths: LengthsReport | None = None
    warnings: tuple[str, ...] = ()
    stopped: str = ""
    """Why the check ended early."""
    verdicts: tuple[Verdict, ...] = ()

    @property
    def key(self) -> Key:
        """Under what a budget for this stands."""
        dtype = self.dtype if self.out_dtype == self.dtype else f"{self.dtype}-{self.out_dtype}"
        return Key(self.function, dtype, self.kind, self.qualifiers)

    @property
    def _key_with_framework(self) -> Key:
        """What a budget for one framework covers, too."""
        package = self.kernel.partition(":")[0].partition(".")[0]
        return self.key._replace(qualifiers=self.qualifiers | ({package} & _FRAMEWORKS))

    @property
    def measured(self) -> dict[str, Measured]:
        """What a budget is held against, by class."""
        return {each.name: each.measured for each in self.classes}

    @property
    def is_kept(self) -> bool:
        """Whether every limit is kept, if any is set."""
        return not budget.count_broken(self.verdicts)

    def held_to(self, *, max_steps: int | None = None, budget_file: str | Path | None = None) -> Report:
        """Return the report with verdicts: on a limit for all classes, or on the budget of a file."""
        budget.check_limit(max_steps)
        verdicts: list[Verdict] = []
        if max_steps is not None:
            measured = {each.name: each.measured._replace(off=each.steps) for each in self.classes}
            verdicts += budget.hold_to_steps(self.key, max_steps, measured)
        if budget_file is not None:
            budgets = budget.read_budgets(budget_file)
            found = budget.find_budget(budgets, self._key_with_framework)
            format = dtypes.FORMATS[self.out_dtype]
            verdicts += (
                budget.hold_to_budget(*found, self.measured, format)
                if found
                else [budget.missing(self.key, budgets, str(budget_file))]
            )
        return replace(self, verdicts=tuple(verdicts))

    def assert_within(self, max_steps: int | None = None, *, budget: str | Path | None = None, **classes: int) -> None:
        """Raise AssertionError, with the worst results, unless all results are within limits.

        Args:
            max_steps: how many steps a result of any class may be off.
            budget: a budget file.
            **classes: budgets by class: ``normal`` and ``subnormal`` in steps, ``special`` and ``kink`` in wrong
                results; what is left out is 0.

        """
        held = self.held_to(max_steps=max_steps, budget_file=budget)
        verdicts = list(held.verdicts)
        if classes or (max_steps is None and budget is None):
            verdicts += _hold_to_classes(self, classes)
        if self.stopped:
            verdicts.append(Verdict(str(self.key), None, None, False, f"stopped early: {self.stopped}"))
        broken = [f"{verdict.name}: {verdict.note}" for verdict in verdicts if not verdict.kept]
        if broken:
            raise AssertionError(
                "\n".join([f"{self.kernel} is not {self.function} within limits", *broken, *self._cases()])
            )

    def _cases(self) -> list[str]:
        """Return a line for the worst of each class, and for each fault."""
        worst = [f"{each.name}: worst {describe_finding(each.worst[0])}" for each in self.classes if each.worst]
        return [
            *worst,
            *(f"{fault.description}: {fault.count:,}, first {describe_finding(fault.first)}" for fault in self.faults),
        ]


def _hold_to_classes(report: Report, classes: Mapping[str, int]) -> list[Verdict]:
    for name in classes:
        if name not in CLASSES:
            raise TypeError(f"assert_within has no class {name!r}; accepted: {', '.join(CLASSES)}")
        budget.check_number(name, classes[name], "assert_within")
    return budget.hold_to_budget(report.key, classes, report.measured, dtypes.FORMATS[report.out_dtype])


def fill_report(report: Report, tally: Tally, truth: Truth) -> Report:
    """Return a report with what a tally holds."""

    def found(case: Case) -> Finding:
        return find(case, truth)

    faults = [
        FaultReport(name, FAULTS[name], kind.count, found(kind.first))
        for name, kind in tally.faults.items()
        if kind.first is not None
    ]
    zeros = tally.zero_signs
    return replace(
        report,
        tried=tally.size,
        classes=tuple(
            ClassReport(name, int(count), int(count - wrong), int(mismatches), tuple(map(found, worst)))
            for name, count, wrong, mismatches, worst in zip(
                CLASSES, tally.counts, tally.wrong, tally.mismatches, tally.worst, strict=True
            )
        ),
        histogram=dict(zip(BINS, tally.histogram.tolist(), strict=True)),
        faults=tuple(faults),
        zero_signs=None
        if zeros.first is None
        else FaultReport("zero_sign", ZERO_SIGN, zeros.count, found(zeros.first)),
        by_floor=tally.by_floor,
        intervals=tuple(
            IntervalReport(
                Number.of(each.first), Number.of(each.last), each.inputs, each.end - each.begin + 1, each.steps
            )
            for each in join_intervals(tally.intervals, _SHOWN_INTERVALS)
        ),
    )
