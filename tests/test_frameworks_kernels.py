"""Kernels of real frameworks, where they are installed: which arrays they get, and that their bits are the frameworks'.

No other test needs a framework, so these are for a job of its own: ``pytest tests/test_frameworks_kernels.py``.
"""

import importlib.util

import ml_dtypes
import numpy as np
import pytest

from actcli.referee.kernels import wrap_callable
from tests.kernels import X, compute, error, options

TORCH = """
import numpy as np
import torch
import torch.nn.functional as F

def kind(x):
    assert isinstance(x, torch.Tensor)
    return x * 2
class Module(torch.nn.Module):
    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate
    def forward(self, x): return F.gelu(x, approximate=self.approximate)
class Ours(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x * 2
    @staticmethod
    def backward(ctx, g): return g * 7
def by_hand(x): return torch.full_like(x, 5)
def detached(x): return x.detach()
def flushing(x):
    torch.set_flush_denormal(True)
    return x * 1
def strided(x): return x * 0 + x.stride()[0]
def integers(x): return x.to(torch.int32)
"""
JAX = """
import jax
import jax.numpy as jnp

def kind(x):
    assert isinstance(x, jax.Array)
    return x * 2
"""
BOTH = """
import numpy as np
import jax.numpy as jnp
import torch

def of_torch(x): return torch.relu(x)
def of_jax(x): return jnp.where(x > 0, x, 0)
def of_numpy(x):
    assert isinstance(x, np.ndarray)
    return np.maximum(x, 0)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with files of kernels."""
    for name, code in {"t.py": TORCH, "j.py": JAX, "both.py": BOTH}.items():
        (tmp_path / name).write_text(code)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def torch():
    """Return the framework."""
    return pytest.importorskip("torch")


@pytest.fixture
def jax():
    """Return the framework."""
    return pytest.importorskip("jax")


def every_pattern(dtype: str) -> np.ndarray:
    """Return all numbers of a format of 8 or 16 bits but its NaNs."""
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    numbers = np.arange(256**kind.itemsize).astype(f"u{kind.itemsize}").view(kind)
    with np.errstate(invalid="ignore"):
        return numbers[~np.isnan(numbers)]


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2", "bfloat16", "float16"])
def test_torch_gets_and_returns_bits(torch, dtype, folder):
    """Also of formats that NumPy lacks: its own negation flips the sign alone."""
    x = every_pattern(dtype)
    (folder / "negate.py").write_text(
        "import torch\n"
        "def f(x):\n"
        f"    assert x.dtype == torch.{dtype}\n"
        f"    kind = torch.int{8 * x.itemsize}\n"
        f"    return (x.view(kind) ^ torch.iinfo(kind).min).view(x.dtype)\n"
    )
    assert compute("negate.py:f", x).tobytes() == (-x).tobytes()


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2", "bfloat16", "float16", "float64"])
def test_jax_gets_and_returns_bits(jax, dtype, folder):
    """Of float64 too, which JAX narrows unless told otherwise."""
    x = np.float64(1) / np.arange(1, 9) if dtype == "float64" else every_pattern(dtype)
    assert compute("jax.numpy:negative", x).tobytes() == (-x).tobytes()
    assert wrap_callable(jax.numpy.negative, options(dtype)).compute(x).tobytes() == (-x).tobytes()
    assert jax.numpy.ones(1).dtype == np.float32


def test_torch_callables_get_tensors(torch, folder):
    """By their own module or by what their file imports; classes are instantiated."""
    for word in ("t.py:kind", "t.py:Ours.apply"):
        assert np.array_equal(compute(word), X * 2)
    expected = torch.nn.functional.gelu(torch.from_numpy(X.copy()), approximate="tanh").numpy()
    for word in ("torch.nn.functional:gelu", "torch.nn:GELU", "t.py:Module"):
        assert np.array_equal(compute(word, with_={"approximate": "tanh"}), expected)
    assert np.array_equal(wrap_callable(torch.nn.SiLU(), options()).compute(X), compute("torch.nn.functional:silu"))
    rows = X[:16].reshape(4, 4)
    assert np.allclose(compute("torch:softmax", rows, with_={"dim": "0"}).sum(axis=0), 1)


