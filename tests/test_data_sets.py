"""The output folder is one data set for the readers of others: polars, pyarrow and DuckDB."""

import duckdb
import numpy as np
import polars as pl
import pyarrow.dataset
import pytest

from tests.command import actcli

ROWS = [(layer, x) for layer in (1, 2) for x in (-2.5, -1.0, 0.0, 0.5 * layer, 3.0, 4.0)]


@pytest.fixture(params=["parquet", "csv"])
def results(request, tmp_path):
    """Return the format, and the folder of results, whose inputs are two files for each layer."""
    for layer in (1, 2):
        folder = tmp_path / "acts" / f"layer={layer}"
        folder.mkdir(parents=True)
        numbers = [x for each, x in ROWS if each == layer]
        for name, part in (("a", numbers[:4]), ("b", numbers[4:])):
            (folder / f"{name}.csv").write_text("x\n" + "".join(f"{x}\n" for x in part))
    run = actcli("relu", "acts", "--output-dir", "out", "--to", request.param, "--success-file", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out.manifest.jsonl").exists()
    return request.param, tmp_path / "out"


def read_with_polars(kind, folder):
    """Return layer, number and result of each row."""
    scan = pl.scan_parquet if kind == "parquet" else pl.scan_csv
    files = folder if kind == "parquet" else folder / "**" / "*.csv"
    options = {"hive_partitioning": True} if kind == "parquet" else {"include_file_paths": "path"}
    frame = scan(files, **options).collect()
    if kind == "csv":
        frame = frame.with_columns(layer=pl.col("path").str.extract(r"layer=(\d+)").cast(pl.Int64))
    return frame.select("layer", "x", "x_relu").rows()


def read_with_pyarrow(kind, folder):
    """Return layer, number and result of each row."""
    table = pyarrow.dataset.dataset(folder, format=kind, partitioning="hive").to_table()
    return [(row["layer"], row["x"], row["x_relu"]) for row in table.to_pylist()]


def read_with_duckdb(kind, folder):
    """Return layer, number and result of each row."""
    query = f"select layer, x, x_relu from read_{kind}('{folder}/**/*.{kind}', hive_partitioning = true)"
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("read", [read_with_polars, read_with_pyarrow, read_with_duckdb])
def test_the_folder_opens_as_one_data_set(results, read):
    """With the layers that its folders name; neither the record beside it nor the mark in it is in the way."""
    found = sorted((int(layer), float(x), float(result)) for layer, x, result in read(*results))
    assert found == [(layer, x, float(np.maximum(x, 0))) for layer, x in sorted(ROWS)]
