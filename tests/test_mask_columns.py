"""Columns of truth values mask the numbers beside them, in every format that has columns, along every axis."""

import json

import numpy as np
import polars
import pytest

import actcli
from actcli.activation import AlongAxis
from actcli.data.evaluated import Job
from actcli.data.read_options import ReadOptions
from actcli.formats.csv.reader import CsvReader
from actcli.formats.csv.writer import CsvWriter
from actcli.formats.file_format import WriteOptions
from actcli.pipeline import reductions
from actcli.registry import registered
from actcli.storage import source
from tests import in_memory
from tests.command import complaint, output
from tests.in_memory import Chunks

MASKABLE = [
    activation for activation in registered() if issubclass(activation, AlongAxis) and activation.absent is not None
]
X = np.random.default_rng(5).normal(0, 4, (40, 3)).astype(np.float32)
KEPT = np.random.default_rng(6).random((40, 3)) < 0.6
KEPT[3], KEPT[:, 1] = False, False
AXES = [-1, 0, (0, 1)]


def frame(kept: np.ndarray) -> polars.DataFrame:
    """Return numbers and masks as a table."""
    return polars.DataFrame({f"x{i}": X[:, i] for i in range(3)} | {f"m{i}": column for i, column in enumerate(kept.T)})


def save(kept: np.ndarray, kind: str, folder) -> str:
    """Write numbers and masks to a file of a kind; return its name."""
    path, table = folder / f"x.{kind}", frame(kept)
    if kind == "npy":
        np.save(path, np.concatenate([X, kept], axis=1).astype(np.float32))
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table.rows(named=True)))
    elif kind in {"csv", "tsv"}:
        words = table.with_columns(table[name].cast(polars.Int8 if name == "m1" else polars.String) for name in MASKS)
        words.write_csv(path, separator="," if kind == "csv" else "\t")
    else:
        getattr(table, {"parquet": "write_parquet", "arrow": "write_ipc"}[kind])(path)
    return path.name


MASKS = ["m0", "m1", "m2"]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet", "arrow", "npy"])
def test_every_table_may_have_a_mask(kind, axis, tmp_path):
    """Truth values, 0 and 1, or words; the mask is no number, and stays as it is."""
    axes = ",".join(map(str, np.atleast_1d(axis)))
    name, masks = save(KEPT, kind, tmp_path), "4:6" if kind == "npy" else "m*"
    given = ("--mask-columns", masks, "--axis", axes, "-f", "csv", "--only")
    for activation in MASKABLE[:2]:
        found = np.loadtxt(output(activation.name, name, *given, cwd=tmp_path).splitlines()[1:], delimiter=",")
        expected = actcli.evaluate(activation.name, X, where=KEPT, axis=axis)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("activation", MASKABLE, ids=lambda each: each.name)
@pytest.mark.parametrize("axis", AXES)
def test_every_size_of_batches_gives_the_same_bytes(activation, axis, tmp_path, monkeypatch):
    """In groups far smaller than the table, read twice or held in memory."""
    monkeypatch.setattr(reductions, "_REDUCED_NUMBERS", 12)
    path = str(tmp_path / save(KEPT, "csv", tmp_path))

    def written(size: int, *, again: bool) -> bytes:
        chunks = source.chunks(path, size)
        options = ReadOptions(columns=("x*",))
        read = CsvReader(Chunks(chunks if again else iter(chunks), path), options)
        job = Job(activation(axis=axis), placement="only", mask_columns=("m*",))
        return in_memory.written(job, read.batches(), CsvWriter(WriteOptions(",", header=False)))

    expected = written(10**6, again=True)
    numbers = np.loadtxt(expected.decode().splitlines(), delimiter=",")
    np.testing.assert_allclose(numbers, actcli.evaluate(activation.name, X, where=KEPT, axis=axis), rtol=1e-6)
    for again in (True, False):
        assert written(100, again=again) == expected


def test_one_mask_is_for_all_columns(tmp_path):
    """Down the columns, which rows count; in all columns and a single one."""
    rows = np.arange(40) % 3 > 0
    name = save(rows[:, None], "parquet", tmp_path)
    for columns, width in (("x*", 3), ("x0", 1)):
        given = ("-c", columns, "--mask-columns", "m0", "--axis", "0", "--only", "-f", "csv")
        found = output("softmax", name, *given, cwd=tmp_path)
        expected = actcli.evaluate("softmax", X[:, :width], where=rows[:, None], axis=0)
        np.testing.assert_allclose(np.loadtxt(found.splitlines()[1:], delimiter=",", ndmin=2), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--mask-columns", "m,n", "-c", "a,b,c"), "--mask-columns selects 2 columns for 3 of numbers (a, b, c)"),
        (
            ("--mask-columns", "o"),
            "column 'o' is a mask: expected 1 or true for what is kept, 0 or false for the others",
        ),
        (("--mask-columns", "e"), "got an empty cell"),
        (("--mask-columns", "nonesuch"), "has no column 'nonesuch'"),
        (("--mask-columns", "o", "--axis", "0"), "column 'o' is a mask"),
    ],
)
def test_a_mistake_is_one_line(options, message, tmp_path):
    """With what is accepted."""
    (tmp_path / "x.csv").write_text("a,b,c,m,n,o,e\n1,2,3,1,0,2,1\n4,5,6,1,0,1,\n")
    said = complaint("softmax", "x.csv", *options, cwd=tmp_path)
    assert message in said
    assert said.count("\n") <= 1


def test_numbers_as_arguments_and_other_functions_have_no_mask():
    """The message tells what there is."""
    assert "numbers as arguments are masked by --fill-value" in complaint("softmax", "1", "2", "--mask-columns", "m")
    assert "relu has no option '--mask-columns'" in complaint("relu", "x.csv", "--mask-columns", "m")


@pytest.mark.parametrize("words", ["keep,1", "-1", "2", "2:", "!a", "k*", "-1:"])
def test_masks_are_selected_as_columns_are(words, tmp_path):
    """By a name to the letter, positions, ranges and globs."""
    (tmp_path / "x.csv").write_text('a,"keep,1"\n1,1\n2,0\n')
    found = output("softmax", "x.csv", "--axis", "0", "--only", "--mask-columns", words, cwd=tmp_path)
    assert found == "a_softmax\n1.0\n0.0\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("3:2", "--mask-columns 3:2 goes backwards"),
        ("a,b,c", "--mask-columns a,b,c leaves no column of x.csv; its columns: a, b, c"),
        ("!a,!b,!c", "--mask-columns !a,!b,!c selects no column of x.csv; its columns: a, b, c"),
    ],
)
def test_what_is_wrong_is_said_of_the_option_that_was_given(words, message, tmp_path):
    """That is not --columns."""
    (tmp_path / "x.csv").write_text("a,b,c\n1,1,1\n")
    said = complaint("softmax", "x.csv", "--axis", "0", "--mask-columns", words, cwd=tmp_path)
    assert message in said
    assert "--columns" not in said
