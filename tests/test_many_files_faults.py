"""Many files on a system that fails: one line says so, nothing is torn, and --resume ends where the plain loop does.

Each fault meets the real command, which has a minute.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.command import ACTCLI, ENVIRONMENT
from tests.test_many_files import tree

SECONDS = 60


@pytest.fixture
def folder(tmp_path):
    """Return a folder with inputs, and with the results of a run without faults."""
    (tmp_path / "acts" / "layer=2").mkdir(parents=True)
    for i in range(12):
        rows = "".join(f"{k - 50}.5,text\n" for k in range(30 * i + 1))
        (tmp_path / "acts" / ("layer=2" if i % 2 else "") / f"{i}.csv").write_text(f"x,name\n{rows}")
    run(tmp_path, output="plain")
    return tmp_path


def run(folder, *words, output="out", limit="true", status=0):
    """Run in a shell with a limit, and return what is said."""
    command = f'{limit}; exec "$@"'
    words = [ACTCLI, "relu", "acts", "--output-dir", output, *words]
    found = subprocess.run(
        ["bash", "-c", command, "-", *words], cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=SECONDS
    )
    lines = found.stderr.decode().splitlines()
    assert (found.returncode, found.stdout) == (status, b""), lines
    assert all(line.startswith("actcli: ") for line in lines), lines
    return [line.removeprefix("actcli: ") for line in lines]


def check_resumed(folder, *, done_before):
    """Check that nothing is torn, and that --resume makes of it what the plain run made, without leftovers."""
    plain = tree(folder / "plain")
    if (folder / "out").exists():
        assert tree(folder / "out").items() <= plain.items()
    (line,) = run(folder, "--resume")
    assert f", {done_before} done before; " in line
    assert tree(folder / "out") == plain


def stopped_after_the_first_file(folder, fault, statuses):
    """Start a run whose second file takes a second, let a fault happen after the first one, and return what is said."""
    (folder / "acts" / "1.csv").write_text("x,name\n" + "-1.5,text\n" * 1_500_000)
    words = [ACTCLI, "relu", "acts", "--output-dir", "out", "--verbose"]
    with subprocess.Popen(words, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        first = process.stderr.readline()
        process.send_signal(signal.SIGSTOP)
        assert first == "actcli: acts/0.csv: 1 row to out/0.csv\n"
        fault()
        process.send_signal(signal.SIGCONT)
        _, error = process.communicate(timeout=SECONDS)
    assert process.returncode in statuses, error
    return [line.removeprefix("actcli: ") for line in error.splitlines()]


def test_two_hundred_files_need_few_descriptors(tmp_path):
    """However many there are, some at a time are open: as text, as a table with types, and as an archive."""
    (tmp_path / "acts").mkdir()
    for i in range(200):
        (tmp_path / "acts" / f"{i}.csv").write_text(f"x\n{i}\n")
    for output, words in (("out", []), ("tables", ["--to", "parquet"]), ("arrays", ["--to", "npz"])):
        (line,) = run(tmp_path, *words, output=output, limit="ulimit -n 64")
        assert line.startswith("200 files, 200 rows in ")
    command = f"ulimit -n 64; {ACTCLI} diagnose relu arrays"
    found = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, timeout=SECONDS, text=True
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("relu on x_relu: 200 numbers\n" if "x_relu" in found.stdout else "relu on x: 200 ")


def test_a_file_that_becomes_too_large_fails_alone(folder):
    """As on a full disk: what fits is written."""
    lines = run(folder, limit="ulimit -f 4", status=3)
    assert "acts/layer=2/11.csv: cannot write out/layer=2/11.csv: File too large" in lines
    failed = len(lines) - 1
    assert 0 < failed < 12
    assert lines[-1] == f"{failed} of 12 files are not done; mend what is wrong and give --resume"
    check_resumed(folder, done_before=12 - failed)


def test_a_record_that_becomes_too_large_keeps_whole_lines(tmp_path):
    """And ends the run; what it could not take is done again."""
    (tmp_path / "acts").mkdir()
    for i in range(20):
        (tmp_path / "acts" / f"{i}.csv").write_text(f"x\n{i}\n")
    run(tmp_path, output="plain")
    lines = run(tmp_path, limit="ulimit -f 4", status=3)
    assert lines == ["cannot write out.manifest.jsonl: File too large"]
    record = (tmp_path / "out.manifest.jsonl").read_bytes()
    assert record.endswith(b"}\n")
    assert len(record) < 4096
    check_resumed(tmp_path, done_before=record.count(b"\n"))


@pytest.mark.parametrize("damage", [b"{\n", b"\xff\x00\n", b"[1]\n", b"{}\n", b"\n", b'{"key": 1}\n', b"5\r\n"])
def test_a_broken_line_within_the_record_costs_no_more_than_its_file(folder, damage):
    """The lines around it count."""
    run(folder)
    record = folder / "out.manifest.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    lines[5] = damage
    record.write_bytes(b"".join(lines))
    check_resumed(folder, done_before=11)


def test_a_file_that_cannot_be_read_fails_alone(folder):
    """Be it an error of its disk, for which the memory of a process stands here, or a link that leads nowhere."""
    (folder / "acts" / "bad.csv").symlink_to("/proc/self/mem")
    (folder / "acts" / "gone.csv").symlink_to("nowhere")
    (folder / "acts" / "loop.csv").symlink_to("loop.csv")
    lines = run(folder, status=3)
    assert lines == [
        "cannot read acts/bad.csv: Input/output error",
        "acts/gone.csv: No such file or directory",
        "acts/loop.csv: Too many levels of symbolic links",
        "3 of 15 files are not done; mend what is wrong and give --resume",
    ]
    for name in ("bad", "gone", "loop"):
        (folder / "acts" / f"{name}.csv").unlink()
    check_resumed(folder, done_before=12)


def test_what_is_no_file_is_left_out_of_a_folder_and_refused_by_name(folder):
    """A pipe would be waited for; a folder may be called as a file is; a circle of links is no tree."""
    os.mkfifo(folder / "acts" / "pipe.csv")
    (folder / "acts" / "folder.csv").mkdir()
    (folder / "acts" / "circle").symlink_to(".")
    (line,) = run(folder)
    assert line.startswith("12 files, ")
    assert tree(folder / "out") == tree(folder / "plain")
    assert run(folder, "acts/pipe.csv", output="o", status=2) == ["acts/pipe.csv is not a regular file"]
    message = "acts/folder.csv holds no file of a format that can be read"
    assert run(folder, "acts/folder.csv", output="o", status=2) == [message]


def test_a_folder_that_cannot_be_written_is_one_line(folder):
    """That of all results, or that of some."""
    (folder / "out").mkdir()
    (folder / "out" / "layer=2").write_text("in the way")
    lines = run(folder, status=3)
    assert lines[0] == "acts/layer=2/1.csv: cannot make the folder out/layer=2: File exists"
    assert lines[-1] == "6 of 12 files are not done; mend what is wrong and give --resume"
    (folder / "out" / "layer=2").unlink()
    check_resumed(folder, done_before=6)
    for output in ("/proc/out", "/proc/deep/er/out"):
        (line,) = run(folder, output=output, status=3)
        assert line.startswith("cannot ")
        assert "/proc/" in line


def test_a_file_that_vanishes_before_it_is_read_fails_alone(folder):
    """The run goes on to its end."""
    last = sorted((folder / "acts").rglob("*.csv"))[-1]
    lines = stopped_after_the_first_file(folder, last.unlink, {3})
    assert f"{last.relative_to(folder)}: No such file or directory" in lines
    assert lines[-1] == "1 of 13 files is not done; mend what is wrong and give --resume"
    shutil.copy(folder / "acts" / "8.csv", last)
    shutil.rmtree(folder / "plain")
    Path(folder / "plain.manifest.jsonl").unlink()
    run(folder, output="plain")
    check_resumed(folder, done_before=12)


def test_an_output_folder_that_is_removed_during_a_run_is_made_again(folder):
    """What was lost with it is done by --resume; files that were being written are lost, or fail."""
    stopped_after_the_first_file(folder, lambda: shutil.rmtree(folder / "out"), {0, 3})
    shutil.rmtree(folder / "plain")
    Path(folder / "plain.manifest.jsonl").unlink()
    run(folder, output="plain")
    check_resumed(folder, done_before=len(tree(folder / "out")))
