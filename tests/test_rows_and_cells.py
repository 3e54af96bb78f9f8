"""Rows and cells are where Python's csv module finds them, whatever stands in them and however the data arrive."""

import json
import math
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import actcli as library
from actcli.data.evaluated import Job
from actcli.data.read_options import ReadOptions
from actcli.diagnosis.measure import measure
from actcli.errors import ActcliError
from actcli.formats.csv import row_splitter
from actcli.formats.csv.reader import CsvReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions
from actcli.formats.json_lines.writer import JsonLinesWriter
from actcli.pipeline import threads
from tests import naive
from tests.command import actcli
from tests.in_memory import Chunks, written

# No cell but those of n begins like a number, so that n alone is converted by default too.
PLAIN = st.text(st.sampled_from("ab\"' é☃x"), max_size=5).map(lambda text: f"t{text}")
QUOTED = st.text(st.sampled_from('ab"\n,;\t é'), max_size=5).map(lambda text: '"t' + text.replace('"', '""') + '"')
BEHIND_A_QUOTE = st.tuples(QUOTED, st.sampled_from(['y"', "x", ' "y"'])).map("".join)
CELL = st.one_of(st.just(""), st.just('""'), PLAIN, QUOTED, QUOTED, BEHIND_A_QUOTE)
NUMBER = st.sampled_from([number for number in naive.RESULTS if number.strip()] + ['"-2"', '""'])
# What JSON holds of a number whose own text is not one of JSON's.
JSON = {" -2.5 ": "-2.5", "+7": "7.0", "\N{MINUS SIGN}5": "-5.0", "-Infinity": "-inf", "1e400": "inf"}


class Table(NamedTuple):
    """A table as it is written, of which n is a column of numbers, and where a row of another width stands."""

    data: bytes
    separator: str
    position: int


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return a table of stray quotes, line ends in quotes and mixed line ends; a row of some has another width."""
    separator = draw(st.sampled_from(",;\t|"))
    width = draw(st.integers(1, 4))
    position = draw(st.integers(0, width - 1))
    rows = draw(st.lists(st.tuples(st.lists(CELL, min_size=width, max_size=width), NUMBER), max_size=12))
    table = [[*(f"c{i}" for i in range(position)), "n", *(f"c{i}" for i in range(position + 1, width))]]
    table += [[*cells[:position], number, *cells[position + 1 :]] for cells, number in rows]
    if rows and draw(st.booleans()):
        row = draw(st.integers(1, len(rows)))
        table[row] = draw(st.sampled_from([table[row][1:], [*table[row], "t"], ["t", *table[row]], []]))
    ends = draw(st.lists(st.sampled_from(["\n", "\r\n", "\r\r\n"]), min_size=len(table), max_size=len(table)))
    text = "".join(separator.join(row) + end for row, end in zip(table, ends, strict=True))
    text += draw(st.sampled_from(["", "\n", "\r\n\n"]))
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    mark = draw(st.sampled_from(["", "\N{BYTE ORDER MARK}"]))
    return Table((mark + text).encode(), separator, position)


def rows_of(table: Table) -> list[list[str]]:
    """Return the cells of the rows by the csv module; a blank line is a cell of a single column, or the end."""
    rows = [cells for _, cells in naive.rows(table.data, table.separator)]
    if len(rows[0]) == 1:
        return [cells or [""] for cells in rows]
    while not rows[-1]:
        rows.pop()
    return rows


def error_of(rows: list[list[str]]) -> str | None:
    """Return the message for the first row whose width is not the header's."""
    width = len(rows[0])
    for number, cells in enumerate(rows, 1):
        if len(cells) != width:
            count = f"{len(cells)} cell{'s' * (len(cells) != 1)}" if cells else "no cells"
            return f"x: row {number} has {count}, row 1 has {width}"
    return None


class Way(NamedTuple):
    """How a table is read and written."""

    columns: tuple[str, ...]
    placement: str
    format: str
    size: int
    workers: int


WAYS = st.builds(
    Way,
    columns=st.sampled_from([(), ("n",)]),
    placement=st.sampled_from(["append", "replace", "only"]),
    format=st.sampled_from(["same", "other", "jsonl", "compare", "diagnose"]),
    size=st.integers(1, 60) | st.just(2**21),
    workers=st.integers(1, 3),
)


def answered(table: Table, way: Way) -> str:
    """Return what is written, or the message."""
    chunks = (table.data[start : start + way.size] for start in range(0, len(table.data), way.size))
    options = ReadOptions(table.separator, way.columns, header=True, column_kinds=way.format == "jsonl")
    before, threads.cores = threads.cores, lambda: way.workers
    relu, same = library.get("relu")(negative_slope=0.5), library.get("leaky_relu")(negative_slope=0.5)
    try:
        batches = CsvReader(Chunks(chunks), options).batches()
        if way.format == "diagnose":
            found = measure(relu, batches)
            return f"{found.count[0]} {found.nan[0]} {found.infinite[0]} {found.missing[0]}"
        compared = (relu, same) if way.format == "compare" else ()
        naming = "{column}" if way.placement == "replace" else None
        job = Job(relu, naming=naming, placement="append" if compared else way.placement, compared=compared)
        separator = OTHER if way.format == "other" else table.separator
        writer = JsonLinesWriter() if way.format == "jsonl" else CsvWriter(WriteOptions(separator))
        return written(job._replace(naming=None) if compared else job, batches, writer).decode()
    except ActcliError as error:
        return str(error)
    finally:
        threads.cores = before


