"""Tables from files and pipes: headers, columns, cells that stay as they are, rows along an axis."""

import csv
import io
import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actcli as library
from actcli.data.evaluated import Job
from actcli.data.read_options import ReadOptions
from actcli.formats.csv.reader import CsvReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions
from actcli.storage import source
from tests.command import output
from tests.in_memory import written


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def written(text: str | bytes, name: str = "x.csv") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return written


def test_a_file_a_pipe_and_a_dash_are_the_same(write):
    """Out comes CSV: the input columns, then one new column."""
    text = "x\n-5\n0\n3.0\n"
    expected = "x,x_relu\n-5,0.0\n0,0.0\n3.0,3.0\n"
    assert output("relu", write(text)) == expected
    assert output("relu", stdin=text) == expected
    assert output("relu", "-", stdin=text) == expected
    assert output("relu", "--threshold", "0", "-", "--format", "csv", stdin=text) == expected


def test_numbers_without_a_header_are_data():
    """As seq writes them; the columns get names."""
    assert output("relu", stdin="-1\n0\n1\n") == "x,x_relu\n-1,0.0\n0,0.0\n1,1.0\n"
    assert output("relu", stdin="-1,2\n") == "x1,x2,x1_relu,x2_relu\n-1,2,0.0,2.0\n"
    assert output("relu", stdin="nan\n1\n") == "x,x_relu\nnan,nan\n1,1.0\n"


def test_typed_numbers_win_over_a_pipe():
    """Standard input is not even read."""
    assert output("relu", "3", "--format", "plain", stdin="-1\n") == "3.0\n"


def test_columns_of_text_pass_through():
    """With their quotes where they need them; only columns of numbers get a result."""
    text = 'id,name,z\n1,"Ann, B.",-2\n2,"say ""hi""",0.5\n3,,1e3\n'
    assert output("relu", "-c", "z", stdin=text) == (
        'id,name,z,z_relu\n1,"Ann, B.",-2,0.0\n2,"say ""hi""",0.5,0.5\n3,,1e3,1000.0\n'
    )


def test_columns_are_chosen_by_name_and_glob():
    """Once or several times; the input's order holds."""
    text = "a,b1,b2,c\n-1,-2,-3,-4\n"
    header = output("relu", "-c", "b*", stdin=text).splitlines()[0]
    assert header == "a,b1,b2,c,b1_relu,b2_relu"
    header = output("relu", "-c", "c,b2", "-c", "a", stdin=text).splitlines()[0]
    assert header == "a,b1,b2,c,a_relu,b2_relu,c_relu"


def test_empty_cells_stay_empty():
    """In every format; a quoted nothing is empty too."""
    text = 'k,x\na,1\nb,\nc,-1\nd,""\n'
    assert output("relu", stdin=text) == 'k,x,x_relu\na,1,1.0\nb,,\nc,-1,0.0\nd,"",\n'
    assert output("relu", "--format", "plain", stdin=text) == "1.0\n\n0.0\n\n"
    assert json.loads(output("relu", "--format", "json", stdin=text))["y"] == [1, None, 0, None]
    assert json.loads(output("relu", "--format", "jsonl", stdin=text).splitlines()[1]) == {
        "k": "b",
        "x": None,
        "x_relu": None,
    }
    assert "| b |  |  |" in output("relu", "--format", "markdown", stdin=text)
    assert output("relu", stdin="x\n1\n\n-1\n") == "x,x_relu\n1,1.0\n,\n-1,0.0\n"
    for dtype in ("float16", "bfloat16", "float64"):
        assert output("relu", "--dtype", dtype, stdin="x\n1\n\nnan\n") == "x,x_relu\n1,1.0\n,\nnan,nan\n"


def test_softmax_goes_along_each_row():
    """Down the columns with axis 0; a single column is a vector."""
    text = "id,a,b\np,1,1\nq,1,1\n"
    assert output("softmax", stdin=text) == "id,a,b,a_softmax,b_softmax\np,1,1,0.5,0.5\nq,1,1,0.5,0.5\n"
    text = "a,b\n5,1\n5,1\n5,1\n5,1\n"
    assert output("softmax", "--axis", "0", stdin=text).splitlines()[1] == "5,1,0.25,0.25"
    assert output("softmax", "--axis", "1", stdin=text) == output("softmax", stdin=text)
    assert output("softmax", stdin="1\n1\n") == "x,x_softmax\n1,0.5\n1,0.5\n"


