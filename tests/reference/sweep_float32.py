"""Sweep all float32 inputs of every elementwise function through the float64 path, and keep the hardest.

Run: python tests/reference/regenerate.py [NAME ...] --sweep
For the value and the derivative of each function, all 2**32 inputs go through the library's float64 path. Counted are
the inputs whose rounding it cannot decide; inputs that make NaN of a number with a result, or a number of NaN; and,
where the library computes in float32 directly, those where that gives another number than float64, rounded. Of the
undecided inputs and of those whose result lies nearest to a rounding boundary, thousands are kept for
measure_errors.py to check.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from actcli.api import prepare
from actcli.compute import compute_derivatives, compute_values
from actcli.domain import is_outside
from actcli.numerics import dtypes, elementwise, rounding, vector
from tests.activations import ELEMENTWISE, parameters_of

FORMAT = dtypes.FORMATS["float32"]
KINDS = ("value", "derivative")
CHUNK = 2**16  # whose temporaries stay in the cache of one core
PART = 2**26
NET = 2.0**-40  # relative distance to a boundary that is worth a closer look
NEAREST = 10_000
UNDECIDED = 40_000  # kept at most, spread evenly
_THIN = np.r_[0:CHUNK:64, CHUNK - 1]
_NOWHERE = np.empty(0, np.intp)
_LARGEST = 512.0  # beyond, the library's tables give what there is at it


@cache
def function_of(name: str, kind: str) -> tuple[Any, elementwise.Function]:
    """Return the activation with its usual parameters, and what the library evaluates of it."""
    activation = prepare(name, usual_parameters(name), FORMAT.dtype)
    call, terms = getattr(activation, kind), getattr(activation, f"{kind}_condition_terms")
    return activation, elementwise.Function(call, activation.error, terms, activation.single_rounding)


def usual_parameters(name: str) -> dict[str, Any]:
    """Return the default parameters, or the first ones that the tests try where some are required."""
    return parameters_of(next(activation for activation in ELEMENTWISE if activation.name == name))[0]


def swept(part: tuple[str, str, int]) -> tuple[int, int, np.ndarray, np.ndarray, np.ndarray]:
    """Return how many inputs of a part are wrong, how many undecided, some of those, and the nearest to a boundary."""
    name, kind, start = part
    activation, function = function_of(name, kind)
    wrong, undecided, nearest, distances = 0, [], [], []
    for first in range(start, start + PART, CHUNK):
        x = np.arange(first, first + CHUNK, dtype=np.uint32).view(np.float32)
        if not np.isfinite(x[-1]) or is_outside(activation, x).any():
            y = (compute_values if kind == "value" else compute_derivatives)(activation, x, "exact")
            due = np.isnan(x) | is_outside(activation, x) | (np.isinf(x) & (kind in activation.no_limit))
            wrong += np.count_nonzero(due != np.isnan(y))
            continue
        wide = x.astype(np.float64)
        y = np.ascontiguousarray(np.broadcast_to(function.call(vector, wide), x.shape))
        rounded = y.astype(np.float32)
        wrong += np.count_nonzero(np.isnan(rounded))
        if function.single_rounding:
            wrong += np.count_nonzero(function.call(vector, x) != rounded)
        near, unsure = _hard(function, wide, y, rounded)
        undecided.append(x[unsure])
        if near.size:
            distance = 0.5 - np.abs(y[near] - rounded[near]) / np.spacing(np.abs(rounded[near]))
            chosen = np.argsort(distance, kind="stable")[:32]
            nearest.append(x[near[chosen]])
            distances.append(distance[chosen])
    unsure = np.concatenate([x[:0], *undecided])
    hard, distance = np.concatenate([x[:0], *nearest]), np.concatenate([np.empty(0), *distances])
    best = np.argsort(distance, kind="stable")[:NEAREST]
    return wrong, unsure.size, unsure[:UNDECIDED], hard[best], distance[best]


def _hard(
    function: elementwise.Function, x: np.ndarray, y: np.ndarray, rounded: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of results near a boundary, and of those that float64 cannot decide."""
    error = 0.0 if function.single_rounding else function.error
    net = max(NET, error)
    if function.condition_terms:
        # The error is relative to the terms, of which a few tell how much larger they are than the result. Close to a
        # root they are so much larger that no net is wide enough.
        ratio = np.fmax.reduce(function.condition_terms(vector, x[_THIN]) / np.abs(y[_THIN]))
        net = max(net, 4 * error * ratio) if ratio > 0 else net
        if net > 2.0**-28:
            unsure = elementwise.find_hard_cases(function, x, y, rounded, FORMAT)
            return unsure, unsure
    elif y[0] == y[-1] and y.min() == y.max() and not rounding.find_hard_cases(y[:1], rounded[:1], net, FORMAT).size:
        return _NOWHERE, _NOWHERE
    near = rounding.find_hard_cases(y, rounded, net, FORMAT)
    if not (error and near.size):
        return near, _NOWHERE
    return near, near[elementwise.find_hard_cases(function, x[near], y[near], rounded[near], FORMAT)]


def monotonic(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a monotonic function that gives one number for a chunk if its smallest and largest give the same."""

    def quick(x: Any) -> Any:
        if np.size(x) > 2:
            low, high = function(np.clip(np.array([np.min(x), np.max(x)]), -_LARGEST, _LARGEST))
            if low == high:
                return low
        return function(x)

    return quick


def prepare_process() -> None:
    """Make ready what every process of the pool needs."""
    np.seterr(all="ignore")
    # Three quarters of all float32 inputs are so small or so large that their exponentials are 1, 0 or infinite: one
    # number instead of a chunk then goes through the rest of the activation.
    for name in ("exp", "expm1", "log1p", "tanh"):
        setattr(vector, name, monotonic(getattr(vector, name)))
    where = vector.where

    def chosen(condition: Any, left: Any, right: Any) -> Any:
        return (left if condition else right) if np.ndim(condition) == 0 else where(condition, left, right)

    vector.where = chosen  # type: ignore[assignment]


def sweep(pool: Any, name: str, kind: str) -> tuple[dict[str, int], np.ndarray]:
    """Return what the sweep of one function found, and the hardest inputs."""
    found = pool.map(swept, [(name, kind, start) for start in range(0, 2**32, PART)], chunksize=1)
    undecided, near, distance = (np.concatenate([part[i] for part in found]) for i in (2, 3, 4))
    hard = [undecided[:: -(-undecided.size // UNDECIDED) or 1], near[np.argsort(distance, kind="stable")[:NEAREST]]]
    results = {
        "inputs": len(found) * PART,
        "undecided": sum(part[1] for part in found),
        "wrong": int(sum(part[0] for part in found)),
    }
    return results, np.unique(np.concatenate(hard).view(np.uint32)).view(np.float32)
