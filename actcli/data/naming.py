"""What the columns of results are called."""

import re
from collections.abc import Sequence

from actcli.errors import ActcliError, suggestion

DEFAULT = "{column}_{function}"
_FIELDS = ("{column}", "{function}")


def check_template(template: str) -> str:
    """Return the template of ``--as``; raise ActcliError for an unknown field, or without any."""
    for field in re.findall(r"{[^{}]*}|[{}]", template):
        if field not in _FIELDS:
            near = suggestion(field, _FIELDS)
            raise ActcliError(f"--as {template!r}: its fields are {' and '.join(_FIELDS)}, not {field}{near}")
    if any("\ud800" <= character <= "\udfff" for character in template):  # what Python makes of other bytes
        raise ActcliError(f"--as {template!r} is not text in UTF-8")
    if not template.strip():
        raise ActcliError("--as requires a name for the results, such as '{column}_{function}'")
    return template


def names(template: str, columns: Sequence[str], function: str, ending: str = "") -> list[str]:
    """Return the name of each column's result; raise ActcliError if they would all be called the same."""
    if len(columns) > 1 and "{column}" not in template:
        raise ActcliError(
            f"--as {template!r} gives {len(columns)} results the same name (of {', '.join(columns[:3])}"
            f"{' ...' if len(columns) > 3 else ''}); include {{column}}"
        )
    parts = re.split("(" + "|".join(_FIELDS) + ")", template)
    filled = ({"{column}": column, "{function}": function} for column in columns)
    return ["".join(values.get(part, part) for part in parts) + ending for values in filled]


def check_distinct(names: Sequence[str]) -> None:
    """Raise ActcliError if two columns of a format that finds them by name would be called the same."""
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise ActcliError(
            f"two columns would both be called {twice!r}, which this format does not allow; try --as, --only or csv"
        )
