"""How separated values are read: --delimiter, --header, --decimal, --na, --on-error; and --in-place."""

import csv
import gzip
import io
import json
import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actcli as library
from actcli.data.evaluated import Job
from actcli.data.read_options import ON_ERROR, ReadOptions
from actcli.errors import ActcliError
from actcli.formats import registry as formats
from actcli.formats.csv import row_splitter
from actcli.formats.csv.reader import CsvReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions
from tests.command import actcli, complaint, output
from tests.in_memory import cut, written

GERMAN = "id;z\np, q;-1,5\nr;2,25\n"


@pytest.mark.parametrize(("given", "character"), [(";", ";"), ("\\t", "\t"), ("tab", "\t"), (" ", " "), ("|", "|")])
def test_any_character_may_stand_between_cells(given, character):
    """In what is read, and in what is written unless another is named."""
    text = "a,b,c\n-1,x,2\n".replace(",", character)
    expected = "a,b,c,a_relu,c_relu\n-1,x,2,0.0,2.0\n".replace(",", character)
    assert output("relu", "-d", given, stdin=text) == expected
    assert output("relu", "--delimiter", given, "-f", "csv", stdin=text) == expected
    assert output("relu", "-d", given, "-f", "tsv", stdin=text) == expected.replace(character, "\t")


def test_the_output_has_the_delimiter_of_the_input(tmp_path):
    """Unless its ending or --format names another."""
    (tmp_path / "x.tsv").write_text("a\tb\n-1\tx,y\n")
    assert output("relu", "x.tsv", cwd=tmp_path) == "a\tb\ta_relu\n-1\tx,y\t0.0\n"
    assert output("relu", "x.tsv", "-f", "csv", cwd=tmp_path) == 'a,b,a_relu\n-1,"x,y",0.0\n'
    (tmp_path / "x.csv").write_text("a;b\n-1;x\n")
    output("relu", "-d", ";", "x.csv", "-o", "y.tsv", cwd=tmp_path)
    assert (tmp_path / "y.tsv").read_text() == "a\tb\ta_relu\n-1\tx\t0.0\n"
    output("relu", "-d", ";", "x.csv", "-o", "y.csv", cwd=tmp_path)
    assert (tmp_path / "y.csv").read_text() == "a;b;a_relu\n-1;x;0.0\n"
    assert output("relu", "1", "-2", "-f", "csv", "-d", "|", "--derivative") == (
        "x|x_relu|x_relu_derivative\n1.0|1.0|1.0\n-2.0|0.0|0.0\n"
    )


@pytest.mark.parametrize("given", ["", "ab", '"', "\n", "§", "\\n"])
def test_what_cannot_stand_between_cells_is_refused(given):
    """Naming what can."""
    with pytest.raises(ActcliError, match="--delimiter must be one ASCII character"):
        formats.delimiter(given)
    assert "got 'ab'" in complaint("relu", "-d", "ab", stdin="1\n")


@pytest.mark.parametrize(("character", "shown"), [(";", "';'"), ("\t", "a tab"), ("|", "'|'")])
def test_a_table_that_looks_like_another_is_not_guessed(character, shown):
    """The message names the option."""
    given = {"\t": "tab"}.get(character, f"'{character}'")
    for text in ("a;b\n1;2\n", "1;2\n3;4\n", "a;b\n1,5;2\n"):
        found = complaint("relu", stdin=text.replace(";", character))
        assert found.endswith(f"; if {shown} separates its cells, give --delimiter {given}"), found
    assert "--delimiter" in complaint("relu", "-c", "b", stdin="a;b\n1;2\n")
    assert "--delimiter" not in complaint("relu", stdin="a\nx\n")


