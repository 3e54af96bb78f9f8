"""softmax and its kin down the columns: in two readings of a file, with the same bits for every size of batches."""

import io
import itertools
import os

import gmpy2
import numpy as np
import polars
import pyarrow.parquet as pq
import pytest

import actcli as library
from actcli.activation import AlongAxis
from actcli.data.batch import ArraySlice, height
from actcli.data.evaluated import Job
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError, StorageError
from actcli.formats.arrow import parquet, record_batch
from actcli.formats.arrow.reader import ArrowReader
from actcli.formats.csv.reader import CsvReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions
from actcli.formats.registry import FORMATS
from actcli.formats.text import PlainWriter
from actcli.pipeline import all_rows, evaluate_batch, reductions
from actcli.registry import registered
from actcli.storage import source
from tests import in_memory
from tests.activations import settings_along_axis
from tests.command import complaint, output
from tests.in_memory import Chunks

ACTIVATIONS = [activation for activation in registered() if issubclass(activation, AlongAxis) and activation.reduction]


CASES = [(activation, settings) for activation in ACTIVATIONS for settings in settings_along_axis(activation)]
IDS = [f"{activation.name}{settings or ''}" for activation, settings in CASES]


def written(activation, path, size, *, again=True, dtype="float32", **parameters):
    """Return what an activation gives for a file that is read in chunks of a size."""
    chunks = source.chunks(path, size)
    read = CsvReader(Chunks(chunks if again else iter(chunks), path), ReadOptions(dtype=dtype))
    job = Job(activation(axis=0, **parameters), dtype, placement="only")
    return in_memory.written(job, read.batches(), CsvWriter(WriteOptions(",", header=False)))


@pytest.fixture
def table(tmp_path):
    """Write two columns of numbers and return the file's path and the numbers."""
    numbers = np.random.default_rng(7).normal(0, 30, (120, 2)).astype(np.float32)
    path = tmp_path / "x.csv"
    path.write_text("".join(f"{a},{b}\n" for a, b in numbers.tolist()))
    return str(path), numbers


@pytest.mark.parametrize(("activation", "parameters"), CASES, ids=IDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_size_of_batches_gives_the_same_bytes(activation, parameters, dtype, table, monkeypatch):
    """In groups far smaller than the table; read twice from a file, or held in memory; the numbers of the library."""
    monkeypatch.setattr(reductions, "_REDUCED_NUMBERS", 64)
    path, _ = table
    parameters = {name: float(np.dtype(dtype).type(value)) for name, value in parameters.items()}
    expected = written(activation, path, 10**6, dtype=dtype, **parameters)
    found = np.loadtxt(expected.decode().splitlines(), delimiter=",", dtype=dtype)
    exact = library.evaluate(activation.name, np.loadtxt(path, delimiter=",", dtype=dtype), axis=0, **parameters)
    np.testing.assert_allclose(found, exact, rtol=2e-7 if dtype == "float32" else 1e-15)
    for size in (100, 700):
        assert written(activation, path, size, dtype=dtype, **parameters) == expected
        assert written(activation, path, size, dtype=dtype, again=False, **parameters) == expected


def precisely(name, column):
    """Return the definition at 200 bits."""
    with gmpy2.context(precision=200):
        exponentials = [gmpy2.exp(-gmpy2.mpfr(x) if name == "softmin" else gmpy2.mpfr(x)) for x in column.tolist()]
        shares = [e / sum(exponentials) for e in exponentials]
        return [gmpy2.log(share) if name == "log_softmax" else share for share in shares]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_the_results_are_those_of_the_definition(activation, table, monkeypatch):
    """Within 0.501 ulp, over several groups."""
    monkeypatch.setattr(reductions, "_REDUCED_NUMBERS", 64)
    path, numbers = table
    found = np.loadtxt(io.BytesIO(written(activation, path, 500)), delimiter=",", dtype=np.float32)
    for i in range(2):
        for true, result in zip(precisely(activation.name, numbers[:, i]), found[:, i], strict=True):
            ulp = gmpy2.mpfr(float(np.spacing(np.abs(result))))
            assert abs(gmpy2.mpfr(float(result)) - true) <= gmpy2.mpfr("0.501") * ulp


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
@pytest.mark.parametrize(
    "column", [["-inf", "1", "2"], ["inf", "1", "inf"], ["-inf"] * 3, ["nan", "1", "2"], ["1", "2", "nan"], ["7"] * 3]
)
def test_special_numbers_give_what_the_library_gives(activation, column, tmp_path, monkeypatch):
    """Each a group of its own."""
    monkeypatch.setattr(reductions, "_REDUCED_NUMBERS", 1)
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["x", *column]) + "\n")
    found = np.loadtxt(io.BytesIO(written(activation, str(path), 100)), dtype=np.float32)
    np.testing.assert_array_equal(found, library.evaluate(activation.name, column))


