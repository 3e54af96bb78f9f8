"""JSON lines are read, a row at a time, and keep the text of what was not converted."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcli.data.read_options import ReadOptions
from actcli.formats import registry as formats
from actcli.formats.json_lines.reader import JsonLinesReader
from tests.command import complaint, output
from tests.in_memory import cut

ROWS = '{"id": "007", "x": -1.50, "deep": {"a": [1, 2.0]}, "n": null}\n{"id":"é, \\"","x":2e0,"deep":[],"n":"1"}\n'


def test_objects_keep_their_text_and_get_the_results():
    """Escapes, spaces, nested values and numbers that look otherwise; from a file, a pipe and compressed."""
    expected = (
        '{"id": "007", "x": -1.50, "deep": {"a": [1, 2.0]}, "n": null, "x_relu": 0.0}\n'
        '{"id":"é, \\"","x":2e0,"deep":[],"n":"1", "x_relu": 2.0}\n'
    )
    assert output("relu", "--from", "jsonl", "--to", "jsonl", stdin=ROWS.encode()) == expected
    assert output("relu", "--from", "jsonl", "--to", "jsonl", stdin=gzip.compress(ROWS.encode())) == expected


def test_a_file_of_objects_gives_objects_by_its_ending(tmp_path):
    """With --replace and --only, too; a key that a row lacks is an empty cell."""
    (tmp_path / "a.jsonl").write_text('{"a": 1, "b": 2}\n\n{"b": -3, "c": true}\n')
    run = ("relu", "a.jsonl", "-c", "b")
    assert output(*run, cwd=tmp_path) == '{"a": 1, "b": 2, "b_relu": 2.0}\n\n{"b": -3, "c": true, "b_relu": 0.0}\n'
    assert output(*run, "--only", cwd=tmp_path) == '{"b_relu": 2.0}\n{"b_relu": 0.0}\n'
    assert output("relu", "a.jsonl", cwd=tmp_path).splitlines()[2] == (
        '{"b": -3, "c": true, "a_relu": null, "b_relu": 0.0}'
    )
    assert output(*run, "--replace", cwd=tmp_path) == '{"a": 1, "b": 2.0}\n\n{"b": 0.0, "c": true}\n'
    for way in ("csv", "parquet"):
        assert complaint(*run, "-o", f"out.{way}", cwd=tmp_path) == (
            "a.jsonl: row 3 has the key 'c', which row 1 lacks, so the output has no column for it; --format jsonl "
            "keeps it"
        )
    (tmp_path / "a.jsonl").write_text('{"a": 1, "b": 2}\n{"b": -3}\n')
    assert output(*run, "--replace", cwd=tmp_path) == '{"a": 1, "b": 2.0}\n{"b": 0.0}\n'


def test_objects_become_rows_of_other_formats():
    """Strings without their quotes, null as an empty cell, nested values as they were written."""
    found = output("relu", "--from", "jsonl", "--to", "csv", stdin=ROWS.encode())
    assert found == 'id,x,deep,n,x_relu\n007,-1.50,"{""a"": [1, 2.0]}",,0.0\n"é, """,2e0,[],1,2.0\n'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("{}", "no numeric column"),
        ('{"a": "x"}', "no numeric column (columns: a)"),
        ("[1]", "row 1 is not a JSON object: '[1]'"),
        ('{"a": 1}\n{"a": 1\n', "row 2 is not a JSON object"),
        ('{"a": 1}\n\n{"a": 1} 2\n', "row 3 is not a JSON object"),
        ('{"a": 1,}', "row 1 is not a JSON object"),
        ('{"a": 1}\n{"a": true}\n', "row 2, column 'a': 'true' is not a number"),
        ('{"a": ' + "[" * 100000, "row 1 is not a JSON object"),
    ],
)
def test_what_is_no_row_is_named(data, message):
    """In one line, with its row."""
    assert message in complaint("relu", "--from", "jsonl", stdin=data.encode())


JSON_VALUES = st.recursive(st.none() | st.booleans() | st.text() | st.integers() | st.floats(), st.lists, max_leaves=3)


@given(rows=st.lists(st.dictionaries(st.text(), JSON_VALUES), min_size=1, max_size=8), size=st.integers(1, 200))
def test_any_objects_are_read_as_the_json_module_reads_them(rows, size):
    """Whatever the pieces in which they arrive; each value keeps its text."""
    rows = [{"x": 1, **row} for row in rows]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    reader = JsonLinesReader(cut(data, size), ReadOptions(columns=("x",), on_error="null"))
    tables = [batch() for batch in reader.batches()]
    assert [line for table in tables for line in table.text.lines] == [json.dumps(r, ensure_ascii=False) for r in rows]
    if all(row.keys() <= rows[0].keys() for row in rows):
        written = [row for table in tables for row in table.text.cells().iter_rows()]
        assert written == [
            (*(json.dumps(row[key], ensure_ascii=False) if key in row else None for key in rows[0]), "") for row in rows
        ]
        cells = [row for table in tables for row in table.cells().iter_rows()]
        assert cells == [tuple(cell(row.get(key)) for key in rows[0]) for row in rows]


def cell(value: object) -> str | None:
    """Return what a value becomes in a table: a string itself, nothing for null, else its text."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def test_results_have_one_text_whatever_they_are_made_from():
    """Typed numbers are written by NumPy, tables by polars."""
    x = np.random.default_rng(5).integers(0, 2**32, 3000, np.uint32).view(np.float32)
    numbers = [*map(str, x), "0", "-0", "1e-5", "9e-6", "1e16", "1e17", "inf", "-inf", "nan", "1e-45"]
    for dtype in ("float32", "float64", "float16", "bfloat16"):
        for named in (["jsonl", "--only", "--as", "y"], ["markdown", "--only", "--as", "y"], ["plain"]):
            words = ["linear", "--dtype", dtype, "--to", *named]
            assert output(*words, stdin="\n".join(["x", *numbers])) == output(*words, *numbers)


def test_a_format_that_is_read_by_its_ending_is_named():
    """Both endings."""
    assert formats.input_format("a.ndjson.gz") == formats.input_format("a.jsonl") == "jsonl"
