"""Fingerprints of the code that evidence speaks of: what computes counts, how it is written and explained does not.

The fingerprint of an activation covers its class and, of the catalogue and ``activation.py``, whatever the class uses:
functions, constants, base classes; their meaning only, so neither prose (descriptions, help, spellings), windows of
pictures, nor dialects, since measurements name all parameters and leave out kinks. That of numerics covers
``actcli/numerics`` and ``compute.py``, without the modules that no evidence here rests on. Neither covers comments,
docstrings, annotations, layout, imports or the texts of errors. Sources are parsed, never imported, so that any tree
can be asked, and any version of Python agrees.
"""

import ast
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[2] / "actcli"
OTHER_NUMERICS = {"array_text", "distance", "tensorflow2", "text", "__init__"}
PROSE = {
    *(
        "description",
        "textbook",
        "source",
        "derivative_formula",
        "kinks",
        "range",
        "monotonic",
        "advantages",
        "disadvantages",
    ),
    *("use", "other_calls", "aliases", "nearest", "dialects", "window"),
}
_IMPORTED = (ast.Import, ast.ImportFrom)
_POSITIONS_AND_TYPES = {"ctx", "kind", "type_comment", "type_params", "annotation", "returns", "simple"}


class _Meaning(ast.NodeTransformer):
    """Take out of a tree what changes no result."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Drop docstrings and other bare constants."""
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        """Keep that something is raised, not what it says."""
        return ast.Raise(exc=None, cause=None)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        """Drop prose."""
        is_prose = all(isinstance(target, ast.Name) and target.id in PROSE for target in node.targets)
        return None if is_prose else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        """Drop annotations without a value, and make the others plain assignments."""
        if node.value is None:
            return None
        return self.visit(ast.Assign(targets=[node.target], value=node.value))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Drop the help of parameters, and their further spellings."""
        if isinstance(node.func, ast.Name) and node.func.id == "param":
            node.args = node.args[:1]
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "spellings"]
        return self.generic_visit(node)


def fingerprint_activation(activation: type[Any], package: Path = PACKAGE) -> str:
    """Return the fingerprint of an activation as a tree of the package defines it."""
    module = activation.__module__.removeprefix("actcli.")
    found = dict(_definitions(package, module, activation.__name__, set()))
    return _digest([found[key] for key in sorted(found)])


def fingerprint_numerics(package: Path = PACKAGE) -> str:
    """Return the fingerprint of the numerics that all activations share."""
    paths = [path for path in sorted(package.glob("numerics/*.py")) if path.stem not in OTHER_NUMERICS]
    modules = [_meaning(path.read_text()) for path in (*paths, package / "compute.py")]
    return _digest([[each for each in module if not isinstance(each, _IMPORTED)] for module in modules])


@cache
def _meaning(source: str) -> list[ast.stmt]:
    """Return the statements of a module, without what changes no result."""
    return _Meaning().visit(ast.parse(source)).body


def _definitions(package: Path, module: str, name: str, seen: set[tuple[str, str]]) -> Iterator[tuple[str, ast.AST]]:
    """Yield a definition and those it uses, by place, as far as they stand in the catalogue or what it builds on."""
    if (module, name) in seen or (module, name) == ("activation", "Activation"):
        return
    seen.add((module, name))
    statements = _meaning(package.joinpath(*module.split(".")).with_suffix(".py").read_text())
    imported = {
        alias.asname or alias.name: (node.module.removeprefix("actcli."), alias.name)
        for node in statements
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    for statement in statements:
        if name in _names_of(statement):
            yield f"{module}.{name}", statement
            for used in sorted({node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}):
                home, original = imported.get(used, (module, used))
                if home == "activation" or home.startswith("catalogue"):
                    yield from _definitions(package, home, original, seen)


def _names_of(statement: ast.stmt) -> set[str]:
    """Return the names that a statement at the top of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _digest(nodes: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(nodes)).encode()).hexdigest()[:16]


def _plain(node: Any) -> Any:
    """Return a tree as lists and texts, without positions and types, and without what is empty."""
    if isinstance(node, list):
        return [_plain(part) for part in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [
        (field, _plain(value))
        for field, value in ast.iter_fields(node)
        if field not in _POSITIONS_AND_TYPES and value not in (None, [])
    ]
    return [type(node).__name__, *fields]
