"""The page docs/accuracy.md, made from tests/evidence; write_docs.py writes it."""

import math
from collections.abc import Iterable, Iterator
from textwrap import fill
from typing import Any

from actcli.activation import Activation
from actcli.registry import registered
from tests.activations import ELEMENTWISE, NEEDED, label
from tests.reference import audit_tables, evidence, ulp
from tests.reference.accuracy_text import TEXT
from tests.reference.compared import LIBRARIES, NAMES
from tests.reference.evidence import AXIS, FLOAT32, FLOAT64, OTHERS, SMALL, SWEEP, TINY
from tests.reference.make_golden import FORMATS
from tests.reference.make_golden import TINY as TINY_FORMATS
from tests.reference.markdown import table
from tests.reference.measure_errors import SPREAD, spread
from tests.reference.measure_float64 import INPUTS
from tests.reference.sweep_float32 import KINDS, NEAREST, UNDECIDED, usual_parameters

SHOWN = {"actcli": "actcli", **LIBRARIES, **NAMES}


def text() -> str:
    """Return the whole page."""
    found = {activation.name: evidence.read(activation.name) for activation in registered()}
    stale = list(evidence.find_stale())
    return TEXT.format(
        swept=2**32,
        kept=UNDECIDED,
        nearest=NEAREST,
        spread=spread(SPREAD).size,
        verdict=fill(verdict(found), 120),
        audit=audit_tables.text(),
        float32=float32_table(found, stale),
        wide=INPUTS,
        float64=float64_table(found, stale),
        dtypes=dtypes_table(found),
        drawn=drawn_table(found, stale),
        rows=axis_table(found, stale),
        stale=stale_list(stale) or "None.",
        measured=stamps_list(found),
    )


def float32_table(found: dict[str, Any], stale: list[evidence.Stale]) -> str:
    """Return the table with a row for each function and kind."""
    rows = []
    for activation in ELEMENTWISE:
        name = label_of(activation)
        of_block = found[activation.name]
        for kind in KINDS:
            swept, checked = (of_block.get(check, {}).get(kind, {}) for check in (SWEEP, FLOAT32))
            wrong = sum(part["wrong"] for part in (swept, checked) if part) if swept or checked else None
            numbers = swept.get("inputs"), swept.get("undecided"), checked.get("inputs"), wrong
            cells = ["-" if number is None else f"{number:,}" for number in numbers]
            rows.append([name, kind, *cells, error_of(of_block, FLOAT32, kind), date_of(activation.name, found, stale)])
    return table(
        "function | kind | inputs swept: | undecided: | checked with MPFR: | wrong: | error, ulp: | measured", rows
    )


def float64_table(found: dict[str, Any], stale: list[evidence.Stale]) -> str:
    """Return the table with a row for each function and kind."""
    rows = []
    for activation in ELEMENTWISE:
        name = label_of(activation)
        for kind in KINDS:
            of_kind = found[activation.name].get(FLOAT64, {}).get(kind, {})
            cells = [f"{of_kind[key]:,}" if key in of_kind else "-" for key in ("inputs", "wrong")]
            errors = [error_of(found[activation.name], FLOAT64, kind)]
            others = found[activation.name].get(OTHERS, {})
            errors += [error_of(others, package, kind) for package in SHOWN if package != "actcli"]
            rows.append([name, kind, *cells, *errors, date_of(activation.name, found, stale, (FLOAT64,))])
    columns = " | ".join(f"{shown}, ulp:" for shown in SHOWN.values())
    return table(f"function | kind | checked with MPFR: | wrong: | {columns} | measured", rows)


def label_of(activation: type[Activation]) -> str:
    """Return the name of a function, with its parameters where some are required."""
    return label((activation, usual_parameters(activation.name))) if NEEDED[activation.name] else activation.name


def axis_table(found: dict[str, Any], stale: list[evidence.Stale]) -> str:
    """Return the table with a row for each function along an axis."""
    rows = []
    for activation in registered():
        if AXIS in evidence.checks_of(activation):
            inputs = found[activation.name].get(AXIS, {}).get("value", {}).get("inputs")
            checked = "-" if inputs is None else f"{inputs:,}"
            error = error_of(found[activation.name], AXIS, "value")
            rows.append([activation.name, checked, error, date_of(activation.name, found, stale)])
    return table("function | results checked: | error, ulp: | measured", rows)


def error_of(found: dict[str, Any], check: str, kind: str) -> str:
    """Return the cell of the largest error that a check, or a check of another package, has found."""
    of_kind = found.get(check, {}).get(kind)
    error = of_kind.get("error") if isinstance(of_kind, dict) else of_kind
    return ulp.text(float(error[0])) if error else "-"


