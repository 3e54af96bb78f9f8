"""Where the results stand in a table and what they are called: --as, --replace and --only."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actcli as library
from actcli.data import naming
from actcli.data.evaluated import Job
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats.csv.reader import CsvReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions
from actcli.storage import source
from tests.command import complaint, output
from tests.in_memory import written

TABLE = 'id,a,b\n"p, q", -1 ,"2"\nr,3,\n'
NAMED = {
    "--as f_{column}": ("id a b f_a f_b", ["p, q", " -1 ", "2", "0.0", "2.0"]),
    "--as {function}({column})x": ("id a b relu(a)x relu(b)x", ["p, q", " -1 ", "2", "0.0", "2.0"]),
    "--as y --columns b": ("id a b y", ["p, q", " -1 ", "2", "2.0"]),
    "--as d{column} --derivative --columns b": ("id a b db db_derivative", ["p, q", " -1 ", "2", "2.0", "1.0"]),
    "--replace": ("id a b", ["p, q", "0.0", "2.0"]),
    "--replace --columns b": ("id a b", ["p, q", " -1 ", "2.0"]),
    "--only": ("a_relu b_relu", ["0.0", "2.0"]),
    "--only --as {column} --columns a --derivative": ("a a_derivative", ["0.0", "0.0"]),
}


@pytest.mark.parametrize("options", NAMED)
def test_the_results_stand_where_they_are_wanted(options):
    """In CSV, with tabs and in JSON lines."""
    names, row = NAMED[options]
    for separator, format in ((",", "csv"), ("\t", "tsv")):
        found = list(
            csv.reader(io.StringIO(output("relu", *options.split(), "-f", format, stdin=TABLE)), delimiter=separator)
        )
        assert found[:2] == [names.split(), row]
    objects = [json.loads(line) for line in output("relu", *options.split(), "-f", "jsonl", stdin=TABLE).splitlines()]
    assert list(objects[1]) == names.split()
    assert [" -1 " if cell == -1 else str(cell) for cell in objects[0].values()] == row


def test_the_cells_beside_a_replaced_column_keep_every_byte():
    """Their quotes, blanks and line ends."""
    text = 'a,"t",u\r\n1,"x ""y""\r\nz", 5" \r\n"-2",,"q"\r\n'
    assert output("relu", "--replace", "-c", "a", stdin=text) == ('a,"t",u\r\n1.0,"x ""y""\r\nz", 5" \r\n0.0,,"q"\r\n')
    assert output("relu", "--replace", stdin="x\n-1\n\n2\n") == "x\n0.0\n\n2.0\n"
    assert output("relu", "--only", stdin="x\n-1\n\n2\n") == "x_relu\n0.0\n\n2.0\n"
    assert output("relu", "--only", "-f", "tsv", stdin="x,y\n-1,2\n,\n") == "x_relu\ty_relu\n0.0\t2.0\n\t\n"


def test_tables_to_look_at():
    """Markdown aligns the results; the terminal's table has no column of the tutorial beside replaced numbers."""
    assert output("relu", "--replace", "-f", "markdown", stdin="id,a\np,-1\n") == (
        "| id | a |\n| --- | ---: |\n| p | 0.0 |\n"
    )
    assert output("sigmoid", "--replace", "-f", "table", stdin="id,a\np,-5\n").splitlines()[2:5:2] == [
        "│ id │           a │",
        "│ p  │ 0.006692851 │",
    ]
    assert "│ y │" in output("relu", "1", "--as", "y").replace("  ", " ").replace("  ", " ")
    assert output("relu", "1", "--only").splitlines()[2] == "│ relu(x) │"


def test_typed_numbers_are_a_column_called_x():
    """Which a result may replace."""
    assert output("relu", "-1", "2", "--replace", "-f", "csv") == "x\n0.0\n2.0\n"
    assert output("relu", "-1", "--only", "--as", "{function} of {column}", "-f", "csv") == "relu of x\n0.0\n"
    assert "x" not in json.loads(output("relu", "-1", "--only", "-f", "json"))
    assert output("relu", "-1", "--only", "-f", "plain") == "0.0\n"


def test_the_result_of_two_halves_is_named_after_the_value():
    """Or as the template says."""
    assert output("glu", "--only", "--as", "g_{column}", stdin="v,g\n2,0\n") == "g_v\n1.0\n"
    assert output("glu", "--only", "--as", "{column}!", "-f", "csv", "2", "0") == "x!\n1.0\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "relu --as {colum}",
            "--as '{colum}': its fields are {column} and {function}, not {colum}; did you mean {column}?",
        ),
        ("relu --as {}", "--as '{}': its fields are {column} and {function}, not {}"),
        ("relu --as a{b", "--as 'a{b': its fields are {column} and {function}, not {"),
        ("relu --as \udcff", "--as '\\udcff' is not text in UTF-8"),
        ("relu --as=", "--as requires a name for the results, such as '{column}_{function}'"),
        ("relu --as y", "--as 'y' gives 2 results the same name (of a, b); include {column}"),
        (
            "relu --replace --as y",
            "--replace cannot be combined with --as: the results take the names of the columns they replace",
        ),
        (
            "relu --replace --only",
            "--replace cannot be combined with --only: the other columns stay; --only --as '{column}' keeps",
        ),
        (
            "relu --replace --derivative",
            "--replace cannot be combined with --derivative: each column has one place for two",
        ),
        ("glu --replace", "--replace cannot be combined with glu, which makes one column of two; try --only or --as"),
        ("relu --as {column} -f plain", "--as needs a format with column names, not plain: try csv"),
        ("relu --replace -f json", "--replace needs a format with column names, not json: try csv"),
    ],
)
def test_what_has_no_sense_is_one_line(line, message):
    """With what would."""
    assert complaint(*line.split(), stdin="a,b\n1,2\n").startswith(message)


@given(st.text("{}colum nfti", max_size=12), st.text(max_size=5))
def test_any_template_is_filled_in_or_refused(template, name):
    """As Python's own format would; a column's name is never taken for a field."""
    try:
        found = naming.names(naming.check_template(template), [name + "{function}"], "relu")
    except ActcliError as error:
        assert "\n" not in str(error)
        return
    assert found == [template.format(column=name + "{function}", function="relu")]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=5)


@settings(max_examples=100)
@given(
    st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1)),
    st.integers(1, 300),
    st.sampled_from(["replace", "only"]),
)
def test_any_cells_in_batches_of_any_size(tmp_path_factory, rows, size, placement):
    """Python's csv module reads back what it wrote, with the results where the numbers were."""
    path = tmp_path_factory.mktemp("any") / "any.csv"
    table = [["number"] + [f"name {i}" for i in range(len(rows[0]))], *(["-2.5", *row] for row in rows)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    read = CsvReader(source.Source(str(path), size=size), ReadOptions(columns=("number",)))
    job = Job(library.get("relu")(negative_slope=0.5), naming="{column}", placement=placement)
    found = written(job, read.batches(), CsvWriter(WriteOptions(",")))
    back = list(csv.reader(io.StringIO(found.decode(), newline="")))
    others = [row[1:] if placement == "replace" else [] for row in table]
    assert back == [["number", *others[0]], *(["-1.25", *row] for row in others[1:])]