def test_the_formats_hold_rows_of_several_columns():
    """Lists of rows in JSON and arrays; tabs in plain."""
    text = "name,a,b\nA,1,-2\nB,-3,4\n"
    found = json.loads(output("relu", "--format", "json", stdin=text))
    assert (found["columns"], found["x"], found["y"]) == (["a", "b"], [[1, -2], [-3, 4]], [[1, 0], [0, 4]])
    assert output("relu", "--format", "plain", stdin=text) == "1.0\t0.0\n0.0\t4.0\n"
    assert output("relu", "--format", "array", stdin=text) == "array([[1., 0.],\n       [0., 4.]], dtype=float32)\n"
    assert json.loads(output("relu", "--format", "jsonl", stdin=text).splitlines()[1]) == {
        "name": "B",
        "a": -3,
        "b": 4,
        "a_relu": 0,
        "b_relu": 4,
    }


def test_tabs_by_the_ending(write):
    """In and out."""
    path = write("a\tb\n-1\tx,y\n", "x.tsv")
    assert output("relu", path) == "a\tb\ta_relu\n-1\tx,y\t0.0\n"
    assert output("relu", path, "--format", "csv") == 'a,b,a_relu\n-1,"x,y",0.0\n'


def test_files_as_people_have_them():
    """A byte-order mark, CRLF, blanks around numbers, quoted line ends, the web's minus, no last newline."""
    assert output("relu", stdin=b"\xef\xbb\xbfx\r\n-1\r\n2\r\n") == "\ufeffx,x_relu\r\n-1,0.0\r\n2,2.0\r\n"
    assert output("relu", "--format", "plain", stdin="a, b\n 1 , -2\n") == "1.0\t0.0\n"
    assert output("relu", stdin='t,x\n"two\nlines",1') == 't,x,x_relu\n"two\nlines",1,1.0\n'
    assert output("relu", "--format", "plain", stdin="x\n\N{MINUS SIGN}3\n2\n") == "0.0\n2.0\n"
    assert output("relu", stdin="a,b\n1,2\n\n\n") == "a,b,a_relu,b_relu\n1,2,1.0,2.0\n\n\n"
    assert output("relu", stdin='a,b\n5" pipe,2\n') == 'a,b,b_relu\n5" pipe,2,2.0\n'
    assert output("relu", stdin="a,a\n1,2\n") == "a,a,a_relu,a_relu\n1,2,1.0,2.0\n"


def test_numbers_in_cells_are_rounded_once():
    """The text lies above a midpoint of float32 by less than float64 can tell."""
    assert output("relu", "--format", "plain", stdin="1.0000000596046447753906251\n") == "1.0000001\n"


def test_ten_thousand_rows_are_the_bits_of_the_library():
    """For each dtype, through CSV."""
    numbers = np.random.default_rng(1).normal(0, 9, 10000)
    text = "\n".join(map(repr, numbers.tolist()))
    for dtype in ("bfloat16", "float32", "float64"):
        expected = library.evaluate("sigmoid", [repr(number) for number in numbers.tolist()], dtype=dtype)
        rows = output("sigmoid", "--dtype", dtype, stdin=text).splitlines()[1:]
        found = library.evaluate("relu", [row.split(",")[1] for row in rows], dtype=dtype, negative_slope=1)
        assert found.tobytes() == expected.tobytes()


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=5)


@settings(max_examples=200)
@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1)),
    st.integers(1, 300),
)
def test_any_table_of_any_cells_keeps_its_cells(tmp_path_factory, rows, size):
    """In blocks of any size; Python's csv module reads back what it wrote, with the results at the end."""
    path = tmp_path_factory.mktemp("any") / "any.csv"
    table = [[f"name {i}" for i in range(len(rows[0]))] + ["number"], *([*row, "-2.5"] for row in rows)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    read = CsvReader(source.Source(str(path), size=size), ReadOptions(columns=("number",)))
    job = Job(library.get("relu")(negative_slope=0.5))
    found = written(job, read.batches(), CsvWriter(WriteOptions(",")))
    back = list(csv.reader(io.StringIO(found.decode(), newline="")))
    assert [[cell.strip() for cell in back[0]], *back[1:]] == [
        [*table[0], "number_relu"],
        *([*row, "-1.25"] for row in table[1:]),
    ]


def test_a_pipe_is_widened_and_anything_else_left_alone(tmp_path):
    """Where the system has such pipes."""
    fcntl = pytest.importorskip("fcntl")
    if not hasattr(fcntl, "F_GETPIPE_SZ"):
        pytest.skip("no such pipes here")
    ends = os.pipe()
    before = fcntl.fcntl(ends[0], fcntl.F_GETPIPE_SZ)
    source.widen(ends[0])
    assert fcntl.fcntl(ends[0], fcntl.F_GETPIPE_SZ) > before
    list(map(os.close, ends))
    with open(tmp_path / "x", "w") as file:
        source.widen(file.fileno())
