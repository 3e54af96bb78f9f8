"""The parameters of activations: how they are declared, and how a caller's values are converted and checked."""

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from actcli.errors import ActcliError, ArgumentError, require_choice

if TYPE_CHECKING:  # NumPy is loaded by the first value
    from actcli.numerics.dtypes import Format

REQUIRED = "required"


class Ratio(NamedTuple):
    """A default that is an exact fraction, like 1/6."""

    numerator: int
    denominator: int

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


class Parameter(NamedTuple):
    """One parameter of an activation; a default of None means that leaving it out switches its effect off."""

    default: object
    help: str
    kind: type | tuple[str, ...] = float
    """float, int, bool, or the words to choose from."""
    spellings: tuple[str, ...] = ()
    """Further names that callers may use."""
    domain: str = ""
    """What a number has to be beside finite: ``"> 0"``, ``">= 0"``, ``"!= 0"``, or ``"any"`` for infinities too."""
    per_column: bool = False
    """Whether it may be a list, too: one number for each column, or for each number along the last axis."""
    several: bool = False
    """Whether it may be several numbers that belong together, which become a tuple."""

    @property
    def shown(self) -> str:
        """The default as people read it."""
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


class Preset(NamedTuple):
    """A model that makes choices of its own."""

    choices: Mapping[str, object]
    """The parameters in which it differs from the catalogue's defaults."""
    source: str
    """Where that can be read."""


def param(default: Any, help: str, **properties: Any) -> Any:
    """Declare a parameter in the body of an activation; the properties are those of ``Parameter``."""
    return Parameter(default, help, **properties)


def convert(activation: str, name: str, parameter: Parameter, value: object, format: "Format") -> object:
    """Return a caller's value of a parameter, its numbers rounded to the format; a default stays as it is declared.

    Args:
        activation: the activation's name, for messages.
        name: the parameter's name, for messages.
        parameter: its declaration.
        value: a number, text, a truth value or, for one that is ``per_column`` or ``several``, a list.
        format: the ``Format`` of its numbers.

    Raises:
        ArgumentError: if the value is missing or not accepted.

    """
    if value is REQUIRED:
        raise ArgumentError(name, f"is required ({parameter.help})", activation)
    if (value is None and parameter.default is None) or isinstance(value, Ratio):
        return value
    if isinstance(parameter.kind, tuple):
        return require_choice(name, str(value), parameter.kind, activation=activation)
    if parameter.kind is bool:
        word = require_choice(name, str(value), _SWITCH_WORDS, activation=activation)
        return _SWITCH_WORDS[word]
    values = _split_list(value) if parameter.per_column or parameter.several else [value]
    numbers = []
    for each in values:
        number = _round_number(each, format)
        if problem := _find_problem(parameter, number):
            raise ArgumentError(name, f"{problem}, got {each!r}", activation)
        numbers.append(int(cast("float", number)) if parameter.kind is int else number)
    if len(numbers) == 1:
        return numbers[0]
    return tuple(numbers) if parameter.several else numbers


_SWITCH_WORDS = {"true": True, "false": False, "tanh": True, "none": False}


def _split_list(value: object) -> Sequence[object]:
    """Return the numbers of a list or of text like ``0.1,0.2``; anything else as the only one."""
    if isinstance(value, str):
        return value.split(",")
    is_list = isinstance(value, list | tuple) or getattr(value, "ndim", 0) == 1
    return list(cast("Iterable[object]", value)) or [value] if is_list else [value]


_RELATIONS = {">": operator.gt, ">=": operator.ge, "!=": operator.ne}


def _find_problem(parameter: Parameter, number: float | None) -> str:
    """Return what is wrong with a number, an empty string for nothing."""
    is_integer = parameter.kind is int
    if number is None or (is_integer and not number.is_integer()):
        return f"must be {'an integer' if is_integer else 'a number'}"
    if parameter.domain != "any" and math.isinf(number):
        return "must be finite"
    relation, _, bound = parameter.domain.partition(" ")
    return f"must be {parameter.domain}" if bound and not _RELATIONS[relation](number, float(bound)) else ""


def _round_number(value: object, format: "Format") -> float | None:
    """Return the nearest number of the format; None for NaN and for what is not a number."""
    import numpy as np

    from actcli.numerics import rounding, text

    try:
        if isinstance(value, str):
            number: float = text.parse([value], format).item()
        else:
            number = rounding.nearest(np.array(value, dtype=np.float64), format).item()
    except (ActcliError, TypeError, ValueError):
        return None
    return None if math.isnan(number) else number
