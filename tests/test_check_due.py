"""What is due for all numbers of a wide format comes from processes, and is the same as without them."""

import contextlib
import os
import signal

import numpy as np
import pytest

from actcli.referee import due
from actcli.referee.inputs import CHUNK_NUMBERS, choose_inputs
from tests.made_up_kernels import truth_of


@pytest.fixture
def started(monkeypatch):
    """Return the processes that are started, as if there were two cores."""
    processes = []

    def start(*arguments, **options):
        processes.append(start_python(*arguments, **options))
        return processes[-1]

    start_python = due.start_python
    monkeypatch.setattr(due, "start_python", start)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    return processes


@pytest.mark.parametrize("word", ["", "first", "second"])
def test_processes_give_what_is_due_even_if_one_is_lost(started, word):
    """In order, as the truth gives it, after the NaN too; a lost process is stood in for; none is left at the end."""
    truth = truth_of("leaky_relu", "float32")
    inputs = choose_inputs("all", truth)
    with contextlib.closing(due.compute_due(truth, inputs)) as pairs:
        for i, known in zip(range(12), inputs.chunks(), strict=False):
            x, found = next(pairs)
            assert x.tobytes() == known.tobytes()
            assert x.size == CHUNK_NUMBERS
            expected = truth.round_once(x)
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))
            if i == 8 and word:
                started[word == "second"].kill()
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


def test_processes_leave_control_c_to_the_command(started):
    """Which goes to all of a terminal's processes."""
    truth = truth_of("relu", "float32")
    with contextlib.closing(due.compute_due(truth, choose_inputs("all", truth))) as pairs:
        next(pairs)
        next(pairs)
        for process in started:
            process.send_signal(signal.SIGINT)
        for _ in range(4):
            next(pairs)
        assert all(process.poll() is None for process in started)


@pytest.mark.parametrize(("dtype", "word"), [("float16", "all"), ("float32", "strata:4")])
def test_few_inputs_start_no_process(started, dtype, word):
    """It would take longer than the work."""
    truth = truth_of("relu", dtype)
    total = sum(x.size for x, _ in due.compute_due(truth, choose_inputs(word, truth)))
    assert total == choose_inputs(word, truth).size
    assert not started
