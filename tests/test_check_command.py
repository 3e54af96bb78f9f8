"""The command ``actcli check``, run as a user runs it."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import time
from xml.etree import ElementTree

import numpy as np
import pytest

import actcli as library
from tests.command import ACTCLI, ENVIRONMENT, actcli, complaint, output
from tests.screen import plain, screen

KERNELS = """
import numpy as np
import time

def wide(x):
    return x.astype(np.float64)

def silu(x):
    with np.errstate(all="ignore"):
        return (wide(x) / (1 + np.exp(-wide(x)))).astype(x.dtype)

def silu_f32(x):
    with np.errstate(all="ignore"):
        y = x.astype(np.float32)
        return (y / (1 + np.exp(-y))).astype(x.dtype)

def relu(x):
    return np.where(x > 0, x, 0).astype(x.dtype) + np.where(np.isnan(x), x, 0).astype(x.dtype)

def slope(x):
    return np.where(np.isnan(x), x, x > 0).astype(x.dtype)

def leaky(x, slope=0.01):
    return np.where(x > 0, x, np.float32(slope) * x).astype(x.dtype)

def scaled(x):
    return x * np.float32(0.25) if x.max() < 0 else np.where(x < 0, np.float32(0.25) * x, x)

def softmax(x):
    with np.errstate(all="ignore"):
        e = np.exp(wide(x) - wide(x).max(axis=1, keepdims=True))
        return (e / e.sum(axis=1, keepdims=True)).astype(x.dtype)

def tanh_wide(x):
    return np.tanh(wide(x)).astype(np.float32)

def slow(x):
    time.sleep(0.4)
    return x

def fails(x):
    if (x > 1000).any():
        raise ValueError("too large")
    return x
"""


@pytest.fixture(name="folder")
def folder_with_kernels(tmp_path):
    """Return a folder with a file of kernels."""
    (tmp_path / "k.py").write_text(KERNELS)
    return tmp_path


def checked(*words, cwd, status=0):
    """Return the JSON of a run."""
    run = actcli("check", *words, "--format", "json", cwd=cwd)
    assert run.returncode == status, run.stderr
    return json.loads(run.stdout)


def test_a_naive_silu_of_bfloat16_is_wrong_where_the_contract_says(folder):
    """Float32 in between: 647 steps at -89, 111 of subnormal results, NaN at -inf; as PyTorch 2.13.0 has it."""
    found = checked("silu", "k.py:silu_f32", "--dtype", "bfloat16", cwd=folder)
    classes = found["classes"]
    assert (classes["normal"]["steps"], classes["subnormal"]["steps"], classes["special"]["wrong"]) == (647, 111, 1)
    worst = classes["normal"]["worst"][0]
    assert (worst["input"], worst["input_bits"], worst["got"], worst["due_bits"]) == (-89.0, "0xc2b2", -0.0, "0x8287")
    assert [(fault["name"], fault["count"]) for fault in found["faults"]] == [("nan", 1), ("zero", 6)]
    assert found["faults"][0]["first"]["input"] == "-inf"
    assert found["tried"] == found["planned"] == sum(each["count"] for each in classes.values()) == 65_536
    assert sum(found["histogram"].values()) == 65_536


def test_a_right_kernel_is_right(folder):
    """Relu, its slopes with either limit at the kink, and what a function's parameter changes."""
    for words in (
        ["relu", "k.py:relu", "--dtype", "float16"],
        ["relu", "k.py:slope", "--dtype", "bfloat16", "--derivative"],
        ["leaky_relu", "k.py:leaky", "--with", "slope=0.25", "--negative-slope", "0.25"],
    ):
        found = checked(*words, "--max-steps", "0", cwd=folder)
        assert all(each["wrong"] == 0 for each in found["classes"].values())
        assert all(verdict["kept"] for verdict in found["verdicts"])
    assert found["function"] == "leaky_relu(negative_slope=0.25)"


def test_inputs_and_results_may_have_different_formats(folder):
    """The results are those of float64, rounded once to float32: within a step."""
    found = checked("tanh", "k.py:tanh_wide", "--dtype", "float16", "--out-dtype", "float32", cwd=folder)
    assert found["classes"]["normal"]["steps"] <= 1
    assert found["classes"]["normal"]["worst"] == [] or len(found["classes"]["normal"]["worst"][0]["got_bits"]) == 10


