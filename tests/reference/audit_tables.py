"""The tables of docs/accuracy.md on frameworks, made from an audit of them."""

import json
from typing import Any

from tests.reference import evidence
from tests.reference.evidence import AUDIT
from tests.reference.markdown import table

Row = dict[str, Any]
_EXACT_FROM = 10**6  # steps from which two digits tell enough


def text() -> str:
    """Return what was audited, and a table for each dtype."""
    audit = json.loads(evidence.FOLDER.joinpath(f"{AUDIT}.json").read_text())
    dtypes = dict.fromkeys(row["dtype"] for row in audit["rows"])
    tables = [f"### Frameworks in {dtype}\n\n{_table(dtype, audit['rows'])}" for dtype in dtypes]
    return "\n\n".join([_origin(audit), *tables])


def _origin(audit: dict[str, Any]) -> str:
    lines = [f"Measured by actcli {audit['actcli']}, {audit['date']}, {audit['machine']}, eagerly on the CPU:", ""]
    for name, about in audit["frameworks"].items():
        versions = ", ".join(f"{package} {version}" for package, version in about["versions"].items())
        capability = f", CPU capability {about['capability']}" if about["capability"] else ""
        lines.append(f"- {name}: {versions}{capability}, threads: {about['threads']}")
    return "\n".join(lines)


def _table(dtype: str, rows: list[Row]) -> str:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["dtype"] == dtype:
            prime = "'" if row["kind"] == "derivative" else ""
            if row["report"] is not None:
                found.setdefault(row["function"] + prime, {})[row["framework"]] = _cell(row["report"], row["kind"])
    frameworks = list(dict.fromkeys(row["framework"] for row in rows))
    return table(
        f"function | {' | '.join(f'{name}:' for name in frameworks)}",
        [[name, *(cells.get(framework, "-") for framework in frameworks)] for name, cells in found.items()],
    )


def _cell(report: dict[str, Any], kind: str) -> str:
    """Return the worst of the normal numbers, and the faults, but for what derivatives are at NaN."""
    steps = report["classes"]["normal"]["steps"]
    shown = f"{steps:,}" if steps < _EXACT_FROM else f"{steps:.1e}".replace("e+0", "e")
    faults = [fault["name"] for fault in report["faults"] if (kind, fault["name"]) != ("derivative", "not_nan")]
    return ", ".join([shown, *faults])
