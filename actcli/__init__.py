"""actcli tells what an activation function gives for some numbers, exact to the last bit.

>>> import actcli
>>> actcli.evaluate("relu", [-5, -8, 0, 3, 9], threshold=7)
array([-0., -0.,  0.,  0.,  9.], dtype=float32)
"""

from actcli import signals

if signals.is_command():
    signals.end_quietly()  # before the imports below, which take most of the time of a short run

from actcli.api import activations, derivative, evaluate, get, vjp
from actcli.errors import ActcliError

__all__ = ["ActcliError", "activations", "derivative", "evaluate", "get", "vjp"]