def test_limits_set_the_exit_status(folder):
    """0 kept or none set, 1 broken, with a line for each class."""
    assert actcli("check", "silu", "k.py:silu_f32", "--dtype", "bfloat16", cwd=folder).returncode == 0
    run = actcli("check", "silu", "k.py:silu_f32", "--dtype", "bfloat16", "--max-steps", "200", cwd=folder)
    assert run.returncode == 1
    assert run.stderr.splitlines()[0] == "actcli: silu.bfloat16.value.normal: 647 is over 200 steps"
    assert "broken: silu.bfloat16.value.normal: 647 is over 200 steps" in run.stdout


def test_a_budget_that_was_written_is_kept(folder):
    """And broken by another kernel; one that could be lowered is said."""
    words = ["check", "silu", "k.py:silu_f32", "--dtype", "bfloat16"]
    assert actcli(*words, "--emit-budget", "b.toml", cwd=folder).returncode == 0
    line = (folder / "b.toml").read_text()
    assert line.startswith(
        "silu.bfloat16.value = {normal = 647, subnormal = 111, special = 1}  # k.py:silu_f32, all in"
    )
    assert actcli(*words, "--budget", "b.toml", cwd=folder).returncode == 0
    (folder / "b.toml").write_text(line.replace("647", "646").replace("111", "112"))
    run = actcli(*words, "--budget", "b.toml", cwd=folder)
    assert run.returncode == 1
    assert run.stderr == "actcli: silu.bfloat16.value.normal: 647 is over the budget of 646 steps\n"
    assert "the budget of 112 steps can be lowered to 111" in " ".join(run.stdout.split())
    message = complaint("check", "silu", "k.py:silu_f32", "--budget", "none.toml", status=3, cwd=folder)
    assert message == "cannot read none.toml: No such file or directory"
    assert output(*words, "--emit-budget", "-", cwd=folder).splitlines()[-1].startswith("silu.bfloat16.value = {")
    (folder / "b.toml").write_text("[project]\nname = 1\n")  # is said before the work, whose report is not written
    message = complaint(*words, "--emit-budget", "b.toml", cwd=folder)
    assert message.startswith("b.toml: project names no function, dtype and kind; expected ")


def test_every_format_holds_the_same(folder):
    """JSON, a row for each class in CSV and Markdown, a test case in JUnit's XML."""
    words = ["silu", "k.py:silu_f32", "--dtype", "bfloat16"]
    found = checked(*words, cwd=folder)
    rows = list(csv.DictReader(io.StringIO(output("check", *words, "--format", "csv", cwd=folder))))
    assert [(row["class"], int(row["inputs"]), int(row["steps"])) for row in rows] == [
        (name, each["count"], each["steps"]) for name, each in found["classes"].items() if each["count"]
    ]
    assert rows[0]["input_bits"] == "0xc2b2"
    head, rule, *cells = output("check", *words, "--format", "markdown", cwd=folder).splitlines()
    assert head.strip("| ").split(" | ") == list(rows[0])
    assert (len(cells), rule.count("|")) == (len(rows), head.count("|"))
    run = actcli("check", *words, "--max-steps", "200", "-o", "report.xml", cwd=folder)
    assert (run.returncode, run.stdout) == (1, "")
    suite = ElementTree.parse(folder / "report.xml").getroot()
    assert suite.tag == "testsuite"
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    assert [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None] == [
        "normal",
        "special",
    ]
    assert "647 steps at -89 0xc2b2" in suite.find(".//failure").text
    assert "NaN where a number is due: 1" in suite.findall("system-out")[-1].text


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_the_report_fits_the_terminal(columns, folder):
    """In colour, and without a number cut."""
    words = ["check", "silu", "k.py:silu_f32", "--dtype", "bfloat16", "--lengths"]
    wide = ENVIRONMENT | {"COLUMNS": str(columns)}
    seen = output(*words, cwd=folder, env=wide | {"FORCE_COLOR": "1"})
    lines = plain(seen).splitlines()
    assert max(map(len, lines)) <= columns
    assert all(line == line.rstrip() for line in lines)
    text = " ".join(plain(seen).split())
    for part in ("0xc2b2", "-1.98e-37", "49,207", "99.9878 %", "NaN where a number is due: 1, first at -inf 0xff80"):
        assert part in text
    assert "\x1b[31m" in seen
    assert output(*words, cwd=folder, env=wide) == plain(seen)


