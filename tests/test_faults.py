"""What goes wrong around the real command: full disks, signals, closed pipes, folders that cannot be written."""

import ctypes
import gzip
import io
import os
import random
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from actcli.storage import source
from tests.command import ACTCLI, ENVIRONMENT

PRECIOUS = b"x\n-1\n"
ENDING = ["SIGINT", "SIGTERM", "SIGHUP"]


def started(words, **options):
    """Start a program with pipes for its streams."""
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(words, **({"env": ENVIRONMENT} | streams | options))


def command(*words, **options):
    """Start the command."""
    return started([ACTCLI, *words], **options)


def finished(*words, stdin=b"", **options):
    """Return the status and the two outputs of a run."""
    child = command(*words, **options)
    out, error = child.communicate(stdin, timeout=60)
    return child.returncode, out, error


def usual_signals():
    """Take signals as a program in a terminal does, whatever the test runner ignores."""
    for name in ENDING:
        signal.signal(getattr(signal, name), signal.SIG_DFL)


@pytest.fixture
def old(tmp_path):
    """Return a file that has to survive."""
    path = tmp_path / "old.csv"
    path.write_bytes(PRECIOUS)
    return path


def survives(old):
    """Tell whether the file is as it was, alone in its folder."""
    return old.read_bytes() == PRECIOUS and os.listdir(old.parent) == [old.name]


WAYS = {
    "a file": ["-", "--output", "old.csv"],
    "all at once": ["-", "--output", "old.csv", "--format", "json"],
    "in place": ["old.csv", "--in-place"],
}


@pytest.mark.parametrize("words", WAYS.values(), ids=WAYS)
def test_a_limit_on_the_size_of_files_leaves_the_old_one(words, old):
    """Of one byte: whatever is written is too much."""

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))

    status, out, error = finished("relu", *words, stdin=b"1\n" * 1000, cwd=old.parent, preexec_fn=limited)
    assert (status, out, error) == (3, b"", b"actcli: cannot write old.csv: File too large\n")
    assert survives(old)


def test_a_full_file_system_leaves_the_old_file(tmp_path):
    """A real one, of a few pages, where the tests may mount it."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        old = small / "old.csv"
        old.write_bytes(PRECIOUS)
        status, _, error = finished("relu", "--linspace", "0", "1", "99999", "-o", str(old))
        assert (status, error) == (3, f"actcli: cannot write {old}: No space left on device\n".encode())
        assert survives(old)
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_killed_at_any_moment_the_old_file_is_whole(old):
    """A later run is not disturbed by what was left."""
    waits = random.Random(4)
    for _ in range(6):
        child = command("relu", "-", "-o", old.name, cwd=old.parent)
        child.stdin.write(b"1\n2\n")
        child.stdin.flush()
        time.sleep(waits.uniform(0, 0.8))
        child.kill()
        child.communicate()
        assert old.read_bytes() == PRECIOUS
    assert finished("relu", "-", "-o", old.name, stdin=b"1\n", cwd=old.parent) == (0, b"", b"")
    assert old.read_bytes() == b"x,x_relu\n1,1.0\n"


@pytest.mark.parametrize("name", ENDING)
def test_a_signal_while_it_writes_leaves_the_old_file_and_nothing_else(name, old):
    """It ends by the signal, as a shell wants to know, and says nothing."""
    child = command("relu", "-", "-o", old.name, cwd=old.parent, preexec_fn=usual_signals)
    child.stdin.write(b"1\n2\n")
    child.stdin.flush()
    _wait(lambda: len(os.listdir(old.parent)) == 2)
    child.send_signal(getattr(signal, name))
    assert child.communicate() == (b"", b"")
    assert child.returncode == -getattr(signal, name)
    assert survives(old)


def _wait(until, seconds=30.0):
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)


@pytest.mark.parametrize("start", [[ACTCLI], ["-m", "actcli"]], ids=["actcli", "python -m actcli"])
def test_control_c_is_quiet_at_any_moment(start):
    """Also in the midst of imports: Python names each on standard error, and the signal comes behind some of them."""
    for moment in (1, 10, 30, 60, 100, 150, 200, 260, 330, 10**6):
        words = [sys.executable, *start, "relu", "-"]
        child = started(words, preexec_fn=usual_signals, env=ENVIRONMENT | {"PYTHONPROFILEIMPORTTIME": "1"})
        seen = []
        while not seen or not seen[-1].endswith(b"actcli.signals\n"):
            seen.append(child.stderr.readline())
        assert not [line for line in seen if b" numpy" in line or b"actcli.catalogue" in line]
        # That line comes an instant before the signal is seen to: the next ones count.
        imports = 0
        if moment == 10**6:
            child.stdin.write(b"1\n")
            child.stdin.flush()
            assert child.stdout.readline() == b"x,x_relu\n"
        else:
            while imports < moment:
                seen.append(child.stderr.readline())
                imports += 1
        child.send_signal(signal.SIGINT)
        _, error = child.communicate()
        assert child.returncode == -signal.SIGINT, (moment, error[-500:])
        assert b"Traceback" not in error, (moment, error)
        assert b"Interrupt" not in error, (moment, error)


@pytest.mark.parametrize("count", [0, 1, 9, 5000, 10**6])
def test_a_pipe_closed_after_some_bytes_ends_quietly(count, tmp_path):
    """Whoever reads has seen enough."""
    (tmp_path / "x.csv").write_text("x\n" + "-1.5\n" * 600_000)
    with command("relu", "x.csv", cwd=tmp_path) as child:
        assert len(child.stdout.read(count)) == count
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(30) == 0


def test_closed_streams_are_no_place_for_messages():
    """What cannot be said is not said elsewhere; the status tells."""
    for line, status in {
        "relu --treshold 1 2>&-": 2,
        "relu no.csv 2>&-": 3,
        "relu 1 >&- 2>&-": 3,
        "relu <&- >&- 2>&-": 3,
        "relu 1 -f plain -v <&- 2>&-": 0,
        "relu no.csv 2> /dev/full": 3,
    }.items():
        run = subprocess.run(["bash", "-c", f"{ACTCLI} {line}"], capture_output=True, env=ENVIRONMENT)
        assert (run.returncode, run.stdout) == (status, b"1.0\n" if status == 0 else b""), line


def test_a_folder_that_cannot_be_written_is_named(old):
    """The old file stays; the administrator's right to write everywhere is given up first."""

    def without_rights():
        for right in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by PR_CAPBSET_DROP
            ctypes.CDLL(None).prctl(24, right, 0, 0, 0)

    old.parent.chmod(0o555)
    try:
        for words in WAYS.values():
            status, _, error = finished("relu", *words, stdin=b"1\n", cwd=old.parent, preexec_fn=without_rights)
            assert (status, error) == (3, b"actcli: cannot write old.csv: Permission denied\n")
    finally:
        old.parent.chmod(0o755)
    assert survives(old)


