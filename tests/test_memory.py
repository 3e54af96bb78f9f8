"""How much memory the real command takes: under 300 MB, of whatever size the data are."""

import subprocess
import sys

import numpy as np
import polars
import pytest
from safetensors.numpy import save_file

from actcli.formats import registry as formats
from tests.command import ACTCLI, ENVIRONMENT

ROWS = 4_000_000  # of one narrow column: some twenty blocks, by which time the memory grows no more
MOST = 300  # MB
READ = [name for name, format in formats.FORMATS.items() if format.open_reader]
BINARY = {"arrow", "arrows", "npy", "npz", "safetensors"}  # uncompressed
WHOLE = {"table", "json", "array"}  # are written at once, and held until then
WRITTEN = [name for name in formats.FORMATS if name not in WHOLE]
# The peak that the system tells of a process begins with that of the process it was forked from: a small one here.
MEASURED = """
import resource, subprocess, sys
assert subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode == int(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return what gives a file of normal numbers in any format."""
    folder = tmp_path_factory.mktemp("data")

    def made(name, rows=ROWS):
        path = folder / f"{name}{formats.FORMATS[name].endings[0]}"
        if path.exists():
            return path
        numbers = np.random.default_rng(0).standard_normal(rows, np.float32)
        frame = polars.DataFrame({"z": numbers}).with_columns(polars.col("z").round(5))
        write = {"csv": frame.write_csv, "tsv": frame.write_csv, "jsonl": frame.write_ndjson}
        write |= {"parquet": frame.write_parquet, "arrow": frame.write_ipc, "arrows": frame.write_ipc_stream}
        write |= {"npy": lambda path: np.save(path, numbers)}
        write |= {"npz": lambda path: np.savez(path, z=numbers)}
        write |= {"safetensors": lambda path: save_file({"z": numbers}, path)}
        write[name](path)
        return path

    return made


def peak(*words, stdin=None, status=0):
    """Return the most memory of one run that ends with that status, in MB."""
    words = [sys.executable, "-c", MEASURED, str(status), ACTCLI, *map(str, words)]
    return float(subprocess.run(words, env=ENVIRONMENT, stdin=stdin, stdout=subprocess.PIPE, check=True).stdout)


@pytest.mark.parametrize("name", WRITTEN)
def test_memory_is_flat_in_every_format_that_is_written(name, data, tmp_path):
    """From separated values, of which most rows fit into a block."""
    assert peak("relu", data("csv"), "--to", name, "--output", tmp_path / "out") < MOST


@pytest.mark.parametrize("name", READ)
def test_memory_is_flat_in_every_format_that_is_read(name, data, tmp_path):
    """A file that is mapped counts with all its pages."""
    path = data(name, ROWS // 4 if name == "jsonl" else 10 * ROWS if name in BINARY else ROWS)
    target = name if name in BINARY else "csv"  # the text of so many numbers takes long, and is measured above
    assert peak("gelu", path, "--to", target, "--output", tmp_path / "out") < MOST


def test_memory_is_flat_in_a_pipe(data):
    """Rows that arrive while others wait to be written."""
    with data("csv").open("rb") as file, subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE) as cat:
        assert peak("relu", "--to", "jsonl", stdin=cat.stdout) < MOST
