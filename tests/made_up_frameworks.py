"""Modules that stand for frameworks: which of their results are wrong, and how, is known."""

import csv
import io
import json
import subprocess
from pathlib import Path

from tests.command import ACTCLI, ENVIRONMENT

JAX = '''
"""identity is one step off at 1, relu flushes subnormal numbers to zero, relu6 raises, elu kills the process."""
import contextlib
import os
import signal
import numpy as np

__version__ = "9.8.7"
np.seterr(all="ignore")

class nn:
    @staticmethod
    def identity(x):
        y = x.copy()
        if y.dtype.itemsize == 2:
            y[x == 1] = np.nextafter(x[x == 1], x.dtype.type(2))
        return y
    @staticmethod
    def relu(x):
        return np.where(x < np.finfo(np.float32).tiny, x.dtype.type(0), x) if x.dtype.name == "bfloat16" else x
    @staticmethod
    def relu6(x):
        raise TypeError(f"no relu6 for {x.dtype}")
    @staticmethod
    def elu(x, alpha):
        os.kill(os.getpid(), signal.SIGKILL)
    @staticmethod
    def leaky_relu(x, negative_slope):
        assert negative_slope == 0.01
        return np.zeros_like(x)

def default_backend(): return "tpu"
def device_put(x, device): return x
def enable_x64(on): return contextlib.nullcontext()
def grad(function): return lambda x: (x > 0).astype(x.dtype)
def vmap(function): return function
'''
KERAS = """
import os
import types

__version__ = os.environ["KERAS_BACKEND"]
backend = types.SimpleNamespace(backend=lambda: "numpy")
activations = types.SimpleNamespace(linear=lambda x: x, threshold=lambda x, threshold, value: x)
"""
TENSORFLOW = """
import os
import types

__version__ = "1.2"

def constant(x):
    return x

def linear(x):
    assert os.environ["TF_USE_LEGACY_KERAS"] == "1"
    return x

keras = types.SimpleNamespace(activations=types.SimpleNamespace(linear=linear))
"""
MADE_UP = {"jax": JAX, "keras": KERAS, "tensorflow": TENSORFLOW}


def write_frameworks(folder: Path, *names: str) -> None:
    """Write made-up modules into a folder: jax, keras, and others that have nothing but a version."""
    for name in names:
        (folder / f"{name}.py").write_text(MADE_UP.get(name, "__version__ = '1.2'\n"))


def run_audit(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run an audit of the frameworks in a folder, as its own process, whose path that folder is on."""
    env = ENVIRONMENT | {"PYTHONPATH": str(folder)}
    return subprocess.run([ACTCLI, "audit", *words], capture_output=True, text=True, env=env, cwd=folder, timeout=120)


def audited(folder: Path, *words: str, status: int = 0) -> dict:
    """Return the JSON of an audit."""
    run = run_audit(folder, *words, "--format", "json")
    assert run.returncode == status, run.stderr
    return json.loads(run.stdout)


def rows_of(document: dict) -> dict[tuple[str, str, str], dict]:
    """Return the rows by function, dtype and kind."""
    return {(row["function"], row["dtype"], row["kind"]): row for row in document["rows"]}


def csv_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a text in CSV."""
    return list(csv.DictReader(io.StringIO(text)))
