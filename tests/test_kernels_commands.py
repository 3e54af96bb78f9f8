"""A command as a kernel: raw little-endian numbers in, as many out, and one line for whatever else it does."""

import time

import ml_dtypes
import numpy as np
import pytest

from tests.kernels import X, compute, error, python_command, within

TWICE = python_command(
    "import array; numbers = array.array('f', data); write(array.array('f', [2 * v for v in numbers]).tobytes())"
)
"""On float32 numbers."""
AT = "found = bytes([0, 0, 192, 63]) in data; "  # 1.5


def test_a_command_reads_numbers_and_writes_as_many():
    """Little-endian ones, and rows one by one."""
    assert np.array_equal(compute("", command=TWICE), X * 2)
    assert np.array_equal(compute("", X[:4].reshape(2, 2), command=TWICE), X[:4].reshape(2, 2) * 2)


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "bfloat16", "float16", "float64"])
def test_bits_pass_unchanged(dtype):
    """Of every format."""
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    patterns = np.random.default_rng(2).integers(0, 256, 2**12 * kind.itemsize, dtype=np.uint8)
    assert compute("", patterns.view(kind), command="cat").tobytes() == patterns.tobytes()


def test_results_may_be_longer_than_a_pipe_holds():
    """While the command still reads."""
    many = np.arange(2**20, dtype=np.float32)
    assert np.array_equal(compute("", many, command="cat"), many)


def test_a_command_need_not_read():
    """What it leaves in the pipe is no failure."""
    many = np.arange(2**16, dtype=np.float32)
    assert not compute("", many, command=f"head -c {4 * 2**16} /dev/zero").any()


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("write(data[:-3])", "wrote 65 bytes for 17 numbers; expected 68, 4 for each float32 number"),
        (AT + "write(data); sys.exit(3 * found)", "exited with status 3 for x = 1.5 (0x3fc00000)"),
        (AT + "write(data); found and os.abort()", "died of SIGABRT for x = 1.5 (0x3fc00000)"),
        (
            AT + "import time; write(data); sys.stdout.flush(); time.sleep(60 * found)",
            "did not return within 1 s (--timeout) for x = 1.5 (0x3fc00000)",
        ),
    ],
)
def test_what_a_command_does_wrong_is_named(code, problem):
    """With the input, where one is to blame."""
    with within(60):
        message = error("", command=python_command(code), timeout=1.0)
    assert message.endswith(problem)


def test_a_command_that_dies_leaves_no_file(tmp_path, monkeypatch):
    """Where the system would write one."""
    resource = pytest.importorskip("resource")
    monkeypatch.chdir(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        assert "died of SIGABRT" in error("", command=python_command(AT + "write(data); found and os.abort()"))
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
    assert not list(tmp_path.iterdir())


def test_a_command_that_writes_for_ever_is_ended():
    """Before it has filled the memory, whether or not its time is limited."""
    with within(60):
        assert error("", command="cat /dev/zero") == (
            "cat /dev/zero wrote too many bytes for 17 numbers; expected 68, 4 for each float32 number"
        )


def test_what_a_command_has_started_is_ended_with_it(tmp_path):
    """Where it holds the pipe open after the command itself is gone."""
    message = error("", X[:1], command=f"sh -c '(sleep 3; touch {tmp_path}/late) & cat'", timeout=0.5)
    assert "did not return within 0.5 s (--timeout)" in message
    time.sleep(4)
    assert not (tmp_path / "late").exists()


def test_a_command_that_does_not_exist_is_named():
    """As the system says it."""
    assert error("", command="./nowhere --fast") == "--command cannot run ./nowhere: No such file or directory"
