"""actcli tells what an activation function gives for some numbers, exact to the last bit.

>>> import actcli
>>> actcli.evaluate("relu", [-5, -8, 0, 3, 9], threshold=7)
array([-0., -0.,  0.,  0.,  9.], dtype=float32)
"""

from actcli.activation import Activation, find, registered
from actcli.errors import ActcliError
from actcli.evaluate import derivative, evaluate
from actcli.jacobian import vjp

__all__ = ["ActcliError", "activations", "derivative", "evaluate", "get", "vjp"]


def activations() -> list[str]:
    """Return the names of all activations, in the order of the catalogue."""
    return [block.name for block in registered()]


def get(name: str) -> type[Activation]:
    """Return the block of an activation: its formula, source, parameters, value and derivative.

    Args:
        name: a name or an alias; case, ``-`` and ``_`` do not matter.

    Raises:
        ActcliError: if there is no such activation; the message suggests near names.

    """
    return find(name)
