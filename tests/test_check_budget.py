"""Budgets: written as measured, held to the letter."""

import numpy as np
import pytest

from actcli.errors import ActcliError
from actcli.referee import budget
from actcli.referee.budget import Key, Measured, find_budget, parse_budgets, read_budgets, write_budget
from actcli.referee.differences import Leniency
from tests.made_up_kernels import judge, spoil, truth_of

KEY = Key("silu", "bfloat16", "value")


def off_by(steps):
    """Return the report on a kernel that is off by so many steps at 1.5, in bfloat16."""
    truth = truth_of("silu", "bfloat16")

    def wrong(x, y):
        y.view(np.uint16)[x.astype(np.float32) == 1.5] += steps
        return y

    with np.errstate(all="ignore"):
        return judge(spoil(truth, wrong), truth)


def verdicts(report):
    """Return the names of classes whose budget is broken, and all that is noted."""
    broken = [verdict.name.rpartition(".")[2] for verdict in report.verdicts if not verdict.kept]
    return broken, [verdict.note for verdict in report.verdicts if verdict.note]


def held(report, line, tmp_path):
    """Return the verdicts on a report with a budget file of one line."""
    path = tmp_path / "budget.toml"
    path.write_text(line)
    return verdicts(report.held_to(budget_file=path))


def test_a_limit_is_kept_or_broken():
    """In every class."""
    report = off_by(3)
    assert verdicts(report.held_to(max_steps=3)) == ([], [])
    assert verdicts(report.held_to(max_steps=2)) == (["normal"], ["3 is over 2 steps"])
    assert report.held_to(max_steps=3).is_kept
    assert not report.held_to(max_steps=2).is_kept
    assert report.is_kept  # nothing was set


def test_a_budget_is_kept_broken_or_too_high(tmp_path):
    """What can be lowered is said; a class without a number allows nothing."""
    report = off_by(3)
    assert held(report, "silu.bfloat16.value = {normal = 3}", tmp_path) == ([], [])
    assert held(report, "silu.bfloat16.value = {normal = 2}", tmp_path) == (
        ["normal"],
        ["3 is over the budget of 2 steps"],
    )
    assert held(report, "silu.bfloat16.value = {normal = 9}", tmp_path) == (
        [],
        ["the budget of 9 steps can be lowered to 3"],
    )
    assert held(report, "silu.bfloat16.value = {special = 1}", tmp_path)[0] == ["normal"]


def test_a_budget_of_more_than_a_factor_of_two_is_warned_of(tmp_path):
    """2**7 steps of bfloat16 are the numbers from one power of two to the next."""
    notes = held(off_by(200), "silu.bfloat16.value = {normal = 200}", tmp_path)
    assert notes == ([], ["a budget over 128 steps lets results be off by more than a factor of two"])
    assert held(off_by(128), "silu.bfloat16.value = {normal = 128}", tmp_path) == ([], [])


def test_what_was_not_measured_fails(tmp_path):
    """A class without inputs, and a function without a line."""
    broken, notes = held(off_by(0), "silu.bfloat16.value = {kink = 0}", tmp_path)
    assert broken == ["kink"]
    assert notes == ["not measured: no input was in this class; remove it, or add inputs"]
    broken, notes = held(off_by(0), "silu.float16.value = {normal = 0}", tmp_path)
    assert len(broken) == 1
    assert "has no budget for silu.bfloat16.value; did you mean silu.float16.value?" in notes[0]


def test_nan_is_in_no_budget(tmp_path):
    """In the normal class; of special inputs, it is one wrong result, which can be allowed."""
    truth = truth_of("silu", "bfloat16")

    def at(number):
        def wrong(x, y):
            y[x.astype(np.float32) == number] = np.nan
            return y

        with np.errstate(all="ignore"):
            return judge(spoil(truth, wrong), truth)

    line = "silu.bfloat16.value = {normal = 60000, special = 1}"
    assert held(at(1.5), line, tmp_path)[0] == ["normal"]
    assert held(at(-np.inf), line, tmp_path)[0] == []


def test_the_most_particular_budget_holds(tmp_path):
    """Of a framework, a device, what is accepted; each run is held to one that names nothing else."""
    path = tmp_path / "budget.toml"
    path.write_text(
        "silu.bfloat16.value = {normal = 1}\n"
        "silu.bfloat16.value-torch = {normal = 2}\n"
        "silu.bfloat16.value-ftz-torch = {normal = 3}\n"
        '"gelu(approximate=true)".float32.derivative = {normal = 4, kink = 1}\n'
    )
    budgets = read_budgets(path)
    for qualifiers, normal in (((), 1), (("cuda",), 1), (("torch",), 2), (("torch", "ftz", "cuda"), 3), (("ftz",), 1)):
        found = find_budget(budgets, KEY._replace(qualifiers=frozenset(qualifiers)))
        assert found[1] == {"normal": normal}
    quoted = Key("gelu(approximate=true)", "float32", "derivative")
    assert find_budget(budgets, quoted)[1] == {"normal": 4, "kink": 1}
    assert find_budget(budgets, quoted._replace(kind="value")) is None
    assert str(quoted) == '"gelu(approximate=true)".float32.derivative'


