"""PyTorch and JAX asked for what actcli gives, with the parameters that make the definitions equal."""

import importlib.util
import os
import warnings
from typing import Any

import numpy as np

from actcli.activation import Activation
from actcli.parameters import Ratio
from tests.reference import record_frameworks
from tests.reference.record_frameworks import Framework, Function

NAMES = {"torch": "PyTorch", "jax": "JAX"}
LIBRARIES = {"numpy": "NumPy", "scipy": "SciPy"}


def installed() -> dict[str, Framework]:
    """Return those of the frameworks that can be imported."""
    os.environ.update(CUDA_VISIBLE_DEVICES="-1", JAX_PLATFORMS="cpu")
    warnings.simplefilter("ignore")
    found = {}
    for name, shown in NAMES.items():
        try:
            found[name] = record_frameworks.FRAMEWORKS[name]()
        except ImportError as error:
            print(f"without {shown}: {error}", flush=True)
    return found


def libraries() -> list[str]:
    """Return those of NumPy and SciPy that are installed."""
    return [name for name in LIBRARIES if importlib.util.find_spec(name)]


def settings(entry: Function, activation: type[Activation], parameters: dict[str, Any]) -> dict[str, Any] | None:
    """Return how a framework's function is called for an activation's parameters; None if no call is so defined."""
    for name, fixed in entry.fixed.items():
        if plain_number(parameters[name]) != fixed:
            return None
    given = {}
    known = entry.defaults if entry.defaults is not None else entry.others[0]
    for name, default in known.items():
        wanted = parameters[activation.parameter_name(name)]
        if isinstance(wanted, Ratio):  # a fraction cannot be passed, but it may be the default
            if plain_number(wanted) != default:
                return None
        elif wanted is not None:  # PyTorch's softplus keeps its threshold of 20: there x is as good
            given[name] = wanted
    return given


def plain_number(value: Any) -> Any:
    """Return a parameter as the frameworks take it: a fraction as the number next to it."""
    return value.numerator / value.denominator if isinstance(value, Ratio) else value


def results(
    framework: Framework, activation: type[Activation], parameters: dict[str, Any], kind: str, x: np.ndarray
) -> np.ndarray | None:
    """Return a framework's values or derivatives of an activation; None where it has none of that definition."""
    entry = framework.elementwise.get(activation.name)
    run = getattr(framework, kind)
    if entry is None or run is None:
        return None
    given = settings(entry, activation, parameters)
    return None if given is None else np.asarray(run(lambda point: entry.call(point, **given), x))
