"""Pictures of functions: in the terminal and in files."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from actcli import parameters
from actcli.activation import Elementwise
from actcli.api import prepare
from actcli.cli import functions, options
from actcli.cli.views import plot_file, plot_terminal, sampling, styles
from actcli.registry import registered
from tests.command import ENVIRONMENT, complaint, output
from tests.screen import plain, screen


def drawn(name: str, *, derivative: bool = False, **parameters: object) -> list[sampling.Curve]:
    """Return the curves of a function from -6 to 6."""
    activation = prepare(name, parameters, "float32")
    return sampling.curves([activation], np.linspace(-6, 6, 241, dtype=np.float32), derivative=derivative)


def test_a_curve_passes_through_the_function_and_breaks_only_where_it_jumps():
    """Hard_shrink jumps at both thresholds, sigmoid nowhere; relu's derivative jumps at 0."""
    (sigmoid,) = drawn("sigmoid")
    np.testing.assert_allclose(sigmoid.y, 1 / (1 + np.exp(-sigmoid.x)), rtol=1e-6)
    (shrink,) = drawn("hard_shrink", threshold=2.03)
    assert np.flatnonzero(np.isnan(shrink.y)).size == 2
    np.testing.assert_allclose(shrink.x[np.isnan(shrink.y)], [-2.03, 2.03], atol=1e-6)
    value, slope = drawn("relu", derivative=True)
    np.testing.assert_array_equal(value.y, np.maximum(value.x, 0))
    np.testing.assert_allclose(slope.x[np.isnan(slope.y)], [0], atol=1e-6)


@pytest.mark.parametrize(
    "activation", [activation for activation in registered() if issubclass(activation, Elementwise)]
)
def test_every_function_of_one_number_can_be_drawn(activation):
    """With its derivative, in colour and without."""
    required = {
        name: 1 for name, parameter in activation.parameters.items() if parameter.default is parameters.REQUIRED
    }
    pair = drawn(activation.name, derivative=True, **required)
    for look in ("colours", "activations", "letters"):
        text = plot_terminal.terminal(pair, (60, 10), look, title=activation.formula)
        assert f"{pair[0].label}'" in text
        assert ("\x1b[" in text) == (look == "colours")
        assert max(map(len, plain(text).splitlines())) <= 60


@pytest.mark.parametrize("columns", [60, 200])
def test_a_picture_fits_the_terminal_and_fills_it(columns):
    """In colour unless NO_COLOR forbids it; curves without colour have letters of their own."""
    seen = screen("plot", "gelu", "tanh", columns=columns)
    assert "\x1b[34m" in seen
    widest = max(map(len, plain(seen).splitlines()))
    assert columns - 10 <= widest <= columns
    without = screen("plot", "gelu", "tanh", columns=columns, NO_COLOR="1")
    assert "\x1b[" not in without
    assert "** gelu" in without
    assert "oo tanh" in without
    assert "\x1b[" not in output("plot", "gelu")
    many = plain(screen("plot", "gelu", "tanh", "silu", "--derivative", columns=columns))  # more than there are colours
    assert re.search(r"@@? +tanh'|## +silu", many)


def test_no_colour_is_lost_on_a_terminal():
    """White and yellow cannot be seen on a light one, black not on a dark one; bars and curves differ."""
    assert not {"white", "yellow", "black"} & {*styles.CURVES, styles.BARS}
    assert styles.BARS not in styles.CURVES


def test_parameters_go_to_the_functions_that_have_them():
    """Under any of their spellings; one that none has is a mistake."""
    text = output("plot", "relu", "elu", "gelu", "--alpha", "0.3")
    assert "relu(negative_slope=0.3)" in text
    assert "elu(alpha=0.3)" in text
    assert "gelu(" not in text
    assert complaint("plot", "relu", "--slope", "1") == (
        "relu does not have a parameter --slope; accepted: --negative-slope, --max-value, --threshold"
    )
    assert "none of these functions has a parameter --alpha" in complaint("plot", "gelu", "tanh", "--alpha", "1")
    assert "did you mean --threshold?" in complaint("plot", "relu", "--treshold", "1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["softmax"], "plot works on elementwise functions; softmax works on vectors: see actcli softmax"),
        (["rleu"], "unknown activation 'rleu'; did you mean relu?"),
        ([], "plot needs a function name first, as in actcli plot gelu; see actcli list"),
        (["relu", "3"], "plot takes functions, not '3'; --linspace chooses the range, --data a file"),
        (["relu", "--linspace", "2", "1", "9"], "--linspace: a curve needs START below STOP and COUNT from 2 up"),
        (["relu", "--linspace", "0", "1", "1e9"], "--linspace: a curve takes at most 100,000 points, not 1e9"),
        (["relu", "-c", "x"], "--columns selects columns of a file; numbers as arguments have only x"),
    ],
)
def test_a_mistake_is_told_in_one_line(words, message):
    """And nothing is drawn."""
    assert complaint("plot", *words) == message


