"""What a framework says of itself: versions, and what else changes the bits of its results."""

import importlib
import importlib.metadata
import os
from collections.abc import Sequence
from types import ModuleType
from typing import TypedDict


class About(TypedDict):
    """What there is to know of a framework."""

    versions: dict[str, str]
    """By package."""
    device: str
    capability: str | None
    """Which of its vectorised kernels it has chosen for the CPU, if it tells."""
    threads: int


def describe_framework(packages: Sequence[str]) -> About:
    """Return what there is to know of packages, each named as it is imported.

    Raises:
        Exception: whatever the import of a package raises.

    """
    modules = {name: importlib.import_module(name) for name in packages}
    versions = {name: _version(name, module) for name, module in modules.items()}
    about: About = {"versions": versions, "device": "cpu", "capability": None, "threads": count_processors()}
    if torch := modules.get("torch"):
        about["capability"], about["threads"] = torch.backends.cpu.get_cpu_capability(), torch.get_num_threads()
    if jax := modules.get("jax"):
        about["device"] = jax.default_backend()
    return about


def _version(name: str, module: ModuleType) -> str:
    version = getattr(module, "__version__", None)
    return str(version) if version else importlib.metadata.version(name)


def count_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
