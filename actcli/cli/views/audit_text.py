"""An audit as text for people: a table for each framework and format."""

import itertools
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from actcli.cli.views import styles
from actcli.cli.views.audit_data import classes_of, count_exact, describe_faults, describe_origins
from actcli.cli.views.report_parts import INDENT, make_list, make_paragraph, make_section
from actcli.referee.audit import Audit, Row
from actcli.referee.report import Report
from actcli.referee.upgrade import Change

if TYPE_CHECKING:
    from rich.console import RenderableType

_HEADINGS = ("function", "normal", "subnormal", "exact", "worst input", "bits", "faults")
_CHANGES = ("change", "framework", "function", "dtype", "kind", "what")


def write(out: IO[str], audit: Audit, changes: Sequence[Change] | None) -> None:
    """Write the audit, or, if that was asked, what changed."""
    console = styles.console(out)
    if not console.is_terminal:
        console = styles.console(out, width=styles.WIDE)
    width = max(console.width, styles.NARROWEST) - INDENT
    parts = make_paragraph(describe_origins(audit), width)
    if changes is None:
        for (framework, dtype), rows in itertools.groupby(audit.rows, _table_of):
            parts += _make_table(framework, dtype, list(rows), width)
    else:
        parts += _make_changes(audit, changes, width)
    styles.show(console, *parts)


def _table_of(row: Row) -> tuple[str, str]:
    return row.key.framework, row.key.dtype


def _make_table(framework: str, dtype: str, rows: list[Row], width: int) -> list["RenderableType"]:
    from rich.text import Text

    inputs = dict.fromkeys(row.report.inputs for row in rows if row.report)
    title = Text.assemble(
        (f"{framework} {dtype}", styles.TITLE), f", as {rows[0].dialect} defines them: {'; '.join(inputs)}"
    )
    cells = [_cells(row, row.report) for row in rows if row.report]
    reasons = sorted((row for row in rows if not row.report), key=lambda row: row.reason)
    lines = [
        f"{', '.join(_name(row) for row in alike)}: {reason}"
        for reason, alike in itertools.groupby(reasons, lambda row: row.reason)
    ]
    return [Text(""), title, *make_section("", _HEADINGS, cells, width), *make_list("-", lines, width)]


def _name(row: Row) -> str:
    """Return the function, with a prime for its derivative and the parameters that are not the usual ones."""
    prime = "'" if row.key.kind == "derivative" else ""
    shown = row.report.function if row.report else row.key.function
    name, parenthesis, rest = shown.partition("(")
    return f"{name}{prime}{parenthesis}{rest}"


def _cells(row: Row, report: Report) -> list[str]:
    classes = classes_of(report)
    normal = classes["normal"]
    worst = [normal.worst[0].x.text, normal.worst[0].x.bits] if normal.worst else ["", ""]
    steps = [f"{classes[name].steps:,}" for name in ("normal", "subnormal")]
    return [_name(row), *steps, count_exact(report), *worst, describe_faults(report)]


def _make_changes(audit: Audit, changes: Sequence[Change], width: int) -> list["RenderableType"]:
    from rich.text import Text

    counts = [f"{sum(each.kind == kind for each in changes)} {kind}" for kind in ("worse", "gone", "better", "new")]
    unchanged = sum(row.report is not None for row in audit.rows) - sum(each.kind != "gone" for each in changes)
    parts: list[RenderableType] = [Text(""), Text(", ".join([*counts, f"{unchanged} unchanged"]), styles.TITLE)]
    return [*parts, *make_section("", _CHANGES, [[each.kind, *each.key, each.what] for each in changes], width)]
