"""The frameworks whose conventions an activation may follow."""

from typing import Any, Literal, get_args

DialectName = Literal["keras", "keras2", "torch", "jax", "onnx"]
FRAMEWORKS: tuple[DialectName, ...] = get_args(DialectName)
EVERYWHERE: dict[str, dict[str, Any]] = {framework: {} for framework in FRAMEWORKS}
