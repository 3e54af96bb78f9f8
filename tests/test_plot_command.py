"""The command that draws: its options, data, bars, and pictures in files."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from actcli.api import evaluate, prepare
from actcli.cli import functions, options
from actcli.cli.views import bars, plot_file, sampling
from tests.command import ENVIRONMENT, complaint, output
from tests.drawing import ALONG_AXIS, console, dots, drawn


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
    assert "did you mean --threshold" in complaint("plot", "relu", "--treshold", "1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["glu"], "glu cannot be drawn: each result depends on a gate and a value; see actcli info glu"),
        (["softmax", "relu"], "softmax is drawn as bars, relu as a curve; plot them one after the other"),
        (["softmax", "--derivative"], "--derivative is for curves; softmax is drawn as bars of a row: leave it out"),
        (["softmax", "--data", "x.csv"], "--data is for curves; softmax is drawn as bars of a row: leave it out"),
        (["relu", "--ylim", "1", "1"], "--ylim: LOW must be below HIGH, got 1 and 1"),
        (["relu", "--ylim", "0", "inf"], "--ylim: HIGH must be a finite number, got 'inf'"),
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
    actual = {"words", "data", "ylim", "saturation", "layers", "fail_over", "dialects", *options.declare_options()}
    assert not actual & set(functions._spellings())


def test_limits_of_the_y_axis_leave_out_what_lies_beyond():
    """The numbers beside the axis end there, and so does the curve."""
    lines = output("plot", "relu_squared", "--ylim", "-1", "2").splitlines()[1:-1]
    numbers = [float(match[1]) for line in lines if (match := re.match(r" *(-?[\d.]+) ", line))]
    assert (min(numbers), max(numbers)) == (-1, 2)
    columns = np.flatnonzero(dots(lines).any(axis=0))
    assert columns.max() == pytest.approx(3 + 77 * (2**0.5 + 2) / 4, abs=2)  # 2 is reached at its root
    line = output("plot", "linear", "--ylim", "-0.08", "2").splitlines()
    zero = next(i for i in range(80) if sum(text[i : i + 1] in {"│", "┼"} for text in line) > 3)
    assert 1 <= zero - np.flatnonzero(dots(line).any(axis=0)).min() <= 3  # 0.08 are one and a half columns
    assert not dots(output("plot", "relu", "--ylim", "5", "6").splitlines()).any()


@pytest.fixture
def few(tmp_path):
    """Return a folder with 4,000 numbers 0.55, half as many 1.55, and others that cannot be drawn."""
    (tmp_path / "x.csv").write_text("id,z\n" + "a,0.55\n" * 4000 + "e,1.55\n" * 2000 + "b,9\nc,nan\nd,\n")
    return tmp_path


def test_data_are_counted_below_the_curves(few):
    """Over the same x, on a scale of their own; numbers out of range, NaN and empty cells are not lost from sight."""
    lines = output("plot", "relu", "--data", "x.csv", "-c", "z", cwd=few).splitlines()
    heading = lines.index("z: 6,002 numbers, 2 outside; the highest bar is 4,000")
    numbers, bars = lines[heading - 1], lines[heading + 1 :]
    assert numbers.split()[0] == "-2"
    assert "█" not in "".join(lines[:heading])
    for x, height in (("0.5", 4), ("1.5", 2)):
        column = numbers.index(f" {x} ") + len(x) // 2 + 2
        assert [line[column : column + 1] == "█" for line in bars] == [i >= 4 - height for i in range(4)]
    assert "".join(bars).count("█") <= 6 * 4  # of two bins


def test_data_of_which_none_can_be_drawn_leave_the_curve(tmp_path):
    """NaN alone, or numbers far outside: the heading tells."""
    (tmp_path / "x.csv").write_text("nothing,far\nnan,500\nnan,700\n")
    for column in ("nothing", "far"):
        text = output("plot", "gelu", "--data", "x.csv", "-c", column, cwd=tmp_path)
        assert f"{column}: 2 numbers, 2 outside; the highest bar is 0" in text
        assert "⠒⠒⠒" in text


@pytest.mark.parametrize("activation", ALONG_AXIS, ids=lambda each: each.name)
def test_a_function_along_an_axis_is_drawn_as_bars_before_and_after(activation):
    """In the proportion of its numbers, those below 0 to the other side; the same in info."""
    lines = output("plot", activation.name).splitlines()
    assert lines[0].split() == ["x", activation.name]
    half = lines[0].index(activation.name)
    assert re.search(rf"(?m)^x +{activation.name}$", output("info", activation.name))
    x = [float(line.split()[0]) for line in lines[1:]]
    y = evaluate(activation.name, x)
    for values, part in ((x, slice(0, half)), (y.tolist(), slice(half, None))):
        cells = [line[part].split() for line in lines[1:]]
        assert [float(cell[0]) for cell in cells] == pytest.approx(values, rel=0.005)
        widths = [len(cell[1]) if len(cell) > 1 else 0 for cell in cells]
        widest = max(np.abs(values))
        longest = widths[int(np.argmax(np.abs(values)))]
        np.testing.assert_allclose(widths, longest * np.abs(values) / widest, atol=1.01)
        starts = [line[part].index(cell[1]) for line, cell in zip(lines[1:], cells, strict=True) if len(cell) > 1]
        signs = [np.sign(value) for value, cell in zip(values, cells, strict=True) if len(cell) > 1]
        assert len({start for start, sign in zip(starts, signs, strict=True) if sign > 0}) <= 1


@pytest.mark.parametrize("width", [20, 40, 79, 200])
def test_bars_of_any_number_of_functions_fit_the_width(width):
    """Side by side where there is room, else one below the other; in letters too."""
    rows = sampling.rows([prepare(activation.name, {}, "float32") for activation in ALONG_AXIS])
    for encoding in ("utf-8", "ascii"):
        text = bars.lying(console(width, encoding=encoding), rows)
        assert text.isascii() == (encoding == "ascii")
        assert max(map(len, text.splitlines())) <= width
        assert all(activation.name in text for activation in ALONG_AXIS)


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
    assert run.stderr == (
        "actcli: --output needs matplotlib; install it with: pip install 'actcli[plot]' "
        "(from a clone: pip install '.[plot]')\n"
    )
    assert not (tmp_path / "p.png").exists()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_picture_shows_a_histogram_below_and_softmax_as_bars(few, ending):
    """In a panel each, which a picture of the curves alone has not."""

    def panels(*words: str) -> int:
        output("plot", *words, "-o", f"p.{ending}", cwd=few)
        return (few / f"p.{ending}").read_bytes().count(b'id="axes_')

    counts = panels("relu"), panels("relu", "--data", "x.csv", "-c", "z"), panels("softmax", "sparsemax")
    assert counts == ((1, 2, 3) if ending == "svg" else (0, 0, 0))


def test_the_panels_of_a_picture_share_their_x_axis(few):
    """Its numbers stand once, below both."""
    output("plot", "relu", "--data", "x.csv", "-c", "z", "-o", "p.svg", cwd=few)
    assert (few / "p.svg").read_text().count("<!-- −1.5 -->") == 1


def test_the_title_of_one_function_is_its_formula():
    """As a textbook has it, or with all parameters where one was set."""
    assert output("plot", "relu").startswith("relu(x) = max(x, 0)\n")
    assert output("plot", "relu", "--max-value", "3").startswith("relu(max_value=3) = ")


@pytest.mark.parametrize("words", ["plot leaky_relu laplace quick_gelu", "leaky_relu 1 --format table"])
def test_a_parameter_at_its_default_is_not_named(words):
    """Though 0.2 in float32 is not 0.2."""
    assert "=" not in output(*words.split())
