"""A file that is replaced keeps what it was: owner, mode, attributes; and what others did to it meanwhile."""

import ctypes
import os
import signal
import stat
import struct
import subprocess
import sys
import time

import pytest

from actcli.errors import StorageError
from actcli.storage import replacement
from actcli.storage.output import Output
from tests.command import ACTCLI, ENVIRONMENT, actcli, output

RELU = "x,x_relu\n-1,0.0\n"
ACL = "system.posix_acl_access"


@pytest.fixture
def old(tmp_path):
    """Return a file to replace."""
    path = tmp_path / "x.csv"
    path.write_text("x\n-1\n")
    return path


def needs_root():
    """Skip a test that gives files away."""
    if os.geteuid():
        pytest.skip("only the administrator may give files away")


def set_attribute(path, name, value):
    """Set an extended attribute, or skip the test where the file system has none."""
    try:
        os.setxattr(path, name, value)
    except (AttributeError, OSError) as error:
        pytest.skip(f"no extended attributes here: {error}")


def access_list(*entries):
    """Return a list of tag, permissions and id as the system stores an access control list."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


# Owner, the user 1234, group, mask, others: rw-, r--, ---, r--, ---.
LISTED = access_list((1, 6, 2**32 - 1), (2, 4, 1234), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1))


@pytest.mark.parametrize("words", [["--in-place"], ["-o", "x.csv"], ["-o", "link.csv"]])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o4755, 0o2770, 0o1644])
def test_owner_group_and_mode_are_kept(words, mode, old):
    """All twelve bits of it."""
    needs_root()
    os.chown(old, 1234, 2345)
    old.chmod(mode)
    (old.parent / "link.csv").symlink_to(old)
    assert output("relu", "x.csv", *words, cwd=old.parent) == ""
    now = old.stat()
    assert (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (1234, 2345, mode)
    assert old.read_text() == RELU


def test_extended_attributes_are_kept_and_none_is_added(old):
    """Access control lists are among them; what a folder hands down to new files is not what the old one had."""
    set_attribute(old, "user.note", b"mine")
    set_attribute(old, "user.empty", b"")
    set_attribute(old, ACL, LISTED)
    mode = stat.S_IMODE(old.stat().st_mode)
    assert mode == 0o640
    assert output("relu", "x.csv", "--in-place", cwd=old.parent) == ""
    assert {name: os.getxattr(old, name) for name in os.listxattr(old)} == {
        "user.note": b"mine",
        "user.empty": b"",
        ACL: LISTED,
    }
    assert stat.S_IMODE(old.stat().st_mode) == mode
    os.removexattr(old, ACL)
    old.chmod(0o604)
    set_attribute(old.parent, "system.posix_acl_default", LISTED)
    assert output("relu", "1", "-o", "x.csv", cwd=old.parent) == ""
    assert set(os.listxattr(old)) == {"user.note", "user.empty"}
    assert stat.S_IMODE(old.stat().st_mode) == 0o604


def without_the_right_to_give_files_away():
    """Drop CAP_CHOWN (0) from what the next program may have, by PR_CAPBSET_DROP."""
    ctypes.CDLL(None).prctl(24, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("owners", "mode", "lost", "left"),
    [
        ((1234, 0), 0o640, "owner", 0o640),
        ((1234, 0), 0o4755, "owner and permissions", 0o755),
        ((0, 2345), 0o640, "group and permissions", 0o600),
        ((0, 2345), 0o664, "group and permissions", 0o644),
        ((0, 2345), 0o644, "group", 0o644),
        ((1234, 2345), 0o6775, "owner, group and permissions", 0o755),
    ],
)
def test_what_cannot_be_kept_is_said_in_one_line(owners, mode, lost, left, old):
    """Nobody gets rights by it: our group is not the file's, nor do its special bits count for us."""
    needs_root()
    os.chown(old, *owners)
    old.chmod(mode)
    run = subprocess.run(
        [ACTCLI, "relu", "x.csv", "--in-place"],
        cwd=old.parent,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        preexec_fn=without_the_right_to_give_files_away,
    )
    assert (run.returncode, run.stdout, run.stderr) == (
        0,
        "",
        f"actcli: replaced x.csv; its {lost} could not be kept\n",
    )
    assert stat.S_IMODE(old.stat().st_mode) == left
    assert old.read_text() == RELU


