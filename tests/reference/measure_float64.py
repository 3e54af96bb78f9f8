"""Measure the errors of actcli, NumPy, SciPy, PyTorch and JAX in float64, against MPFR.

Every result of actcli has to be the exact value, rounded. NumPy's are those of the formula as the documentation gives
it, step by step in float64; SciPy has functions of its own for a few. ONNX Runtime has float64 kernels for so few that
it is left out.
"""

import math
from typing import Any

import numpy as np

import actcli
from actcli.activation import Elementwise
from actcli.numerics import dtypes
from tests.reference import compared, evidence, many, ulp
from tests.reference.sweep_float32 import usual_parameters

FORMAT = dtypes.FORMATS["float64"]
INPUTS = 20_000
NUMPY = {
    **{name: getattr(np, name) for name in ("exp", "log", "sin", "cos", "tanh", "sqrt", "pi")},
    "sinpi": lambda x: np.sin(np.pi * x),
}
PIECES = 32


def inputs() -> np.ndarray:
    """Return numbers of all sizes, ordinary ones, and those where exponentials come to the ends of their range."""
    generator = np.random.default_rng(64)
    sizes = generator.choice([-1.0, 1.0], INPUTS // 4) * 2.0 ** generator.uniform(-1070, 28, INPUTS // 4)
    ordinary = [generator.normal(0, 3, INPUTS // 4), generator.uniform(-40, 40, INPUTS // 4)]
    return np.concatenate([sizes, *ordinary, generator.uniform(-750, 750, INPUTS // 4)])


def refereed(task: tuple[str, str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return the inputs without kinks, what actcli and NumPy give, the exact values in two parts, and them rounded."""
    name, kind, x = task
    parameters = usual_parameters(name)
    actual = (actcli.evaluate if kind == "value" else actcli.derivative)(name, x, **parameters)
    high, low, rounded = many.confirm(many.Case(actcli.get(name), kind, parameters, FORMAT.name), x, actual)
    smooth = ~np.isnan(rounded)
    plain = by_formula(actcli.get(name), kind, x[smooth], parameters)
    return x[smooth], actual[smooth], plain, high[smooth], low[smooth], rounded[smooth]


def by_formula(activation: type[Elementwise], kind: str, x: np.ndarray, parameters: dict[str, Any]) -> np.ndarray:
    """Return what the formula gives in NumPy's arithmetic."""
    formula = activation.formula if kind == "value" else activation.derivative_formula
    names: dict[str, Any] = NUMPY | {
        "erf": lambda number: np.float64(math.erf(number)),
        "erfc": lambda number: np.float64(math.erfc(number)),
    }
    names |= {key: compared.plain_number(value) for key, value in parameters.items()}
    code = compile(formula, activation.name, "eval")
    with np.errstate(all="ignore"):
        return np.array([_number(lambda number=number: eval(code, names, {"x": number})) for number in x])


def _number(call: Any) -> float:
    try:
        return float(call())
    except ZeroDivisionError:  # of Python's own numbers, such as parameters
        return math.nan


def scipy_results(name: str, x: np.ndarray) -> np.ndarray | None:
    """Return what SciPy gives, if it is installed and has the function."""
    try:
        from scipy import special
    except ImportError:
        return None
    known = {
        "sigmoid": special.expit,
        "log_sigmoid": special.log_expit,
        "softplus": special.softplus,
        "gelu": lambda x: x * special.ndtr(x),
    }
    return np.asarray(known[name](x)) if name in known else None


def measure(pool: Any, frameworks: dict[str, Any], name: str, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is found of actcli, and the largest error of each of the others."""
    x = inputs()
    pieces = pool.map(refereed, [(name, kind, x[i::PIECES]) for i in range(PIECES)], chunksize=1)
    x, actual, plain, exact, low, rounded = (np.concatenate(part) for part in zip(*pieces, strict=True))
    wrong = x[actual != rounded]
    if wrong.size:
        print(f"{name} {kind}: wrong in float64 at {wrong[:5].tolist()}", flush=True)
    normal = ulp.normal(x, exact, FORMAT)
    results = {"numpy": plain[normal]}
    if kind == "value" and (known := scipy_results(name, x[normal])) is not None:
        results["scipy"] = known
    for package, framework in frameworks.items():
        known = compared.results(framework, actcli.get(name), usual_parameters(name), kind, x[normal])
        if known is not None:
            results[package] = known
    others = {
        key: evidence.as_json(ulp.largest(ulp.errors(known, exact[normal], FORMAT, low[normal]), x[normal]))
        for key, known in results.items()
    }
    error = evidence.as_json(ulp.largest(ulp.errors(actual, exact, FORMAT, low), x))
    return {"inputs": int(x.size), "wrong": int(wrong.size), "error": error}, others
