"""Budgets: how far results may be off, in a TOML file with a line for each function, dtype and kind."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from actcli.errors import ActcliError, ArgumentError, StorageError, suggestion
from actcli.numerics.dtypes import FORMATS, Format
from actcli.referee.classes import CLASSES, KINK, SPECIAL

COUNTED = (CLASSES[SPECIAL], CLASSES[KINK])
"""The classes whose budget is a count of wrong results; that of the others is a number of steps."""
KINDS = ("value", "derivative")
Allowed = Mapping[str, float]
"""The budget of each class."""


class Key(NamedTuple):
    """What a budget is for, written ``silu.bfloat16.value`` or, with qualifiers, ``silu.bfloat16.value-cuda-ftz``.

    Qualifiers are a framework, a device, and what is accepted: ``ftz``, ``daz``. A function's parameters are part of
    its name, which is quoted then.
    """

    function: str
    dtype: str
    kind: str
    qualifiers: frozenset[str] = frozenset()

    def covers(self, other: Key) -> bool:
        """Tell whether a measurement under another key is held to this one's budget."""
        return self[:3] == other[:3] and self.qualifiers <= other.qualifiers

    def __str__(self) -> str:
        parts = [self.function, self.dtype, "-".join([self.kind, *sorted(self.qualifiers)])]
        return ".".join(part if re.fullmatch(r"[\w-]+", part, re.ASCII) else f'"{part}"' for part in parts)


class Measured(NamedTuple):
    """What was measured of a class."""

    inputs: int
    """How many are in it."""
    off: int
    """The most steps of a result, or in a counted class how many results are wrong."""
    mismatches: int
    """Results that are NaN where a number is due, or the other way round."""


class Verdict(NamedTuple):
    """The outcome for one class, or for a key without any."""

    name: str
    """The key and the class."""
    allowed: float | None
    measured: int | None
    kept: bool
    note: str
    """What to say of it: why it is broken, or what to do; empty if it is simply kept."""


