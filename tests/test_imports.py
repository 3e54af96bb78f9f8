"""Imports point one way, and heavy packages are loaded only by those who need them."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import actcli
from tests import typed_tables

ROOT = Path(actcli.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# Each room may import itself and the rooms named here.
MAY_IMPORT = {
    "errors": set(),
    "backend": set(),
    "dialects": {"errors"},
    "keywords": set(),
    "numerics": {"backend", "errors"},
    "parameters": {"numerics", "errors"},
    "axes": {"errors"},
    "activation": {"axes", "parameters", "numerics", "dialects", "backend", "errors"},
    "parameter_lists": {"axes", "activation", "numerics", "dialects", "errors"},
    "registry": {"activation", "errors"},
    "catalogue": {"registry", "activation", "parameters", "dialects", "backend", "errors"},
    "domain": {"numerics", "activation"},
    "along_axes": {"numerics", "activation", "backend", "errors"},
    "compute": {"along_axes", "domain", "numerics", "parameter_lists", "registry", "activation", "backend", "errors"},
    "masked_arrays": {"registry", "numerics", "activation", "errors"},
    "referee": {
        "formats",
        "storage",
        "data",
        "compute",
        "domain",
        "numerics",
        "activation",
        "parameters",
        "dialects",
        "backend",
        "errors",
    },
    "api": {
        *("referee", "compute", "masked_arrays", "catalogue", "numerics"),
        *("registry", "activation", "dialects", "errors", "keywords"),
    },
    "storage": {"signals", "errors"},
    "data": {"numerics", "activation", "errors"},
    "formats": {"storage", "data", "numerics", "parameter_lists", "activation", "errors"},
    "pipeline": {
        *("formats", "storage", "data", "compute", "along_axes", "parameter_lists"),
        *("numerics", "activation", "errors"),
    },
    "advice": set(),
    "signals": set(),
    "diagnosis": {"pipeline", "data", "compute", "activation"},
    "cli": {
        "signals",
        "advice",
        "diagnosis",
        "referee",
        "pipeline",
        "formats",
        "data",
        "storage",
        "api",
        "compute",
        "catalogue",
        "registry",
        "numerics",
        "activation",
        "parameters",
        "dialects",
        "errors",
    },
    "__init__": {"api", "errors"},
    "__main__": {"cli", "signals"},
}
ONLY_IN = {"typer": {"cli"}, "rich": {"cli"}, "mpmath": {"numerics"}, "ml_dtypes": {"numerics"}}
ONLY_IN |= {"matplotlib": {"cli"}, "polars": {"data", "formats"}, "pyarrow": {"formats"}, "obstore": {"storage"}}
ONLY_IN |= {"dask": {"pipeline"}, "distributed": {"pipeline"}}


def imported(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    """And each heavy package has one room that knows it."""
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for name in imported(path):
        package, _, rest = name.partition(".")
        if package == "actcli":
            assert rest.split(".")[0] in MAY_IMPORT[room] | {room}, f"{room} imports {name}"
        assert room in ONLY_IN.get(package, {room}), f"{room} imports {name}"


def module_name(path: Path) -> str:
    """Return the name under which a file is imported."""
    return ".".join(("actcli", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


@cache
def imported_modules() -> dict[str, set[str]]:
    """Return for each module the modules it imports, inside functions too, and the packages it takes them from."""
    names = {module_name(path) for path in MODULES}
    graph = {}
    for path in MODULES:
        targets = {part for name in imported(path) for part in (name, name.rpartition(".")[0])}
        aside = {"actcli", module_name(path)}  # a package may take its own modules from itself
        graph[module_name(path)] = {target for target in targets if target in names and target not in aside}
    return graph


@pytest.mark.parametrize("start", sorted(map(module_name, MODULES)))
def test_no_module_imports_itself_by_way_of_others(start):
    """No circle between any two modules."""
    graph = imported_modules()
    reached, waiting = set(), list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += graph[module]
    assert start not in reached


def test_a_module_is_found_under_its_name():
    """No function of the library hides a module, and the function ``evaluate`` is none."""
    code = "import actcli; assert callable(actcli.evaluate); import actcli.evaluate"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ModuleNotFoundError: No module named 'actcli.evaluate'" in run.stderr
    assert not set(actcli.__all__) & {path.stem for path in ROOT.iterdir()}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_stays_readable(path):
    """A docstring at its head, and 300 lines at most."""
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (["relu", "-5", "3"], {"polars", "pyarrow", "mpmath", "ml_dtypes", "pydantic"}),
        (
            ["sigmoid", "1", "--format", "plain"],
            {"polars", "pyarrow", "mpmath", "ml_dtypes", "pydantic", "rich.table", "decimal", "fractions"},
        ),
        (["plot", "relu"], {"polars", "matplotlib", "ml_dtypes", "pydantic"}),
        (["--version"], {"numpy", "polars", "mpmath", "rich", "pydantic"}),
    ],
)
def test_a_short_call_loads_no_more_than_it_needs(words, absent):
    """Start-up time is speed."""
    assert loaded(words, absent) == "[]"


@pytest.mark.parametrize("given", ["parquet", "arrow"])
@pytest.mark.parametrize("made", ["parquet", "arrow", "csv", "jsonl"])
def test_no_type_of_column_makes_a_table_load_pandas(given, made, tmp_path):
    """Which takes longer than all the rest of a small table."""
    columns = typed_tables.columns() | (typed_tables.only_in_arrow() if (given, made) == ("arrow", "jsonl") else {})
    path = tmp_path / f"x.{given}"
    path.write_bytes(typed_tables.stored(typed_tables.table(columns), given))
    words = ["relu", str(path), "--columns", "z,float16,uint64", "-o", str(tmp_path / f"out.{made}")]
    assert loaded(words, {"pandas"}) == "[]"


def loaded(words: list[str], of: set[str]) -> str:
    """Return which of those packages a run has loaded at its end."""
    code = (
        "import sys, os; sys.argv = ['actcli', *sys.argv[1:]]\n"
        f"os._exit = lambda status: print('loaded', sorted({of!r} & set(sys.modules)))\n"
        "from actcli.__main__ import main; main()"
    )
    run = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return run.stdout.rpartition("loaded ")[2].rstrip()
