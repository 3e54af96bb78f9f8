"""Callables on arrays of NumPy, torch, JAX and TensorFlow, as functions on NumPy arrays; numbers pass by their bits."""

import contextlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from actcli.numerics.dtypes import FORMATS, FloatArray
from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.failures import CallError, to_one_line

Compute: TypeAlias = Callable[[FloatArray], FloatArray]
Function: TypeAlias = Callable[[Any], Any]
"""It takes and returns an array of a framework."""

_PACKAGES = {
    "torch": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "flax": "jax",
    "numpy": "numpy",
    "tensorflow": "tensorflow",
    "tf_keras": "tensorflow",
}


def as_compute(function: Any, module: ModuleType | None, options: KernelOptions, *, differentiate: bool) -> Compute:
    """Return a callable as a function on NumPy arrays.

    It gets torch tensors if it belongs to torch or its module imports torch, the same with JAX and TensorFlow, and
    NumPy arrays otherwise; where its module imports several, the first that it accepts. Keras's own get those of its
    backend.

    Args:
        function: the callable; a class is instantiated, with the keyword arguments.
        module: the one that it was found in.
        options: how it is called.
        differentiate: whether its framework differentiates it.

    Raises:
        CallError: for an option that it cannot have.

    """
    from actcli.referee.kernels.loading import parse_keywords

    keywords = parse_keywords(options.with_)
    if isinstance(function, type):
        function, keywords = function(**keywords), {}
    candidates = find_frameworks(function, module)
    call: Function = (lambda x: function(x, **keywords)) if keywords else function
    chosen = candidates[0]
    if len(candidates) > 1:
        chosen = next((name for name in candidates if _accepts(name, call, options)), chosen)
    return _ADAPTERS[chosen](call, options, differentiate)


def find_frameworks(function: object, module: ModuleType | None) -> list[str]:
    """Return the frameworks whose arrays a callable takes: more than one where that has to be tried."""
    inner = inspect.unwrap(function) if callable(function) else function
    inner = getattr(inner, "func", inner)  # of functools.partial
    home = sys.modules.get(getattr(inner, "__module__", None) or "")
    for name in (module and module.__name__, home and home.__name__, type(inner).__module__):
        package = (name or "").partition(".")[0]
        if package == "keras":
            backend = importlib.import_module("keras").backend.backend()
            return [backend if backend in _ADAPTERS else "numpy"]
        if package in _PACKAGES:
            return [_PACKAGES[package]]
    imported = set(_imported_frameworks(filter(None, (home, module))))
    return [name for name in _ADAPTERS if name in imported] or ["numpy"]


def _imported_frameworks(modules: Iterable[ModuleType]) -> Iterable[str]:
    for module in modules:
        for value in list(vars(module).values()):
            name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
            if isinstance(name, str) and name.partition(".")[0] in _PACKAGES:
                yield _PACKAGES[name.partition(".")[0]]


def _package_of(value: object) -> str:
    return type(value).__module__.partition(".")[0]


def _accepts(name: str, function: Function, options: KernelOptions) -> bool:
    try:
        _ADAPTERS[name](function, replace(options, compile=False, device=None), False)(np.ones(2, options.dtype.dtype))
    except Exception:
        return False
    return True


def _on_numpy(function: Function, options: KernelOptions, differentiate: bool) -> Compute:
    for option, present in {"--compile": options.compile, "--device": options.device}.items():
        if present:
            raise CallError(f"takes NumPy arrays; {option} is for torch and JAX", by_input=False)

    def compute(inputs: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            result = function(inputs)
        return _from_torch(sys.modules["torch"], result) if _package_of(result) == "torch" else np.asarray(result)

    return compute


def _on_torch(function: Function, options: KernelOptions, differentiate: bool) -> Compute:
    torch = importlib.import_module("torch")
    apply = torch.compile(function) if options.compile else function
    name = options.dtype.name
    carrier = f"int{8 * options.dtype.dtype.itemsize}"  # has the bits of types that NumPy lacks
    with _explaining(options.device):
        torch.empty(0, device=options.device)

    def to_tensor(inputs: FloatArray) -> Any:
        return torch.from_numpy(inputs.view(carrier)).view(getattr(torch, name)).to(options.device)

    def compute(inputs: FloatArray) -> FloatArray:
        x = to_tensor(inputs)
        if differentiate:
            x.requires_grad_()
            y = apply(x)
            (result,) = torch.autograd.grad(y, x, torch.ones_like(y))
        else:
            result = apply(x)
        return _from_torch(torch, result)

    return compute


def _from_torch(torch: ModuleType, result: Any) -> FloatArray:
    name = str(getattr(result, "dtype", None)).removeprefix("torch.")
    if not isinstance(result, torch.Tensor) or name not in FORMATS:
        return np.asarray(result)
    carrier = getattr(torch, f"int{8 * result.element_size()}")
    numbers: FloatArray = result.detach().cpu().contiguous().view(carrier).numpy().view(FORMATS[name].dtype)
    return numbers


def _on_jax(function: Function, options: KernelOptions, differentiate: bool) -> Compute:
    jax = importlib.import_module("jax")
    has_float64 = "float64" in {options.dtype.name, options.out_dtype.name}
    apply = jax.vmap(jax.grad(function)) if differentiate else function
    if options.compile:
        apply = jax.jit(apply)
    kind, _, number = (options.device or "").partition(":")
    with _explaining(options.device):
        device = jax.devices(kind)[int(number or 0)] if kind else None

    def compute(inputs: FloatArray) -> FloatArray:
        with jax.enable_x64(True) if has_float64 else contextlib.nullcontext():
            return np.asarray(apply(jax.device_put(inputs, device)))

    return compute


def _on_tensorflow(function: Function, options: KernelOptions, differentiate: bool) -> Compute:
    for option, present in {"--compile": options.compile, "--device": options.device}.items():
        if present:
            raise CallError(f"takes TensorFlow's arrays; {option} is for torch and JAX", by_input=False)
    tensorflow = importlib.import_module("tensorflow")

    def compute(inputs: FloatArray) -> FloatArray:
        x = tensorflow.constant(inputs)
        if not differentiate:
            return np.asarray(function(x))
        with tensorflow.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return np.asarray(tape.gradient(y, x, unconnected_gradients="zero"))

    return compute


@contextlib.contextmanager
def _explaining(device: str | None) -> Iterator[None]:
    """Turn what a framework says of a device that it cannot use into a failure that names the option."""
    try:
        yield
    except Exception as error:
        raise CallError(f"cannot compute on --device {device}: {to_one_line(str(error))}", by_input=False) from error


_ADAPTERS: dict[str, Callable[[Function, KernelOptions, bool], Compute]] = {
    "torch": _on_torch,
    "jax": _on_jax,
    "numpy": _on_numpy,
    "tensorflow": _on_tensorflow,
}
