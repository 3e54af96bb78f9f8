"""The report on a kernel as text for people."""

from typing import IO, TYPE_CHECKING

from actcli.cli.views import styles
from actcli.cli.views.report_parts import INDENT, make_list, make_paragraph, make_section, write_share
from actcli.referee.budget import COUNTED, steps_word
from actcli.referee.findings import Finding
from actcli.referee.report import ClassReport, FaultReport, Report

if TYPE_CHECKING:
    from rich.console import RenderableType


def write(out: IO[str], report: Report) -> None:
    """Write the report, in the width of the terminal."""
    console = styles.console(out)
    width = max(console.width, styles.NARROWEST) - INDENT
    parts: list[RenderableType] = [_title(report), *make_paragraph([_describe_inputs(report)], width)]
    parts += make_section("", ["class", "inputs", "exact", "worst"], [_class_row(each) for each in _met(report)], width)
    worst = [_worst_row(each.name, finding) for each in _met(report) for finding in each.worst]
    headings = ["worst", "steps", "ulp", "input", "bits", "got", "due", "row"]
    if all(finding.row is None for each in report.classes for finding in each.worst):
        headings, worst = headings[:-1], [row[:-1] for row in worst]
    parts += make_section("", headings, worst, width)
    if report.tried:
        cells = [[f"{count:,}" for count in report.histogram.values()]]
        parts += make_section("", ["steps", *report.histogram], [["inputs", *cells[0]]], width)
    parts += make_list("faults, which no budget hides", [*map(_describe_fault, report.faults)], width, styles.BAD)
    parts += make_list("also", _notes(report), width)
    parts += make_list(f"over {report.limit:,} {steps_word(report.limit)}", _describe_intervals(report), width)
    parts += _verdicts(report, width)
    styles.show(console, *parts)


def _title(report: Report) -> "RenderableType":
    from rich.text import Text

    dtype = report.dtype if report.out_dtype == report.dtype else f"{report.dtype} to {report.out_dtype}"
    prime = "'" if report.kind == "derivative" else ""
    name, parenthesis, rest = report.function.partition("(")
    return Text.assemble((f"{name}{prime}{parenthesis}{rest}", styles.TITLE), f" in {dtype}: {report.kernel}")


def _describe_inputs(report: Report) -> str:
    accepted = report.leniency
    words = [f"{report.tried:,} results ({report.inputs})"]
    if report.tried < report.planned:
        words = [f"{report.tried:,} of {report.planned:,} results ({report.inputs})"]
    words += ["zeros accepted below the normal numbers (--ftz)"] * accepted.ftz
    words += ["subnormal inputs as zeros accepted (--daz)"] * (accepted.daz or accepted.daz_min)
    words += ["the largest number due in place of overflow (--saturate)"] * ("saturate" in report.qualifiers)
    if accepted.floor is not None:
        words.append(f"{report.by_floor:,} passed only by --floor {accepted.floor:g}")
    if report.stopped:
        words.append(f"stopped early: {report.stopped}")
    return "; ".join(words)


def _met(report: Report) -> list[ClassReport]:
    return [each for each in report.classes if each.count]


def _class_row(each: ClassReport) -> list[str]:
    worst = f"{each.wrong:,} wrong" if each.name in COUNTED else f"{each.steps:,} {steps_word(each.steps)}"
    if each.mismatches and each.name not in COUNTED:
        worst = f"{worst}, {each.mismatches:,} NaN"
    return [each.name, f"{each.count:,}", write_share(each.exact, each.count), worst]


def _worst_row(name: str, finding: Finding) -> list[str]:
    steps = "" if finding.steps is None else f"{finding.steps:,}"
    ulp = "" if finding.ulp is None else _write_ulp(finding.ulp)
    row = "" if finding.row is None else f"{finding.place} of {finding.row}"
    return [name, steps, ulp, finding.x.text, finding.x.bits, finding.got.text, finding.due.text, row]


def _write_ulp(ulp: float) -> str:
    return f"{ulp:+.2f}" if abs(ulp) < 1e5 else f"{ulp:+.2e}".replace("e+0", "e").replace("e+", "e")


def _describe_fault(fault: FaultReport) -> str:
    return f"{fault.description}: {fault.count:,}, first at {_describe_place(fault.first)}"


def _describe_place(finding: Finding) -> str:
    row = "" if finding.row is None else f" (place {finding.place} of a row of {finding.row})"
    return f"{finding.x.text} {finding.x.bits}{row}: got {finding.got.text}, due {finding.due.text}"


def _notes(report: Report) -> list[str]:
    """Return what is no fault, but worth knowing."""
    notes = []
    if report.zero_signs:
        notes.append(
            f"other sign of zero: {report.zero_signs.count:,}, first at {_describe_place(report.zero_signs.first)}"
        )
    if differ := report.calls_differ:
        first = differ.first
        pair = f"{first.due.text} then {first.got.text}"
        notes.append(f"two calls differ: {differ.count:,} results, first at {first.x.text} {first.x.bits}: {pair}")
    if (lengths := report.lengths) is not None:
        notes.append(f"length and place in an array: {lengths.differ:,} of {lengths.tried:,} results depend on them")
        if lengths.worst:
            x, whole, part = lengths.worst
            steps = f"{lengths.steps:,} {steps_word(lengths.steps)}"
            notes.append(
                f"up to {steps}, at {x.text} {x.bits}: {whole.text} in a long array, {part.text} {lengths.where}"
            )
    return [*notes, *report.warnings]


def _describe_intervals(report: Report) -> list[str]:
    lines = []
    for each in report.intervals:
        steps = f"up to {each.steps:,} {steps_word(each.steps)}" if each.steps else "NaN against a number"
        counts = f"{each.inputs:,} input{'s' * (each.inputs != 1)}"
        if each.inputs < each.of:
            counts = f"{each.inputs:,} of {each.of:,} inputs"
        interval = each.first.text if each.of == 1 else f"[{each.first.text}, {each.last.text}]"
        lines.append(f"{interval}: {counts}, {steps}")
    return lines


def _verdicts(report: Report, width: int) -> list["RenderableType"]:
    from rich.text import Text

    parts: list[RenderableType] = [Text("")] if report.verdicts else []
    for verdict in report.verdicts:
        if verdict.kept:
            note = f"; {verdict.note}" if verdict.note else ""
            line = f"kept: {verdict.name}: {verdict.measured or 0:,} of {verdict.allowed or 0:,.0f} allowed{note}"
        else:
            line = f"broken: {verdict.name}: {verdict.note}"
        parts += make_paragraph([line], width, styles.GOOD if verdict.kept else styles.BAD)
    return parts
