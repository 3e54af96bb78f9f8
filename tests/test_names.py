"""Names that are not files: the dash, open descriptors, pipes and devices, and names that lead nowhere."""

import errno
import io
import os
import subprocess
import sys
import threading

import numpy as np
import polars
import pytest

from actcli.cli.progress import Progress
from actcli.errors import ActcliError, StorageError
from actcli.storage import paths
from actcli.storage.output import Output
from actcli.storage.source import Source
from tests.command import ACTCLI, ENVIRONMENT, actcli, complaint, output

RELU = "x,x_relu\n-1.5,0.0\n2.5,2.5\n"


def shell(line, cwd):
    """Return the status and standard error of a line of bash, in which ``actcli`` is the command."""
    run = subprocess.run(
        ["bash", "-c", f'actcli() {{ "{ACTCLI}" "$@"; }}; {line}'], cwd=cwd, env=ENVIRONMENT, capture_output=True
    )
    return run.returncode, run.stderr.decode()


def written(frame, name):
    """Return a table in a format, by polars or NumPy."""
    out = io.BytesIO()
    if name == "npy":
        np.save(out, frame["x"].to_numpy())
    else:
        write = {"csv": frame.write_csv, "jsonl": frame.write_ndjson, "parquet": frame.write_parquet}
        (write | {"arrow": frame.write_ipc})[name](out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a small table."""
    (tmp_path / "in.csv").write_text("x\n-1.5\n2.5\n")
    return tmp_path


@pytest.mark.parametrize("name", ["csv", "jsonl", "parquet", "arrow", "npy"])
def test_a_dash_is_standard_input_beside_a_file_of_that_name(name, tmp_path):
    """Which ``./-`` names; in every format, and for the progress."""
    (tmp_path / "-").write_bytes(written(polars.DataFrame({"x": [7.0, 8.0]}), name))
    piped = written(polars.DataFrame({"x": [-1.5, 2.5]}), name)
    words = ["relu", "--from", name, "--to", "csv", "--only", "--as", "y"]
    for given in ([], ["-"]):
        assert output(*words, *given, stdin=piped, cwd=tmp_path) == "y\n0.0\n2.5\n"
    assert output(*words, "./-", stdin=piped, cwd=tmp_path) == "y\n7.0\n8.0\n"
    assert os.listdir(tmp_path) == ["-"]


def test_the_size_of_a_file_called_dash_is_not_that_of_standard_input(tmp_path, monkeypatch):
    """Else the bar would promise an end that is another's."""
    (tmp_path / "-").write_text("1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", None)
    assert Progress("-", beside=False, verbose=False)._size is None
    assert Progress("./-", beside=False, verbose=False)._size == 2


COMMANDS = {
    "relu": ["relu", "1", "--format", "csv"],
    "a file": ["relu", "in.csv"],
    "compare": ["compare", "relu", "gelu", "1"],
    "diagnose": ["diagnose", "relu", "in.csv"],
    "plot": ["plot", "relu"],
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_dash_is_standard_output_for_every_command(words, folder):
    """No file of that name is made, and one that is there stays."""
    expected = output(*words, cwd=folder)
    assert output(*words, "-o", "-", cwd=folder) == expected
    assert os.listdir(folder) == ["in.csv"]
    (folder / "-").write_text("precious\n")
    assert output(*words, "--output", "-", cwd=folder) == expected
    assert (folder / "-").read_text() == "precious\n"


def test_a_dash_cannot_be_replaced_and_a_file_of_that_name_can(folder):
    """Nor is it one for the completion of columns, or beside numbers."""
    (folder / "in.csv").rename(folder / "-")
    expected = "--in-place replaces the file that is read; name a file, not standard input"
    assert complaint("relu", "-", "--in-place", stdin="x\n1\n", cwd=folder) == expected
    assert "got - and 3" in complaint("relu", "-", "3", cwd=folder)
    assert output("relu", "-", "-c", "", cwd=folder, env=ENVIRONMENT | {"_ACTCLI_COMPLETE": "1"}) == ""
    assert output("relu", "./-", "--in-place", cwd=folder) == ""
    assert (folder / "-").read_text() == RELU


THROUGH = {
    "/dev/stdout": ">> log",
    "/dev/fd/1": ">> log",
    "/proc/self/fd/1": ">> log",
    "/proc/thread-self/fd/1": ">> log",
    "/dev/fd/3": "3>> log",
    "/proc/self/fd/7": "7>> log",
    "/dev/stderr": "2>> log",
    "chain": ">> log",
}


@pytest.mark.parametrize("name", THROUGH)
def test_what_stands_for_a_descriptor_is_written_through(name, folder):
    """It keeps its place and whether it is appended to; nothing of what was there is lost."""
    (folder / "chain").symlink_to("link")
    (folder / "link").symlink_to("/dev/fd/1")
    (folder / "log").write_text("OLD\n")
    call = f"actcli relu in.csv --format csv -o {name}"
    before = (folder / "log").stat().st_ino
    assert shell(f"{call} {THROUGH[name]}", folder) == (0, "")
    assert (folder / "log").read_text() == f"OLD\n{RELU}"
    redirected = THROUGH[name].replace(">>", ">")
    number = redirected[0].strip(">") or "1"
    assert shell(f"( echo NEW >&{number}; {call} ) {redirected}", folder) == (0, "")
    assert (folder / "log").read_text() == f"NEW\n{RELU}"
    assert (folder / "log").stat().st_ino == before
    assert (folder / "chain").is_symlink()
    assert sorted(os.listdir(folder)) == ["chain", "in.csv", "link", "log"]


def test_a_descriptor_of_another_process_is_appended_to(folder):
    """Its place in the file is not ours to know."""
    with (folder / "log").open("w") as log:
        log.write("OLD\n")
        log.flush()
        path = f"/proc/{os.getpid()}/fd/{log.fileno()}"
        assert output("relu", "in.csv", "-o", path, "--format", "csv", cwd=folder) == ""
    assert (folder / "log").read_text() == f"OLD\n{RELU}"
    missing = f"/proc/{os.getpid()}/fd/98765"
    expected = f"cannot write {missing}: No such file or directory"
    assert complaint("relu", "1", "-o", missing, "--format", "csv", status=3) == expected


def test_a_named_pipe_is_written_to_and_stays(folder):
    """Compressed, if its ending says so."""
    os.mkfifo(folder / "pipe.csv")
    found = []
    reader = threading.Thread(target=lambda: found.append((folder / "pipe.csv").read_text()))
    reader.start()
    assert output("relu", "in.csv", "-o", "pipe.csv", cwd=folder) == ""
    reader.join(10)
    assert found == [RELU]
    assert (folder / "pipe.csv").is_fifo()
    assert sorted(os.listdir(folder)) == ["in.csv", "pipe.csv"]


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path):
    """As on standard output."""
    call = "actcli relu --linspace 0 1 200000 --format csv -o /dev/stdout"
    assert shell(f"{call} | head -1 > first; echo ${{PIPESTATUS[0]}} > status", tmp_path) == (0, "")
    assert ((tmp_path / "first").read_text(), (tmp_path / "status").read_text()) == ("x,x_relu\n", "0\n")


def test_what_stands_for_a_descriptor_cannot_be_replaced(folder):
    """Though a regular file may be behind it."""
    for line in ("relu /dev/stdin --in-place < in.csv", "relu /dev/fd/5 --in-place 5<> in.csv"):
        expected = f"actcli: --in-place replaces the file that is read; name a file, not {line.split()[1]}\n"
        assert shell(f"actcli {line}", folder) == (2, expected)
    assert (folder / "in.csv").read_text() == "x\n-1.5\n2.5\n"


@pytest.mark.parametrize("line", ["in.csv >> in.csv", "< in.csv >> in.csv", "in.csv -o /dev/fd/3 -f csv 3>> in.csv"])
def test_an_input_that_would_grow_with_the_output_is_refused(line, folder):
    """It would never end."""
    status, error = shell(f"actcli relu {line}", folder)
    assert (status, error.count("\n")) == (2, 1)
    assert "is the input, and" in error
    assert (folder / "in.csv").read_text() == "x\n-1.5\n2.5\n"


CLOSED = {
    "relu - <&-": "cannot read standard input: it is closed",
    "compare relu - <&-": "cannot read standard input: it is closed",
    "diagnose relu - <&-": "cannot read standard input: it is closed",
    "plot relu --data - <&-": "cannot read standard input: it is closed",
    "softmax - --from parquet <&-": "cannot read standard input: it is closed",
    "relu - --from npy <&-": "cannot read standard input: it is closed",
    "relu /dev/stdin <&-": "cannot read /dev/stdin: No such file or directory",
    "relu 1 -f csv -o /dev/fd/9": "cannot write /dev/fd/9: Bad file descriptor",
    "relu - -f csv -o /dev/fd/9 < in.csv": "cannot write /dev/fd/9: Bad file descriptor",
}


@pytest.mark.parametrize("line", CLOSED)
def test_a_closed_descriptor_is_one_line(line, folder):
    """And status 3."""
    assert shell(f"actcli {line}", folder) == (3, f"actcli: {CLOSED[line]}\n")


def test_closed_standard_error_is_not_mistaken_for_what_is_opened_next(folder):
    """The number of a closed descriptor is given to the next file: here, the input."""
    assert shell("actcli relu in.csv -f csv -o /dev/stderr 2>&-", folder) == (3, "")
    assert (folder / "in.csv").read_text() == "x\n-1.5\n2.5\n"


LONG = "a" * 300
NOWHERE = {
    "relu 1 -o loop.csv": (3, "cannot write loop.csv: Too many levels of symbolic links"),
    "compare relu 1 -o loop.csv": (3, "cannot write loop.csv: Too many levels of symbolic links"),
    "diagnose relu 1 -o loop.csv": (3, "cannot write loop.csv: Too many levels of symbolic links"),
    "relu 1 -o loop.csv/x.csv": (3, "cannot write loop.csv/x.csv: Too many levels of symbolic links"),
    "relu loop.csv": (3, "cannot read loop.csv: Too many levels of symbolic links"),
    "relu loop.csv --from parquet": (3, "cannot read loop.csv: Too many levels of symbolic links"),
    "plot relu --data loop.csv": (3, "cannot read loop.csv: Too many levels of symbolic links"),
    "relu in.csv -o folder -f csv": (3, "cannot write folder: Is a directory"),
    "relu in.csv -o folder/ -f csv": (3, "cannot write folder/: Is a directory"),
    "relu in.csv -o . -f csv": (3, "cannot write .: Is a directory"),
    "diagnose relu in.csv -o folder -f csv": (3, "cannot write folder: Is a directory"),
    "relu in.csv -o new/ -f csv": (3, "cannot write new/: No such file or directory"),
    "relu in.csv -o in.csv/ -f csv": (3, "cannot write in.csv/: Not a directory"),
    "relu in.csv -o in.csv/x.csv": (3, "cannot write in.csv/x.csv: Not a directory"),
    "relu in.csv -o ''": (2, "--output requires the name of a file, or - for standard output"),
    "plot relu -o ''": (2, "--output requires the name of a file, or - for standard output"),
    "plot relu --data ''": (3, "'' cannot be the name of a file"),
    "relu ''": (2, "'' is neither a number nor an existing file; see actcli relu --help"),
    f"relu 1 -o {LONG}.csv": (3, f"cannot write {LONG}.csv: File name too long"),
    f"relu {LONG}.csv": (3, f"cannot read {LONG}.csv: File name too long"),
    f"relu {LONG}": (2, f"'{LONG}' is neither a number nor an existing file; see actcli relu --help"),
    f"compare relu {LONG}": (2, f"unknown activation '{LONG}'; see actcli --help"),
}


@pytest.mark.parametrize("line", NOWHERE)
def test_a_name_that_leads_nowhere_is_one_line(line, folder):
    """For every command that takes one; the folder stays as it was."""
    (folder / "loop.csv").symlink_to("pool.csv")
    (folder / "pool.csv").symlink_to("loop.csv")
    (folder / "folder").mkdir()
    status, message = NOWHERE[line]
    words = [word.replace("''", "") for word in line.split()]
    assert complaint(*words, status=status, cwd=folder) == message
    assert sorted(os.listdir(folder)) == ["folder", "in.csv", "loop.csv", "pool.csv"]


@pytest.mark.parametrize("name", ["", "a\0b", "\ud800"])
def test_a_text_that_names_no_file_is_refused(name):
    """As a library's caller may have one."""
    for refusing in (Source, Output):
        with pytest.raises(StorageError, match="cannot be the name of a file"):
            refusing(name)


def test_blanks_belong_to_the_name_of_a_file(folder):
    """A name that differs by them is another file's."""
    (folder / " in.csv").write_text("x\n7\n")
    assert output("relu", " in.csv", cwd=folder) == "x,x_relu\n7,7.0\n"
    assert output("relu", " in.csv", "-o", "out.csv ", "-f", "csv", cwd=folder) == ""
    assert (folder / "out.csv ").read_text() == "x,x_relu\n7,7.0\n"


def test_a_chain_of_links_is_followed_to_its_file(folder, monkeypatch):
    """Also to one that does not exist yet, across folders."""
    monkeypatch.chdir(folder)
    (folder / "deep").mkdir()
    (folder / "first").symlink_to("deep/second")
    (folder / "deep" / "second").symlink_to("../new.csv")
    assert paths.follow_links("first") == os.path.realpath("new.csv")
    assert output("relu", "in.csv", "-o", "first", "-f", "csv", cwd=folder) == ""
    assert (folder / "new.csv").read_text() == RELU
    assert (folder / "first").is_symlink()
    (folder / "loop").symlink_to("loop")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        paths.follow_links("loop")


def test_standard_input_is_the_file_behind_it_for_what_it_replaces(folder):
    """As by its name; typed numbers read none."""
    assert shell("actcli relu < in.csv -o in.csv", folder) == (0, "")
    assert (folder / "in.csv").read_text() == RELU
    assert shell("actcli relu 1 -f plain >> in.csv", folder) == (0, "")
    assert (folder / "in.csv").read_text() == f"{RELU}1.0\n"


def test_the_library_can_be_told_of_an_output_that_is_its_input(folder):
    """It says so before anything is read."""
    with (folder / "in.csv").open("a") as file, pytest.raises(ActcliError, match="is the input"):
        Output(f"/dev/fd/{file.fileno()}", str(folder / "in.csv"))
    assert actcli("relu", "in.csv", cwd=folder).stdout == RELU


@pytest.mark.parametrize("number", ["9" * 20, "01", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_path_stands_for_a_descriptor_only_as_the_system_writes_it(number):
    """The system has no such file: nothing is written to another, and no number is too large to be refused."""
    path = f"/dev/fd/{number}"
    said = complaint("relu", "2", "-o", path, "-f", "csv", status=3)
    assert said == f"cannot write {path}: No such file or directory"