def test_jax_callables_get_arrays(jax, folder):
    """By their own module or by what their file imports."""
    assert np.array_equal(compute("j.py:kind"), X * 2)
    assert np.array_equal(compute("jax.nn:relu"), np.maximum(X, 0))
    assert np.array_equal(compute("jax.nn:relu", compile=True, device="cpu:0"), np.maximum(X, 0))


def test_tensorflow_callables_get_tensors_and_are_differentiated(folder):
    """By their own module or by what their file imports."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("needs TensorFlow")
    (folder / "tf.py").write_text(
        "import tensorflow as tf\ndef kind(x):\n    assert isinstance(x, tf.Tensor)\n    return x * 2\n"
    )
    assert np.array_equal(compute("tf.py:kind"), X * 2)
    assert np.array_equal(compute("tensorflow.nn:relu"), np.maximum(X, 0))
    assert np.array_equal(compute("tensorflow:square", derivative=True), X * 2)


def test_where_several_are_imported_the_callable_decides(torch, jax, folder):
    """By what it accepts."""
    assert np.array_equal(compute("both.py:of_torch"), np.maximum(X, 0))
    assert np.array_equal(compute("both.py:of_jax"), np.maximum(X, 0))
    assert np.array_equal(compute("both.py:of_numpy"), np.maximum(X, 0))


def test_torch_differentiates(torch, folder):
    """With its own or the user's backward; a function after a comma takes its place."""
    assert np.array_equal(compute("torch:square", derivative=True), X * 2)
    assert set(compute("t.py:Ours.apply", derivative=True)) == {7}
    assert set(compute("t.py:kind,by_hand", derivative=True)) == {5}
    assert np.array_equal(compute("t.py:kind,by_hand"), X * 2)
    assert "raised RuntimeError: element 0 of tensors does not require grad" in error("t.py:detached", derivative=True)


@pytest.mark.parametrize("compile", [False, True])
def test_jax_differentiates(jax, compile):
    """Number by number."""
    assert np.array_equal(compute("jax.numpy:square", derivative=True, compile=compile), X * 2)


def test_torch_compiles(torch):
    """The first call may take longer than the timeout of a call."""
    expected = compute("torch.nn.functional:relu")
    assert np.array_equal(compute("torch.nn.functional:relu", compile=True, timeout=2.0), expected)


def test_a_tensor_keeps_its_stride(torch, folder):
    """As an array does; of bfloat16 too."""
    assert set(compute("t.py:strided", X[::2])) == {2}
    assert set(compute("t.py:strided", every_pattern("bfloat16")[16256:16300:3]).tolist()) == {3}


def test_flush_to_zero_stays_with_torch(torch, folder):
    """Switched on by the framework's own call."""
    subnormal = np.full(64, 1e-40, np.float32)
    assert not compute("t.py:flushing", subnormal).any()
    assert (subnormal * np.float32(1)).all()


def test_what_a_framework_cannot_do_is_one_line(torch, jax, folder):
    """A device that it lacks, a format that it does not support, results that are no floats."""
    if not torch.cuda.is_available():
        message = error("torch.nn.functional:silu", device="cuda")
        assert message.startswith("torch.nn.functional:silu cannot compute on --device cuda: ")
    message = error("jax.nn:silu", device="abacus")
    assert message.startswith("jax.nn:silu cannot compute on --device abacus: Unknown backend")
    assert error("t.py:integers") == "t.py:integers returned int32 for inputs of float32; expected float32"
    message = error("torch.nn.functional:silu", X.astype(ml_dtypes.float8_e5m2))
    assert "raised NotImplementedError" in message
    assert "(torch/nn/functional.py:" in message
    assert error("torch.nn.functional:sillu").endswith("has no 'sillu'; did you mean silu?")
