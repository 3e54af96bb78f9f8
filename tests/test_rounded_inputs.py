"""Numbers of any type are rounded once, and those that are missing are NaN."""

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

import actcli
from actcli.numerics import dtypes

BETWEEN = 2**54 + 2**30 + 1
"""Above the middle of two float32 numbers by less than float64 can tell."""


@pytest.mark.parametrize(
    "x",
    [
        BETWEEN,
        [BETWEEN, 0.5],
        [[0.5], [BETWEEN]],
        [Fraction(BETWEEN)],
        [Decimal(BETWEEN)],
        str(BETWEEN),
        [str(BETWEEN).encode()],
        [np.int64(BETWEEN), np.float64(0.5)],
        [np.array(BETWEEN), np.array(0.5)],
        np.array([BETWEEN]),
        np.array([BETWEEN], np.uint64),
        np.array([BETWEEN, 0.5], object),
        np.array([BETWEEN]).astype(np.longdouble),
        [np.longdouble(BETWEEN)],
        [mpmath.mp.make_mpf(mpmath.libmp.from_int(BETWEEN))],
        [gmpy2.mpz(BETWEEN)],
        [gmpy2.mpfr(BETWEEN, 64)],
        [gmpy2.mpq(BETWEEN)],
        pd.Series([BETWEEN, None], dtype="Int64"),
        pd.DataFrame({"a": [BETWEEN], "b": [0.5]}),
        pl.Series([BETWEEN, None]),
        pl.Series([Decimal(BETWEEN)]),
        pl.DataFrame({"a": [BETWEEN], "b": [0.5]}),
        pa.array([BETWEEN, None]),
        pa.table({"a": [BETWEEN], "b": [0.5]}),
    ],
    ids=lambda x: type(x).__name__,
)
def test_numbers_are_rounded_once(x):
    """From the number itself, not from what float64 makes of it."""
    result = actcli.evaluate("relu", x, dtype="float32")
    assert np.nanmax(result) == 2**54 + 2**31
    assert np.float32(np.float64(BETWEEN)) == 2**54  # rounded twice


@pytest.mark.parametrize("dtype", [*dtypes.FORMATS])
def test_extended_numbers_and_integers_round_as_fractions_do(dtype):
    """Of every size, to every format."""
    bits = np.random.default_rng(20).integers(0, 2**63, 500)
    integers = np.concatenate([bits >> np.arange(500) % 63, [2**63 - 1, -(2**63), 0, -1]])
    extended = np.ldexp(integers.astype(np.longdouble), np.resize(np.arange(-1200, 1100, 17), 504))
    for values in (integers, integers.view(np.uint64), extended, -extended):
        result = actcli.evaluate("relu", values, dtype=dtype, negative_slope=1)
        fractions = [Fraction(*map(int, value.item().as_integer_ratio())) for value in values]
        expected = actcli.evaluate("relu", fractions, dtype=dtype, negative_slope=1)
        np.testing.assert_array_equal(np.abs(result.astype(np.float64)), np.abs(expected.astype(np.float64)))


def test_fractions_round_to_the_nearest():
    """As float, correctly rounded, has them; beyond the largest number they overflow."""
    numbers = [Fraction(1, 3), -Fraction(10**400, 3), Fraction(1, 10**400), 10**400, 10**5000, mpmath.mpf("1e-400")]
    assert actcli.evaluate("relu", numbers, dtype="float64", negative_slope=1).tolist() == [
        *(1 / 3, -math.inf, 0.0, math.inf, math.inf, 0.0)
    ]


@pytest.mark.parametrize(
    "x",
    [
        pd.Series([1, None, 3], dtype="Int64"),
        pd.Series([1, None, 3], dtype=object),
        pd.Series([1.0, None, 3], dtype="Float64"),
        pd.Series(["1", None, "3"]),
        pd.array([1, None, 3]),
        pl.Series([1, None, 3]),
        pl.Series(["1", None, "3"]),
        pa.array([1.0, None, 3.0]),
        pa.chunked_array([[1, None], [3]]),
    ],
    ids=lambda x: f"{type(x).__module__}.{getattr(x, 'dtype', '')}",
)
def test_a_number_missing_in_a_column_is_nan(x):
    """As it is in those libraries where they compute with it."""
    np.testing.assert_array_equal(actcli.evaluate("relu", x), np.array([1, np.nan, 3], np.float32))


@pytest.mark.parametrize("table", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_table_is_a_matrix(table):
    """Of float32, if it holds integers only; else of the dtype of its floating columns."""
    integers = actcli.evaluate("relu", table({"a": [1, 2], "b": [3, 4]}))
    assert integers.dtype == np.float32
    assert integers.tolist() == [[1, 3], [2, 4]]
    assert actcli.evaluate("relu", table({"a": [1, 2], "b": [0.5, -1]})).dtype == np.float64
