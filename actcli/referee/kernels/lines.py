"""The lines of code that the catalogue shows for an activation, as functions on NumPy arrays."""

import importlib
from typing import Any

from actcli.referee.kernel import KernelOptions
from actcli.referee.kernels.frameworks import Compute, as_compute
from actcli.referee.kernels.words import Code

_OPERATORS = "onnxruntime"
_CUSTOMARY = {"tensorflow": "tf"}
"""What lines of code call a module, if not by its name."""


def load_line(code: Code, options: KernelOptions) -> Compute:
    """Return a line of code as a function; the names in it are the keyword arguments of the options.

    For ONNX Runtime the line names an operator, else it is Python that calls the framework with ``x``.

    Raises:
        CallError: if it cannot be computed.
        Exception: whatever the framework raises.

    """
    if code.place == _OPERATORS:
        from actcli.referee.kernels.operators import load_operator

        return load_operator(code, options)
    module = importlib.import_module(code.place)
    names = ", ".join(["x", *options.with_])
    function: Any = eval(f"lambda {names}: {code.name}", {_CUSTOMARY.get(code.place, code.place): module})
    return as_compute(function, module, options, differentiate=code.differentiate)
