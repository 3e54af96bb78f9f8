"""``actcli.check``, and what its report is asked in tests."""

import numpy as np
import pytest

import actcli as library


def test_the_library_returns_the_report_of_the_command():
    """A callable of the process, and ``assert_within`` for tests."""
    report = library.check(np.tanh, "tanh", dtype="float16")
    report.assert_within(max_steps=1)
    assert (report.tried, report.kind, report.kernel) == (65_536, "value", report.kernel)
    with pytest.raises(AssertionError, match="over 0 steps"):
        library.check(lambda x: np.tanh(x) + np.float16(0.001), "tanh", dtype="float16").assert_within(max_steps=0)
    x = np.array([-1, 0, 2], np.float32)
    leaky = library.check(
        lambda x: np.where(x < 0, x * np.float32(0.25), x), "leaky_relu", inputs=x, negative_slope=0.25
    )
    leaky.assert_within(normal=0)
    assert leaky.tried == 3
    assert library.check(np.abs, "relu", inputs=[1, 2.5]).tried == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kernel": None}, "kernel must be a function of an array, or text such as 'libk.so:f', got None"),
        ({"inputs": "dump.csv"}, "inputs must be all, strata, strata:N or an array, got 'dump.csv'"),
        ({"floor": -1.0}, "floor must be a number >= 0, got -1.0"),
        ({"max_steps": -1}, "max_steps must be an integer >= 0, got -1"),
        ({"worst": 0}, "worst must be an integer >= 1, got 0"),
        ({"daz": "max"}, "daz must be True, False or 'min', got 'max'"),
        ({"timeout": 0.0}, "timeout must be a number of seconds > 0 and <= 1,000,000, got 0"),
    ],
)
def test_the_library_names_the_argument_that_is_wrong(values, message):
    """As a keyword, without dashes."""
    with pytest.raises(library.ActcliError) as error:
        library.check(**({"kernel": np.tanh, "function": "tanh", "dtype": "bfloat16"} | values))
    assert str(error.value) == message


def test_a_limit_is_a_whole_number():
    """In every way to give one."""
    report = library.check(np.tanh, "tanh", dtype="float8_e5m2")
    for limits in ({"max_steps": -1}, {"max_steps": 1.5}, {"normal": -1}, {"special": 0.5}):
        with pytest.raises(library.ActcliError, match="must be an integer >= 0, got"):
            report.assert_within(**limits)


def test_a_kernel_may_be_named_as_text(tmp_path):
    """As on the command line."""
    (tmp_path / "k.py").write_text("def same(x):\n    return x\n")
    assert library.check(f"{tmp_path}/k.py:same", "linear", dtype="bfloat16").is_kept


@pytest.mark.parametrize("argument", [{"inputs": [1.0]}, {"inputs": "all"}, {"lengths": True}])
def test_numbers_already_computed_have_their_own_inputs(tmp_path, argument):
    """What is asked for beside them is refused, never left out."""
    (tmp_path / "d.csv").write_text("x,y\n1,1\n-2,0\n")
    assert library.check(f"{tmp_path}/d.csv", "relu").tried == 2
    with pytest.raises(library.ActcliError) as error:
        library.check(f"{tmp_path}/d.csv", "relu", **argument)
    (name,) = argument
    assert str(error.value) == f"{name} cannot be combined with numbers already computed, which have their own inputs"
