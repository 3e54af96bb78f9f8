"""The frameworks whose conventions an activation may follow, and how it declares them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Generic, Literal, Protocol, TypeVar, get_args

from actcli.errors import ActcliError

DialectName = Literal["keras", "keras2", "torch", "jax", "onnx", "flax", "mlx", "ggml", "transformers"]
FRAMEWORKS: tuple[DialectName, ...] = get_args(DialectName)
ALIASES = {"tensorflow": "keras", "tf": "keras", "tf.keras": "keras2", "pytorch": "torch"}
"""Other names of frameworks; TensorFlow's own functions have the defaults of Keras 3."""

CHANNEL_AXES = {"torch": 1, "transformers": 1}
"""The axis of features, where it is not the last one; of arrays with one axis it is."""
SINGLE_ATTRIBUTES = {"onnx"}
"""Frameworks whose operators have float32 numbers as attributes, whatever the dtype of their inputs."""

Value = TypeVar("Value")


class Dialect:
    """How a framework has an activation."""

    def __init__(
        self, call: str, defaults: Mapping[str, object] | None = None, *, inputs: tuple[str, ...] = ()
    ) -> None:
        self.call = call
        """The line of code, or the operator of ONNX, that calls it there."""
        self.defaults: Mapping[str, object] = MappingProxyType(dict(defaults or {}))
        """The defaults of parameters in which it differs from the catalogue's."""
        self.inputs = inputs
        """The parameters that are inputs there, as x is; in ONNX all others are attributes."""


def single_attributes(dialect: str | None, dialects: Mapping[str, Dialect], names: Iterable[str]) -> set[str]:
    """Return which parameters are float32 numbers in a framework's dialect, whatever the dtype of its inputs."""
    return set(names).difference(dialects[dialect].inputs) if dialect in SINGLE_ATTRIBUTES else set()


class _HasDialect(Protocol):
    dialect: str | None


class ByDialect(Generic[Value]):
    """A convention with a value for each of an activation's dialects: its own at an instance, which has a dialect.

    What the dialects are, and that each has a value, is checked where the activation is defined.
    """

    def __init__(self, **values: Value) -> None:
        self.values = values

    def __get__(self, instance: _HasDialect, owner: type | None = None) -> Value:
        assert instance.dialect is not None
        return self.values[instance.dialect]


def check_dialects(activation: str, dialects: Mapping[str, Dialect], conventions: Mapping[str, object]) -> None:
    """Raise TypeError for a dialect that is none, and for a convention that not every dialect declares."""
    if unknown := set(dialects) - set(FRAMEWORKS):
        raise TypeError(f"{activation} has unknown dialects: {', '.join(sorted(unknown))}")
    for name, convention in conventions.items():
        if isinstance(convention, ByDialect) and set(convention.values) != set(dialects):
            declared = ", ".join(convention.values)
            raise TypeError(f"{activation}.{name} needs a value for each of {', '.join(dialects)}, not for {declared}")


def find_dialect(activation: str, dialects: Mapping[str, Dialect], name: str, nearest: str) -> Dialect:
    """Return one of an activation's dialects; raise ActcliError, with the nearest activation, if it is none of them."""
    if name in dialects:
        return dialects[name]
    instead = f"; the nearest is {nearest}" if nearest else ""
    names = ", ".join(each for each in FRAMEWORKS if each in dialects) or "none"
    raise ActcliError(f"{name} has no {activation}{instead} (dialects that have it: {names})")
