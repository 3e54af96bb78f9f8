"""The check itself: inputs in chunks, what is due for them, the kernel, the tally."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from actcli.activation import Elementwise
from actcli.errors import ActcliError, ArgumentError
from actcli.formats.number_text import parameter_texts
from actcli.numerics.dtypes import FloatArray
from actcli.referee.differences import Comparer, Leniency, differ_in_bits
from actcli.referee.due import compute_due
from actcli.referee.findings import describe_pair
from actcli.referee.inputs import Inputs, in_chunks, sort_order
from actcli.referee.kernel import EarlyKernel, Kernel, KernelError, KernelOptions, Recorded
from actcli.referee.lengths import try_lengths
from actcli.referee.report import FaultReport, LengthsReport, Report, fill_report
from actcli.referee.tally import Tally
from actcli.referee.truth import Truth

_DIRECTIONS = {"strictly increasing": 1, "non-decreasing": 1, "strictly decreasing": -1}
_Pair: TypeAlias = tuple[FloatArray, FloatArray]
_CALLED_TWICE = 64  # of so many chunks the first is computed twice


@dataclass(frozen=True)
class Plan:
    """What is checked, and how."""

    truth: Truth
    inputs: Inputs | None = None
    """None for numbers that were recorded, which bring their own."""
    leniency: Leniency = field(default_factory=Leniency)
    max_steps: int = 1
    """Steps beyond which an input is in an interval."""
    worst: int = 5
    """How many of the worst results of each class are kept, at least 1."""
    lengths: bool = False
    """Whether to try arrays of every length from 1 to 65, and every second number of one."""
    device: str | None = None

    def __post_init__(self) -> None:
        for name, value, least in (("max_steps", self.max_steps, 0), ("worst", self.worst, 1)):
            if value < least:
                raise ArgumentError(name, f"must be an integer >= {least}, got {value!r}")


class Check:
    """A check of one kernel; its report can be had at any time, also while it runs or after it was stopped."""

    def __init__(self, kernel: Kernel | Recorded, plan: Plan) -> None:
        self._kernel, self._plan = kernel, plan
        self._comparer = Comparer(plan.truth, plan.leniency)
        self._tally = Tally(plan.max_steps, plan.worst, _direction(plan.truth))
        self._lengths: LengthsReport | None = None
        self._calls_differ: FaultReport | None = None
        self.stopped = ""
        """Why it ended early; whoever stops it says so here."""

    def run(self, on_progress: Callable[[int, int], None] = lambda done, planned: None) -> None:
        """Try all inputs.

        Args:
            on_progress: called after each chunk with how many results were judged, of how many.

        Raises:
            KernelError: if the kernel fails.

        """
        with contextlib.closing(self._results()) as results:
            for x, got, due in results:
                with np.errstate(all="ignore"):  # a NaN of bfloat16 counts as an invalid cast
                    self._tally.add(self._comparer.compare(x, got, due))
                on_progress(self._tally.size, self._planned)

    @property
    def _planned(self) -> int:
        return self._plan.inputs.size if self._plan.inputs else self._recorded.results.size

    @property
    def _recorded(self) -> Recorded:
        if not isinstance(self._kernel, Recorded):
            raise ActcliError(f"a check of {self._kernel.name} needs inputs")
        return self._kernel

    def _results(self) -> Generator[tuple[FloatArray, FloatArray, FloatArray], None, None]:
        """Yield inputs, results and what is due."""
        truth = self._plan.truth
        if self._plan.inputs is None:
            yield from self._recorded_results()
            return
        kernel = self._kernel
        assert not isinstance(kernel, Recorded)
        with contextlib.closing(compute_due(truth, self._plan.inputs)) as pairs:  # while the kernel may be starting
            for i, ((x, due), following) in enumerate(_with_next(pairs)):
                got = _compute(kernel, x, due)
                if i % _CALLED_TWICE == 0:
                    with np.errstate(invalid="ignore"):
                        self._compare_calls(x, got, _compute(kernel, x, due))
                if i == 0 and self._plan.lengths and truth.is_elementwise:
                    self._lengths = try_lengths(kernel, x if self._planned == x.size else self._sample())
                if following and isinstance(kernel, EarlyKernel):
                    kernel.begin(following[0])  # while these results are compared
                yield x, got, due

    def _sample(self) -> FloatArray:
        """Return some numbers of a format that has too many."""
        from actcli.referee.inputs import draw_strata

        return draw_strata(self._plan.truth, 64, 0)

    def _recorded_results(self) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        truth, recorded = self._plan.truth, self._recorded
        x, got = recorded.inputs, recorded.results
        if truth.is_elementwise:
            x, got = x.reshape(-1), got.reshape(-1)
        elif x.ndim != 2:
            name = truth.activation.name
            raise ActcliError(f"{name} needs a matrix, whose rows are cases; {recorded.name} has the shape {x.shape}")
        if x.ndim == 1:
            order = sort_order(x)
            x, got = x[order], got[order]
        numbers = truth.find_due(x)
        x, got = x[numbers], got[numbers]
        start = 0
        for part in in_chunks(x):
            yield part, got[start : start + len(part)], truth.round_once(part)
            start += len(part)

    def _compare_calls(self, x: FloatArray, first: FloatArray, second: FloatArray) -> None:
        differ = np.flatnonzero(differ_in_bits(first, second))
        if differ.size:
            count = differ.size + (self._calls_differ.count if self._calls_differ else 0)
            finding = self._calls_differ.first if self._calls_differ else None
            if finding is None:
                finding = describe_pair(x, first, second, int(differ[0]))
            self._calls_differ = FaultReport("calls", "two calls differ", count, finding)

    def report(self) -> Report:
        """Return what was found so far."""
        with np.errstate(all="ignore"):
            return self._report()

    def _report(self) -> Report:
        plan, kernel = self._plan, self._kernel
        truth, leniency = plan.truth, plan.leniency
        activation = truth.activation
        accepted = {"ftz": leniency.ftz, "daz": leniency.daz or leniency.daz_min, "saturate": truth.saturate}
        qualifiers = {name for name, is_on in accepted.items() if is_on}
        given = ", ".join(f"{name}={value}" for name, value in _parameters(truth).items())
        empty = Report(
            kernel=kernel.name,
            function=f"{activation.name}({given})" if given else activation.name,
            dtype=truth.format.name,
            out_dtype=truth.out_format.name,
            kind="derivative" if truth.derivative else "value",
            dialect=activation.dialect,
            inputs=plan.inputs.description if plan.inputs else "the inputs of the file",
            planned=self._planned,
            leniency=leniency,
            limit=plan.max_steps,
            qualifiers=frozenset(qualifiers | ({plan.device} if plan.device else set())),
            warnings=kernel.warnings if isinstance(kernel, Recorded) else (),
        )
        filled = fill_report(empty, self._tally, truth)
        return replace(filled, calls_differ=self._calls_differ, lengths=self._lengths, stopped=self.stopped)


def refuse_inputs(given: bool, lengths: bool) -> None:
    """Raise ArgumentError if inputs, or their lengths, were asked for beside numbers that were recorded."""
    if given or lengths:
        problem = "cannot be combined with numbers already computed, which have their own inputs"
        raise ArgumentError("inputs" if given else "lengths", problem)


def run_check(
    kernel: Callable[..., object] | str, plan: Plan, options: KernelOptions, *, inputs_given: bool = False
) -> Report:
    """Return the report of a complete check.

    Args:
        kernel: a callable of this process, or the word for a kernel.
        plan: what is checked.
        options: how the kernel is called.
        inputs_given: whether the caller has chosen the inputs.

    """
    from actcli.referee.kernels import open_kernel, wrap_callable

    if isinstance(kernel, str):
        with open_kernel(kernel, options) as opened:
            if isinstance(opened, Recorded):
                refuse_inputs(inputs_given, plan.lengths)
                plan = replace(plan, inputs=None)
            return _run(opened, plan)
    if not callable(kernel):
        raise ArgumentError("kernel", f"must be a function of an array, or text such as 'libk.so:f', got {kernel!r}")
    return _run(wrap_callable(kernel, options), plan)


def _run(kernel: Kernel | Recorded, plan: Plan) -> Report:
    check = Check(kernel, plan)
    check.run()
    return check.report()


def _parameters(truth: Truth) -> dict[str, str]:
    """Return the parameters that are not at their defaults."""
    return parameter_texts(truth.activation, truth.format.parameters.name, all=False)


def _direction(truth: Truth) -> int:
    """Return 1 for values that never fall, -1 for ones that never rise, 0 where that is not known."""
    is_usual = isinstance(truth.activation, Elementwise) and not truth.derivative and not _parameters(truth)
    return _DIRECTIONS.get(truth.activation.monotonic, 0) if is_usual else 0


def _with_next(pairs: Iterator[_Pair]) -> Iterator[tuple[_Pair, _Pair | None]]:
    """Yield each of the pairs with the one that follows it."""
    before: _Pair | None = None
    for pair in pairs:
        if before is not None:
            yield before, pair
        before = pair
    if before is not None:
        yield before, None


def _compute(kernel: Kernel, x: FloatArray, due: FloatArray) -> FloatArray:
    """Return a kernel's results; raise KernelError unless they are as many, and of the dtype, as is due."""
    got = kernel.compute(x)
    if got.shape != due.shape or got.dtype != due.dtype:
        raise KernelError(
            f"{kernel.name} returned {got.dtype} numbers of the shape {got.shape}; expected {due.dtype}, {due.shape}"
        )
    return np.ascontiguousarray(got)
