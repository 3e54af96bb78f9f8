"""Temporary files: leftovers of killed runs, many writers, the order in which all is stored, signals and threads."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from actcli.storage import replacement, temporary
from actcli.storage.output import Output
from tests.command import ACTCLI, ENVIRONMENT, output


@pytest.fixture
def old(tmp_path):
    """Return a file to replace."""
    path = tmp_path / "x.csv"
    path.write_text("x\n-1\n")
    return path


def writing(folder, name):
    """Start a command that has opened its output and waits for more input; return it and its temporary file."""
    before = set(os.listdir(folder))
    words = [ACTCLI, "relu", "-", "-o", name]
    child = subprocess.Popen(words, cwd=folder, env=ENVIRONMENT, stdin=subprocess.PIPE)
    child.stdin.write(b"x\n1\n")
    child.stdin.flush()
    end = time.monotonic() + 60
    while not (made := set(os.listdir(folder)) - before):
        assert time.monotonic() < end
        time.sleep(0.01)
    (path,) = made
    return child, path


def test_a_later_run_removes_what_a_killed_one_left_and_nothing_else(tmp_path):
    """Not the file of a writer that lives, nor what only looks like ours."""
    killed, left = writing(tmp_path, "a.csv")
    alive, kept = writing(tmp_path, "a.csv")
    killed.kill()
    killed.communicate()
    alike = left.rpartition("-")[0]
    others = [".a.csv.123.tmp", f"{alike}-nothexad.tmp", f"{left}.txt", left[1:], ".a.csv.actcli-00000000-00000000.tmp"]
    for name in others:
        (tmp_path / name).write_text("precious")
    (tmp_path / f"{alike}-00000001.tmp").mkdir()
    (tmp_path / f"{alike}-00000002.tmp").symlink_to(others[0])
    os.mkfifo(tmp_path / f"{alike}-00000003.tmp")
    others += [f"{alike}-0000000{i}.tmp" for i in (1, 2, 3)]
    assert sorted(os.listdir(tmp_path)) == sorted([left, kept, *others])
    assert output("relu", "1", "-o", "b.csv", cwd=tmp_path) == ""
    assert sorted(os.listdir(tmp_path)) == sorted([kept, *others, "b.csv"])
    alive.communicate(b"2\n")
    assert (alive.returncode, (tmp_path / "a.csv").read_text()) == (0, "x,x_relu\n1,1.0\n2,2.0\n")
    assert sorted(os.listdir(tmp_path)) == sorted(["a.csv", *others, "b.csv"])


def test_a_file_that_is_taken_for_a_leftover_before_it_is_locked_is_made_anew(old, monkeypatch):
    """Between the two steps, a later run may be at work on it."""
    lock, path = temporary._lock, temporary._path
    made = []

    def naming(target):
        made.append(path(target))
        return made[-1]

    def busy(descriptor):
        if len(made) == 1:
            raise BlockingIOError
        if len(made) == 2:
            os.unlink(made[-1])
        lock(descriptor)

    monkeypatch.setattr(temporary, "_path", naming)
    monkeypatch.setattr(temporary, "_lock", busy)
    with Output(str(old)).opened() as out:
        out.write("new")
    assert len(made) == 3
    assert (old.read_text(), os.listdir(old.parent)) == ("new", [old.name])


def test_where_files_cannot_be_locked_nothing_is_removed(old, monkeypatch):
    """Nobody could tell whether their writers live; writing goes on."""

    def unsupported(descriptor):
        raise OSError(95, "Operation not supported")

    left = old.with_name(os.path.basename(temporary._path(str(old))))
    left.write_text("precious")
    monkeypatch.setattr(temporary, "_lock", unsupported)
    with Output(str(old)).opened() as out:
        out.write("new")
    monkeypatch.setattr(temporary, "fcntl", None)
    with Output(str(old)).opened() as out:
        out.write("newer")
    assert (old.read_text(), sorted(os.listdir(old.parent))) == ("newer", sorted([left.name, old.name]))


def test_many_writers_at_once_all_end_well(tmp_path):
    """On threads, which share nothing but the folder; each file is whole, and nothing is left."""
    failed = []

    def write(i):
        try:
            for j in range(40):
                with Output(str(tmp_path / f"{j % 2}.txt")).opened() as out:
                    out.write(f"{i}" * 1000)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(os.listdir(tmp_path)) == ["0.txt", "1.txt"]
    for path in tmp_path.iterdir():
        text = path.read_text()
        assert (len(text), len(set(text))) == (1000, 1)


def test_the_content_is_stored_before_the_name_and_the_name_at_last(old, monkeypatch):
    """Or a crash of the system could leave an empty file."""
    steps = []
    sync, replace = os.fsync, os.replace

    def syncing(descriptor):
        status = os.fstat(descriptor)
        whole = f"{status.st_size} bytes, {status.st_mode & 0o777:o}"
        steps.append("folder" if stat.S_ISDIR(status.st_mode) else whole)
        sync(descriptor)

    def replacing(*paths):
        steps.append("name")
        replace(*paths)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", replacing)
    old.chmod(0o644)
    with Output(str(old)).opened() as out:
        out.write("x" * 12345)
    assert steps == ["12345 bytes, 644", "name", "folder"]


def test_a_file_is_synced_while_it_is_written(tmp_path, monkeypatch):
    """Each time so many bytes have been added, and only then."""
    sizes = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    monkeypatch.setattr(replacement, "_SYNC_BYTES", 100)
    monkeypatch.setattr(replacement, "_SYNC_SECONDS", 0.001)
    with Output(str(tmp_path / "x.csv")).opened() as out:
        for added, synced in ((99, []), (1, [100]), (99, [100]), (1, [100, 200]), (250, [100, 200, 450])):
            out.write("x" * added)
            out.flush()
            out.buffer.flush()
            time.sleep(0.1)
            end = time.monotonic() + 60
            while len(sizes) < len(synced) and time.monotonic() < end:
                time.sleep(0.01)
            assert sizes == synced


def test_a_folder_that_cannot_be_synced_is_no_failure(old, monkeypatch):
    """Some systems cannot."""
    sync = os.fsync

    def syncing(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", syncing)
    with Output(str(old)).opened() as out:
        out.write("new")
    assert old.read_text() == "new"


def test_a_file_that_appeared_meanwhile_is_replaced_with_its_permissions(tmp_path):
    """Those it has at the end count, not those at the beginning."""
    path = tmp_path / "x.csv"
    with Output(str(path)).opened() as out:
        path.touch(0o600)
        path.chmod(0o640)
        out.write("new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o640)
    with Output(str(path)).opened() as out:
        path.chmod(0o600)
        out.write("newer")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("newer", 0o600)
    with Output(str(path)).opened() as out:
        path.unlink()
        out.write("newest")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("newest", 0o600)


def test_files_are_written_from_any_thread_and_signals_stay_as_they_are(old):
    """They are the process's own."""
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = [signal.getsignal(number) for number in numbers]
    seen = []

    def write():
        with Output(str(old)).opened() as out:
            out.write("new")
            seen.extend(signal.getsignal(number) for number in numbers)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    write()
    assert old.read_text() == "new"
    assert seen == before * 2
    assert [signal.getsignal(number) for number in numbers] == before


@pytest.mark.parametrize("start", [["./actcli"], ["-m", "actcli_user"]])
def test_the_library_leaves_signals_alone_whatever_the_program_is_called(start, tmp_path):
    """Only the command ends quietly."""
    code = "import signal, actcli\nassert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    for name in ("actcli", "actcli_user.py"):
        (tmp_path / name).write_text(code)
    subprocess.run([sys.executable, *start], cwd=tmp_path, check=True)
