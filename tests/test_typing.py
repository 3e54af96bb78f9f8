"""What a type checker sees of the library."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import actcli

PROGRAM = """
from typing import Any

import numpy as np
from numpy.typing import NDArray

import actcli

x = np.linspace(-3, 3, 7)
y: NDArray[np.floating[Any]] = actcli.evaluate("relu", [-5, -8, 0, 3, 9], threshold=7)
y = actcli.evaluate("relu", x, dtype=np.float32, numerics="tensorflow2", max_value=None)
y = actcli.evaluate("gelu", ["1.5", "2"], dtype="bfloat16", dialect="jax", approximate=True)
y = actcli.evaluate("prelu", x, slope=[0.1] * 7)
y = actcli.derivative("leaky_relu", 0.5, dialect="torch", negative_slope="0.1")
y = actcli.vjp("swiglu", x[:6], x[:3], gate="second", axis=0)
names: list[str] = actcli.activations()
formula: str = actcli.get("softmax").formula
actcli.check(np.tanh, "tanh", dtype="float16", daz="min").assert_within(max_steps=1, budget="budget.toml")
steps: int = actcli.check("k.py:silu", "silu", inputs="strata:64", beta=1.5).classes[0].steps
text: str = actcli.__version__

actcli.evaluate("relu", x, dialect="pytorch")  # wrong
actcli.evaluate("relu", x, numerics="fast")  # wrong
actcli.evaluate("relu", x, negativ_slope=0.1)  # wrong
actcli.evaluate("gelu", x, approximate="erf")  # wrong
actcli.evaluate("relu", x, threshold=[1, 2])  # wrong
actcli.evaluate("relu")  # wrong
actcli.derivative("relu", x, dialect="tensorflow")  # wrong
actcli.vjp("relu", x, x, numerics="exact")  # wrong
actcli.vjp("swiglu", x, x, gate="third")  # wrong
actcli.evalute("relu", x)  # wrong
actcli.check(np.tanh, "tanh", daz="max")  # wrong
actcli.check("k.py:silu", "silu", bta=1.5)  # wrong
actcli.check("k.py:silu", "silu").assert_within(0, 1)  # wrong
number: int = actcli.evaluate("relu", 1)  # wrong
"""


def test_a_users_type_checker_finds_mistakes_and_nothing_else(tmp_path):
    """Strictly, in a folder of the user's own: dialects, rounding modes, keywords, results."""
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "program.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    found = {int(line) for line in re.findall(r"(?m)^program\.py:(\d+): error", run.stdout)}
    wrong = {i for i, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")}
    assert found == wrong, run.stdout + run.stderr


def test_the_version_is_that_of_the_package():
    """Looked up when it is asked for; other names are errors."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert actcli.__version__ == version("actcli") == project["version"]
    code = "import sys, actcli; assert 'importlib.metadata' not in sys.modules; actcli.nothing"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stderr.endswith("AttributeError: module 'actcli' has no attribute 'nothing'\n")


def test_almost_every_value_has_a_type():
    """``Any`` is for what no type can be said of: packages without types, and arguments that are only passed on."""
    sources = sorted(Path(actcli.__file__).parent.rglob("*.py"))
    counts = {str(path): len(re.findall(r"\bAny\b", path.read_text())) for path in sources}
    assert sum(counts.values()) < 150, {path: count for path, count in counts.items() if count > 3}