def test_the_first_row_is_what_it_is_said_to_be():
    """Without --header and --no-header it is a header unless its filled cells are numbers."""
    assert output("relu", "--header", stdin="1,2\n3,-4\n") == "1,2,1_relu,2_relu\n3,-4,3.0,0.0\n"
    assert output("relu", "--no-header", stdin="1,2\n3,-4\n") == "1,2,1.0,2.0\n3,-4,3.0,0.0\n"
    assert output("relu", "--no-header", stdin="p,-1\nq,2\n") == "p,-1,0.0\nq,2,2.0\n"
    assert output("relu", "--no-header", "-c", "2", "--only", stdin="p,-1\nq,2\n") == "0.0\n2.0\n"
    assert output("relu", "--na", "NA", stdin="NA,2\n3,-4\n").splitlines()[1] == "NA,2,,2.0"
    assert "row 1, column 'x1': 'p' is not a number" in complaint("relu", "--no-header", "-c", "x1", stdin="p,1\n")
    assert output("relu", "--header", stdin="1\n") == "1,1_relu\n"
    assert complaint("relu", "--header", "--no-header", stdin="1\n").startswith(
        "--header cannot be combined with --no-header"
    )


def test_a_decimal_comma_is_read_and_written():
    """Between quotes where a comma stands between the cells, too; JSON has a point."""
    assert output("relu", "-d", ";", "--decimal", ",", stdin=GERMAN) == "id;z;z_relu\np, q;-1,5;0,0\nr;2,25;2,25\n"
    quoted = 'id,z\np,"-1,5"\nr,"2,25"\ns,3\n'
    assert output("relu", "--decimal", ",", stdin=quoted) == (
        'id,z,z_relu\np,"-1,5","0,0"\nr,"2,25","2,25"\ns,3,"3,0"\n'
    )
    line = ["relu", "-d", ";", "--decimal", ",", "-f"]
    assert output(*line, "csv", "--replace", stdin=GERMAN) == "id;z\np, q;0,0\nr;2,25\n"
    assert output(*line, "plain", stdin=GERMAN) == "0,0\n2,25\n"
    assert output(*line, "markdown", stdin=GERMAN).splitlines()[-1] == "| r | 2,25 | 2,25 |"
    assert output(*line, "tsv", "--dtype", "bfloat16", stdin=GERMAN).splitlines()[1] == "p, q\t-1,5\t0,0"
    assert json.loads(output(*line, "jsonl", stdin=GERMAN).splitlines()[1]) == {"id": "r", "z": 2.25, "z_relu": 2.25}
    assert "row 2, column 'x': '1.5' is not a number" in complaint(*line[:5], "-c", "x", stdin="x\n1.5\n")
    assert "'1.000,5' is not a number" in complaint(*line[:5], stdin="x\n1\n1.000,5\n")
    assert complaint("relu", "--decimal", ";", stdin="1\n") == "--decimal must be '.' or ',', got ';'"


def test_texts_that_count_as_empty_stay_in_their_cells():
    """A number may be one of them."""
    text = 'k,x\na,NA\nb, null \nc,"NA"\nd,-999\ne,-2\n'
    expected = 'k,x,x_relu\na,NA,\nb, null ,\nc,"NA",\nd,-999,\ne,-2,0.0\n'
    assert output("relu", "--na", "NA,null,-999", stdin=text) == expected
    assert output("relu", "--na", "NA", "--na", "-999", "--na", "null", stdin=text) == expected
    assert "row 3, column 'x': ' null ' is not a number" in complaint("relu", "-c", "x", "--na", "NA,-999", stdin=text)


WRONG = 'k,x\na,1\nb,"n;a, ""?"""\nc,\nd,-2\n'


