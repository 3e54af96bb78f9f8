"""Parquet, Arrow IPC and NumPy's arrays, in and out, with polars and NumPy as referees."""

import gzip
import io
import json
import math
import os

import numpy as np
import polars
import pyarrow.parquet
import pytest

import actcli as library
from actcli.data.batch import height
from actcli.data.read_options import ReadOptions
from actcli.errors import StorageError
from actcli.formats.arrow.reader import ArrowReader
from actcli.storage import source
from tests import command
from tests.command import complaint, output

WIDE = [1.0 + 2.0**-24 + 2.0**-50, -(1.0 + 2.0**-24), math.nan, None]  # the first two lie beside and on a midpoint


@pytest.fixture
def frame():
    """Return a table of many types."""
    return polars.DataFrame(
        {
            "label": ["a", None, "", "d"],
            "when": polars.Series(["2026-01-02", None, "1999-12-31", "2000-02-29"]).str.to_date(),
            "kind": polars.Series(["p", "q", "p", None]).cast(polars.Categorical),
            "list": [[1, 2], [], None, [3]],
            "z": WIDE,
            "count": [2**53 + 1, -3, None, 2**62 + 2**38 + 1],
        }
    )


def run(*words: str, stdin: bytes = b"", cwd: str = ".") -> bytes:
    """Return the bytes that a run writes."""
    status, out, error = command.run(*words, stdin=stdin, cwd=cwd)
    assert (status, error) == (0, b"")
    return out


def stored(frame: polars.DataFrame, how: str) -> bytes:
    """Return a table as polars writes it."""
    out = io.BytesIO()
    {"parquet": frame.write_parquet, "arrow": frame.write_ipc, "stream": frame.write_ipc_stream}[how](out)
    return out.getvalue()


def loaded(data: bytes, how: str) -> polars.DataFrame:
    """Return a table as polars reads it."""
    return polars.read_parquet(io.BytesIO(data)) if how == "parquet" else polars.read_ipc(io.BytesIO(data))


@pytest.mark.parametrize(("given", "made"), [("parquet", "arrow"), ("arrow", "parquet"), ("stream", "parquet")])
def test_a_table_keeps_its_columns_and_their_types(frame, given, made):
    """Through pipes; numbers are rounded once, and nulls stay null."""
    words = ["--from", given.replace("stream", "arrow"), "--to", made]
    found = loaded(run("relu", "--alpha", "1", *words, stdin=stored(frame, given)), made)
    assert found.select(frame.columns).equals(frame)
    assert found.columns == [*frame.columns, "z_relu", "count_relu"]
    expected = [1.0 + 2.0**-23, -1.0, math.nan, None]
    assert found["z_relu"].equals(polars.Series("z_relu", expected, polars.Float32), check_dtypes=True)
    assert found["count_relu"].to_list() == [2.0**53, -3, None, 2.0**62 + 2.0**39]


def test_the_numbers_of_results_are_of_the_dtype(frame, tmp_path):
    """What polars has no type for is held exactly by float32."""
    frame.write_parquet(tmp_path / "x.parquet")
    kinds = {"float64": polars.Float64, "float32": polars.Float32, "float16": polars.Float16}
    for dtype in ("float64", "float16", "bfloat16", "float8_e4m3fn"):
        run("sigmoid", "x.parquet", "-c", "z", "--only", "--dtype", dtype, "-o", "y.arrow", cwd=tmp_path)
        found = polars.read_ipc(tmp_path / "y.arrow")["z_sigmoid"]
        assert found.dtype == kinds.get(dtype, polars.Float32)
        expected = library.evaluate("sigmoid", np.array(WIDE[:2]), dtype=dtype).astype(np.float64)
        assert found.cast(polars.Float64).to_list()[:2] == expected.tolist()