@pytest.mark.parametrize("function", ["relu", "softmax"])
@pytest.mark.parametrize("way", ["output", "link", "hard link", "in place", "compressed"])
def test_input_and_output_may_be_the_same_file(function, way, tmp_path):
    """For each way to write; the data are longer than what is read at a time."""
    data = "a,b,text\n" + f"1.25,-3.5,{'long ' * 400}\n" * (source.CHUNK_BYTES // 2000 + 10)
    (tmp_path / "x.csv").write_text(data)
    status, expected, _ = finished(function, "x.csv", cwd=tmp_path)
    assert (status, expected.count(b"\n")) == (0, data.count("\n"))
    (tmp_path / "link.csv").symlink_to("x.csv")
    (tmp_path / "hard.csv").hardlink_to(tmp_path / "x.csv")
    name = "x.csv"
    if way == "compressed":
        name = "x.csv.gz"
        assert finished("linear", "x.csv", "-o", name, "--replace", "-c", "a,b", cwd=tmp_path)[0] == 0
        (tmp_path / "x.csv").unlink()
        expected = finished(function, name, cwd=tmp_path)[1]
    words = {"link": ["-o", "link.csv"], "hard link": ["-o", "hard.csv"], "in place": ["--in-place"]}
    notice = b"" if way == "compressed" else b"actcli: replaced %s; 1 other hard link keeps the old content\n"
    replaced = words.get(way, ["-o", name])[-1].replace("--in-place", name).encode()
    found = finished(function, name, *words.get(way, ["-o", name]), cwd=tmp_path)
    assert found == (0, b"", notice % replaced if notice else b"")
    written = (tmp_path / ("hard.csv" if way == "hard link" else name)).read_bytes()
    assert (written if way != "compressed" else gzip.decompress(written)) == expected
    assert not [path for path in os.listdir(tmp_path) if path.endswith(".tmp")]


@pytest.mark.parametrize("words", [["--to", "csv"], ["-c", "x1", "--to", "plain"], ["--to", "jsonl"]])
def test_control_c_ends_a_read_that_waits_for_an_array(words):
    """Whatever is imported by then: polars takes the signal for itself."""
    array = io.BytesIO()
    np.save(array, np.zeros((100_000, 3), np.float32))
    with command("relu", "-", "--from", "npy", *words, preexec_fn=usual_signals) as child:
        child.stdin.write(array.getvalue()[:3000])
        child.stdin.flush()
        assert child.stdout.read(10)
        time.sleep(0.5)  # by now it waits for more rows
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == -signal.SIGINT
        assert child.stderr.read() == b""
