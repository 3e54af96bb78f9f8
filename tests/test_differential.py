"""The same jobs done by DuckDB, Miller and polars: their numbers, within their own accuracy, and the same rows."""

import csv
import io
import math
import random
import shutil
import subprocess

import polars
import pytest

from tests.command import output

JOBS = {
    "relu": ("CASE WHEN x > 0 THEN x ELSE 0 END", "$x > 0 ? $x : 0"),
    "sigmoid": ("1 / (1 + exp(-x))", "1 / (1 + exp(-$x))"),
    "silu": ("x / (1 + exp(-x))", "$x / (1 + exp(-$x))"),
    "elu": ("CASE WHEN x > 0 THEN x ELSE exp(x) - 1 END", "$x > 0 ? $x : expm1($x)"),
    "softplus": ("ln(1 + exp(x))", "log1p(exp($x))"),
    "softsign": ("x / (1 + abs(x))", "$x / (1 + abs($x))"),
    "hard_tanh": ("greatest(-1, least(1, x))", "max(-1, min(1, $x))"),
}
"""Each function as DuckDB and as Miller spell it."""

NUMBERS = random.Random(3)
ROWS = [[f"{i}", f'say "{i}", please', f"{NUMBERS.gauss(0, 8)!r}"] for i in range(500)]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Return the path of a table with a column x of numbers beside others."""
    path = tmp_path_factory.mktemp("tables") / "x.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["id", "text", "x"], *ROWS])
    return path


def duckdb(path, function):
    """Return the rows of DuckDB."""
    duck = pytest.importorskip("duckdb")
    return duck.sql(f"SELECT id, text, x, {JOBS[function][0]} AS y FROM read_csv('{path}')").fetchall()


def miller(path, function):
    """Return the rows of Miller."""
    if not shutil.which("mlr"):
        pytest.skip("Miller is not installed")
    line = ["mlr", "--csv", "--ofmt", "%.17g", "put", f"$y = {JOBS[function][1]}", str(path)]
    run = subprocess.run(line, capture_output=True, text=True, check=True)
    return list(csv.reader(io.StringIO(run.stdout)))[1:]


def with_polars(path, function):
    """Return the rows of polars' SQL."""
    expression = JOBS[function][0].replace(
        "greatest(-1, least(1, x))", "CASE WHEN x>1 THEN 1 WHEN x<-1 THEN -1 ELSE x END"
    )
    frame = polars.read_csv(path)
    return frame.sql(f"SELECT id, text, x, {expression} AS y FROM self").rows()


@pytest.mark.parametrize("tool", [duckdb, miller, with_polars], ids=["DuckDB", "Miller", "polars"])
@pytest.mark.parametrize("function", JOBS)
def test_other_tools_agree(tool, function, table):
    """In float64: 1e-15 of absolute error is what exp(x) - 1 and ln(1 + exp(x)) leave them."""
    actual = list(csv.reader(io.StringIO(output(function, "-c", "x", str(table), "--dtype", "float64"))))[1:]
    reference = [[str(cell) for cell in row] for row in tool(table, function)]
    assert [row[:2] for row in actual] == [row[:2] for row in reference] == [row[:2] for row in ROWS]
    for actual_row, other in zip(actual, reference, strict=True):
        assert float(actual_row[2]) == float(other[2])
        assert math.isclose(float(actual_row[3]), float(other[3]), rel_tol=1e-14, abs_tol=1e-15), (actual_row, other)