OTHER = "^"


def placed(cells: list[str], position: int, result: str, placement: str) -> list[str]:
    """Return a row with its result where it belongs."""
    beside = {"append": [*cells, result], "only": [result]}
    return beside.get(placement, [*cells[:position], result, *cells[position + 1 :]])


def check(table: Table, way: Way) -> None:
    """Compare what is written with the csv module's rows."""
    header, *rows = rows_of(table)
    if not rows:  # without them, every column counts as one of numbers
        way = way._replace(columns=("n",))
    found = answered(table, way)
    if (message := error_of([header, *rows])) is not None:
        assert found == message
        return
    numbers = [cells[table.position] for cells in rows]
    results = [naive.RESULTS[number] for number in numbers]
    if not way.columns and not any(results):
        assert found == f"x has no numeric column (columns: {', '.join(header)})"
        return
    name = "n" if way.placement == "replace" else "n_relu"
    if way.format == "diagnose":
        values = [float(result) for result in results if result]
        nan, infinite = sum(map(math.isnan, values)), sum(map(math.isinf, values))
        assert found == f"{len(values) - nan - infinite} {nan} {infinite} {len(results) - len(values)}"
    elif way.format == "compare":
        expected = [[*cells, result, result] for cells, result in zip(rows, results, strict=True)]
        back = [cells for _, cells in naive.rows(found.encode(), table.separator) if cells]
        assert back == [[*header, "n_relu", "n_leaky_relu"], *expected]
    elif way.format == "jsonl":
        names = placed(header, table.position, name, way.placement)
        texts = [
            [*cells[: table.position], JSON.get(number, number), *cells[table.position + 1 :]]
            for cells, number in zip(rows, numbers, strict=True)
        ]
        expected = [
            placed(cells, table.position, result, way.placement) for cells, result in zip(texts, results, strict=True)
        ]
        back = [json.loads(line, parse_float=str, parse_int=str) for line in found.split("\n")[:-1]]
        filled = [[cell if cell.strip() else None for cell in row] for row in expected]
        assert back == [dict(zip(names, row, strict=True)) for row in filled]
    else:
        if way.format == "same" and way.placement == "append":
            assert found.encode() == naive.relu(table.data, table.separator, "n")
        separator = OTHER if way.format == "other" else table.separator
        back = [cells or [""] for _, cells in naive.rows(found.encode(), separator)]
        expected = [
            placed(cells, table.position, result, way.placement) for cells, result in zip(rows, results, strict=True)
        ]
        while len(back) > 1 + len(rows) and back[-1] == [""]:
            back.pop()  # blank lines at the end
        assert back == [placed(header, table.position, name, way.placement), *expected]


@settings(max_examples=max(600, settings.default.max_examples))
@given(tables(), WAYS)
@example(
    Table(b'item,size,n,note\nTV,43",-2,wall 5"\ncable,2,3.25,"two\nlines"\n', ",", 2),
    Way(("n",), "append", "same", 99, 2),
)
@example(Table(b"n,b,c\n0,2,3\n0,5\n0,8,9,10\n", ",", 0), Way(("n",), "append", "same", 2**21, 2))
def test_every_row_and_cell_is_where_the_csv_module_finds_it(table, way):
    """With every combination of options, in blocks of any size, on any number of threads."""
    check(table, way)


@settings(max_examples=max(500, settings.default.max_examples))
@given(st.text(st.sampled_from('"",\na'), max_size=30).map(lambda text: text.encode() + b"\n"))
def test_pairs_of_quotes_give_the_cells_that_one_cell_after_the_other_gives(data):
    """The fast way over all bytes at once ends cells where the slow one does, up to a quote that is never closed."""
    splitter = row_splitter.RowSplitter("x", ",")
    assert splitter._ends_outside_quotes(data).tolist() == list(splitter._cell_ends(data))


WAYS_OF_THE_COMMAND = [
    ["relu"],
    ["relu", "-c", "n"],
    ["relu", "-c", "n", "--only"],
    ["relu", "--replace"],
    ["relu", "--to", "jsonl"],
    ["relu", "--to", "plain"],
    ["softmax", "--axis", "0", "-c", "n"],
    ["compare", "relu", "gelu"],
    ["diagnose", "relu", "-c", "n"],
]


@pytest.mark.parametrize("row", [b"5", b"5,t,6", b'"5",t,6', b""], ids=["short", "long", "long in quotes", "blank"])
@pytest.mark.parametrize("words", WAYS_OF_THE_COMMAND, ids=" ".join)
def test_a_row_of_another_width_is_an_error_wherever_it_stands(words, row, tmp_path):
    """Among hundreds of thousands of rows, and in the first block; nothing is written."""
    path = tmp_path / "t.csv"
    for number in (3, 300_000):
        path.write_bytes(b"n,b\n" + b"1,t\n" * (number - 2) + row + b"\n" + b"2,t\n" * 20)
        found = actcli(*words, "t.csv", "-o", "out.csv", cwd=tmp_path)
        count = {0: "no cells", 1: "1 cell", 3: "3 cells"}[row.count(b",") + 1 if row else 0]
        assert found.stderr == f"actcli: t.csv: row {number} has {count}, row 1 has 2\n"
        assert found.returncode == 2
        assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv"]
