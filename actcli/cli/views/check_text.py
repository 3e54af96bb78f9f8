"""The report on a kernel as text for people."""

import textwrap
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from rich.cells import cell_len

from actcli.cli.views import styles
from actcli.referee.budget import COUNTED, steps_word
from actcli.referee.findings import Finding
from actcli.referee.report import ClassReport, FaultReport, Report

if TYPE_CHECKING:
    from rich.console import RenderableType

_INDENT = 2
_GAP = 2
_SHARE_DIGITS = 4


def write(out: IO[str], report: Report) -> None:
    """Write the report, in the width of the terminal."""
    console = styles.console(out)
    width = max(console.width, styles.NARROWEST) - _INDENT
    parts: list[RenderableType] = [_title(report), *_paragraph([_describe_inputs(report)], width)]
    parts += _section("", ["class", "inputs", "exact", "worst"], [_class_row(each) for each in _met(report)], width)
    worst = [_worst_row(each.name, finding) for each in _met(report) for finding in each.worst]
    headings = ["worst", "steps", "ulp", "input", "bits", "got", "due", "row"]
    if all(finding.row is None for each in report.classes for finding in each.worst):
        headings, worst = headings[:-1], [row[:-1] for row in worst]
    parts += _section("", headings, worst, width)
    if report.tried:
        cells = [[f"{count:,}" for count in report.histogram.values()]]
        parts += _section("", ["steps", *report.histogram], [["inputs", *cells[0]]], width)
    parts += _named("faults, which no budget hides", [*map(_describe_fault, report.faults)], width, styles.BAD)
    parts += _named("also", _notes(report), width)
    parts += _named(f"over {report.limit:,} {steps_word(report.limit)}", _describe_intervals(report), width)
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
    return [each.name, f"{each.count:,}", _share(each.exact, each.count), worst]


def _share(count: int, of: int) -> str:
    """Return a share, which is 100 % only if nothing is missing."""
    if count == of:
        return "100 %"
    unit = 10 ** (_SHARE_DIGITS + 2)
    return f"{count * unit // of / 10**_SHARE_DIGITS:.{_SHARE_DIGITS}f} %"


def _worst_row(name: str, finding: Finding) -> list[str]:
    steps = "" if finding.steps is None else f"{finding.steps:,}"
    ulp = "" if finding.ulp is None else _write_ulp(finding.ulp)
    row = "" if finding.row is None else f"{finding.place} of {finding.row}"
    return [name, steps, ulp, finding.x.text, finding.x.bits, finding.got.text, finding.due.text, row]


def _write_ulp(ulp: float) -> str:
    return f"{ulp:+.2f}" if abs(ulp) < 1e5 else f"{ulp:+.2e}".replace("e+0", "e").replace("e+", "e")


def _section(title: str, headings: Sequence[str], rows: list[list[str]], width: int) -> list["RenderableType"]:
    """Return rows as a table, or, where that is too wide, a few lines for each."""
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return []
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    if sum(widths) + _GAP * (len(widths) - 1) > width:
        return [Text(""), *_paragraph([_one_line(headings, row) for row in rows], width)]
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style=styles.HEADING)
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return [Text(title), _indent(table)]


def _one_line(headings: Sequence[str], row: Sequence[str]) -> str:
    facts = [f"{heading} {cell}" for heading, cell in zip(headings[1:], row[1:], strict=True) if cell]
    return f"{row[0]}: {', '.join(facts)}"


def _paragraph(lines: Sequence[str], width: int, style: str = "") -> list["RenderableType"]:
    """Return lines, each of which goes on a little further in when it is long."""
    from rich.text import Text

    wrapped = [part for line in lines for part in textwrap.wrap(line, width, subsequent_indent=" " * _INDENT)]
    return [_indent(Text(part, style)) for part in wrapped]


def _indent(part: "RenderableType") -> "RenderableType":
    from rich.padding import Padding

    return Padding(part, (0, 0, 0, _INDENT), expand=False)


def _named(title: str, lines: Sequence[str], width: int, style: str = "") -> list["RenderableType"]:
    from rich.text import Text

    if not lines:
        return []
    return [Text(""), _indent(Text(title, styles.HEADING)), *_paragraph(lines, width, style)]


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
        parts += _paragraph([line], width, styles.GOOD if verdict.kept else styles.BAD)
    return parts