FAR = float(np.finfo(np.float64).max)
SPREAD = [[1.5e308, 1], [np.inf, 1.5e308, 2], [-np.inf, -1e305, -1.5e308], [FAR, 1], [-FAR, 1]]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("column", SPREAD)
@pytest.mark.parametrize("sign", [1, -1])
def test_no_number_is_taken_for_an_infinity(activation, column, sign, tmp_path):
    """The largest of float64 may count as the one before it."""
    path = tmp_path / "x.csv"
    numbers = [sign * number for number in column]
    path.write_text("\n".join(["x", *map(repr, numbers)]).replace("np.float64", "") + "\n")
    found = np.loadtxt(io.BytesIO(written(activation, str(path), 100, dtype="float64")))
    expected = library.evaluate(activation.name, np.array(numbers))
    np.testing.assert_allclose(found, expected, rtol=2.0**-52 if FAR in np.abs(numbers) else 0)


def test_a_pipe_is_held_in_memory_up_to_a_limit(table, monkeypatch):
    """Beyond it, the message says what is needed: a file, which is read twice."""
    path, _ = table
    monkeypatch.setattr(all_rows, "_HELD_BYTES", 2000)
    softmax = library.get("softmax")
    assert len(written(softmax, path, 300).splitlines()) == 120
    with pytest.raises(ActcliError, match=r"softmax down a column reads the numbers twice, .* save them to a file"):
        written(softmax, path, 300, again=False)


def test_a_file_that_changes_between_the_readings_is_an_error(table):
    """Its results would not add up to 1."""
    path, _ = table
    chunks = source.chunks(path, 1000)
    assert b"".join(chunks) == b"".join(chunks)
    with open(path, "a") as file:
        file.write("1,1\n")
    with pytest.raises(StorageError, match="was changed while it was read"):
        list(chunks)


def test_the_command_reads_a_file_twice(tmp_path):
    """And what it cannot read twice, once: a pipe, a pipe with a name."""
    (tmp_path / "x.csv").write_text("x\n1\n\n1\n")
    assert output("softmax", "--only", "x.csv", cwd=tmp_path) == "x_softmax\nnan\n\nnan\n"
    (tmp_path / "y.csv").write_text("a,b\n2,0\n2,0\n")
    assert output("log_softmax", "y.csv", "--axis", "0", "-f", "plain", cwd=tmp_path) == "-0.6931472\t-0.6931472\n" * 2
    output("softmax", "y.csv", "--in-place", "--axis=0", "--replace", cwd=tmp_path)
    assert (tmp_path / "y.csv").read_text() == "a,b\n0.5,0.5\n0.5,0.5\n"
    assert "has a Jacobian" in complaint("softmax", "x.csv", "--derivative", cwd=tmp_path)
    assert output("softmax", "/dev/stdin", "-f", "plain", stdin="0\n0\n") == "0.5\n0.5\n"


