"""Fingerprints change with the code that computes, and with nothing else."""

import shutil
from pathlib import Path

import pytest

import actcli
from actcli.registry import registered
from tests.reference import fingerprint

ACTIVATIONS = list(registered())
KINDS = ("relu", "tanh", "softmax", "geglu")


@pytest.fixture
def package(tmp_path) -> Path:
    """Return a copy of the package's sources."""
    copy = tmp_path / "actcli"
    shutil.copytree(fingerprint.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that a file holds."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def prints(package: Path) -> dict[str, str]:
    """Return the fingerprints of every activation, and of the numerics of one of each kind."""
    numerics = {f"numerics of {name}": fingerprint.fingerprint_numerics(actcli.get(name), package) for name in KINDS}
    return {each.name: fingerprint.fingerprint_activation(each, package) for each in ACTIVATIONS} | numerics


def changed(package: Path) -> set[str]:
    """Return whose fingerprints an edited copy has changed."""
    now = prints(package)
    return {name for name, found in prints(fingerprint.PACKAGE).items() if found != now[name]}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("catalogue/sigmoids.py", "Return tanh(x).", "Return the hyperbolic tangent of x."),
        ("catalogue/sigmoids.py", "Hyperbolic tangent: squashes", "Hyperbolic tangent; squashes"),
        ("catalogue/soft_caps.py", "y * self.alpha * self.beta", "(\n    y * self.alpha  # bound\n) * self.beta"),
        ("catalogue/sigmoids.py", '"standard deviation", domain', '"deviation", domain'),
        ("catalogue/sigmoids.py", '"torch": Dialect', '"mlx": Dialect("mlx.nn.tanh(x)"), "torch": Dialect'),
        ("catalogue/sigmoids.py", "def value(self, m: Backend[T], x: T) -> T:", "def value(self, m, x):"),
        ("numerics/pairs.py", '"""Pairs of float64', '"""Couples of float64'),
        ("numerics/text.py", "2.0**-51", "2.0**-50"),
        ("catalogue/hard_sigmoids.py", "jax=True, flax=True", "jax=False, flax=False"),
        ("along_axes.py", "even number of them", "even number of numbers"),
        ("numerics/array_likes.py", "2**53", "2**52"),
        (
            "numerics/dtypes.py",
            'Format("float16", 11',
            'Format("float8_e3m4", 5, -2, 15.5, math.inf, (1.0, 2.0)), Format("float16", 11',
        ),
    ],
    ids=[
        *("docstring", "description", "layout", "help", "dialect", "types", "module", "not the numerics"),
        *("other conventions", "message", "conversion", "another format"),
    ],
)
def test_what_computes_nothing_leaves_the_fingerprints(package, path, old, new):
    """A typo is not a reason to measure again."""
    edit(package / path, old, new)
    assert changed(package) == set()


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("catalogue/sigmoids.py", "return m.tanh(x)", "return m.tanh(1.0 * x)", {"tanh"}),
        ("catalogue/sigmoids.py", "param(0.707107", "param(0.707106", {"laplace"}),
        ("catalogue/sigmoids.py", 'formula = "tanh(x)"', 'formula = "tanh(x) + 0"', {"tanh"}),
        ("catalogue/shrinkage.py", "error = 0.0", "error = 2.0**-60", {"hard_shrink"}),
        (
            "catalogue/mathematics.py",
            "2.0 * e / (1.0 + e * e)",
            "2.0 * (e / (1.0 + e * e))",
            {"tanh", "scaled_tanh", "lisht"},
        ),
        ("numerics/rounding.py", "1.0", "1.5", {f"numerics of {name}" for name in KINDS}),
        ("along_axes.py", "moveaxis", "swapaxes", {"numerics of softmax", "numerics of geglu"}),
        ("numerics/pair_axis.py", "length // 2", "(length + 1) // 2", {"numerics of softmax"}),
        (
            "numerics/row_wise.py",
            "_LARGE = 2.0**900",
            "_LARGE = 2.0**800",
            {"numerics of softmax", "numerics of geglu"},
        ),
    ],
)
def test_what_computes_changes_the_fingerprints_of_what_rests_on_it(package, path, old, new, expected):
    """Helper functions, constants and formulas included; functions that are added may rest on the same ones."""
    edit(package / path, old, new)
    others = {*KINDS, *(f"numerics of {name}" for name in KINDS)}
    assert changed(package) & (expected | others) == expected


def test_a_function_that_is_added_leaves_the_fingerprints_of_those_that_do_without(package):
    """In any module of the numerics; it takes a mention to rest on it."""
    for module in ("vector", "double_double", "ball_mathematics", "intervals"):
        path = package / "numerics" / f"{module}.py"
        path.write_text(f"{path.read_text()}\n\ndef sine(x):\n    return x - x**3 / 6\n")
    assert not changed(package)
    edit(package / "catalogue/sigmoids.py", "return m.tanh(x)", "return m.sine(x)")
    assert changed(package) == {"tanh", "numerics of tanh"}


def test_the_bounds_of_all_functions_are_in_their_fingerprints(package):
    """The default that most inherit from the base class."""
    edit(package / "activation.py", "error: float = 2.0**-40", "error: float = 2.0**-41")
    assert {"tanh", "relu", "geglu"} <= changed(package)
    assert not {"softmax", "numerics of tanh"} & changed(package)
