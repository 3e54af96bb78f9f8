"""The frameworks whose conventions an activation may follow."""

from typing import Any

FRAMEWORKS = ("keras", "keras2", "torch", "jax", "onnx")
EVERYWHERE: dict[str, dict[str, Any]] = {framework: {} for framework in FRAMEWORKS}
