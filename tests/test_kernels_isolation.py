"""A kernel may raise, exit, die, hang or print: the command says so in one line and goes on."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from actcli.referee.kernel import KernelError
from actcli.referee.kernels import child, failures, open_kernel, process
from tests.kernels import X, compute, error, options, within

FILE = """
import ctypes, os, sys, time
import numpy as np

def at(x, value=1.5): return (x == np.float32(value)).any()
def good(x): return x + x.dtype.type(1)
def raising(x):
    if at(x):
        raise ValueError("not\\n \\x1b[31mhere")
    return x
class Mute(Exception):
    def __str__(self): raise ValueError("no text")
def muted(x):
    if at(x):
        raise Mute
    return x
def leaving(x): return sys.exit("bye") if at(x) else x
def exiting(x): return os._exit(3) if at(x) else x
def dying(x): return ctypes.string_at(0) if at(x) else x
def killed(x): return os.kill(os.getpid(), 9) if at(x) else x
def hanging(x):
    while at(x):
        pass
    return x
def sleeping(x):
    if at(x):
        time.sleep(60)
    return x
def long_only(x):
    if len(x) > 5:
        raise ValueError("too long")
    return x
def printing(x):
    print("printed", flush=True)
    os.write(1, b"written\\n")
    os.system("echo echoed")
    return x
def reading(x): return x + x.dtype.type(len(sys.stdin.read()))
def closing(x):
    os.closerange(0, 100)
    return x
def noting(x):
    with open("calls", "a") as file:
        file.write(f"{len(x)}\\n")
    return x + x.dtype.type(1)
def deep(x): return np.linalg.solve(np.zeros((2, 2)), np.zeros(2))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, which has a file of kernels."""
    (tmp_path / "k.py").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def line_of(text: str) -> int:
    """Return the number of the line of the file that holds a text."""
    return next(i for i, line in enumerate(FILE.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("raising", f"raised ValueError: not [31mhere (k.py:{line_of('[31mhere')})"),
        ("muted", f"raised Mute (k.py:{line_of('raise Mute')})"),
        ("leaving", f"raised SystemExit: bye (k.py:{line_of('bye')})"),
        ("exiting", "exited with status 3"),
        ("dying", "died of SIGSEGV"),
        ("killed", "died of SIGKILL"),
        ("hanging", "did not return within 0.5 s (--timeout)"),
        ("sleeping", "did not return within 0.5 s (--timeout)"),
    ],
)
def test_the_first_input_that_fails_is_found(folder, name, problem):
    """Soon, and the message is one line."""
    inputs = np.append(X, X)
    with within(40):
        assert error(f"k.py:{name}", inputs, timeout=0.5) == f"k.py:{name} {problem} for x = 1.5 (0x3fc00000)"


def test_a_kernel_goes_on_after_it_failed(folder):
    """In a new process if need be."""
    for name in ("raising", "exiting"):
        with open_kernel(f"k.py:{name}", options()) as kernel:
            for _ in range(2):
                with pytest.raises(KernelError):
                    kernel.compute(X)
                assert np.array_equal(kernel.compute(X[:3]), X[:3])


def test_a_failure_of_the_whole_array_names_its_range(folder):
    """Halves of it are no failures."""
    problem = f"raised ValueError: too long (k.py:{line_of('too long')}) for 8 numbers from -4.0 (0xc0800000) to "
    assert error("k.py:long_only", X[:8]) == f"k.py:long_only {problem}-0.5 (0xbf000000)"


def test_the_search_ends(folder, monkeypatch):
    """What is left by then is named."""
    monkeypatch.setattr(failures, "_SEARCH_SECONDS", 0.0)
    message = error("k.py:raising")
    assert message.endswith(" for 17 numbers from -4.0 (0xc0800000) to 4.0 (0x40800000)")


def test_where_every_input_fails_nothing_is_searched(folder):
    """The first one does: no process is started but for that."""
    (folder / "count.py").write_text("import os; open('starts', 'a').write('.')\ndef f(x): os.abort()")
    assert error("count.py:f", np.ones(2**16, np.float32)).endswith("died of SIGABRT for x = 1.0 (0x3f800000)")
    assert (folder / "starts").read_text() == ".."


def test_a_kernel_that_closes_all_files_is_a_failure(folder):
    """Rather than one that is waited for."""
    with within(30):
        assert error("k.py:closing", X[:1]).startswith("k.py:closing ")


def test_no_numbers_are_no_failure(folder):
    """Of any kind of kernel."""
    assert compute("k.py:good", X[:0]).shape == (0,)
    assert compute("", X[:0], command="cat").shape == (0,)


def test_rows_are_named_by_their_beginning(folder):
    """Of a function along an axis."""
    assert error("k.py:raising", X[1:].reshape(4, 4)).endswith(" for a row that begins with 0.5 (0x3f000000)")


def test_the_users_line_is_named_where_there_is_one(folder):
    """Rather than one within a library."""
    assert f"(k.py:{line_of('def deep')})" in error("k.py:deep")


def test_what_a_kernel_prints_is_no_data(folder, capfd):
    """It goes to standard error; and standard input is not the kernel's."""
    assert np.array_equal(compute("k.py:printing"), X)
    assert np.array_equal(compute("k.py:reading"), X)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.split() == ["printed", "written", "echoed"]


