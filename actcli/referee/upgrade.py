"""What an upgrade changed: two audits, one of them of an earlier version, row by row."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from actcli.errors import ActcliError, StorageError

Row = Mapping[str, Any]
"""A row of an audit in JSON."""
_KEY = ("framework", "function", "dtype", "kind")
Kind = Literal["worse", "better", "new", "gone"]
_CLASSES = {"normal": "steps", "subnormal": "steps", "special": "wrong", "kink": "wrong"}


class Change(NamedTuple):
    """How a row differs."""

    kind: Kind
    key: tuple[str, ...]
    """Framework, function, dtype, and whether the value or the derivative is meant."""
    what: str
    """What differs, before and after; or why there is no result any more."""

    @property
    def is_bad(self) -> bool:
        """Whether it makes the comparison fail."""
        return self.kind in {"worse", "gone"}


def read_audit(path: str) -> Sequence[Row]:
    """Return the rows of an audit that was written as JSON.

    Raises:
        ActcliError: if the file is something else.
        StorageError: if it cannot be read.

    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        rows: Sequence[Row] = document["rows"]
        for row in rows:
            if row["report"] is not None:
                _measure(row)
            key_of(row)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ActcliError(f"{path} is not an audit; expected what actcli audit --format json wrote") from None
    return rows


def compare_rows(old: Sequence[Row], new: Sequence[Row], selected: Mapping[str, Container[str]]) -> list[Change]:
    """Return what changed, the bad news first.

    Args:
        old: the earlier rows.
        new: the later ones.
        selected: by name of a column which of the earlier rows were to be there again; a column that is missing
            excludes none.

    Raises:
        ActcliError: if the inputs of a row were others.

    """
    before, after = ({key_of(row): row for row in rows} for rows in (old, new))
    changes = list(_compare_all(before, after, selected))
    order: Sequence[Kind] = ("worse", "gone", "better", "new")
    return sorted(changes, key=lambda change: order.index(change.kind))


def _compare_all(
    before: Mapping[tuple[str, ...], Row],
    after: Mapping[tuple[str, ...], Row],
    selected: Mapping[str, Container[str]],
) -> Iterator[Change]:
    for key, row in before.items():
        is_selected = all(row[column] in chosen for column, chosen in selected.items())
        if row["report"] is not None and is_selected and (key not in after or after[key]["report"] is None):
            yield Change("gone", key, after[key]["reason"] if key in after else "has no row any more")
    for key, row in after.items():
        earlier = before.get(key)
        if row["report"] is None:
            continue
        if earlier is None or earlier["report"] is None:
            yield Change("new", key, earlier["reason"] if earlier else "had no row")
            continue
        if earlier["report"]["inputs"] != row["report"]["inputs"]:
            raise ActcliError(
                f"{'.'.join(key)} was audited on {earlier['report']['inputs']}, now on {row['report']['inputs']}; "
                "give the same --inputs and --seed"
            )
        yield from _compare(key, _measure(earlier), _measure(row))


def _compare(key: tuple[str, ...], before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Change]:
    """Yield the change of a row that has results in both; it is worse if anything is."""
    names = dict.fromkeys([*before, *after])
    pairs = {name: (before.get(name, 0), after.get(name, 0)) for name in names}
    worse = [name for name, (was, is_now) in pairs.items() if is_now > was]
    if differ := [name for name, (was, is_now) in pairs.items() if is_now != was]:
        what = ", ".join(f"{name} {pairs[name][0]:,} -> {pairs[name][1]:,}" for name in differ)
        yield Change("worse" if worse else "better", key, what)


def _measure(row: Row) -> dict[str, int]:
    """Return what is compared of a row: less is better."""
    report = row["report"]
    measures = {f"{name} {unit}": int(report["classes"][name][unit]) for name, unit in _CLASSES.items()}
    measures["not exact"] = sum(int(each["wrong"]) for each in report["classes"].values())
    return measures | {str(fault["description"]): int(fault["count"]) for fault in report["faults"]}


def key_of(row: Row) -> tuple[str, ...]:
    """Return framework, function, dtype and kind of a row."""
    return tuple(str(row[column]) for column in _KEY)