def test_many_rows_come_in_batches_and_in_order(tmp_path):
    """More than one batch and one row group."""
    z = np.random.default_rng(1).normal(0, 9, 700_000)
    polars.DataFrame({"i": np.arange(z.size), "z": z}).write_parquet(tmp_path / "x.parquet", row_group_size=100_000)
    run("tanh", "x.parquet", "-c", "z", "-o", "y.parquet", "--derivative", cwd=tmp_path)
    found = polars.read_parquet(tmp_path / "y.parquet")
    assert found["i"].to_list() == list(range(z.size))
    assert found["z_tanh"].to_numpy().tobytes() == library.evaluate("tanh", z, dtype="float32").tobytes()
    expected = library.derivative("tanh", z, dtype="float32")
    assert found["z_tanh_derivative"].to_numpy().tobytes() == expected.tobytes()
    run("tanh", "x.parquet", "-c", "z", "--replace", "-o", "x.parquet", cwd=tmp_path)
    replaced = polars.read_parquet(tmp_path / "x.parquet")
    assert replaced.columns == ["i", "z"]
    assert replaced["z"].equals(found["z_tanh"])


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_a_file_that_shrinks_while_it_is_read_is_an_error(format, tmp_path):
    """That of the file, rather than of what can no longer be read."""
    path = tmp_path / "x"
    frame = polars.DataFrame({"z": np.random.default_rng(2).normal(0, 9, 1_000_000)})
    {"arrow": frame.write_ipc, "parquet": frame.write_parquet}[format](path)
    batches = iter(ArrowReader(source.Source(str(path)), ReadOptions()).batches())
    assert height(next(batches)())
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StorageError, match="was changed while it was read"):
        list(batches)


def test_a_wide_table_is_written_in_groups_of_fewer_rows(tmp_path):
    """Each is held until it is whole."""
    polars.DataFrame(np.ones((30_000, 500), np.float32)).write_parquet(tmp_path / "x.parquet")
    run("relu", "x.parquet", "-o", "y.parquet", cwd=tmp_path)
    found = pyarrow.parquet.read_metadata(tmp_path / "y.parquet")
    rows = [found.row_group(i).num_rows for i in range(found.num_row_groups)]
    assert sum(rows) == 30_000
    assert max(rows) * 1000 * 4 <= 96 * 2**20  # of 120 MB in all


def test_tables_go_from_and_to_text(frame, tmp_path):
    """Text stays text, dates are ISO 8601, lists JSON; what was read from text keeps its column of text."""
    data = stored(frame, "parquet")
    lines = run("relu", "-c", "z", "--from", "parquet", "--to", "csv", stdin=data).decode().splitlines()
    assert lines[0] == "label,when,kind,list,z,count,z_relu"
    assert lines[1].startswith('a,2026-01-02,p,"[1,2]",1.0000000')
    assert lines[3:] == ['"",1999-12-31,p,,NaN,,nan', "d,2000-02-29,,[3],,4611686293305294849,"]
    made = run("relu", "-c", "z", "--to", "parquet", stdin=b"id,z\n007,-1\n,2.5\nx,\n")
    found = loaded(made, "parquet")
    assert found["id"].to_list() == ["007", None, "x"]
    assert found["z"].to_list() == [-1, 2.5, None]
    assert found["z_relu"].to_list() == [0, 2.5, None]
    assert loaded(run("relu", "-1", "2", "--to", "arrow"), "arrow").to_dict(as_series=False) == {
        "x": [-1, 2],
        "x_relu": [0, 2],
    }


def test_what_a_table_holds_becomes_json_of_its_kind(frame):
    """Lists and structures are arrays and objects, truth is truth, text stays text, times are ISO 8601."""
    frame = frame.with_columns(
        polars.struct("when", "list", text=polars.lit('1"')).alias("deep"),
        polars.Series("text", ["12", 'q"', "true", None]),
        polars.Series("truth", [True, False, None, True]),
    )
    rows = output("relu", "-c", "count", "--from", "parquet", "--to", "jsonl", stdin=stored(frame, "parquet"))
    assert rows.splitlines()[:2] == [
        '{"label": "a", "when": "2026-01-02", "kind": "p", "list": [1,2], "z": 1.0000000596046457, '
        '"count": 9007199254740993, "deep": {"when":"2026-01-02","list":[1,2],"text":"1\\""}, "text": "12", '
        '"truth": true, "count_relu": 9.007199e+15}',
        '{"label": null, "when": null, "kind": "q", "list": [], "z": -1.0000000596046448, "count": -3, '
        '"deep": {"when":null,"list":[],"text":"1\\""}, "text": "q\\"", "truth": false, "count_relu": 0.0}',
    ]
    found = [json.loads(row) for row in rows.splitlines()]
    assert [row["list"] for row in found] == [[1, 2], [], None, [3]]
    assert [row["z"] for row in found[2:]] == ["nan", None]
    assert [row["label"] for row in found] == ["a", None, "", "d"]


