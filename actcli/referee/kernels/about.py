"""What a framework says of itself: versions, and what else changes the bits of its results."""

import importlib
import importlib.metadata
import os
from collections.abc import Callable, Sequence
from typing import Any


def describe_framework(packages: Sequence[str]) -> dict[str, Any]:
    """Return what there is to know of packages, each named as it is imported.

    Returns:
        ``versions`` by package, ``device``, ``threads``, and ``capability``: which of its vectorised kernels a
        framework has chosen for the CPU, None where it does not tell.

    Raises:
        Exception: whatever the import of a package raises.

    """
    modules = {name: importlib.import_module(name) for name in packages}
    about: dict[str, Any] = {"versions": {name: _version(name, module) for name, module in modules.items()}}
    about |= {"device": "cpu", "capability": None, "threads": _count_processors()}
    for name, module in modules.items():
        if name in _MORE:
            about |= _MORE[name](module)
    return about


def _version(name: str, module: Any) -> str:
    version = getattr(module, "__version__", None)
    return str(version) if version else importlib.metadata.version(name)


def _count_processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _describe_torch(torch: Any) -> dict[str, Any]:
    return {"capability": torch.backends.cpu.get_cpu_capability(), "threads": torch.get_num_threads()}


def _describe_jax(jax: Any) -> dict[str, Any]:
    return {"device": jax.default_backend()}


_MORE: dict[str, Callable[[Any], dict[str, Any]]] = {"torch": _describe_torch, "jax": _describe_jax}
