"""Fingerprints of the code that evidence speaks of: what computes counts, how it is written and explained does not.

The fingerprint of an activation covers its class and, of the catalogue and ``activation.py``, whatever the class uses:
functions, constants, base classes; their meaning only, so neither prose (descriptions, help, spellings), windows of
pictures, nor dialects, since measurements name all parameters and leave out kinks; nor what is accepted of parameters
beside numbers, since each number of a list is evaluated as if it were alone. That of its numerics covers what it
rests on of ``actcli/numerics``, ``along_axes.py`` and ``compute.py``: every definition whose name the class mentions,
or the way its kind is computed, and every one that those mention in turn. A function that only others use leaves it
alone, and so does a row of the table of formats. Neither covers comments, docstrings, annotations, layout, imports or
the texts of errors.
Sources are parsed, never imported, so that any tree can be asked, and any version of Python agrees.
"""

import ast
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from actcli.activation import Elementwise

PACKAGE = Path(__file__).parents[2] / "actcli"
OTHER_NUMERICS = {
    *("array_likes", "array_text", "distance", "hexadecimal", "quantized", "scalars", "tensorflow2", "text", "__init__")
}
"""Modules that no evidence here rests on."""
_OF_ROWS = {"ball_axis", "interval_rows", "masks", "newton", "pair_axis", "row_wise"}
"""Modules that evidence of elementwise functions does not rest on, whatever names they share with others."""
_ELEMENTWISE = {"_elementwise"}
"""The functions of ``compute.py`` and ``along_axes.py`` that evidence of elementwise functions begins with,"""
TINY = {"_compute_elementwise"}
"""the one that also puts into a format what it cannot hold,"""
_ALONG_AXIS = {"values_along_axes", "vjp_along_axes"}
"""and those of others. What is measured is an array of the dtype, so converting to one is no part of it."""
_TABLES = {"FORMATS", "ALIASES"}
"""The table of formats, which the tests compare with ``finfo``: a format that is added changes no other."""
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
    *("use", "other_calls", "aliases", "nearest", "fixed", "ascending", "dialects", "presets", "window", "__all__"),
}
_ACCEPTED = {"spellings", "per_column", "is_bound"}
"""The properties of parameters that say how a caller may write them."""
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
        """Drop the help of parameters, what else they may be called and be, and conventions of other dialects."""
        if isinstance(node.func, ast.Name) and node.func.id == "param":
            node.args = node.args[:1]
            node.keywords = [keyword for keyword in node.keywords if keyword.arg not in _ACCEPTED]
        if isinstance(node.func, ast.Name) and node.func.id == "ByDialect":
            node.keywords = node.keywords[:1]
        return self.generic_visit(node)


def fingerprint_activation(activation: type[Any], package: Path = PACKAGE) -> str:
    """Return the fingerprint of an activation as a tree of the package defines it."""
    found = _class_of(activation, package)
    return _digest([found[key] for key in sorted(found)])


def fingerprint_numerics(activation: type[Any], package: Path = PACKAGE, roots: set[str] | None = None) -> str:
    """Return the fingerprint of what an activation rests on of the numerics that a tree of the package has.

    Args:
        activation: the activation.
        package: the tree.
        roots: the functions of ``compute.py`` to begin with; None: those of its kind.

    """
    is_elementwise = issubclass(activation, Elementwise)
    others = OTHER_NUMERICS | (_OF_ROWS if is_elementwise else set())
    paths = [path for path in sorted(package.glob("numerics/*.py")) if path.stem not in others]
    paths += [package / "compute.py", *([] if is_elementwise else [package / "along_axes.py"])]
    definitions = _numerics(tuple(path.read_text() for path in paths))
    roots = roots or (_ELEMENTWISE if is_elementwise else _ALONG_AXIS)
    waiting = roots.union(*map(_mentioned, _class_of(activation, package).values()))
    reached: dict[str, list[_Definition]] = {}
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in reached and name not in _TABLES:
            reached[name] = definitions[name]
            waiting.update(*(definition.mentions for definition in reached[name]))
    return _digest([_digest_of(definition.tree) for name in sorted(reached) for definition in reached[name]])


def _class_of(activation: type[Any], package: Path) -> dict[str, ast.AST]:
    module = activation.__module__.removeprefix("actcli.")
    return dict(_definitions(package, module, activation.__name__, set()))


class _Definition(NamedTuple):
    """A statement at the top of a module."""

    tree: ast.stmt
    mentions: frozenset[str]


@cache
def _numerics(sources: tuple[str, ...]) -> dict[str, list[_Definition]]:
    """Return the definitions in modules by name; a module's other statements come with each of them."""
    found: dict[str, list[_Definition]] = defaultdict(list)
    for source in sources:
        definitions = [_Definition(each, _mentioned(each)) for each in _meaning(source)]
        renamed = frozenset(alias.name for alias in _renamed(source))
        aside = [each for each in definitions if not _is_named(each.tree) and not isinstance(each.tree, _IMPORTED)]
        for definition in definitions:
            if _is_named(definition.tree):
                for name in _names_of(definition.tree):
                    found[name] += [definition._replace(mentions=definition.mentions | renamed), *aside]
    return found


def _is_named(statement: ast.stmt) -> bool:
    """Tell whether a statement defines what others mention, rather than what Python looks for by itself."""
    return any(not name.startswith("__") for name in _names_of(statement))


def _mentioned(tree: ast.AST) -> frozenset[str]:
    """Return the names in a tree, those of attributes, and the texts that could be names."""
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(names | set(filter(str.isidentifier, texts)))


def _renamed(source: str) -> list[ast.alias]:
    """Return what a module imports under another name."""
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return [alias for node in imports for alias in node.names if alias.asname]


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
    parts = [part for target in targets for part in getattr(target, "elts", [target])]
    return {part.id for part in parts if isinstance(part, ast.Name)}


@cache
def _digest_of(statement: ast.stmt) -> str:
    return _digest(statement)


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
