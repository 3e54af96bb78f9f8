"""The parameters that the tests try with each activation, beside every dialect's defaults; a new one needs none."""

from typing import Any

import numpy as np

from actcli.activation import AlongAxis, Elementwise
from actcli.parameters import REQUIRED
from actcli.registry import registered

MORE: dict[str, list[dict[str, Any]]] = {
    "affine": [{"alpha": 0.3, "beta": -1.7}, {"alpha": 0.5, "beta": 0.25}],
    "relu": [
        {"negative_slope": 0.3},
        {"negative_slope": 0.5, "max_value": 6.0, "threshold": 0.3},
        {"negative_slope": -0.3, "max_value": 2.0, "threshold": -1.0},
    ],
    "prelu": [{"slope": 0.25}, {"slope": -1.3}],
    "rrelu": [{"lower": 0.1}, {"lower": 0.1, "upper": 0.3}],
    "threshold": [{"threshold": 0.1, "value_below": 20.0}],
    "thresholded_relu": [{"theta": -0.7}],
    "elu": [{"alpha": 2.3}],
    "celu": [{"alpha": 0.3}, {"alpha": -2.0}],
    "xielu": [{"alpha_p": 0.3, "alpha_n": 2.1, "beta": 0.7}],
    "softplus": [{"beta": 2.3}, {"beta": -1.0}],
    "squareplus": [{"b": 0.0}, {"b": 1.9218120556728057}],
    "hard_sigmoid": [{"slope": 0.3, "offset": 0.1}],
    "laplace": [{"mu": 0.0, "sigma": 1.0}],
    "hard_tanh": [{"min_val": -0.3, "max_val": 2.7}],
    "scaled_tanh": [{"alpha": 1.7159, "beta": 0.6666667}],
    "silu": [{"beta": 1.702}, {"beta": -0.3}],
    "quick_gelu": [{"alpha": 1.0}],
    "gelu_10": [{"min_value": -0.1, "max_value": 3.0}],
    "soft_shrink": [{"threshold": 0.3}],
    "hard_shrink": [{"threshold": 0.3}],
    "shrink": [{"lambd": 0.3, "bias": 0.1}],
}

NEEDED = {
    activation.name: {name: 0.5 for name, parameter in activation.parameters.items() if parameter.default is REQUIRED}
    for activation in registered()
}
"""Values for the parameters that have to be given, by the name of the activation."""

ELEMENTWISE = [activation for activation in registered() if issubclass(activation, Elementwise)]


def parameters_of(activation: type[Elementwise]) -> list[dict[str, Any]]:
    """Return the parameters to try, each once: the defaults, those of every dialect, and some more."""
    defaults = {name: parameter.default for name, parameter in activation.parameters.items()}
    wanted = [] if REQUIRED in defaults.values() else [{}]
    wanted += [dict(has.defaults) for has in activation.dialects.values() if has.defaults]
    complete = [
        _complete(defaults | given) for given in wanted + MORE.get(activation.name, [_other_numbers(activation)])
    ]
    return [given for i, given in enumerate(complete) if given not in complete[:i]]


def _other_numbers(activation: type[Elementwise]) -> dict[str, Any]:
    """Return a number for each parameter that is one: 0.5 if it is required, 0.1 if it is off, else of its sign."""
    defaults = {name: parameter.default for name, parameter in activation.parameters.items()}
    needed = {name: 0.5 for name, value in defaults.items() if value is REQUIRED}
    needed |= {
        name: 0.1
        for name, parameter in activation.parameters.items()
        if (parameter.default, parameter.kind) == (None, float)
    }
    numbers = {name: value for name, value in defaults.items() if isinstance(value, float)}
    return needed | {name: 0.7 * value + (0.1 if value >= 0 else -0.1) for name, value in numbers.items()}


def _complete(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: float(np.float32(value)) if isinstance(value, float) else value for name, value in parameters.items()}


CASES = [(activation, parameters) for activation in ELEMENTWISE for parameters in parameters_of(activation)]


def label(case: tuple[type[Elementwise], dict[str, Any]]) -> str:
    """Return the name of a case: the activation, and the parameters that differ from its defaults."""
    activation, parameters = case
    given = [
        f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in parameters.items()
        if value != activation.parameters[name].default
    ]
    return f"{activation.name}({', '.join(given)})"


IDS = [label(case) for case in CASES]

_TRIED: dict[str, list[Any]] = {
    "temperature": [0.3, 3.0],
    "tau": [0.3],
    "sink": [0.0, -40.0, 30.0],
    "alpha": [1.25, 1.75],
}


def settings_along_axis(activation: type[AlongAxis]) -> list[dict[str, Any]]:
    """Return the parameters to try with an activation along an axis: the defaults, one number at a time, and all."""
    tried = {name: values for name, values in _TRIED.items() if name in activation.parameters}
    single = [{name: value} for name, values in tried.items() for value in values]
    together = {name: values[0] for name, values in tried.items()}
    return [{}, *single, *([together] if len(together) > 1 else [])]
