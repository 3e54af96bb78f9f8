"""Python callables on NumPy arrays: found, called with what was said, and held to a number for each input."""

import functools

import ml_dtypes
import numpy as np
import pytest

from actcli.referee.kernel import KernelError
from actcli.referee.kernels import wrap_callable
from tests.kernels import X, compute, error, options

FILE = """
import numpy as np
from neighbour import TWO

def double(x): return x * x.dtype.type(TWO)
def scale(x, by=1, how="times"): return x * x.dtype.type(by) if how == "times" else x / x.dtype.type(by)
class Scale:
    def __init__(self, by=3): self.by = by
    def __call__(self, x): return x * x.dtype.type(self.by)
class Kept:
    scaled = Scale(5)
    number = 1
def overflowing(x): return np.exp(x * 100) * 0 + x
def overwriting(x):
    x *= 2
    return x
def step(x): return np.full_like(x, x.strides[0] // x.itemsize)
def shorter(x): return x[1:]
def nothing(x): pass
def wide(x): return x.astype(np.float64)
def textual(x): return [str(v) for v in x]
def swapped(x): return x.astype(x.dtype.newbyteorder())
def narrow(x): return x[..., ::2]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, which has a file of kernels."""
    (tmp_path / "kernels.py").write_text(FILE)
    (tmp_path / "neighbour.py").write_text("TWO = 2\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("word", "keywords", "factor"),
    [
        ("kernels.py:double", {}, 2),
        ("kernels:double", {}, 2),
        ("kernels.py:scale", {"by": "2.5"}, 2.5),
        ("kernels.py:scale", {"by": "4", "how": "over"}, 0.25),
        ("kernels.py:Scale", {}, 3),
        ("kernels.py:Scale", {"by": "-1"}, -1),
        ("kernels.py:Kept.scaled", {}, 5),
        ("numpy:negative", {}, -1),
    ],
)
def test_a_callable_is_found_and_called(folder, word, keywords, factor):
    """A function or an object, of a file or a module; a class is instantiated; keywords are literals or text."""
    assert np.array_equal(compute(word, with_=keywords), X * np.float32(factor))


def test_a_file_may_lie_anywhere(folder, monkeypatch):
    """It finds its neighbours nevertheless."""
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert np.array_equal(compute("../kernels.py:double"), X * 2)


def test_no_other_module_is_imported(folder):
    """Files of the current folder take no package's place, and frameworks are imported by those who use them."""
    for name in ("numpy", "torch", "jax", "keras", "json", "ml_dtypes", "colorsys"):
        (folder / f"{name}.py").write_text(f"open('imported {name}', 'w')")
    (folder / "module.py").write_text(
        "import colorsys, sys\ndef f(x): return x * x.dtype.type('torch' in sys.modules or 'jax' in sys.modules)"
    )
    assert not compute("module.py:f").any()
    compute("numpy:tanh")
    assert not list(folder.glob("imported*"))


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2", "bfloat16", "float16", "float32", "float64"])
def test_numbers_pass_by_their_bits(dtype, tmp_path):
    """Every pattern, NaNs with their payloads included."""
    (tmp_path / "same.py").write_text("def f(x): return x")
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    patterns = np.random.default_rng(1).integers(0, 256, 2**16 * kind.itemsize, dtype=np.uint8)
    results = compute(f"{tmp_path}/same.py:f", patterns.view(kind))
    assert results.dtype == kind
    assert results.tobytes() == patterns.tobytes()


def test_every_second_number_stays_every_second_number(folder):
    """A callable sees the stride."""
    assert set(compute("kernels.py:step", X[::2])) == {2}
    assert set(compute("kernels.py:step", X)) == {1}
    assert set(wrap_callable(lambda x: np.full_like(x, x.strides[0]), options()).compute(X[::3])) == {12}


def test_inputs_are_never_written_to(folder):
    """A callable has a copy."""
    inputs = X.copy()
    assert np.array_equal(compute("kernels.py:overwriting", inputs), X * 2)
    assert np.array_equal(wrap_callable(lambda x: np.multiply(x, 2, out=x), options()).compute(inputs), X * 2)
    assert np.array_equal(inputs, X)