def test_progress_is_shown_on_a_terminal_and_gone_at_the_end(folder):
    """With the time that is left, once the run is long."""
    words = ["check", "linear", str(folder / "k.py") + ":slow", "--inputs", "strata:8000"]
    seen = screen(*words)
    assert re.search(r"[\d,]+ inputs .*\d%", plain(seen))
    assert "100 %" in plain(seen)


def test_floor_and_flags_are_accepted(folder):
    """--floor says how many it let pass; --ftz and --daz=min accept zeros."""
    words = ["silu", "k.py:silu_f32", "--dtype", "bfloat16"]
    floor = checked(*words, "--floor", "1e-30", cwd=folder)
    assert floor["passed_by_floor"] > 6
    assert floor["classes"]["normal"]["wrong"] == 0
    assert [fault["name"] for fault in floor["faults"]] == ["nan"]
    # What is left is just above the middle between two numbers, on which float32 rounds it first.
    subnormal = checked(*words, "--ftz", cwd=folder)["classes"]["subnormal"]
    assert subnormal["steps"] == 1
    assert all(abs(each["input"]) < 2.0**-125 for each in subnormal["worst"])
    assert checked(*words, "--daz=min", cwd=folder)["daz"] == "min"
    assert checked(*words, "--daz", cwd=folder)["daz"] is True


def test_inputs_come_from_a_file(folder):
    """All its numbers, in ascending order; along an axis its rows."""
    (folder / "x.csv").write_text("a,b\n1,-89\n2,3\n")
    found = checked("silu", "k.py:silu_f32", "--dtype", "bfloat16", "--inputs", "x.csv", cwd=folder)
    assert (found["tried"], found["inputs"]) == (4, "the inputs of x.csv")
    assert found["classes"]["normal"]["worst"][0]["steps"] == 647
    rows = checked("softmax", "k.py:softmax", "--inputs", "x.csv", cwd=folder)
    assert rows["tried"] == 4
    assert rows["classes"]["normal"]["steps"] <= 1


def test_numbers_already_computed_are_judged(folder):
    """Inputs and results from two columns or two arrays; sorted first."""
    x = np.array([2.0, -1.0, 0.5], np.float32)
    y = library.evaluate("silu", x)
    y[1] = np.nextafter(y[1], np.float32(0))
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    found = checked("silu", "x.npy", "y.npy", cwd=folder)
    worst = found["classes"]["normal"]["worst"]
    assert [(each["input"], each["steps"]) for each in worst] == [(-1.0, 1)]
    np.save(folder / "x3.npy", x.reshape(1, 3, 1))
    np.save(folder / "y3.npy", y.reshape(1, 3, 1))
    assert checked("silu", "x3.npy", "y3.npy", cwd=folder)["classes"] == found["classes"]
    assert "softmax needs a matrix" in complaint("check", "softmax", "x3.npy", "y3.npy", cwd=folder)
    for words in (["--inputs", "all"], ["--lengths"]):
        message = complaint("check", "silu", "x.npy", "y.npy", *words, cwd=folder)
        assert message == f"{words[0]} cannot be combined with numbers already computed, which have their own inputs"


def test_a_kernel_that_fails_is_named_and_the_report_says_what_came_before(folder):
    """Exit status 2."""
    run = actcli("check", "linear", "k.py:fails", cwd=folder)
    assert run.returncode == 2
    assert run.stderr.startswith("actcli: k.py:fails ")
    assert run.stderr.count("\n") == 1
    run = actcli("check", "linear", "k.py:nothing", cwd=folder)
    assert (run.returncode, run.stdout) == (2, "")


def junit(folder, *words, status):
    """Return the suite that a check writes, and its cases by name."""
    run = actcli("check", *words, "--format", "junit", "--output", "suite.xml", cwd=folder)
    assert run.returncode == status, run.stderr
    suite = ElementTree.parse(folder / "suite.xml").getroot()
    return suite.attrib, {case.attrib["name"]: case for case in suite.iter("testcase")}