def kept(numbers, kind, path):
    """Write the numbers in two columns, or of an array also as a vector; return the path."""
    frame = polars.DataFrame(numbers, schema=["a", "b"], orient="row")
    if kind == "npy":
        np.save(path, numbers)
    else:
        {"parquet": frame.write_parquet, "arrow": frame.write_ipc, "jsonl": frame.write_ndjson}[kind](path)
    return path


@pytest.mark.parametrize("kind", ["parquet", "arrow", "jsonl", "npy"])
def test_files_of_every_kind_are_read_twice(kind, table, tmp_path, monkeypatch):
    """None of their rows is held, and the bits are those of separated values."""
    _, numbers = table
    path = kept(numbers, kind, str(tmp_path / f"x.{kind}"))
    monkeypatch.setattr(all_rows, "_HELD_BYTES", 0)
    monkeypatch.setattr(record_batch, "BATCH_BYTES", 400)
    monkeypatch.setattr(parquet, "BATCH_BYTES", 400)
    monkeypatch.setattr(reductions, "_EVALUATED_NUMBERS", 30)
    read = FORMATS[kind].open_reader(source.Source(path, size=300), ReadOptions())
    softmax = library.get("softmax")(axis=0)
    batches = read.slices(softmax) if kind == "npy" else read.batches()
    found = in_memory.written(Job(softmax, placement="only"), batches, PlainWriter())
    assert found == written(library.get("softmax"), table[0], 300).replace(b",", b"\t")


def test_a_vector_is_read_twice(tmp_path):
    """As the column that it is."""
    x = np.random.default_rng(8).normal(0, 5, 999).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    output("softmax", "x.npy", "-o", "y.npy", cwd=tmp_path)
    found = np.load(tmp_path / "y.npy")
    assert found.shape == x.shape
    np.testing.assert_allclose(found, library.evaluate("softmax", x), rtol=2e-7)


def test_a_table_that_changes_or_fails_in_between_is_an_error(table, tmp_path, monkeypatch):
    """Also where fewer rows come than the file has by its own account."""
    path = kept(table[1], "parquet", str(tmp_path / "x.parquet"))
    read = ArrowReader(source.Source(path), ReadOptions()).batches()
    assert sum(height(table()) for table in read) == 120
    os.utime(path, (1, 1))
    with pytest.raises(StorageError, match="was changed while it was read"):
        list(read)
    batches = pq.ParquetFile.iter_batches
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *a, **b: itertools.islice(batches(*a, **b), 1))
    monkeypatch.setattr(parquet, "BATCH_BYTES", 400)
    with pytest.raises(ActcliError, match="is damaged: of the 120 rows of row group 0, 50 can be read"):
        list(ArrowReader(source.Source(path), ReadOptions()).batches())


def test_a_table_without_rows_has_no_results(tmp_path):
    """Down its columns, too."""
    kept(np.empty((0, 2), np.float32), "parquet", str(tmp_path / "x.parquet"))
    assert output("softmax", "--axis", "0", "x.parquet", "--to", "csv", cwd=tmp_path) == "a,b,a_softmax,b_softmax\n"


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_long_rows_are_worked_on_in_parts(activation, monkeypatch):
    """With the results of the rows as they are."""
    monkeypatch.setattr(evaluate_batch, "_LONG_ROW_NUMBERS", 100)
    monkeypatch.setattr(reductions, "_REDUCED_NUMBERS", 64)
    x = np.random.default_rng(9).normal(0, 5, (3, 500)).astype(np.float32)
    made = []
    monkeypatch.setattr(
        reductions,
        "reduce_columns",
        lambda *a, made_by=reductions.reduce_columns, **more: made.append(a) or made_by(*a, **more),
    )
    found = evaluate_batch.evaluate_batch(Job(activation()), ArraySlice(x, (3,))).results
    np.testing.assert_allclose(found, library.evaluate(activation.name, x), rtol=2e-7)
    assert made
