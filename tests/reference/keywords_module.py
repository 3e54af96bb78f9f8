"""The module actcli/keywords.py: the parameters of all activations as type checkers and editors need them.

All of it comes from the catalogue; write_docs.py writes it.
"""

from actcli.parameters import Parameter
from actcli.registry import registered

_LINE = 120
_HEAD = '''"""The keyword arguments of ``evaluate`` and its like; made by tests/reference/write_docs.py."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsFloat, TypedDict

from numpy.typing import NDArray

Number = SupportsFloat | str
Numbers = Number | Sequence[Number] | NDArray[Any]
Switch = bool | Literal["true", "false", "tanh", "none"]


class Keywords(TypedDict, total=False):
    """Every parameter of every activation, under each of its spellings."""

'''


def types_of(parameter: Parameter) -> set[str]:
    """Return the types that a parameter accepts, as they are written."""
    if isinstance(parameter.kind, tuple):
        words = ", ".join(f'"{word}"' for word in parameter.kind)
        return {f"Literal[{words}]"}
    if parameter.kind is bool:
        return {"Switch"}
    accepted = {"Numbers" if parameter.per_column or parameter.several else "Number"}
    return accepted | {"None"} if parameter.default is None else accepted


def text() -> str:
    """Return the whole module."""
    keywords: dict[str, set[str]] = {}
    for activation in registered():
        for name, parameter in activation.parameters.items():
            for spelling in (name, *parameter.spellings):
                keywords.setdefault(spelling, set()).update(types_of(parameter))
    return _HEAD + "".join(_line(name, types) for name, types in sorted(keywords.items()))


def _line(name: str, types: set[str]) -> str:
    """Return the line of a keyword; where it is too long, the types stand below each other."""
    parts = sorted(types, key=lambda each: (each == "None", each))
    line = f"    {name}: {' | '.join(parts)}\n"
    return line if len(line) <= _LINE else f"    {name}: (\n        {f'{chr(10)}        | '.join(parts)}\n    )\n"