def date_of(
    name: str, found: dict[str, Any], stale: list[evidence.Stale], checks: Iterable[str] = (SWEEP, FLOAT32, AXIS)
) -> str:
    """Return when a row was measured, the earliest day; with an asterisk if its code has changed since."""
    checks = [check for check in checks if check in found[name]]
    dates = [found[name][check]["stamp"]["date"] for check in checks]
    is_stale = any(each.name == name and each.check in checks for each in stale)
    return min(dates, default="-") + " \\*" * is_stale


def verdict(found: dict[str, Any]) -> str:
    """Return what came out."""
    lines = [found[activation.name].get(FLOAT32, {}).get(kind) for activation in ELEMENTWISE for kind in KINDS]
    measured = [line for line in lines if line]
    wrong, checked = (sum(line[key] for line in measured) for key in ("wrong", "inputs"))
    largest = max((float(line["error"][0]) for line in measured), default=math.nan)
    return (
        f"Of {checked:,} results checked with MPFR, {wrong} are wrong; the largest error is {ulp.text(largest)} ulp. "
        "An asterisk marks a measurement that is older than the code."
    )


def dtypes_table(found: dict[str, Any]) -> str:
    """Return the table of the formats of 16 bits and fewer."""
    rows = []
    for format in (*TINY_FORMATS, *FORMATS):
        checks = [found[activation.name].get(check, {}) for activation in ELEMENTWISE for check in (TINY, SMALL)]
        small = [check for check in checks if format in check]
        cases = sum(len(check["cases"]) for check in small)
        what = f"{cases} functions with parameters, value and derivative, at every input, against digests from MPFR"
        results = sum(2 * len(check["cases"]) * check[format]["inputs"] for check in small)
        wrong = sum(check[format]["wrong"] for check in small)
        rows.append([format, what, f"{results:,}", f"{wrong} wrong", _since(small)])
    return table("dtype | checked | results: | found | measured", rows)


def drawn_table(found: dict[str, Any], stale: list[evidence.Stale]) -> str:
    """Return the table with a row for each format whose parameters were drawn."""
    rows = []
    for format, check in evidence.DRAWN.items():
        proofs = [found[activation.name][check] for activation in ELEMENTWISE if check in found[activation.name]]
        results, wrong = (f"{sum(proof[key] for proof in proofs):,}" for key in ("results", "wrong"))
        settings = f"{max((proof['settings'] for proof in proofs), default=0)}"
        since = _since(proofs) + " \\*" * any(each.check == check for each in stale)
        if proofs:
            rows.append([format, f"{len(proofs)}", settings, results, wrong, since])
    return table("dtype | functions: | settings each: | results: | wrong: | measured", rows)


def _since(checks: list[dict[str, Any]]) -> str:
    dates = sorted({check["stamp"]["date"] for check in checks})
    return " to ".join(dict.fromkeys([dates[0], dates[-1]])) if dates else "-"


def stale_list(stale: list[evidence.Stale]) -> str:
    """Return a line for each check, day and reason, with the functions that it concerns."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in stale:
        groups.setdefault((each.check, each.date, each.reason), []).append(each.name)
    lines = [
        f"- {check}, {f'since {date}: {reason}' if date else reason} ({len(names)}): {', '.join(names)}"
        for (check, date, reason), names in groups.items()
    ]
    return "\n".join(fill(line, 120, subsequent_indent="  ") for line in lines)


def stamps_list(found: dict[str, Any]) -> str:
    """Return a line for each day, machine and set of versions, with the checks and frameworks that it holds for."""
    groups: dict[tuple[str, str, str], dict[str, None]] = {}
    for check, stamp in _stamps(found):
        frameworks = [name for name in SHOWN if name != "numpy"]
        versions = ", ".join(
            f"{name} {version}" for name, version in stamp["versions"].items() if name not in frameworks
        )
        groups.setdefault((stamp["date"], stamp["machine"], versions), {})[check] = None
    lines = [f"- {', '.join(checks)}: {', '.join(key)}" for key, checks in sorted(groups.items())]
    return "\n".join(fill(line, 120, subsequent_indent="  ") for line in lines)


def _stamps(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for checks in found.values():
        for check, results in checks.items():
            if check != OTHERS:
                yield check, results["stamp"]
                continue
            for name, errors in results.items():
                yield f"{SHOWN[name]} {errors['stamp']['versions'][name]}", errors["stamp"]
