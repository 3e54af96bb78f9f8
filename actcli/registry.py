"""The names of the activations, and which one a misspelt name may mean."""

from collections.abc import Iterable
from typing import TypeVar

from actcli.activation import Activation
from actcli.errors import ActcliError, show, suggestion

ActivationClass = TypeVar("ActivationClass", bound=type[Activation])
_by_key: dict[str, type[Activation]] = {}


def _key(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def activation(cls: ActivationClass) -> ActivationClass:
    """Register an activation under its name and its aliases.

    Raises:
        ValueError: if another one has such a name.

    """
    for name in (cls.name, *cls.aliases):
        if _by_key.setdefault(_key(name), cls) is not cls:
            raise ValueError(f"{name!r} is taken by {_by_key[_key(name)].name}")
    return cls


def registered() -> Iterable[type[Activation]]:
    """Return the activations in the order of the catalogue."""
    return dict.fromkeys(_by_key.values())


def is_activation(name: str) -> bool:
    """Tell whether an activation has that name or alias."""
    return _key(name) in _by_key


def find(name: str) -> type[Activation]:
    """Return the activation of that name or alias; case, ``-`` and ``_`` do not matter.

    Raises:
        ActcliError: if there is none; the message suggests similar names.

    """
    if not isinstance(name, str):
        raise ActcliError(f"unknown activation {show(name)}; expected its name")
    activation = _by_key.get(_key(name))
    if activation is None:
        called = name.partition("(")[0].rpartition(".")[2]  # of a pasted call such as tf.keras.activations.relu(x)
        meant = _by_key.get(_key(called))
        near = f"; did you mean {meant.name}?" if meant else suggestion(name, [each.name for each in registered()])
        raise ActcliError(f"unknown activation {name!r}{near or '; see actcli --help'}")
    return activation