def test_junit_has_a_case_for_each_class_and_for_a_run_that_is_not_complete(folder):
    """With the failure of a limit in its class; a kernel that fails is an error, also before its first result."""
    (folder / "x.csv").write_text("x\n1\n0\n1e-40\n")
    counts, cases = junit(folder, "linear", "numpy:abs", "--inputs", "x.csv", "--max-steps", "0", status=0)
    assert (counts["tests"], counts["failures"], counts["errors"]) == ("3", "0", "0")
    assert set(cases) == {"normal", "subnormal", "special"}
    (folder / "x.csv").write_text("x\n-1\n1\n")
    counts, cases = junit(folder, "linear", "numpy:abs", "--inputs", "x.csv", "--max-steps", "0", status=1)
    assert (counts["tests"], counts["failures"]) == ("1", "1")
    assert "2,130,706,432 is over 0 steps" in cases["normal"].find("failure").attrib["message"]
    counts, cases = junit(folder, "linear", "k.py:nothing", status=2)
    assert (counts["tests"], counts["failures"], counts["errors"]) == ("1", "0", "1")
    assert "the kernel failed: " in cases["complete"].find("error").attrib["message"]


def test_control_c_tells_what_was_seen_so_far(folder):
    """Of all 2**32 inputs of a slow kernel; then the command ends as the signal ends others."""
    command = [ACTCLI, "check", "linear", "k.py:slow", "--inputs", "all", "--format", "json"]
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    time.sleep(6)
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=30)
    found = json.loads(out)
    assert process.returncode in (-signal.SIGINT, 2), error
    assert 0 < found["tried"] < found["planned"] == 2**32
    assert found["stopped"] == "interrupted"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["silu"], "check needs a kernel: actcli check silu MODULE:NAME (see actcli check --help)"),
        ([], "check needs a function name first, as in actcli check gelu; see actcli list"),
        (["silu", "k.py:silu", "--max-steps", "x"], "--max-steps must be an integer >= 0, got 'x'"),
        (["silu", "k.py:silu", "--max-steps", "-1"], "--max-steps must be an integer >= 0, got '-1'"),
        (["silu", "k.py:silu", "--worst", "0"], "--worst must be an integer >= 1, got '0'"),
        (["silu", "k.py:silu", "--floor", "-1"], "--floor must be a number >= 0, got '-1'"),
        (["silu", "k.py:silu", "--with", "slope"], "--with must be NAME=VALUE, got 'slope'"),
        (
            ["silu", "k.py:silu", "--format", "yaml"],
            "--format must be one of table, json, csv, markdown, junit, got 'yaml'",
        ),
        (["silu", "k.py:silu", "--inputs", "som"], "--inputs must be all, strata, strata:N or a file, got 'som'"),
        (["silu", "k.py:silu", "k.py:relu"], "check takes one kernel, or two .npy files, got k.py:silu k.py:relu"),
        (["silu", "k.py:silu", "--timeout", "0"], "--timeout must be a number of seconds > 0 and <= 1,000,000, got 0"),
        (
            ["silu", "k.py:silu", "--timeout", "1e300"],
            "--timeout must be a number of seconds > 0 and <= 1,000,000, got 1e+300",
        ),
        (["silu", "k.py:silu", "--inputs", "header.csv"], "header.csv holds no numbers"),
        (["silu", "header.csv", "--max-steps", "0"], "header.csv holds no numbers"),
        (["softmax", "k.py:softmax", "--lengths"], "--lengths is for functions of one number; softmax works on rows"),
        (["silu", "k.py:silu", "--command", "./k"], "check takes one kernel, got k.py:silu and --command './k'"),
        (
            ["softmax", "k.py:silu", "--derivative"],
            "softmax has a Jacobian, not a derivative per value; check its values",
        ),
        (["tanh", "k.py:silu", "--alpha", "1"], "tanh does not have a parameter --alpha; accepted: none"),
    ],
)
def test_a_mistake_is_told_in_one_line(words, message, folder):
    """What is wrong, what was given, what is accepted."""
    (folder / "header.csv").write_text("x,y\n")
    assert complaint("check", *words, cwd=folder) == message