def test_overflow_says_nothing(folder, capfd):
    """It is usual where all inputs of a format are tried."""
    compute("kernels.py:overflowing")
    wrap_callable(lambda x: np.exp(x * 100), options()).compute(X)
    assert capfd.readouterr() == ("", "")


def test_rows_of_a_packed_activation_are_half_as_long(folder):
    """Only of such a one."""
    rows = np.ones((3, 4), np.float32)
    assert compute("kernels.py:narrow", rows, packed=True).shape == (3, 2)
    assert "returned the shape (3, 2) for inputs of the shape (3, 4); expected (3, 4)" in error(
        "kernels.py:narrow", rows
    )


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("shorter", "kernels.py:shorter returned the shape (16,) for inputs of the shape (17,); expected (17,)"),
        ("nothing", "kernels.py:nothing returned NoneType; expected an array"),
        (
            "wide",
            "kernels.py:wide returned float64 for inputs of float32; expected float32, or give --out-dtype float64",
        ),
        ("textual", "kernels.py:textual returned <U4 for inputs of float32; expected float32"),
        ("doubel", "kernels.py:doubel does not exist: kernels.py has no 'doubel'; did you mean double?"),
        ("Kept.scale", "kernels.py:Kept.scale does not exist: kernels.py:Kept has no 'scale'; did you mean scaled?"),
        ("Kept.number", "kernels.py:Kept.number cannot be called: it is of type int"),
    ],
)
def test_what_is_no_kernel_is_named(folder, word, message):
    """Another shape or dtype, or no callable at all."""
    assert error(f"kernels.py:{word}") == message


def test_results_may_have_a_format_of_their_own(folder):
    """If that is said."""
    assert compute("kernels.py:wide", out_dtype="float64").dtype == np.float64


def test_the_order_of_bytes_does_not_matter(folder):
    """Numbers of the right format in the other order are the same numbers."""
    assert np.array_equal(compute("kernels.py:swapped"), X)


@pytest.mark.parametrize(
    ("values", "option"), [({"compile": True}, "--compile"), ({"device": "cuda"}, "--device"), ({}, None)]
)
def test_options_of_frameworks_need_a_framework(folder, values, option):
    """NumPy has no device and no compiler."""
    if option is None:
        assert compute("kernels.py:double", **values).any()
    else:
        message = f"kernels.py:double takes NumPy arrays; {option} is for torch and JAX"
        assert error("kernels.py:double", **values) == message


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("nowhere.py:f", "cannot read nowhere.py: no such file"),
        ("./nowhere.so:f", "cannot read ./nowhere.so: no such file"),
        ("no_such_module:f", "cannot be loaded: it raised ModuleNotFoundError: No module named 'no_such_module'"),
        ("folder.py:f", "cannot read folder.py: it is a directory"),
        ("broken.py:f", "broken.py:f cannot be loaded: it raised SyntaxError: '(' was never closed (broken.py:2)"),
        ("raising.py:f", "raising.py:f cannot be loaded: it raised KeyError: 'a' (raising.py:2)"),
    ],
)
def test_what_cannot_be_loaded_is_one_line(folder, word, message):
    """With the line of the user's file."""
    (folder / "folder.py").mkdir()
    (folder / "broken.py").write_text("\nf = (")
    (folder / "raising.py").write_text("\n{}['a']")
    assert error(word).replace(f"{folder}/", "").endswith(message)


def test_the_library_takes_any_callable():
    """With the keywords of options; a failure has the callable's exception as its cause."""
    times = functools.partial(lambda x, by: x * by, by=np.float32(3))
    assert np.array_equal(wrap_callable(times, options()).compute(X), X * 3)

    def power(x, by):
        if (x < 0).any():
            raise OverflowError("negative")
        return x**by

    kernel = wrap_callable(power, options(with_={"by": "2"}))
    assert kernel.name == f"{__name__}:{power.__qualname__}"
    assert np.array_equal(kernel.compute(X[X >= 0]), X[X >= 0] ** 2)
    with pytest.raises(KernelError, match=r"raised OverflowError: negative .* for x = -0\.5 ") as raised:
        kernel.compute(X[::-1])
    assert isinstance(raised.value.__cause__, OverflowError)
    assert wrap_callable(power, options(), "mine").name == "mine"
