"""Kernels for tests: opened as the command opens them, with a compiler for those in C."""

import contextlib
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actcli.errors import ActcliError
from actcli.numerics.dtypes import FORMATS, FloatArray
from actcli.referee.kernel import KernelOptions, Recorded
from actcli.referee.kernels import open_kernel

X = np.arange(-8, 9, dtype=np.float32) / 2
"""Inputs: halves, 0 and 1 among them."""

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
needs_x86 = pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="sets a register of x86")


def options(dtype: str = "float32", out_dtype: str | None = None, **values: Any) -> KernelOptions:
    """Return options, with names of dtypes."""
    return KernelOptions(FORMATS[dtype], FORMATS[out_dtype or dtype], **values)


def compute(word: str, inputs: FloatArray = X, **values: Any) -> FloatArray:
    """Return what the kernel that a word names gives for inputs."""
    with open_kernel(word, options(inputs.dtype.name, **values)) as kernel:
        assert not isinstance(kernel, Recorded)
        return kernel.compute(inputs)


def recorded(word: str, dtype: str = "float32", out_dtype: str | None = None, **values: Any) -> Recorded:
    """Return the numbers of a file."""
    with open_kernel(word, options(dtype, out_dtype, **values)) as kernel:
        assert isinstance(kernel, Recorded)
        return kernel


def error(word: str, inputs: FloatArray = X, **values: Any) -> str:
    """Return the message, one line, of a kernel that fails."""
    with pytest.raises(ActcliError) as raised:
        compute(word, inputs, **values)
    message = raised.value.on_command_line
    assert "\n" not in message
    return message


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Require that something is over after some seconds."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def compile_library(folder: Path, code: str) -> str:
    """Return the path of a shared library, compiled from C."""
    source, library = folder / "kernels.c", folder / "libkernels.so"
    source.write_text("#include <stddef.h>\n#include <stdint.h>\n" + code)
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    return str(library)


def python_command(code: str) -> str:
    """Return a command line that runs Python code on the bytes ``data`` and on a function ``write``."""
    prelude = "import sys, os; data = sys.stdin.buffer.read(); write = sys.stdout.buffer.write; "
    return f'{sys.executable} -c "{prelude}{code}"'