def read_budgets(path: str | Path) -> dict[Key, Allowed]:
    """Return the budgets of a file.

    Raises:
        ActcliError: if the file is no TOML, or a line of it is no budget.
        StorageError: if it cannot be read.

    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ActcliError(f"{path} is not a budget in TOML: {error}") from None
    return parse_budgets(text, str(path))


def parse_budgets(text: str, path: str) -> dict[Key, Allowed]:
    """Return the budgets in the text of a file; raise ActcliError if it is no TOML, or a line of it is no budget."""
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ActcliError(f"{path} is not a budget in TOML: {error}") from None
    return dict(_find_budgets(document, (), path))


def _find_budgets(table: Mapping[str, object], parts: tuple[str, ...], path: str) -> Iterable[tuple[Key, Allowed]]:
    numbers = {name: value for name, value in table.items() if not isinstance(value, dict)}
    key = ".".join(parts)
    if numbers:
        if len(parts) != 3:
            example = "silu.bfloat16.value = {normal = 1}"
            raise ActcliError(f"{path}: {key or 'a line'} names no function, dtype and kind; expected {example}")
        function, dtype, kind = parts
        kind, *qualifiers = kind.split("-")
        _check_words(dtype, kind, f"{path}: {key}")
        allowed = {name: check_number(name, value, f"{path}: {key}") for name, value in numbers.items()}
        yield Key(function, dtype, kind, frozenset(qualifiers)), allowed
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _find_budgets(value, (*parts, name), path)


def _check_words(dtype: str, kind: str, place: str) -> None:
    for name in dtype.split("-"):  # that of the inputs and, where it is another, that of the results
        if name not in FORMATS:
            near = suggestion(name, FORMATS) or f"; accepted: {', '.join(FORMATS)}"
            raise ActcliError(f"{place} has an unknown dtype {name!r}{near}")
    if kind not in KINDS:
        near = suggestion(kind, KINDS) or f"; accepted: {', '.join(KINDS)}"
        raise ActcliError(f"{place} has an unknown kind {kind!r}{near}")


def check_number(name: str, value: object, place: str) -> int:
    """Return the budget of a class; raise ActcliError, which names the place, for another class or number."""
    if name not in CLASSES:
        near = suggestion(name, CLASSES) or f"; accepted: {', '.join(CLASSES)}"
        raise ActcliError(f"{place} has an unknown class {name!r}{near}")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ActcliError(f"{place}: {name} must be an integer >= 0, got {value!r}")
    return value


def find_budget(budgets: Mapping[Key, Allowed], key: Key) -> tuple[Key, Allowed] | None:
    """Return the budget that holds for a measurement, the one with most qualifiers; None if there is none."""
    covering = [each for each in budgets if each.covers(key)]
    if not covering:
        return None
    best = max(covering, key=lambda each: len(each.qualifiers))
    return best, budgets[best]


def hold_to_budget(key: Key, allowed: Allowed, measured: Mapping[str, Measured], format: Format) -> list[Verdict]:
    """Return a verdict for each class that was measured or has a budget; a class without a number allows nothing."""
    names = [name for name in CLASSES if name in allowed or measured[name].inputs]
    return [_judge(f"{key}.{name}", name, allowed.get(name, 0), measured[name], format) for name in names]


def hold_to_steps(key: Key, limit: int, measured: Mapping[str, Measured]) -> list[Verdict]:
    """Return a verdict for each class that was measured, with the same limit for each; the measured are all steps."""
    verdicts = []
    for name in CLASSES:
        found = measured[name]
        if found.inputs:
            kept = found.off <= limit and not found.mismatches
            note = "" if kept else _explain(found, f"over {limit:,} {steps_word(limit)}")
            verdicts.append(Verdict(f"{key}.{name}", limit, found.off, kept, note))
    return verdicts


def _judge(label: str, name: str, allowed: float, found: Measured, format: Format) -> Verdict:
    if not found.inputs:
        return Verdict(
            label, allowed, None, False, "not measured: no input was in this class; remove it, or add inputs"
        )
    mismatches = 0 if name in COUNTED else found.mismatches
    unit = "wrong" if name in COUNTED else steps_word(allowed)
    if found.off > allowed or mismatches:
        note = _explain(found._replace(mismatches=mismatches), f"over the budget of {allowed:,.0f} {unit}")
        return Verdict(label, allowed, found.off, False, note)
    notes = [f"the budget of {allowed:,.0f} {unit} can be lowered to {found.off:,}"] if found.off < allowed else []
    factor_two = 2 ** (format.precision - 1)
    if name not in COUNTED and allowed > factor_two:
        notes.append(f"a budget over {factor_two:,} steps lets results be off by more than a factor of two")
    return Verdict(label, allowed, found.off, True, "; ".join(notes))


def _explain(found: Measured, over: str) -> str:
    if not found.mismatches:
        return f"{found.off:,} is {over}"
    return f"{found.mismatches:,} NaN where a number is due, or numbers where NaN is; no budget allows that"


def steps_word(count: float) -> str:
    """Return the noun that goes with a count of steps."""
    return "step" if count == 1 else "steps"


def missing(key: Key, budgets: Iterable[Key], path: str) -> Verdict:
    """Return the verdict on a measurement for which a file has no budget."""
    near = suggestion(str(key), map(str, budgets))
    return Verdict(str(key), None, None, False, f"{path} has no budget for {key}{near or '; --emit-budget writes one'}")


def write_budget(text: str, key: Key, measured: Mapping[str, Measured], origin: str) -> str:
    """Return the text of a budget file with the line of a key: what was measured, and nothing more.

    A line that the key has already is replaced; all others stay as they are.

    Raises:
        ActcliError: if the budget of the key stands there in another form, such as a table of several lines.

    """
    classes = ", ".join(f"{name} = {found.off}" for name, found in measured.items() if found.inputs)
    line = f"{key} = {{{classes}}}  # {' '.join(origin.split())}, {datetime.date.today().isoformat()}"
    lines = text.splitlines()
    pattern = re.compile(rf"\s*{re.escape(str(key))}\s*=")
    places = [i for i, each in enumerate(lines) if pattern.match(each)]
    if places:
        lines[places[0]] = line
    else:  # before the tables, to none of which it belongs
        lines.insert(next((i for i, each in enumerate(lines) if each.lstrip().startswith("[")), len(lines)), line)
    written = "\n".join(lines) + "\n"
    try:
        parse_budgets(written, "")
    except ActcliError:
        raise ActcliError(f"the budget of {key} is not on a line of its own, {key} = {{...}}; remove it") from None
    return written


def check_limit(limit: int | None) -> None:
    """Raise ArgumentError for a number of steps that is none."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
        raise ArgumentError("max_steps", f"must be an integer >= 0, got {limit!r}")


def count_broken(verdicts: Sequence[Verdict]) -> int:
    """Return how many verdicts are not kept."""
    return sum(not verdict.kept for verdict in verdicts)
