"""actcli tells what an activation function gives for some numbers, exact to the last bit.

>>> import actcli
>>> actcli.evaluate("relu", [-5, -8, 0, 3, 9], threshold=7)
array([-0., -0.,  0.,  0.,  9.], dtype=float32)
"""

from typing import TYPE_CHECKING

__all__ = ["ActcliError", "activations", "check", "derivative", "evaluate", "evaluate_quantized", "get", "vjp"]

__version__: str

if TYPE_CHECKING:
    from actcli.api import activations, check, derivative, evaluate, evaluate_quantized, get, vjp
    from actcli.errors import ActcliError
else:

    def __getattr__(name: str) -> object:
        """Load a public name on first use: the command sets its signal handlers before that."""
        if name == "__version__":
            from importlib.metadata import version

            return version("actcli")
        if name not in __all__:
            raise AttributeError(f"module 'actcli' has no attribute {name!r}")
        from actcli import api, errors

        return getattr(errors if name == "ActcliError" else api, name)

    def __dir__() -> list[str]:
        return sorted([*globals(), *__all__])
