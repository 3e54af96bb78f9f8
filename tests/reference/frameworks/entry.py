"""How a framework is called for an activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


class Function(NamedTuple):
    """How a framework is asked for one activation, in the names of actcli."""

    call: Callable[..., Any]
    defaults: dict[str, Any] | None  # what it takes when nothing is given; None: there must be something
    others: tuple[dict[str, Any], ...]
    fixed: dict[str, Any]  # parameters of actcli that are constants here


class Framework(NamedTuple):
    """The activations of a framework and how to run them on a NumPy array."""

    packages: tuple[str, ...]
    elementwise: dict[str, Function]
    along_axis: dict[str, Function]
    value: Callable[..., np.ndarray]
    derivative: Callable[..., np.ndarray] | None = None
    notes: tuple[str, ...] = ()


def function(call: Callable[..., Any], defaults: dict[str, Any] | None = None, *others: dict, **fixed: Any) -> Function:
    """Say how an activation is called: its defaults, other settings worth recording, and its constants."""
    return Function(call, defaults or {}, others, fixed)


def required(call: Callable[..., Any], *settings: dict[str, Any]) -> Function:
    """Say how an activation is called that has a parameter without default."""
    return Function(call, None, settings, {})


def renamed(call: Callable[..., Any], **names: str) -> Callable[..., Any]:
    """Translate actcli's names of parameters (on the left) to the framework's."""
    return lambda x, **given: call(x, **{names.get(name, name): setting for name, setting in given.items()})


def worded(call: Callable[..., Any]) -> Callable[..., Any]:
    """Give approximate as the word that PyTorch and ONNX want."""
    return lambda x, **given: call(x, **{name: "tanh" if setting else "none" for name, setting in given.items()})


SLOPE, ALPHA, SHRINK = {"negative_slope": 0.5}, {"alpha": 2}, {"threshold": 2}
THRESHOLD = {"threshold": 0.5, "value": -1}
EXACT, TANH = {"approximate": False}, {"approximate": True}
