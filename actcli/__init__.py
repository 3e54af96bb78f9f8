"""actcli tells what an activation function gives for some numbers, exact to the last bit.

>>> import actcli
>>> actcli.evaluate("relu", [-5, -8, 0, 3, 9], threshold=7)
array([-0., -0.,  0.,  0.,  9.], dtype=float32)
"""

from typing import TYPE_CHECKING

from actcli.api import activations, derivative, evaluate, get, vjp
from actcli.errors import ActcliError

__all__ = ["ActcliError", "activations", "derivative", "evaluate", "get", "vjp"]

__version__: str

if not TYPE_CHECKING:  # or every name would pass for one of the library

    def __getattr__(name: str) -> str:
        """Return the version of the installed package, looked up only when it is asked for."""
        if name != "__version__":
            raise AttributeError(f"module 'actcli' has no attribute {name!r}")
        from importlib.metadata import version

        return version("actcli")
