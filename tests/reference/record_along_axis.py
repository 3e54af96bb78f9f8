"""Record what libraries return along an axis with temperatures, sinks, masks, several axes and noise.

Run: python tests/reference/record_along_axis.py
Writes tests/golden/along_axis.json: for each call of a library the function of actcli that it is, with its parameters,
the numbers x and g in float64, and what the library returns for them: values, and g times the Jacobian by automatic
differentiation. Needs torch, JAX, Keras (on torch) and entmax, not actcli.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.update(KERAS_BACKEND="torch", JAX_PLATFORMS="cpu", JAX_ENABLE_X64="1")

import entmax
import jax
import keras
import numpy as np
import torch
from torch.nn import functional as f

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "along_axis.json"
PACKAGES = ("torch", "jax", "keras", "entmax", "numpy")
INF = float("inf")
X = np.array(
    [
        [0.3, -2.0, 1.0, 0.5, -0.7, 2.2],
        [1.0, 2.0, 3.0, 3.0, 3.0, -8.0],
        [90.0, -1.0, 0.0, 2.5, 3.0, 0.1],
        [-300.0, -310.0, -305.5, -301.0, -300.0, -999.0],
    ]
)
WITH_INFINITIES = np.array([[-INF, 1, 2, -3, -INF, 0.5], [-INF] * 6, [0, -INF, 3, 3, 1, 2]])
G = np.array([0.5, -1.0, 2.0, 1.0, 0.25, -3.0])
KEPT = np.array(
    [[True, True, False, True, False, True], [False] * 6, [False, True, True, True, True, True], [True] * 6]
)
NOISE = [0.5, -0.5, 0.0, 1.7, -0.3, 0.2]
Call = Callable[[Any], Any]


def calls() -> Iterator[tuple[str, str, dict[str, Any], np.ndarray, Call]]:
    """Yield the library, the function and the parameters of actcli, the numbers, and the library's call."""
    functions = {"softmax": f.softmax, "log_softmax": f.log_softmax, "softmin": f.softmin}
    for name, function in functions.items():
        for temperature in (0.5, 3.0):
            given = {"temperature": temperature}
            yield "torch", name, given, X, lambda x, run=function, t=temperature: run(x / t, dim=-1)
        for axis in (0, -1):
            yield "torch", name, {"axis": axis}, np.array(2.5), lambda x, run=function, dim=axis: run(x, dim=dim)
    for sink in (0.0, 2.0, -300.0):
        yield "torch", "softmax", {"sink": sink}, X, lambda x, s=sink: _with_sink(f.softmax, x, s)
        yield "torch", "log_softmax", {"sink": sink}, X, lambda x, s=sink: _with_sink(f.log_softmax, x, s)
    yield "torch", "softmax", {"where": KEPT.tolist()}, X, _attend
    for hard in (False, True):
        for tau in (1.0, 0.5):
            given = {"noise": NOISE, "tau": tau, "hard": hard}
            yield "torch", "gumbel_softmax", given, X, lambda x, tau=tau, hard=hard: _with_noise(x, tau, hard)
    for name, function in (("softmax", jax.nn.softmax), ("log_softmax", jax.nn.log_softmax)):
        yield "jax", name, {"where": KEPT.tolist()}, X, lambda x, run=function: run(x, where=KEPT)
        yield "jax", name, {"fill_value": "-inf"}, WITH_INFINITIES, lambda x, run=function: run(x, where=x != -INF)
        yield "jax", name, {"axis": [0, 1]}, X, lambda x, run=function: run(x, axis=(0, 1))
        cube = X.reshape(2, 3, 4)
        for axis in ((0, 2), (-1, 1), (0, 1, 2)):
            yield "jax", name, {"axis": list(axis)}, cube, lambda x, run=function, axis=axis: run(x, axis=axis)
    layer = keras.layers.Softmax(dtype="float64")
    yield "keras", "softmax", {"where": KEPT.tolist()}, X, lambda x: layer(x, mask=torch.tensor(KEPT))
    yield "keras", "softmax", {"axis": [0, 1]}, X, lambda x: keras.ops.softmax(x, axis=(0, 1))
    yield "entmax", "entmax15", {}, X, lambda x: entmax.entmax15(x, dim=-1)
    yield "entmax", "entmax15", {"axis": 0}, X, lambda x: entmax.entmax15(x, dim=0)
    for alpha in (1.0625, 1.25, 1.75):
        given = {"alpha": alpha}
        yield "entmax", "alpha_entmax", given, X, lambda x, a=alpha: entmax.entmax_bisect(x, alpha=a, dim=-1, n_iter=90)
    yield "entmax", "sparsemax", {}, X, lambda x: entmax.sparsemax(x, dim=-1)


def _with_sink(function: Callable[..., Any], x: torch.Tensor, sink: float) -> torch.Tensor:
    """Do as gpt-oss does: the sink is a number behind the others, whose result is dropped."""
    sinks = torch.full((*x.shape[:-1], 1), sink, dtype=x.dtype)
    return function(torch.cat([x, sinks], dim=-1), dim=-1)[..., :-1]


def _attend(x: torch.Tensor) -> torch.Tensor:
    """Let attention show its weights: keys and values are the unit vectors."""
    unit = torch.eye(x.shape[-1], dtype=x.dtype)
    return f.scaled_dot_product_attention(x, unit, unit, attn_mask=torch.tensor(KEPT), scale=1.0)


def _with_noise(x: torch.Tensor, tau: float, hard: bool) -> torch.Tensor:
    """Draw the given noise: torch takes it as -log(e) of exponentially distributed e."""
    drawn = torch.exp(-torch.tensor(NOISE, dtype=x.dtype)).expand(x.shape)
    original = torch.Tensor.exponential_
    torch.Tensor.exponential_ = lambda self: self.copy_(drawn)  # type: ignore[method-assign]
    try:
        return f.gumbel_softmax(x, tau=tau, hard=hard, dim=-1)
    finally:
        torch.Tensor.exponential_ = original  # type: ignore[method-assign]


def record(library: str, call: Call, x: np.ndarray, g: np.ndarray) -> tuple[list[Any], list[Any]]:
    """Return what the library gives: the values, and g times the Jacobian."""
    if library == "jax":
        y, pulled_back = jax.vjp(call, jax.numpy.asarray(x))
        return np.asarray(y).tolist(), np.asarray(pulled_back(jax.numpy.asarray(g))[0]).tolist()
    numbers = torch.tensor(x, requires_grad=True)
    y = call(numbers)
    y.backward(torch.tensor(g))
    assert numbers.grad is not None
    return y.detach().numpy().tolist(), numbers.grad.numpy().tolist()


def main() -> None:
    """Write the file."""
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    cases = []
    for library, name, parameters, x, call in calls():
        g = np.resize(G, x.shape)
        value, vjp = record(library, call, x, g)
        cases.append({"library": library, "function": name, "parameters": parameters})
        cases[-1] |= {"x": x.tolist(), "g": g.tolist(), "value": value, "vjp": vjp}
    text = ",\n".join(json.dumps(case) for case in cases)
    GOLDEN.write_text(f'{{"versions": {json.dumps(versions)}, "cases": [\n{text}\n]}}\n')
    print(f"{GOLDEN.name}: {len(cases)} calls")


if __name__ == "__main__":
    main()
