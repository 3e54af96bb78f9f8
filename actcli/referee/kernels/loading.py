"""Find the callable that a word names, and the keyword arguments for it."""

import ast
import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from actcli.errors import suggestion
from actcli.referee.kernels.failures import CallError
from actcli.referee.kernels.words import Code


def load_object(code: Code) -> tuple[Any, ModuleType]:
    """Return the object that a word names, and the module it was found in.

    Installed modules are found before those of the current folder, and a file's neighbours after both: no file there
    takes the place of a package by accident.

    Raises:
        CallError: if there is no such object.
        Exception: whatever the module raises.

    """
    sys.path.append(os.getcwd())
    module = _load_file(code.place) if code.kind == "file" else importlib.import_module(code.place)
    found: Any = module
    for name in code.name.split("."):
        if not hasattr(found, name):
            near = suggestion(name, [known for known in dir(found) if not known.startswith("_")])
            where = code.place if found is module else f"{code.place}:{code.name.rpartition('.' + name)[0]}"
            raise CallError(f"does not exist: {where} has no {name!r}{near}", by_input=False)
        found = getattr(found, name)
    if not callable(found):
        raise CallError(f"cannot be called: it is of type {type(found).__name__}", by_input=False)
    return found, module


def _load_file(path: str) -> ModuleType:
    name = os.path.basename(path).removesuffix(".py")
    sys.path.append(os.path.dirname(os.path.abspath(path)))
    # Under a name of its own: a file called torch.py must not become torch.
    spec = importlib.util.spec_from_file_location(f"kernel_file_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def parse_keywords(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the keyword arguments of ``--with``: Python literals, and other text as it is."""
    values: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            values[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            values[name] = text
    return values