def test_no_parameter_takes_the_place_of_an_option():
    """A command on functions has the parameters of all of them."""
    actual = {"words", "data", "saturation", "layers", "fail_over", "dialects", *options.declare_options()}
    assert not actual & set(functions._spellings())


def test_data_are_counted_behind_the_curves(tmp_path):
    """Numbers out of range, NaN and empty cells are not lost from sight: the legend says how many lie outside."""
    (tmp_path / "x.csv").write_text("id,z\n" + "a,0.5\n" * 4000 + "b,9\nc,nan\nd,\n")
    text = output("plot", "gelu", "--data", "x.csv", "-c", "z", cwd=tmp_path)
    assert "z: 4,002 numbers, 2 outside" in text
    rows = [line for line in text.splitlines() if ":" in line and "│" in line]
    columns = {match.start() for line in rows for match in re.finditer(":", line)}
    assert len(rows) > 3  # a bar of some height
    assert max(columns) - min(columns) <= 3  # and of one bin


@pytest.mark.parametrize(("ending", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_picture_has_the_same_bytes_each_time(tmp_path, ending, magic):
    """Also with another setting of the user's matplotlib beside it."""
    pair = drawn("gelu", derivative=True)
    for name in ("a", "b"):
        with open(tmp_path / name, "wb") as out:
            plot_file.write(pair, out, ending, title="gelu")
    first, second = (tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()
    assert first.startswith(magic)
    assert first == second


def test_data_of_which_none_can_be_drawn_leave_the_curve(tmp_path):
    """NaN alone, or numbers far outside: the legend tells."""
    (tmp_path / "x.csv").write_text("nothing,far\nnan,500\nnan,700\n")
    for column in ("nothing", "far"):
        text = output("plot", "gelu", "--data", "x.csv", "-c", column, cwd=tmp_path)
        assert f"{column}: 2 numbers, 2 outside" in text
        assert "***" in text


def test_a_picture_is_written_whole_or_not_at_all(tmp_path):
    """A column that is not there leaves the old file; an unknown ending is told before anything is read."""
    (tmp_path / "x.csv").write_text("z\n1\n")
    (tmp_path / "p.svg").write_text("old")
    complaint("plot", "gelu", "--data", "x.csv", "-c", "y", "-o", "p.svg", cwd=tmp_path)
    assert (tmp_path / "p.svg").read_text() == "old"
    assert output("plot", "gelu", "--data", "x.csv", "-o", "p.svg", cwd=tmp_path) == ""
    assert b"</svg>" in (tmp_path / "p.svg").read_bytes()
    assert complaint("plot", "gelu", "-o", "p.gif", cwd=tmp_path).startswith(
        "the ending of 'p.gif' must be one of png, svg"
    )
    assert sorted(os.listdir(tmp_path)) == ["p.svg", "x.csv"]


def test_without_matplotlib_the_message_names_what_installs_it(tmp_path):
    """In one line, before any file is touched."""
    code = "import sys; sys.modules['matplotlib'] = None; from actcli.__main__ import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code, "plot", "gelu", "-o", "p.png"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert run.returncode == 2
    assert run.stderr == "actcli: --output needs matplotlib to draw; install it with: pip install 'actcli[plot]'\n"
    assert not (tmp_path / "p.png").exists()


@pytest.mark.parametrize(("name", "base"), [("gelu", 0), ("log_sigmoid", None)])
def test_bars_stand_on_zero_where_there_is_room(name, base):
    """And their heights are in the proportion of their counts, at most 45 % of the room above."""
    low, high = sampling.limits(drawn(name))
    found, each = sampling.bars(low, high, 8)
    assert found == (low if base is None else base)
    assert np.isclose(found + 8 * each, found + 0.45 * (high - found))