def test_a_user_may_give_a_file_to_a_group_of_theirs(old):
    """Where only the administrator may give it to another user."""
    needs_root()
    os.chown(old, 1234, 2345)
    old.chmod(0o640)
    run = subprocess.run(
        [ACTCLI, "relu", "x.csv", "--in-place"],
        cwd=old.parent,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        extra_groups=[2345],
        preexec_fn=without_the_right_to_give_files_away,
    )
    assert (run.returncode, run.stderr) == (0, "actcli: replaced x.csv; its owner could not be kept\n")
    now = old.stat()
    assert (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (0, 2345, 0o640)


def test_attributes_that_cannot_be_kept_are_named(old, monkeypatch):
    """The access control list of another group's file is not taken over: its group would be ours."""
    set_attribute(old, "user.note", b"mine")
    set_attribute(old, ACL, LISTED)
    heard = []
    set_xattr = os.setxattr

    def refusing(file, name, value):
        if name == "user.note":
            raise PermissionError
        set_xattr(file, name, value)

    monkeypatch.setattr(os, "setxattr", refusing)
    with Output(str(old), notice=heard.append).opened() as out:
        out.write("new")
    assert heard == [f"replaced {old}; its extended attributes (user.note) could not be kept"]
    assert os.listxattr(old) == [ACL]

    def unable(*_):
        raise PermissionError

    monkeypatch.setattr(os, "fchown", unable)
    if not os.geteuid():
        os.chown(old, -1, 2345)
        heard.clear()
        with Output(str(old), notice=heard.append).opened() as out:
            out.write("new")
        assert heard == [f"replaced {old}; its group, permissions and extended attributes ({ACL}) could not be kept"]
        assert (os.listxattr(old), stat.S_IMODE(old.stat().st_mode)) == ([], 0o600)


@pytest.mark.parametrize(("count", "said"), [(1, "1 other hard link keeps"), (2, "2 other hard links keep")])
def test_other_hard_links_keep_the_old_content_which_is_said(count, said, old):
    """It is the price of a file that is whole or absent."""
    for i in range(count):
        (old.parent / f"{i}.csv").hardlink_to(old)
    run = actcli("relu", "x.csv", "--in-place", cwd=old.parent)
    assert (run.returncode, run.stderr) == (0, f"actcli: replaced x.csv; {said} the old content\n")
    assert (old.read_text(), (old.parent / "0.csv").read_text()) == (RELU, "x\n-1\n")


def test_the_library_says_nothing_itself(old, capfd):
    """Its user may."""
    (old.parent / "hard.csv").hardlink_to(old)
    with Output(str(old)).opened() as out:
        out.write("new")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664), (0, 0o666)])
def test_a_new_file_has_the_permissions_that_the_system_gives(mask, mode, tmp_path):
    """The umask is applied by the system, and never set, be it for a moment."""
    code = (
        f"import os; os.umask({mask}); os.umask = None\n"
        "from actcli.storage.output import Output\n"
        "with Output('new.csv').opened() as out: out.write('x')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == mode


def test_what_replaces_a_private_file_is_private_from_its_first_byte(old, monkeypatch):
    """And gets its rights only when it is whole."""
    old.chmod(0o644)
    seen = []
    keep = replacement.attributes.keep

    def keeping(descriptor, *rest):
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return keep(descriptor, *rest)

    monkeypatch.setattr(replacement.attributes, "keep", keeping)
    with Output(str(old)).opened() as out:
        (made,) = set(os.listdir(old.parent)) - {old.name}
        seen.append(stat.S_IMODE((old.parent / made).stat().st_mode))
        out.write("new")
    assert seen == [0o600, 0o600]
    assert stat.S_IMODE(old.stat().st_mode) == 0o644


def appended(path):
    """Let another program add a row."""
    with path.open("a") as file:
        file.write("5\n")


def replaced(path):
    """Let another program replace the file by one of the same size and time."""
    state = path.stat()
    other = path.with_name("other")
    other.write_text("y\n-2\n")
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(path)


def rewritten(path):
    """Let another program write the same number of bytes into it."""
    state = path.stat()
    path.write_text("y\n-2\n")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


CHANGES = [appended, replaced, rewritten, os.unlink]


@pytest.mark.parametrize("name", ["x.csv", "link.csv", "hard.csv"])
@pytest.mark.parametrize("moment", ["before", "within"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_by_another_program_stays_and_is_an_error(change, moment, name, old, monkeypatch):
    """From before the first byte is read, up to the renaming, by whatever name."""
    monkeypatch.chdir(old.parent)
    (old.parent / "link.csv").symlink_to("x.csv")
    (old.parent / "hard.csv").hardlink_to(old)
    target = old.parent / ("hard.csv" if name == "hard.csv" else "x.csv")
    place = Output(name, "x.csv")
    if moment == "before":
        change(target)
    with pytest.raises(StorageError, match=f"^another program changed {name} while it was read"), place.opened() as out:
        out.write("ours")
        if moment == "within":
            change(target)
        reference = target.read_text() if target.exists() else None
    assert (target.read_text() if target.exists() else None) == reference
    assert not [left for left in os.listdir(".") if left.endswith(".tmp")]


def test_a_change_of_another_file_is_none_of_ours(old):
    """An output that is not the input may be replaced by whoever is the last."""
    target = old.parent / "y.csv"
    target.write_text("old")
    with Output(str(target), str(old)).opened() as out:
        target.write_text("theirs")
        appended(old)
        out.write("ours")
    assert target.read_text() == "ours"


def test_the_command_notices_a_change_while_it_reads(tmp_path):
    """Stopped while it writes, so that another program has the time."""
    (tmp_path / "x.csv").write_text("x\n" + "-1.25\n" * 2_000_000)
    words = [ACTCLI, "gelu", "x.csv", "--in-place"]
    with subprocess.Popen(words, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE) as child:
        while len(os.listdir(tmp_path)) == 1:
            time.sleep(0.002)
        child.send_signal(signal.SIGSTOP)
        (tmp_path / "x.csv").write_text("theirs\n")
        child.send_signal(signal.SIGCONT)
        assert child.stderr.read() == (
            b"actcli: another program changed x.csv while it was read; it was left as it is: run again\n"
        )
    assert child.returncode == 3
    assert (tmp_path / "x.csv").read_text() == "theirs\n"
    assert os.listdir(tmp_path) == ["x.csv"]
