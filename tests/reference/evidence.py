"""What was measured of each activation: ``tests/evidence/NAME.json``, each check stamped with when, where and of what.

A check is recorded by the program that measured it, with the fingerprints of the code that it measured. Evidence whose
code has changed since stays, and is shown as older than the code; so does evidence of which the code is not known.
"""

import datetime
import importlib.metadata
import json
import math
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import gmpy2

from actcli.activation import Activation, AlongAxis
from actcli.numerics import dtypes
from actcli.parameters import REQUIRED
from actcli.registry import registered
from tests.reference import fingerprint

FOLDER = Path(__file__).parents[1] / "evidence"
SWEEP, FLOAT32, FLOAT64, AXIS = "float32 sweep", "float32", "float64", "along axis"
SMALL, TINY = "small formats", "tiny formats"
"""The formats of the two golden files."""
OTHERS = "others in float64"
"""Errors of other programs: by package, each with a stamp; they speak of no code in this repository."""
AUDIT = "audit"
"""The file of an audit of frameworks, as actcli writes it."""
DRAWN = {format: f"{format} with drawn parameters" for format in dtypes.FORMATS}
"""What prove_rounding.py finds in each format; it takes hours, so a check may be missing."""
_VECTOR_EXTENSIONS = ("avx", "avx2", "fma", "avx512f")


class Stale(NamedTuple):
    """A check whose evidence is missing, or older than the code it speaks of."""

    name: str
    check: str
    reason: str
    date: str
    """When it was measured; empty if it never was."""


def checks_of(activation: type[Activation]) -> tuple[str, ...]:
    """Return the checks that an activation is to go through."""
    if not issubclass(activation, AlongAxis):
        return (SWEEP, FLOAT32, SMALL, TINY, FLOAT64)
    is_complete = all(parameter.default is not REQUIRED for parameter in activation.parameters.values())
    return (AXIS,) if is_complete else ()


def code_of(activation: type[Activation], check: str = "") -> dict[str, str]:
    """Return the fingerprints of the code that a check of an activation speaks of."""
    roots = fingerprint.TINY if check == TINY else None
    return {
        "activation": fingerprint.fingerprint_activation(activation),
        "numerics": fingerprint.fingerprint_numerics(activation, roots=roots),
    }


def make_stamp(
    activation: type[Activation] | None = None, packages: Iterable[str] = (), check: str = ""
) -> dict[str, Any]:
    """Return the stamp of a measurement that begins now: of a check of an activation, or of what packages do."""
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "gmpy2", "mpmath", *packages)}
    stamp = {
        "date": str(datetime.date.today()),
        "machine": describe_machine(),
        "versions": {"python": platform.python_version(), "mpfr": gmpy2.mpfr_version().removeprefix("MPFR ")}
        | versions,
    }
    if disabled := os.environ.get("NPY_DISABLE_CPU_FEATURES"):
        stamp["NPY_DISABLE_CPU_FEATURES"] = disabled
    return stamp | ({"code": code_of(activation, check)} if activation else {})


def describe_machine() -> str:
    """Return the processor, where Linux tells, and the system."""
    cpu = Path("/proc/cpuinfo")
    text = cpu.read_text() if cpu.exists() else ""
    model = re.search(r"model name\s*: (.*)", text)
    extensions = [flag for flag in _VECTOR_EXTENSIONS if flag in text.split()]
    processor = " ".join([model[1] if model else platform.machine(), *extensions])
    return f"{os.cpu_count()} cores of {processor}, {platform.system()}"


def read(name: str) -> dict[str, Any]:
    """Return all evidence of an activation, by check."""
    path = FOLDER / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def record(name: str, check: str, stamp: Mapping[str, Any], results: Mapping[str, Any]) -> None:
    """Put what a check found in place of what it found before."""
    found = read(name)
    found[check] = {"stamp": stamp, **results}
    write(name, found)


def record_others(name: str, results: Mapping[str, Mapping[str, Any]]) -> None:
    """Put errors of packages, each with its stamp, in place of those measured before; those of others stay."""
    found = read(name)
    found[OTHERS] = {**found.get(OTHERS, {}), **results}
    write(name, found)


def write(name: str, evidence: Mapping[str, Any]) -> None:
    """Write the file of an activation."""
    order = (SWEEP, FLOAT32, SMALL, TINY, FLOAT64, AXIS, *DRAWN.values(), OTHERS)
    FOLDER.mkdir(exist_ok=True)
    ordered = {check: evidence[check] for check in order if evidence.get(check)}
    FOLDER.joinpath(f"{name}.json").write_text(json.dumps(ordered, indent=1, allow_nan=False) + "\n")


def as_json(error: tuple[float, float] | None) -> list[float | str] | None:
    """Return an error and its input as JSON can hold them: what is not finite as text; None where nothing is."""
    return None if error is None else [number if math.isfinite(number) else str(number) for number in error]


def find_stale() -> Iterator[Stale]:
    """Yield the checks that the code has outrun, in the order of the catalogue."""
    for activation in registered():
        found = read(activation.name)
        for check in (*checks_of(activation), *(check for check in DRAWN.values() if check in found)):
            if check not in found:
                yield Stale(activation.name, check, "never measured", "")
            elif reason := _changed(found[check]["stamp"].get("code"), code_of(activation, check)):
                yield Stale(activation.name, check, reason, found[check]["stamp"]["date"])


def _changed(measured: Mapping[str, str] | None, code: Mapping[str, str]) -> str:
    """Return which code is not the measured one; nothing if all is."""
    if measured is None:
        return "the measured code is not known"
    changed = [name for name in code if measured[name] != code[name]]
    return " and ".join(changed) + " changed" if changed else ""