def test_a_table_without_rows_stays_one():
    """With the columns of the results."""
    data = stored(polars.DataFrame(schema={"s": polars.String, "z": polars.Float64}), "parquet")
    found = loaded(run("relu", "--from", "parquet", "--to", "parquet", stdin=data), "parquet")
    assert found.schema == {"s": polars.String, "z": polars.Float64, "z_relu": polars.Float32}


SHAPES = [(), (0,), (7,), (3, 4), (0, 3), (2, 3, 4), (1, 1, 1, 5)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stored", ["<f4", ">i8"])
def test_an_array_keeps_its_shape(shape, stored):
    """Of any stored dtype and byte order, in the order of C or Fortran."""
    x = (np.random.default_rng(2).normal(0, 9, shape)).astype(stored)
    for order in "CF":
        found = from_npy(run("sigmoid", "--from", "npy", stdin=npy(np.asarray(x, order=order))))
        assert (found.shape, found.dtype) == (shape, np.float32)
        assert found.tobytes() == library.evaluate("sigmoid", x.astype(stored[1:]), dtype="float32").tobytes()


def npy(array: np.ndarray, **options: object) -> bytes:
    """Return an array as NumPy saves it."""
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


def from_npy(data: bytes) -> np.ndarray:
    """Return an array as NumPy loads it."""
    return np.load(io.BytesIO(data))


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_softmax_goes_along_any_axis(axis):
    """As in the library; so do the halves of a gated unit, and a list of slopes along the last axis."""
    x = np.random.default_rng(3).normal(0, 3, (4, 6, 2)).astype(np.float32)
    for order in "CF":
        data = npy(np.asarray(x, order=order))
        for name in ("softmax", "glu"):
            found = from_npy(run(name, "--axis", str(axis), "--from", "npy", stdin=data))
            assert found.tobytes() == library.evaluate(name, x, axis=axis).tobytes()
            assert found.shape == library.evaluate(name, x, axis=axis).shape
        found = from_npy(run("prelu", "--slope", "0.5,3", "--from", "npy", stdin=data))
        assert found.tobytes() == library.evaluate("prelu", x, slope=[0.5, 3]).tobytes()


def test_an_array_of_many_pieces(tmp_path):
    """Compressed or not, its rows cut anywhere; with derivatives a last axis of two."""
    x = np.random.default_rng(4).normal(0, 3, (3, 700, 1001)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    run("softmax", "x.npy", "-o", "y.npy", cwd=tmp_path)
    assert np.load(tmp_path / "y.npy").tobytes() == library.evaluate("softmax", x).tobytes()
    (tmp_path / "x.npy.gz").write_bytes(gzip.compress(npy(x), 1))
    run("relu", "x.npy.gz", "--derivative", "-o", "y.npy.gz", cwd=tmp_path)
    with gzip.open(tmp_path / "y.npy.gz") as file:
        found = np.load(file)
    assert found[..., 0].tobytes() == np.maximum(x, 0).tobytes()
    assert found[..., 1].tobytes() == (x > 0).astype(np.float32).tobytes()


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_compressed_tables_are_read(kind, frame, tmp_path):
    """Whoever compressed them; Arrow, which is not compressed within, is also written so."""
    (tmp_path / f"x.{kind}.gz").write_bytes(gzip.compress(stored(frame, kind)))
    run("relu", f"x.{kind}.gz", "-c", "z", "-o", "y.arrow.gz", cwd=tmp_path)
    found = loaded(gzip.decompress((tmp_path / "y.arrow.gz").read_bytes()), "arrow")
    assert found.select(frame.columns).equals(frame)
    assert "omit .zst" in complaint("relu", f"x.{kind}.gz", "-o", "y.pq.zst", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"x.{kind}.gz", "y.arrow.gz"]


def test_arrays_become_tables_and_tables_arrays(tmp_path):
    """Of one or two axes."""
    np.save(tmp_path / "m.npy", np.array([[1, -2], [-3, 4]]))
    np.save(tmp_path / "v.npy", np.array([1.5, -2]))
    assert run("relu", "m.npy", "--to", "csv", cwd=tmp_path) == (b"x1,x2,x1_relu,x2_relu\n1,-2,1.0,0.0\n-3,4,0.0,4.0\n")
    assert run("relu", "v.npy", "--to", "csv", "--only", cwd=tmp_path) == b"x_relu\n1.5\n0.0\n"
    assert from_npy(run("relu", "m.npy", "-c", "x2", cwd=tmp_path)).tolist() == [0, 4]
    table = b"id,a,b\nx,1,-2\ny,,3\n"
    assert from_npy(run("relu", "--to", "npy", stdin=table)).tolist()[0] == [1, 0]
    assert np.isnan(from_npy(run("relu", "--to", "npy", stdin=table))[1, 0])
    assert from_npy(run("relu", "-c", "b", "--to", "npy", stdin=table)).tolist() == [0, 3]
    found = from_npy(run("relu", "-c", "b", "--derivative", "--to", "npy", stdin=table))
    assert found.tolist() == [[0, 0], [3, 1]]
    for dtype in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        found = from_npy(run("relu", "3", "--dtype", dtype, "--to", "npy"))
        assert (found.dtype, found.tolist()) == (np.float32, [3])


def with_shape(text: str) -> bytes:
    """Return an array whose header has that text for its shape."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({text},)}}".encode()
    return b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header


BAD = {
    "a shape of many signs": (with_shape("-" * 9000 + "1"), "npy", "its header cannot be read"),
    "a shape of many brackets": (with_shape("(" * 9000), "npy", "its header cannot be read"),
    "a shape of dictionaries": (with_shape("{" * 99 + "}" * 99), "npy", "its header cannot be read"),
    "objects": (npy(np.array([{}]), allow_pickle=True), "npy", "holds object; expected integers"),
    "complex numbers": (npy(np.array([1j])), "npy", "holds complex128"),
    "truth": (npy(np.array([True])), "npy", "holds bool"),
    "a structure": (npy(np.array([(1, 2.0)], "i4,f4")), "npy", "; expected integers"),
    "an array cut off": (npy(np.arange(9.0))[:-12], "npy", "is truncated: 2 numbers of shape (9,) are missing"),
    "two arrays": (npy(np.arange(9.0)) * 2, "npy", "holds more than its shape (9,) says"),
    "no array": (b"x\n1\n", "npy", "is not a NumPy array"),
    "no bytes of an array": (b"", "npy", "is empty"),
    "no bytes of a table": (b"", "parquet", "is empty"),
    "no Parquet": (b"x\n1\n", "parquet", "is neither Parquet nor Arrow data"),
    "no Arrow": (b"ARROW1\0\0x", "arrow", "begins as an Arrow file but is damaged: "),
    "half a stream": (
        stored(polars.DataFrame({"z": [1.5] * 99}), "stream")[:400],
        "arrow",
        "begins as an Arrow stream",
    ),
    "no numbers": (stored(polars.DataFrame({"s": ["a"]}), "parquet"), "parquet", "has no numeric column"),
    "twice the name": (stored(polars.DataFrame({"z": [1], "z_relu": [2]}), "parquet"), "parquet", "already has a"),
}


@pytest.mark.parametrize(("data", "format", "message"), BAD.values(), ids=BAD)
def test_bad_data_is_one_line(data, format, message, tmp_path):
    """And nothing is written."""
    (tmp_path / "x").write_bytes(data)
    found = complaint("relu", "x", "--from", format, "--to", format, "-o", "out", cwd=tmp_path)
    assert message in found
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_what_makes_no_sense_is_refused(tmp_path):
    """With what would."""
    np.save(tmp_path / "t.npy", np.zeros((2, 2, 2)))
    assert "has the shape (2, 2, 2); only arrays with one or two axes become tables" in complaint(
        "relu", "t.npy", "--to", "csv", cwd=tmp_path
    )
    assert "axis 3 is out of range (-3 to 2)" in complaint("softmax", "--axis", "3", "t.npy", cwd=tmp_path)
    words = ["-c", "s", "--only", "--from", "parquet", "--to", "csv"]
    assert output("relu", *words, stdin=stored(polars.DataFrame({"s": ["1.5"]}), "parquet")) == "s_relu\n1.5\n"
    wrong = stored(polars.DataFrame({"s": ["1", "q"], "b": [True, False]}), "parquet")
    assert complaint("relu", "-c", "s", "--from", "parquet", stdin=wrong) == (
        "standard input: row 2, column 's': 'q' is not a number"
    )
    assert "column 'b' holds bool, not numbers" in complaint("relu", "-c", "b", "--from", "parquet", stdin=wrong)
    assert complaint("relu", "--from", "json", stdin="1").startswith("--from must be one of csv, tsv,")
    assert "--delimiter is for delimited text" in complaint("relu", "-d", ";", "t.npy", cwd=tmp_path)
    assert "cannot write /dev/full: No space left" in complaint(
        "relu", "1", "--to", "parquet", "-o", "/dev/full", status=3
    )
