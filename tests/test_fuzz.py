"""The fuzzer itself: a short run of what ``python -m tests.fuzz`` does at length."""

import subprocess
import sys


def test_some_hundred_inputs_end_with_an_answer_or_a_line():
    """In a process of its own, whose memory is bounded."""
    words = ["--files", "400", "--arguments", "100", "--seed", "7"]
    run = subprocess.run([sys.executable, "-m", "tests.fuzz", *words], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "400 files and 100 command lines: 0 findings" in run.stdout


def test_the_fuzzer_finds_a_fault():
    """A traceback counts."""
    code = """
import os
import tests.fuzz.__main__ as fuzz
os.dup2(os.memfd_create("x"), 0)
fuzz.run = lambda words: 1 / 0
print(fuzz.ending([], b""))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ZeroDivisionError" in run.stdout