def test_what_is_measured_is_written_and_read_back(tmp_path):
    """Nothing more; the other lines of the file stay, and its own is replaced."""
    path = tmp_path / "budget.toml"
    path.write_text("# ours\nsilu.bfloat16.value = {normal = 99}  # old\ngelu.bfloat16.value = {normal = 1}\n")
    report = off_by(3)
    path.write_text(write_budget(path.read_text(), report.key, report.measured, "made\nup, all inputs"))
    lines = path.read_text().splitlines()
    assert lines[0] == "# ours"
    assert lines[1].startswith(
        "silu.bfloat16.value = {normal = 3, subnormal = 0, special = 0}  # made up, all inputs, 2"
    )
    assert lines[2] == "gelu.bfloat16.value = {normal = 1}"
    assert len(lines) == 3
    assert verdicts(report.held_to(budget_file=path)) == ([], [])
    ftz = judge(truth_of("silu", "float16").round_once, truth_of("silu", "float16"), accept=Leniency(ftz=True))
    path.write_text(write_budget(path.read_text(), ftz.key, ftz.measured, "made up"))
    assert path.read_text().splitlines()[3].startswith("silu.float16.value-ftz = {normal = 0,")
    assert set(read_budgets(path)) == {KEY, Key("gelu", "bfloat16", "value"), ftz.key}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("silu.bfloat16.value = {normal", "is not a budget in TOML: "),
        (
            "silu.bfloat16.value = {normla = 1}",
            "silu.bfloat16.value has an unknown class 'normla'; did you mean normal?",
        ),
        ("silu.bfloat16.value = {normal = 1.5}", "silu.bfloat16.value: normal must be an integer >= 0, got 1.5"),
        ("silu.bfloat16.value = {normal = -1}", "silu.bfloat16.value: normal must be an integer >= 0, got -1"),
        ("silu.bfloat16.value = {normal = true}", "silu.bfloat16.value: normal must be an integer >= 0, got True"),
        (
            "silu.bfloat16 = {normal = 1}",
            "names no function, dtype and kind; expected silu.bfloat16.value = {normal = 1}",
        ),
        (
            "silu.bflaot16.value = {normal = 1}",
            "silu.bflaot16.value has an unknown dtype 'bflaot16'; did you mean bfloat16 or float16?",
        ),
        (
            "silu.bfloat16.values = {normal = 1}",
            "silu.bfloat16.values has an unknown kind 'values'; did you mean value?",
        ),
        ("normal = 1", "a line names no function, dtype and kind; expected silu.bfloat16.value = {normal = 1}"),
    ],
)
def test_a_mistake_in_a_budget_is_told(text, problem, tmp_path):
    """With the file and the key."""
    path = tmp_path / "budget.toml"
    path.write_text(text)
    with pytest.raises(ActcliError) as error:
        read_budgets(path)
    assert str(path) in str(error.value)
    assert problem in str(error.value)


def test_a_line_goes_before_the_tables_of_a_file():
    """Where it is one of none; a budget that is a table itself is not overwritten."""
    report = off_by(3)
    tables = "# ours\n[gelu.float32.value]\nnormal = 1\n"
    written = write_budget(tables, report.key, report.measured, "made up")
    assert list(parse_budgets(written, "")) == [KEY, Key("gelu", "float32", "value")]
    assert written.endswith(tables.removeprefix("# ours\n"))
    with pytest.raises(ActcliError, match=r"silu\.bfloat16\.value is not on a line of its own"):
        write_budget("[silu.bfloat16.value]\nnormal = 9\n", report.key, report.measured, "made up")


def test_a_device_with_a_number_is_quoted():
    """A colon stands in no bare key."""
    key = KEY._replace(qualifiers=frozenset({"cuda:1", "ftz"}))
    assert str(key) == 'silu.bfloat16."value-cuda:1-ftz"'
    assert list(parse_budgets(f"{key} = {{normal = 1}}", "")) == [key]


def test_a_missing_file_is_an_io_error(tmp_path):
    """Exit status 3."""
    with pytest.raises(ActcliError) as error:
        read_budgets(tmp_path / "none.toml")
    assert error.value.status == 3


def test_an_assertion_reads_well():
    """It names the kernel, the limit, and the worst results with their bits."""
    report = off_by(3)
    report.assert_within(max_steps=3)
    report.assert_within(normal=3)
    with pytest.raises(AssertionError) as error:
        report.assert_within(max_steps=2)
    assert str(error.value).splitlines() == [
        "made up is not silu within limits",
        "silu.bfloat16.value.normal: 3 is over 2 steps",
        "normal: worst 3 steps at 1.5 0x3fc0: got 1.25, due 1.227",
    ] or "3 steps at 1.5 0x3fc0: got 1.25, due 1.23" in str(error.value)
    with pytest.raises(AssertionError, match="over the budget of 0 steps"):
        report.assert_within()
    with pytest.raises(TypeError, match="no class 'norml'; accepted: normal, subnormal, special, kink"):
        report.assert_within(norml=3)


def test_counts_of_steps_are_said_in_english():
    """One step, two steps; a mismatch is no number."""
    measured = {name: Measured(0, 0, 0) for name in ("subnormal", "special", "kink")} | {"normal": Measured(5, 2, 0)}
    (verdict,) = budget.hold_to_steps(KEY, 1, measured)
    assert verdict.note == "2 is over 1 step"
