"""Bad data and bad files: one line that says where, the right exit status, nothing written."""

import os

import pytest

from tests.command import actcli, complaint

CASES = {
    "a cell that is no number": (b"a,b\n1,2\n3,x\n", "row 3, column 'b': 'x' is not a number"),
    "without a header": (b"1,2\n3,4x\n", "row 2, column 'x2': '4x' is not a number"),
    "a cell with a line end": (b'a\n1\n"x\ny"\n', "row 3, column 'a': 'x\\ny' is not a number"),
    "binary rubbish": (bytes(range(1, 256)), "row 2 is not valid UTF-8 (byte 0x80)"),
    "bytes that are not UTF-8": (b"x\n\xff\xfe\n", "row 2 is not valid UTF-8 (byte 0xff)"),
    "UTF-16": ("x\n1\n".encode("utf-16"), "is UTF-16 text, not UTF-8"),
    "an empty file": (b"", "is empty"),
    "blank lines only": (b"\n\n \n", "is empty"),
    "a short row": (b"a,b\n1,2\n3\n", "row 3 has 1 cell, row 1 has 2"),
    "a long row": (b"a,b\n1,2\n3,4,5\n", "row 3 has 3 cells, row 1 has 2"),
    "a short row after quotes": (b'a,b\n"1,1",2\n3\n', "row 3 has 1 cell, row 1 has 2"),
    "a blank line between rows": (b"a,b\n1,2\n\n3,4\n", "row 3 has no cells, row 1 has 2"),
    "an open quote": (b'a,b\n1,"2\n', "is not a table of separated values"),
    "no numeric column": (b"a,b\nx,y\n", "has no numeric column (columns: a, b)"),
    "a column of nothing": (b'a\n""\n', "has no numeric column (columns: a)"),
}


@pytest.mark.parametrize(("data", "message"), CASES.values(), ids=CASES)
def test_bad_data_is_named_with_its_place(data, message, tmp_path):
    """From a file and from a pipe; the output that was asked for is not touched."""
    (tmp_path / "bad.csv").write_bytes(data)
    (tmp_path / "old.csv").write_text("precious\n")
    found = complaint("relu", "bad.csv", cwd=tmp_path)
    assert found.startswith("bad.csv")
    assert message in found
    assert "standard input" in complaint("relu", stdin=data)
    assert message in complaint("relu", "-", "--output", "old.csv", stdin=data, cwd=tmp_path)
    assert message in complaint("relu", "bad.csv", "--output", "new.csv", cwd=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["bad.csv", "old.csv"]
    assert (tmp_path / "old.csv").read_text() == "precious\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-c", "q"], "has no column 'q'; its columns: alpha, beta"),
        (["-c", "alhpa"], "has no column 'alhpa'; did you mean alpha?"),
        (["-c", "z*"], "has no column 'z*'"),
        (["-c", "beta"], "row 2, column 'beta': 'x' is not a number"),
    ],
)
def test_a_column_that_does_not_exist_is_named(words, message, tmp_path):
    """With the nearest, or all there are."""
    (tmp_path / "x.csv").write_text("alpha,beta\n1,x\n")
    assert message in complaint("relu", "x.csv", *words, cwd=tmp_path)


def test_files_that_cannot_be_read_are_exit_status_3(tmp_path):
    """A missing file, a directory, a file without permission, several files."""
    assert complaint("relu", "no.csv", status=3, cwd=tmp_path) == "cannot read no.csv: No such file or directory"
    assert "several files need a folder for their results" in complaint("compare", "relu", "elu", "./", cwd=tmp_path)
    (tmp_path / "a.csv").write_text("1\n")
    assert "several files need a folder for their results" in complaint("relu", "a.csv", "a.csv", cwd=tmp_path)
    assert "takes numbers or one file, got a.csv and 3" in complaint("relu", "a.csv", "3", cwd=tmp_path)


def test_files_that_cannot_be_written_are_exit_status_3(tmp_path):
    """A missing folder, a folder in the place of the file, a full device."""
    assert complaint("relu", "1", "-o", "no/x.csv", status=3, cwd=tmp_path) == (
        "cannot write no/x.csv: No such file or directory"
    )
    (tmp_path / "folder.csv").mkdir()
    assert "cannot write folder.csv: Is a directory" in complaint(
        "relu", "1", "-o", "folder.csv", status=3, cwd=tmp_path
    )
    assert complaint("relu", "1", "-o", "/dev/full", "--format", "csv", status=3) == (
        "cannot write /dev/full: No space left on device"
    )
    assert os.listdir(tmp_path) == ["folder.csv"]


def test_a_mistake_in_the_call_leaves_an_old_output_alone(tmp_path):
    """Whatever is wrong, and whenever it is noticed."""
    (tmp_path / "old.csv").write_text("precious\n")
    for words in (
        ["softmax", "1", "2", "--derivative"],
        ["relu", "1", "--numerics", "fast"],
        ["tanh", "1", "--numerics", "tensorflow2", "--dtype", "float64"],
        ["softmax", "1", "--axis", "3"],
    ):
        complaint(*words, "-o", "old.csv", cwd=tmp_path)
    assert (tmp_path / "old.csv").read_text() == "precious\n"
    assert os.listdir(tmp_path) == ["old.csv"]


def test_nothing_a_stranger_types_gives_a_traceback(tmp_path):
    """Every bad call of this file, and odd ones, end with actcli's own line."""
    (tmp_path / "x.csv").write_text("a\n1\n")
    for words in (
        ["relu", ""],
        ["relu", " "],
        ["relu", ","],
        ["relu", "1,,2"],
        ["relu", "\x01"],
        ["relu", "é" * 300],
        ["relu", "a" * 5000],
        ["", "1"],
        ["relu", "1", "--format", ""],
        ["relu", "1", "--output", ""],
        ["relu", "x.csv", "--columns", ""],
        ["relu", "1", "--threshold", ""],
        ["relu", "--linspace", "0", "1", "1e99"],
        ["relu", "--linspace", "0", "1", "99999999999999"],
        ["softmax", "1", "--axis", "99999999999999999999"],
        ["softmax", "1", "--axis", "inf"],
        ["relu", "x.csv", "--derivative=yes"],
    ):
        run = actcli(*words, cwd=tmp_path)
        assert run.returncode in (2, 3), (words, run)
        assert run.stderr.startswith("actcli: "), (words, run.stderr)
        assert run.stderr.count("\n") == 1, (words, run.stderr)