def test_a_cell_that_is_no_number_may_have_no_result_or_itself():
    """In every format; --verbose counts them."""
    assert complaint("relu", "--on-error", "fail", stdin=WRONG).endswith(" is not a number")
    assert output("relu", "--on-error", "null", stdin=WRONG) == (
        'k,x,x_relu\na,1,1.0\nb,"n;a, ""?""",\nc,,\nd,-2,0.0\n'
    )
    keep = ["relu", "--on-error", "keep"]
    assert output(*keep, stdin=WRONG) == ('k,x,x_relu\na,1,1.0\nb,"n;a, ""?""","n;a, ""?"""\nc,,\nd,-2,0.0\n')
    assert output(*keep, "--replace", "--dtype", "float16", stdin=WRONG) == 'k,x\na,1.0\nb,"n;a, ""?"""\nc,\nd,0.0\n'
    assert output(*keep, "-f", "plain", "--derivative", stdin="x\n1\nz\n") == "1.0\t1.0\nz\tz\n"
    assert json.loads(output(*keep, "-f", "jsonl", stdin="x\n1\nz\n").splitlines()[1]) == {"x": "z", "x_relu": "z"}
    assert "│  z │       z │" in output(*keep, "-f", "table", stdin="x\n1\nz\n")
    assert output("glu", "--on-error", "keep", stdin="a,b\n2,0\n3,?\n") == "a,b,a_glu\n2,0,1.0\n3,?,?\n"
    assert output("softmax", "--on-error", "keep", stdin="a,b\n0,0\n3,?\n").splitlines()[2] == "3,?,nan,?"
    for words, count in (
        (["null"], "; 1 cell was no number"),
        (["keep", "-c", "k,x"], "; 5 cells were no numbers"),
    ):
        assert actcli("relu", "--on-error", *words, "-v", stdin=WRONG).stderr.endswith(f" MB/s{count}\n")
    assert "--on-error" in complaint("relu", "--on-error", "nul", stdin="1\n")


def test_a_file_is_replaced_in_place(tmp_path):
    """As what it was: delimiter, header or none, compression, permissions."""
    path = tmp_path / "x.dat"
    path.write_text("-1;4\n2;\n")
    path.chmod(0o640)
    assert output("relu", "-d", ";", "-c", "x1", "--in-place", "x.dat", cwd=tmp_path) == ""
    assert path.read_text() == "-1;4;0.0\n2;;2.0\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    (tmp_path / "x.tsv").write_text("a\tb\n-1\tx\n")
    output("relu", "x.tsv", "--in-place", "--format", "tsv", "--replace", cwd=tmp_path)
    assert (tmp_path / "x.tsv").read_text() == "a\tb\n0.0\tx\n"
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"a\n-1\n"))
    output("relu", "x.csv.gz", "--in-place", cwd=tmp_path)
    assert gzip.decompress((tmp_path / "x.csv.gz").read_bytes()) == b"a,a_relu\n-1,0.0\n"
    (tmp_path / "x.csv").write_text("-1\n2\n")
    output("relu", "x.csv", "--in-place", cwd=tmp_path)
    assert (tmp_path / "x.csv").read_text() == "-1,0.0\n2,2.0\n"


def test_a_file_that_cannot_be_replaced_is_left_alone(tmp_path):
    """With one line that says why."""
    (tmp_path / "x.csv").write_text("a\n1\nz\n")
    for words, message in (
        (["x.csv"], "x.csv: row 3, column 'a': 'z' is not a number"),
        (["-"], "--in-place replaces the file that is read; name a file, not standard input"),
        ([], "--in-place replaces the file that is read; name a file, not standard input"),
        (["no.csv"], "--in-place replaces the file that is read; name a file, not no.csv"),
        (["1"], "--in-place is for a file or a pipe; it cannot be combined with numbers as arguments"),
        (["x.csv", "-o", "y.csv"], "--in-place cannot be combined with --output: it writes to the file that is read"),
        (["x.csv", "-o", "-"], "--in-place cannot be combined with --output: it writes to the file that is read"),
        (["x.csv", "-f", "json"], "--in-place cannot be combined with --format json: x.csv stays csv; try --output"),
    ):
        assert complaint("relu", *words, "--in-place", stdin="1\n", cwd=tmp_path) == message
    assert (tmp_path / "x.csv").read_text() == "a\n1\nz\n"
    assert os.listdir(tmp_path) == ["x.csv"]


