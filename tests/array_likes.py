"""Objects that hold numbers, as callers of the library have them, and objects that hold none."""

import array
import collections
import datetime
import itertools
import math
from decimal import Decimal
from fractions import Fraction

import gmpy2
import mpmath
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from actcli.numerics import dtypes

NUMBERS = [-1.5, 0.0, 0.5, 2.0]
"""What every kind holds; exact in every format."""


def framework(name):
    """Return a framework, where it is installed."""
    return pytest.importorskip(name)


def tensor(dtype, **properties):
    """Return a tensor of torch."""
    torch = framework("torch")
    return torch.tensor(NUMBERS, dtype=getattr(torch, dtype), **properties)


def read_only():
    """Return an array that cannot be written to, of every second number in memory."""
    values = np.repeat(np.array(NUMBERS, np.float32), 2)[::2]
    values.flags.writeable = False
    return values


class HasArray:
    """What many libraries' arrays are to NumPy."""

    def __array__(self, dtype=None, copy=None):
        """Return the numbers."""
        return np.array(NUMBERS, np.float16)


class HasDlpack:
    """An array that can only be handed over."""

    def __dlpack__(self, **options):
        """Return a capsule."""
        return np.array(NUMBERS, np.float32).__dlpack__()

    def __dlpack_device__(self):
        """Return the processor's memory."""
        return np.zeros(1).__dlpack_device__()


KINDS = {
    "list": (lambda: list(NUMBERS), "float32"),
    "tuple": (lambda: tuple(NUMBERS), "float32"),
    "deque": (lambda: collections.deque(NUMBERS), "float32"),
    "list of integers and floats": (lambda: [-1.5, 0, 0.5, 2], "float32"),
    "list of fractions": (lambda: [Fraction(number) for number in NUMBERS], "float32"),
    "list of decimals": (lambda: [Decimal(number) for number in NUMBERS], "float32"),
    "list of texts": (lambda: [str(number) for number in NUMBERS], "float32"),
    "list of many types": (lambda: [Fraction(-3, 2), False, "0.5", np.float16(2)], "float32"),
    "list of mpf": (lambda: [mpmath.mpf(number) for number in NUMBERS], "float32"),
    "list of mpfr": (lambda: [gmpy2.mpfr(number) for number in NUMBERS], "float32"),
    "list of scalars": (lambda: [np.float64(number) for number in NUMBERS], "float32"),
    "list of arrays": (lambda: [np.array(number) for number in NUMBERS], "float32"),
    "objects": (lambda: np.array([Fraction(-3, 2), 0, np.float32(0.5), Decimal(2)], object), "float32"),
    "texts": (lambda: np.array([str(number) for number in NUMBERS]), "float32"),
    "bytes": (lambda: np.array([str(number).encode() for number in NUMBERS]), "float32"),
    "StringDType": (lambda: np.array([str(n) for n in NUMBERS], np.dtypes.StringDType()), "float32"),
    "longdouble": (lambda: np.array(NUMBERS, np.longdouble).astype(np.longdouble).tolist(), "float32"),
    "big-endian": (lambda: np.array(NUMBERS, ">f4"), "float32"),
    "read-only and strided": (read_only, "float32"),
    "masked array": (lambda: np.ma.array(NUMBERS), "float64"),
    "memoryview": (lambda: memoryview(np.array(NUMBERS)), "float64"),
    "array.array": (lambda: array.array("d", NUMBERS), "float64"),
    "__array__": (HasArray, "float16"),
    "__dlpack__": (HasDlpack, "float32"),
    **{name: (lambda format=format: np.array(NUMBERS, format.dtype), name) for name, format in dtypes.FORMATS.items()},
    "pandas": (lambda: pd.Series(NUMBERS), "float64"),
    "pandas, nullable": (lambda: pd.Series(NUMBERS, dtype="Float32"), "float32"),
    "polars": (lambda: pl.Series(NUMBERS, dtype=pl.Float32), "float32"),
    "polars, decimals": (lambda: pl.Series([Decimal(number) for number in NUMBERS]), "float32"),
    "Arrow": (lambda: pa.array(NUMBERS, pa.float16()), "float16"),
    "Arrow, chunked": (lambda: pa.chunked_array([NUMBERS[:1], NUMBERS[1:]]), "float64"),
    "torch": (lambda: tensor("float64"), "float64"),
    "torch with a gradient": (lambda: tensor("float32", requires_grad=True), "float32"),
    "torch bfloat16": (lambda: tensor("bfloat16", requires_grad=True), "bfloat16"),
    "torch float8": (lambda: tensor("float8_e4m3fn"), "float8_e4m3fn"),
    "torch, negative bit": (lambda: framework("torch").complex(*2 * [-tensor("float32")]).conj().imag, "float32"),
    "list of tensors": (lambda: list(tensor("float32", requires_grad=True)), "float32"),
    "jax": (lambda: framework("jax.numpy").array(NUMBERS, "float32"), "float32"),
    "jax bfloat16": (lambda: framework("jax.numpy").array(NUMBERS, "bfloat16"), "bfloat16"),
    "jax float8": (lambda: framework("jax.numpy").array(NUMBERS, "float8_e5m2"), "float8_e5m2"),
    "mlx": (lambda: framework("mlx.core").array(NUMBERS), "float32"),
    "mlx bfloat16": (lambda: framework("mlx.core").array(NUMBERS, framework("mlx.core").bfloat16), "bfloat16"),
    "tensorflow": (lambda: framework("tensorflow").constant(NUMBERS), "float32"),
    "tensorflow bfloat16": (lambda: framework("tensorflow").Variable(NUMBERS, dtype="bfloat16"), "bfloat16"),
}


