"""An output file appears whole or not at all, in the format of its ending."""

import os
import stat
import threading

import pytest

from actcli.errors import StorageError
from actcli.formats import registry as formats
from actcli.storage.output import Output
from tests.command import output, run

ENDINGS = {ending: name for name, format in formats.FORMATS.items() for ending in format.endings}


@pytest.mark.parametrize(("ending", "name"), ENDINGS.items())
def test_the_ending_chooses_the_format(ending, name, tmp_path):
    """Exactly what --format writes, and nothing on standard output."""
    assert output("relu", "-1", "2", "-o", f"x{ending}", cwd=tmp_path) == ""
    assert (tmp_path / f"x{ending}").read_bytes() == run("relu", "-1", "2", "--format", name)[1]
    assert os.listdir(tmp_path) == [f"x{ending}"]


def test_a_format_given_by_name_wins_over_the_ending(tmp_path):
    """Also for endings that say nothing, and for the table."""
    output("relu", "2", "-o", "x.csv", "--format", "plain", cwd=tmp_path)
    output("relu", "2", "-o", "x.out", "--format", "table", cwd=tmp_path)
    assert (tmp_path / "x.csv").read_text() == "2.0\n"
    assert (tmp_path / "x.out").read_text() == output("relu", "2")


def test_input_and_output_may_be_the_same_file(tmp_path):
    """It is read before it is replaced."""
    (tmp_path / "x.csv").write_text("x\n-1\n")
    output("relu", "x.csv", "-o", "x.csv", cwd=tmp_path)
    assert (tmp_path / "x.csv").read_text() == "x,x_relu\n-1,0.0\n"


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path):
    """Whatever is raised while writing."""
    target = tmp_path / "x.csv"
    target.write_text("precious\n")
    for error in (KeyboardInterrupt, ValueError, MemoryError):
        with pytest.raises(error), Output(str(target)).opened() as out:
            out.write("half")
            raise error
    with pytest.raises(StorageError, match=r"cannot write .*x\.csv: No space left"), Output(str(target)).opened():
        raise OSError(28, "No space left on device")
    assert target.read_text() == "precious\n"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The real command under a limit on the size of files."""
    import subprocess

    from tests.command import ACTCLI

    (tmp_path / "x.csv").write_text("precious\n")
    line = f"trap '' XFSZ; ulimit -f 100; {ACTCLI} relu --linspace 0 1 100000 -o x.csv"
    run = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (3, "actcli: cannot write x.csv: File too large\n")
    assert (tmp_path / "x.csv").read_text() == "precious\n"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_an_error_of_the_disk_while_it_is_synced_is_told(tmp_path, monkeypatch):
    """The system tells it once, be it to a sync before the last."""
    told = threading.Event()

    def sync(descriptor):
        if not told.is_set():
            told.set()
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr("actcli.storage.replacement._SYNC_BYTES", 0)
    with pytest.raises(StorageError, match="Input/output error"), Output(str(tmp_path / "x.csv")).opened() as out:
        out.write("half")
        out.flush()
        assert told.wait(10)
    assert os.listdir(tmp_path) == []


def test_permissions_and_links_are_kept(tmp_path):
    """A new file has the usual permissions; a link goes on pointing at the file that was written."""
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old\n")
    real.chmod(0o640)
    link.symlink_to(real)
    output("relu", "2", "-o", "link.csv", cwd=tmp_path)
    assert link.is_symlink()
    assert real.read_text() == "x,x_relu\n2.0,2.0\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    output("relu", "2", "-o", "new.csv", cwd=tmp_path)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == 0o666 & ~mask


def test_a_device_is_written_in_place():
    """It cannot be replaced by a file."""
    assert output("relu", "2", "-o", "/dev/stdout", "--format", "plain") == "2.0\n"
    assert output("relu", "2", "-o", "/dev/null", "--format", "csv") == ""