def test_loading_overlaps_with_other_work(folder):
    """A process is under way before the first call."""
    (folder / "slow.py").write_text("import time; time.sleep(2)\ndef f(x): return x")
    with open_kernel("slow.py:f", options()) as kernel:
        time.sleep(2.5)
        with within(1.5):
            kernel.compute(X)


def test_loading_has_a_limit_of_its_own(folder, monkeypatch):
    """An import takes longer than a call, but not for ever."""
    (folder / "slow.py").write_text("import time; time.sleep(0.6)\ndef f(x): return x")
    (folder / "never.py").write_text("while True: pass")
    (folder / "dead.py").write_text("import os; os.abort()")
    assert np.array_equal(compute("slow.py:f", timeout=0.3), X)
    assert error("dead.py:f") == "dead.py:f died of SIGABRT while it was loaded"
    monkeypatch.setattr(child, "_LOAD_SECONDS", 1.0)
    with within(10):
        assert (
            error("never.py:f", timeout=0.3) == "never.py:f did not return within 1 s (--timeout) while it was loaded"
        )


def test_a_call_within_the_timeout_is_left_alone(folder):
    """And so is the one after it."""
    with open_kernel("k.py:good", options(timeout=0.5)) as kernel:
        for _ in range(4):
            kernel.compute(X)
            time.sleep(0.2)


def is_running(pid: int) -> bool:
    """Tell whether a process runs: one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


def test_a_death_leaves_no_core_dump(folder):
    """However many it takes to find the input."""
    (folder / "limit.py").write_text(
        "import resource\ndef f(x): return x + x.dtype.type(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    assert np.array_equal(compute("limit.py:f"), X)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(folder, ending):
    """Not even one that hangs, however the command ends."""
    (folder / "stuck.py").write_text(
        "import os\ndef f(x):\n    open('pid', 'w').write(str(os.getpid()))\n    while True: pass"
    )
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "from tests.kernels import compute; compute('stuck.py:f')"
    )
    command = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": f"{process._ROOT}"})
    pid = folder / "pid"
    deadline = time.monotonic() + 30
    while not (pid.exists() and pid.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    command.send_signal(ending)
    command.wait(10)
    while is_running(int(pid.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_kernel_computes_while_its_caller_does_something_else(folder):
    """Once; a second call is one."""
    with open_kernel("k.py:noting", options()) as kernel:
        assert kernel.compute(X[:2]).tolist() == (X[:2] + 1).tolist()
        kernel.begin(X)
        deadline = time.monotonic() + 20
        while (folder / "calls").read_text() != f"2\n{len(X)}\n":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for _ in range(2):
            assert kernel.compute(X).tolist() == (X + 1).tolist()
    assert (folder / "calls").read_text() == f"2\n{len(X)}\n{len(X)}\n"


@pytest.mark.parametrize("name", ["raising", "dying"])
def test_a_kernel_that_fails_once_it_was_begun_names_the_input_too(folder, name):
    """And goes on with others."""
    with open_kernel(f"k.py:{name}", options()) as kernel:
        kernel.compute(X[:2])
        kernel.begin(X)
        with pytest.raises(KernelError, match=r"1\.5"):
            kernel.compute(X)
        assert kernel.compute(X[:2]).tolist() == X[:2].tolist()
