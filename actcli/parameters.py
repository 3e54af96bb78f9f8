"""The parameters of activations: how they are declared, and how a caller's values are converted and checked."""

import math
import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from actcli.errors import ActcliError, ArgumentError, require_choice, show

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
        value: a number, text, a truth value or, for one that is ``per_column``, an array-like with one axis.
        format: the ``Format`` of its numbers.

    Raises:
        ArgumentError: if the value is missing or not accepted.

    """
    if value is REQUIRED:
        raise ArgumentError(name, f"is required ({parameter.help})", activation)
    if (value is None and parameter.default is None) or isinstance(value, Ratio):
        return value
    if isinstance(parameter.kind, tuple):
        return require_choice(name, value, parameter.kind, activation=activation)
    if parameter.kind is bool:
        word = str(value) if value is None or type(value).__name__ == "bool" else value  # NumPy's too
        return _SWITCH_WORDS[require_choice(name, word, _SWITCH_WORDS, activation=activation)]
    numbers = []
    for number in _numbers_of(activation, name, parameter, value, format):
        if problem := _find_problem(parameter, number):
            given = value if isinstance(value, str | float | int) or parameter.kind is int else number
            raise ArgumentError(name, f"{problem}, got {show(given)}", activation)
        numbers.append(int(number) if parameter.kind is int else number)
    return numbers if len(numbers) > 1 else numbers[0]


_SWITCH_WORDS = {"true": True, "false": False, "tanh": True, "none": False}


def _numbers_of(activation: str, name: str, parameter: Parameter, value: object, format: "Format") -> list[float]:
    """Return the numbers of a parameter: one, or those of a list or of text like ``0.1,0.2``."""
    from actcli.numerics.array_likes import read_array

    try:
        parts = value.split(",") if isinstance(value, str) and parameter.per_column else value
        array = read_array(parts, format.name)
    except ActcliError:
        array = None
    if array is None or array.ndim > 1 or not (array.size == 1 or (array.size and parameter.per_column)):
        accepted = "a number or a list of numbers" if parameter.per_column else "a number"
        raise ArgumentError(name, f"must be {accepted}, got {show(value)}", activation)
    return array.reshape(-1).tolist()


_RELATIONS = {">": operator.gt, ">=": operator.ge, "!=": operator.ne}


def _find_problem(parameter: Parameter, number: float) -> str:
    """Return what is wrong with a number, an empty string for nothing."""
    if math.isnan(number):
        return "must be a number"
    if parameter.domain != "any" and math.isinf(number):
        return "must be finite"
    if parameter.kind is int and not number.is_integer():
        return "must be an integer"
    relation, _, bound = parameter.domain.partition(" ")
    return f"must be {parameter.domain}" if bound and not _RELATIONS[relation](number, float(bound)) else ""