@pytest.mark.parametrize("words", [["--decimal", ","], ["--na", "NA"], ["--on-error", "null"]])
def test_options_of_files_do_not_go_with_typed_numbers(words):
    """They would do nothing."""
    assert (
        complaint("relu", "1", *words)
        == f"{words[0]} is for a file or a pipe; it cannot be combined with numbers as arguments"
    )


@pytest.mark.parametrize("size", [1, 5, 64])
@pytest.mark.parametrize("text", ["a" * 300, '"' + "b\n" * 99 + 'b"', '"' + 'c""' * 99 + '"', '"c""\nd"'])
def test_a_long_row_is_waited_for(text, size, monkeypatch):
    """Wherever it stands, the header too, and whatever it holds."""
    monkeypatch.setattr(row_splitter, "_LONG_ROW_BYTES", 20)
    data = f"x,{text}\n1,{text}\n2,\n".encode()
    expected = data.replace(b"\n2,", b",1.0\n2,").replace(f"{text}\n1".encode(), f"{text},x_relu\n1".encode())
    assert answered(data, size, ReadOptions(columns=("x",))) == expected.removesuffix(b"\n") + b",2.0\n"


CELL = st.one_of(
    st.text('NA?;,." \n-12\N{MINUS SIGN}', max_size=4), st.sampled_from(["-2,5", "0.5", "NA", "7", "1e-3", "-0"])
)


def answered(data: bytes, size: int, options: ReadOptions) -> bytes:
    """Return what relu with a slope of 1 gives for data that arrive in chunks of a size, or the message."""
    try:
        reader = CsvReader(cut(data, size), options)
        job = Job(library.get("relu")(negative_slope=1.0))
        writer = CsvWriter(WriteOptions(options.separator, header=reader.has_header))
        return written(job, reader.batches(), writer)
    except ActcliError as error:
        return str(error).encode()


READING = st.builds(
    ReadOptions,
    separator=st.sampled_from(",;"),
    columns=st.just(("x",)),
    dtype=st.just("float32"),
    header=st.just(True),
    decimal=st.sampled_from(".,"),
    na=st.sampled_from([(), ("NA",), ("NA", "7")]),
    on_error=st.sampled_from(ON_ERROR),
    masks=st.just(()),
)


def expected(cell: str, reading: ReadOptions) -> str | None:
    """Return the result of a cell by Python's float, or None for an error."""
    cleaned = cell.strip().replace("\N{MINUS SIGN}", "-")
    with_point = cleaned.replace(".", "?").replace(",", ".") if reading.decimal == "," else cleaned
    if cell.strip() in ("", *reading.na):
        return ""
    try:
        return str(float(with_point))
    except ValueError:
        return {"fail": None, "null": "", "keep": cell}[reading.on_error]


@settings(max_examples=100)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), READING, st.integers(1, 40))
def test_any_table_is_what_a_row_at_a_time_gives(rows, reading, size):
    """By Python's csv module and float; the same bytes for every size of the chunks."""
    text = io.StringIO()
    csv.writer(text, delimiter=reading.separator, lineterminator="\n").writerows([("k", "x"), *rows])
    data = text.getvalue().encode()
    found = answered(data, size, reading)
    assert found == answered(data, 10**6, reading)
    results = [expected(cell, reading) for _, cell in rows]
    if None in results:
        assert b"is not a number" in found
        return
    back = list(csv.reader(io.StringIO(found.decode(), newline=""), delimiter=reading.separator))[1:]
    assert [tuple(cells[:2]) for cells in back] == rows
    for cells, result in zip(back, results, strict=True):
        try:
            assert repr(float(cells[2].replace(reading.decimal, "."))) == repr(float(result))  # NaN equals itself here
        except ValueError:
            assert cells[2] == result
