"""An audit as data: JSON, CSV and Markdown."""

import csv
import datetime
import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import IO

from actcli.cli.views import check_data
from actcli.cli.views.report_parts import write_share
from actcli.formats.text import markdown_row
from actcli.referee.audit import Audit, Row
from actcli.referee.report import ClassReport, Report
from actcli.referee.upgrade import Change

Entries = dict[str, object]


def write(out: IO[str], kind: str, audit: Audit, changes: Sequence[Change] | None) -> None:
    """Write the audit: in JSON all of it, a row on a line; in the others the rows, or what changed."""
    if kind == "json":
        _write_json(out, audit, changes)
        return
    rows = [_flatten(row, audit) for row in audit.rows] if changes is None else list(map(describe_change, changes))
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)] if rows else []
    if kind == "csv":
        csv.writer(out, lineterminator="\n").writerows(table)
        return
    out.writelines(f"- {line}\n" for line in describe_origins(audit))
    if table:
        out.write("\n")
        table.insert(1, ["---"] * len(table[0]))
        out.writelines(map(markdown_row, table))


def _write_json(out: IO[str], audit: Audit, changes: Sequence[Change] | None) -> None:
    head: Entries = {
        "actcli": version("actcli"),
        "date": datetime.date.today().isoformat(),
        "machine": describe_machine(),
        "frameworks": audit.about,
        "stopped": audit.stopped or None,
    }
    if changes is not None:
        head["changes"] = list(map(describe_change, changes))
    text = json.dumps(head, ensure_ascii=False, allow_nan=False)
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) for row in describe_rows(audit))
    out.write(text.removesuffix("}") + ', "rows": [\n' + ",\n".join(lines) + "\n]}\n")


def describe_rows(audit: Audit) -> list[Entries]:
    """Return the rows as entries of JSON: the report is the one of a check."""
    return [
        {
            **row.key._asdict(),
            "dialect": row.dialect,
            "call": row.call or None,
            "reason": row.reason or None,
            "report": check_data.describe(row.report) if row.report else None,
        }
        for row in audit.rows
    ]


def describe_change(change: Change) -> Entries:
    """Return a change as entries of JSON."""
    framework, function, dtype, kind = change.key
    row = {"framework": framework, "function": function, "dtype": dtype, "kind": kind}
    return {"change": change.kind, **row, "what": change.what}


def describe_machine() -> str:
    """Return the system, the processor's architecture, and the last of the vector extensions that it has."""
    import numpy as np

    found = np.show_config(mode="dicts") or {}
    extensions = found.get("SIMD Extensions", {}).get("found") or []
    return ", ".join([f"{platform.system()} {platform.machine()}", *extensions[-1:]])


def describe_origins(audit: Audit) -> list[str]:
    """Return a line on this program and the machine, and one on each framework."""
    lines = [f"actcli {version('actcli')}, {datetime.date.today().isoformat()}, {describe_machine()}"]
    for name, about in audit.about.items():
        versions = ", ".join(f"{package} {number}" for package, number in about["versions"].items())
        capability = f", CPU capability {about['capability']}" if about["capability"] else ""
        lines.append(f"{name}: {versions}; {about['device']}{capability}, threads: {about['threads']}")
    return [*lines, *([f"stopped early: {audit.stopped}"] if audit.stopped else [])]


def describe_faults(report: Report) -> str:
    """Return the faults with their counts."""
    return ", ".join(f"{fault.name} {fault.count:,}" for fault in report.faults)


def count_exact(report: Report) -> str:
    """Return the share of results that are right to the bit."""
    return write_share(sum(each.exact for each in report.classes), report.tried)


def classes_of(report: Report) -> dict[str, ClassReport]:
    """Return the classes by name."""
    return {each.name: each for each in report.classes}


def _flatten(row: Row, audit: Audit) -> Entries:
    """Return the cells of a row."""
    entries: Entries = {**row.key._asdict(), "dialect": row.dialect, "definition": None, "call": row.call}
    report = row.report
    classes = classes_of(report) if report else {}
    for name in ("normal", "subnormal"):
        entries[f"{name}_steps"] = classes[name].steps if report else "-"
    for name in ("special", "kink"):
        entries[f"{name}_wrong"] = classes[name].wrong if report else "-"
    entries |= {"exact": count_exact(report) if report else "-", "faults": describe_faults(report) if report else ""}
    worst = classes["normal"].worst[:1] if report else ()
    entries |= {"worst_input": worst[0].x.text if worst else None, "bits": worst[0].x.bits if worst else None}
    if report:
        entries["definition"] = report.function
    entries |= {"inputs": report.inputs if report else None, "reason": row.reason}
    about = audit.about[row.key.framework]
    versions = " ".join(f"{package}={number}" for package, number in about["versions"].items())
    return entries | {"versions": versions, "capability": about["capability"], "threads": about["threads"]}


def _cell(value: object) -> str:
    return "" if value is None else str(value)
