"""The parameters of activations: how they are declared, and how a caller's values are converted and checked."""

import math
import operator
import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from actcli.errors import ActcliError, ArgumentError, require_choice, show, suggestion

if TYPE_CHECKING:  # NumPy is loaded by the first value
    from actcli.numerics.dtypes import FloatArray

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
    """What a number has to be beside finite: ``"> 0"``, ``">= 0"``, ``"!= 0"``, ``">= 1 and <= 2"``, or ``"any"`` for
    infinities too."""
    per_column: bool = False
    """Whether it may be a list, too: one number for each column of a table, or along the channel axis of an array; or
    lists in lists, which are broadcast against the array. Of a function along an axis, one for each number along it."""
    several: bool = False
    """Whether it may be several numbers that belong together, which become a tuple."""
    is_bound: bool = False
    """Whether infinity means to leave it out: a bound that is never met."""

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


CHANNEL_AXIS = Parameter(
    None, "axis that lists of numbers go along (default: -1, the last; torch, transformers: 1)", kind=int
)
"""A parameter of every elementwise activation with one that is ``per_column``."""


def param(default: Any, help: str, **properties: Any) -> Any:
    """Declare a parameter in the body of an activation; the properties are those of ``Parameter``."""
    return Parameter(default, help, **properties)


def gather_parameters(
    declared: Mapping[str, object], inherited: Mapping[str, Parameter], presets: Mapping[str, Preset]
) -> Mapping[str, Parameter]:
    """Return what an activation declares and inherits, with ``like`` for its presets and an axis for its lists."""
    found = {name: value for name, value in declared.items() if isinstance(value, Parameter)}
    if presets:
        found["like"] = Parameter(None, "model whose choices are meant", tuple(presets))
    found = {**found, **inherited, **found}
    if "axis" not in found and any(parameter.per_column for parameter in found.values()):
        found["channel_axis"] = CHANNEL_AXIS
    return MappingProxyType(found)


def choices_of(activation: str, presets: Mapping[str, Preset], model: object) -> Mapping[str, object]:
    """Return the choices of a model, none for None; raise ArgumentError if there is no such model."""
    return {} if model is None else presets[require_choice("like", model, presets, activation=activation)].choices


def convert(activation: str, name: str, parameter: Parameter, value: object, dtype: str) -> object:
    """Return a caller's value of a parameter, its numbers rounded to a dtype; a default stays as it is declared.

    Args:
        activation: the activation's name, for messages.
        name: the parameter's name, for messages.
        parameter: its declaration.
        value: a number, text, a truth value or, for one that is ``per_column`` or ``several``, an array-like.
        dtype: the name of the format of its numbers.

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
        return SWITCH_WORDS[require_choice(name, word, SWITCH_WORDS, activation=activation)]
    array = _read_numbers(activation, name, parameter, value, "float64" if parameter.kind is int else dtype)
    numbers = array.reshape(-1).tolist()
    if parameter.is_bound and numbers == [math.inf]:
        return None
    for number in numbers:
        if problem := _find_problem(parameter, number):
            given = value if isinstance(value, str | float | int) or parameter.kind is int else number
            raise ArgumentError(name, f"{problem}, got {show(given)}", activation)
    if len(numbers) > 1:
        return tuple(map(int, numbers)) if parameter.several else array.tolist()
    return int(numbers[0]) if parameter.kind is int else numbers[0]


def require_fixed(activation: str, name: str, fixed: float, value: object) -> None:
    """Raise ArgumentError unless a caller's value is what the definition fixes, in float32 at least."""
    parameter = Parameter(fixed, "", kind=type(fixed))
    given, meant = (convert(activation, name, parameter, number, "float32") for number in (value, fixed))
    if given != meant:
        raise ArgumentError(name, f"is {fixed} by definition, got {show(value)}", activation)


def check_ascending(activation: str, values: Mapping[str, object]) -> None:
    """Raise ArgumentError unless no value is larger than the next; each is a number or a ``Ratio``."""
    for (name, value), (following, bound) in pairwise(values.items()):
        from fractions import Fraction

        low, high = (Fraction(*n) if isinstance(n, Ratio) else Fraction(cast("float", n)) for n in (value, bound))
        if low > high:
            raise ArgumentError(name, f"must be <= {following}, got {value} and {bound}", activation)


ELSEWHERE = {
    "inplace": "inputs are never modified; leave it out",
    "out": "results are new arrays; leave it out",
    "training": "functions are those of inference; leave it out",
    "shared_axes": "give the slopes in the shape of the layer's weight, which has 1 along shared axes",
}
"""What calls of frameworks have beside parameters, and what to do about it here."""


def find_name(activation: str, spelling: str, parameters: Mapping[str, Parameter]) -> str:
    """Return the name of the parameter that has this spelling; raise ActcliError if there is none."""
    for name, parameter in parameters.items():
        if spelling == name or spelling in parameter.spellings:
            return name
    problem = f"{activation} has no parameter {spelling!r}"
    if spelling in ELSEWHERE:
        raise ActcliError(f"{problem}: {ELSEWHERE[spelling]}")
    listed = ", ".join(parameters) or "none"
    raise ActcliError(problem + (suggestion(spelling, parameters) or f"; its parameters: {listed}"))


SWITCH_WORDS = {"true": True, "false": False, "tanh": True, "none": False}
"""What a parameter of kind bool may be as text."""


def _read_numbers(activation: str, name: str, parameter: Parameter, value: object, dtype: str) -> "FloatArray":
    """Return the numbers of a parameter: one, or those of lists or of text like ``0.1,0.2`` or ``[0.1, 0.2]``."""
    from actcli.numerics.array_likes import read_array

    is_list = parameter.per_column or parameter.several
    try:
        parts = _split_text(value) if isinstance(value, str) and is_list else value
        array = read_array(parts, dtype)
    except ActcliError:
        array = None
    if array is None or not (array.size == 1 or (array.size and is_list)):
        one, more = ("an integer", "integers") if parameter.kind is int else ("a number", "numbers")
        accepted = f"{one} or a list of {more}" if is_list else one
        raise ArgumentError(name, f"must be {accepted}, got {show(value)}", activation)
    return array


def _split_text(text: str) -> list[str]:
    stripped = text.strip()
    return (stripped[1:-1] if stripped[:1] + stripped[-1:] in {"[]", "()"} else stripped).split(",")


_RELATIONS = {">": operator.gt, ">=": operator.ge, "<=": operator.le, "!=": operator.ne}


def _find_problem(parameter: Parameter, number: float) -> str:
    """Return what is wrong with a number, an empty string for nothing."""
    if math.isnan(number):
        return "must be a number"
    if parameter.domain != "any" and math.isinf(number):
        return "must be finite"
    if parameter.kind is int and not number.is_integer():
        return "must be an integer"
    bounds = re.findall(r"(\S+) (-?[\d.]+)", parameter.domain)
    fits = all(_RELATIONS[relation](number, float(bound)) for relation, bound in bounds)
    return "" if fits else f"must be {parameter.domain}"
