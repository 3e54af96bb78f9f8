"""The frameworks that can be audited, and which of them are installed."""

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from actcli.dialects import DialectName
from actcli.errors import ActcliError, require_choice


@dataclass(frozen=True)
class AuditedFramework:
    """A framework whose results are checked."""

    name: str
    dialect: DialectName
    """Whose lines of code and conventions the catalogue knows."""
    packages: tuple[str, ...]
    """What has to be installed, the one that the lines of code call first."""
    environment: Mapping[str, str] = field(default_factory=dict)
    differentiates: bool = True
    """Whether it has derivatives."""

    @property
    def module(self) -> str:
        """What the lines of code call."""
        return self.packages[0]

    @property
    def is_installed(self) -> bool:
        """Whether all its packages can be found; nothing is imported."""
        return all(importlib.util.find_spec(package) is not None for package in self.packages)


_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}


def _on_keras(backend: str) -> AuditedFramework:
    return AuditedFramework(f"keras-{backend}", "keras", ("keras", backend), _QUIET | {"KERAS_BACKEND": backend})


FRAMEWORKS = {
    framework.name: framework
    for framework in (
        AuditedFramework("torch", "torch", ("torch",)),
        AuditedFramework("jax", "jax", ("jax",)),
        *map(_on_keras, ("torch", "jax", "tensorflow")),
        AuditedFramework("keras2", "keras2", ("tensorflow", "tf_keras"), _QUIET | {"TF_USE_LEGACY_KERAS": "1"}),
        AuditedFramework("onnxruntime", "onnx", ("onnxruntime", "onnx"), differentiates=False),
    )
}
ALL_OF_KERAS = "keras"
NAMES = (*FRAMEWORKS, ALL_OF_KERAS)
"""What a caller may name: the frameworks, and Keras on each backend that is installed."""
_ALIASES = {
    "pytorch": "torch",
    "onnx": "onnxruntime",
    "ort": "onnxruntime",
    "tensorflow": "keras-tensorflow",
    "tf.keras": "keras2",
}


def find_frameworks(names: Sequence[str]) -> list[AuditedFramework]:
    """Return the frameworks of that names, each once; without names, all that are installed.

    Raises:
        ActcliError: for a name that is none, and if a framework, or every one, is not installed.

    """
    installed = [framework for framework in FRAMEWORKS.values() if framework.is_installed]
    found: list[AuditedFramework] = []
    for name in names:
        word = require_choice("FRAMEWORK", name, NAMES, _ALIASES)
        chosen = [each for each in installed if word in {each.name, each.module}]
        if not chosen:
            raise ActcliError(f"{word} is not installed here: {_describe_missing(word)}; installed: {_list(installed)}")
        found += chosen
    if not names and not installed:
        raise ActcliError(f"no framework is installed here; actcli audit knows {', '.join(NAMES)}")
    return [each for each in installed if each in found or not names]


def _describe_missing(word: str) -> str:
    """Return what Python does not find."""
    backends = FRAMEWORKS.values() if word == ALL_OF_KERAS else (FRAMEWORKS[word],)
    packages = dict.fromkeys(package for framework in backends for package in framework.packages)
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    return f"Python does not find {' or '.join(missing)}"


def _list(frameworks: Iterable[AuditedFramework]) -> str:
    return ", ".join(framework.name for framework in frameworks) or "none"
