"""The audit: a check of every function of a framework, called by the line of code that the catalogue shows."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from actcli.activation import Activation, Elementwise
from actcli.errors import ActcliError
from actcli.numerics.dtypes import Format
from actcli.parameters import REQUIRED
from actcli.referee.check import Check, Plan
from actcli.referee.frameworks import AuditedFramework
from actcli.referee.inputs import Inputs
from actcli.referee.kernel import KernelError, KernelOptions
from actcli.referee.kernels.about import About
from actcli.referee.kernels.child import ChildKernel
from actcli.referee.kernels.failures import CallError
from actcli.referee.kernels.process import KernelProcess
from actcli.referee.kernels.words import Code
from actcli.referee.report import Report
from actcli.referee.truth import Truth

VALUE, DERIVATIVE = KINDS = ("value", "derivative")
REQUIRED_NUMBER = 0.5
"""What a parameter without default is, in every format."""


class Key(NamedTuple):
    """What a row is about."""

    framework: str
    function: str
    dtype: str
    kind: str


class Subject(NamedTuple):
    """What is checked of a framework."""

    activation: type[Activation]
    format: Format
    kind: str


@dataclass(frozen=True)
class Row:
    """What was found of one function of a framework, in one format."""

    key: Key
    dialect: str
    """Whose definition of the function is meant."""
    call: str
    """The line of code that was called; empty where there is none."""
    report: Report | None
    reason: str = ""
    """Why there is no report."""


@dataclass
class Audit:
    """What was found so far."""

    about: dict[str, About] = field(default_factory=dict)
    """What each framework says of itself."""
    rows: list[Row] = field(default_factory=list)
    stopped: str = ""
    """Why the audit ended early."""


@dataclass(frozen=True)
class AuditPlan:
    """What is audited, and how."""

    frameworks: Sequence[AuditedFramework]
    activations: Sequence[type[Activation]]
    formats: Sequence[Format]
    kinds: Sequence[str]
    choose_inputs: Callable[[Truth], Inputs]
    with_missing: bool = False
    """Whether there are rows that say what a framework lacks: a function, or derivatives."""
    timeout: float | None = None
    """How many seconds a call may take; None: any."""

    def list_subjects(self, framework: AuditedFramework) -> Iterator[Subject]:
        """Yield what there is to check of a framework; only functions of one number have a derivative each."""
        for format, activation, kind in itertools.product(self.formats, self.activations, self.kinds):
            if kind == DERIVATIVE and not issubclass(activation, Elementwise):
                continue
            has = framework.dialect in activation.dialects and (kind == VALUE or framework.differentiates)
            if has or self.with_missing:
                yield Subject(activation, format, kind)

    def count_subjects(self) -> int:
        """Return how many rows there will be."""
        return sum(1 for framework in self.frameworks for _ in self.list_subjects(framework))


def run_audit(plan: AuditPlan, audit: Audit, on_progress: Callable[[int, int], None]) -> None:
    """Check everything, each framework in a process of its own.

    Args:
        plan: what is checked.
        audit: where it is noted, row by row.
        on_progress: called after each row with how many there are, of how many.

    """
    planned = plan.count_subjects()
    for framework in plan.frameworks:
        with contextlib.closing(KernelProcess(framework.environment)) as process:
            try:
                audit.about[framework.name] = process.describe(framework.packages)
            except CallError as failure:
                raise ActcliError(f"{framework.name} {failure}") from None
            for subject in plan.list_subjects(framework):
                audit.rows.append(_audit_one(plan, framework, process, subject))
                on_progress(len(audit.rows), planned)


def _audit_one(
    plan: AuditPlan,
    framework: AuditedFramework,
    process: KernelProcess,
    subject: Subject,
) -> Row:
    activation, format, kind = subject
    key = Key(framework.name, activation.name, format.name, kind)
    if framework.dialect not in activation.dialects:
        nearest = f"; the nearest is {activation.nearest}" if activation.nearest else ""
        return Row(key, framework.dialect, "", None, f"{framework.name} has no {activation.name}{nearest}")
    call = activation.dialects[framework.dialect].call
    given = dict.fromkeys(_required_names(activation), REQUIRED_NUMBER)
    meant = activation.create(given, format.parameters, framework.dialect)
    truth = Truth(meant, format, format, derivative=kind == DERIVATIVE)
    spelled = {name: str(value) for name, value in _spell(activation, given).items()}
    options = KernelOptions(
        format, format, derivative=truth.derivative, with_=spelled, timeout=plan.timeout, packed=truth.is_packed
    )
    kernel = ChildKernel(Code(call, "line", framework.module, call, truth.derivative), options, process)
    check = Check(kernel, Plan(truth, plan.choose_inputs(truth), worst=1))
    try:
        check.run()
    except KernelError as error:
        return Row(key, framework.dialect, call, None, error.problem)
    return Row(key, framework.dialect, call, check.report())


def _required_names(activation: type[Activation]) -> Iterable[str]:
    return [name for name, parameter in activation.parameters.items() if parameter.default is REQUIRED]


def _spell(activation: type[Activation], given: dict[str, float]) -> dict[str, float]:
    """Return parameters under all names that a line of code may have for them."""
    return {
        spelling: value for name, value in given.items() for spelling in (name, *activation.parameters[name].spellings)
    }