def cyclic():
    """Return a list that holds itself."""
    values = [1.0]
    values.append(values)
    return values


def traced():
    """Return what stands for an array while JAX traces a function."""
    kept = []
    framework("jax").jit(lambda x: kept.append(x) or x)(np.ones(2, np.float32))
    return kept[0]


WRONG = {
    "None": lambda: None,
    "list of None": lambda: [1.0, None],
    "object": object,
    "class": lambda: int,
    "function": lambda: math.exp,
    "set": lambda: {1.0, 2.0},
    "dict": lambda: {"a": 1.0},
    "values of a dict": {"a": 1.0}.values,
    "generator": lambda: (number for number in NUMBERS),
    "iterator": lambda: itertools.repeat(1.0),
    "text": lambda: "one",
    "texts": lambda: ["1", "one"],
    "bytes": lambda: b"\xff",
    "complex": lambda: 1j,
    "complex list": lambda: [1.0, 2j],
    "complex array": lambda: np.array([1j]),
    "date": lambda: datetime.date(2026, 1, 1),
    "dates": lambda: np.array(["2026-01-01"], "M8[D]"),
    "durations": lambda: np.array([1, 2], "m8[s]"),
    "dates of pandas": lambda: pd.Series(pd.to_datetime(["2026-01-01"])),
    "dates of polars": lambda: pl.Series([datetime.date(2026, 1, 1)]),
    "durations in a list": lambda: [datetime.timedelta(1)],
    "structured": lambda: np.zeros(2, [("a", "f4")]),
    "void": lambda: np.zeros(2, "V4"),
    "ragged": lambda: [[1.0], [2.0, 3.0]],
    "ragged arrays": lambda: [np.zeros(1), np.zeros(2)],
    "number and list": lambda: [1.0, [2.0]],
    "cyclic": cyclic,
    "lazy": lambda: pl.LazyFrame({"a": [1.0]}),
    "lists in a column": lambda: pl.Series([[1.0], [2.0, 3.0]]),
    "signalling NaN": lambda: [Decimal("sNaN")],
    "complex tensor": lambda: tensor("complex64"),
    "tensor without numbers": lambda: tensor("float32").to("meta"),
    "sparse tensor": lambda: tensor("float32").to_sparse(),
    "traced": traced,
}
