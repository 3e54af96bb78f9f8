"""The report on a kernel as data: JSON, CSV, Markdown, and JUnit's XML for CI."""

import csv
import json
import math
from collections.abc import Mapping
from typing import IO

from actcli.formats.text import markdown_row
from actcli.referee.budget import COUNTED, Verdict
from actcli.referee.findings import Finding, Number, describe_finding
from actcli.referee.report import FaultReport, LengthsReport, Report

Entries = dict[str, object]


def write(out: IO[str], kind: str, report: Report) -> None:
    """Write the report: all of it in JSON, a row or a test case for each class in the others."""
    if kind == "json":
        json.dump(describe(report), out, ensure_ascii=False, allow_nan=False)
        out.write("\n")
        return
    if kind == "junit":
        out.write(_to_junit(report))
        return
    rows = _class_rows(report)
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)] if rows else []
    if kind == "csv":
        csv.writer(out, lineterminator="\n").writerows(table)
    elif table:
        table.insert(1, ["---"] * len(table[0]))
        out.writelines(map(markdown_row, table))


def describe(report: Report) -> Entries:
    """Return all of a report as entries of JSON; bits stand beside each number."""
    leniency = report.leniency
    return {
        "function": report.function,
        "kernel": report.kernel,
        "dtype": report.dtype,
        "out_dtype": report.out_dtype,
        "kind": report.kind,
        "dialect": report.dialect,
        "inputs": report.inputs,
        "planned": report.planned,
        "tried": report.tried,
        "stopped": report.stopped or None,
        "ftz": leniency.ftz,
        "daz": "min" if leniency.daz_min else leniency.daz,
        "saturate": "saturate" in report.qualifiers,
        "floor": leniency.floor,
        "passed_by_floor": report.by_floor,
        "classes": {
            each.name: {
                "count": each.count,
                "exact": each.exact,
                "wrong": each.wrong,
                "mismatches": each.mismatches,
                "steps": each.steps,
                "worst": list(map(_describe_finding, each.worst)),
            }
            for each in report.classes
        },
        "histogram": dict(report.histogram),
        "faults": [_describe_fault(fault) for fault in report.faults],
        "zero_signs": _describe_fault(report.zero_signs) if report.zero_signs else None,
        "limit": report.limit,
        "intervals": [
            {
                **_describe_number("first", each.first),
                **_describe_number("last", each.last),
                "over": each.inputs,
                "of": each.of,
                "steps": each.steps,
            }
            for each in report.intervals
        ],
        "calls_differ": _describe_fault(report.calls_differ) if report.calls_differ else None,
        "lengths": _describe_lengths(report.lengths) if report.lengths else None,
        "warnings": list(report.warnings),
        "verdicts": [_describe_verdict(verdict) for verdict in report.verdicts],
    }


def _describe_number(name: str, number: Number) -> Entries:
    """Return a number beside its bits; what is not a number to JSON is a text."""
    value = float(number.text) if math.isfinite(number.value) else number.text
    return {name: value, f"{name}_bits": number.bits}


def _describe_finding(finding: Finding) -> Entries:
    entries: Entries = {
        **_describe_number("input", finding.x),
        **_describe_number("got", finding.got),
        **_describe_number("due", finding.due),
        "steps": finding.steps,
        "ulp": finding.ulp,
    }
    return entries if finding.row is None else entries | {"row_length": finding.row, "place": finding.place}


def _describe_fault(fault: FaultReport) -> Entries:
    first = _describe_finding(fault.first)
    return {"name": fault.name, "description": fault.description, "count": fault.count, "first": first}


def _describe_lengths(lengths: LengthsReport) -> Entries:
    entries: Entries = {"tried": lengths.tried, "differ": lengths.differ, "steps": lengths.steps}
    if lengths.worst:
        for name, number in zip(("input", "long", "short"), lengths.worst, strict=True):
            entries |= _describe_number(name, number)
        entries["where"] = lengths.where
    return entries


def _describe_verdict(verdict: Verdict) -> Entries:
    return {**verdict._asdict()}


def _class_rows(report: Report) -> list[Entries]:
    rows: list[Entries] = []
    for each in report.classes:
        if not each.count:
            continue
        row: Entries = {"function": report.function, "dtype": report.dtype, "kind": report.kind, "class": each.name}
        row |= {"inputs": each.count, "exact": each.exact, "wrong": each.wrong, "steps": each.steps}
        first = each.worst[0] if each.worst else None
        names = {"input": first and first.x, "got": first and first.got, "due": first and first.due}
        for name, number in names.items():
            row |= {name: number.text if number else None, f"{name}_bits": number.bits if number else None}
        rows.append(row | {"ulp": first.ulp if first else None})
    return rows


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _to_junit(report: Report) -> str:
    """Return a test suite with a case for each class, which fails where its limit is exceeded."""
    from xml.etree import ElementTree

    broken = {verdict.name: verdict for verdict in report.verdicts if not verdict.kept}
    names = [f"{report.key}.{each.name}" for each in report.classes if each.count]
    names += [name for name in broken if name not in names]
    suite = ElementTree.Element("testsuite", name=f"actcli check {report.function} {report.kernel}")
    stopped = int(bool(report.stopped))
    suite.attrib |= {"tests": str(len(names) + stopped), "failures": str(len(broken)), "errors": str(stopped)}
    texts = _class_texts(report)
    for name in names:
        case = ElementTree.SubElement(suite, "testcase", classname=str(report.key), name=name.rpartition(".")[2])
        if name in broken:
            failure = ElementTree.SubElement(case, "failure", message=broken[name].note)
            failure.text = texts.get(name, "")
        elif name in texts:
            ElementTree.SubElement(case, "system-out").text = texts[name]
    if report.faults:
        lines = [
            f"{fault.description}: {fault.count:,}, first {describe_finding(fault.first)}" for fault in report.faults
        ]
        ElementTree.SubElement(suite, "system-out").text = "\n".join(lines)
    if report.stopped:
        case = ElementTree.SubElement(suite, "testcase", classname=str(report.key), name="complete")
        ElementTree.SubElement(case, "error", message=f"stopped early: {report.stopped}")
    ElementTree.indent(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(suite, encoding="unicode")}\n'


def _class_texts(report: Report) -> Mapping[str, str]:
    """Return what is said of each class."""
    texts = {}
    for each in report.classes:
        unit = f"{each.wrong:,} wrong" if each.name in COUNTED else f"{each.steps:,} steps"
        lines = [f"{each.count:,} inputs, {each.exact:,} exact, worst {unit}", *map(describe_finding, each.worst)]
        texts[f"{report.key}.{each.name}"] = "\n".join(lines)
    return texts
