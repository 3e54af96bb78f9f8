"""Curves in the terminal."""

import itertools
import re

import numpy as np
import pytest

from actcli.api import derivative, evaluate, prepare
from actcli.cli.views import plot_terminal, sampling, styles
from tests.command import output
from tests.drawing import ELEMENTWISE, console, dots, drawn, required, shown, zero_row
from tests.screen import plain, screen


def runs(column: np.ndarray) -> int:
    """Return how many lines of dots cross a column."""
    return int((np.diff(column.astype(int), prepend=0) == 1).sum())


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


def test_a_jump_is_not_drawn_as_a_line():
    """Hard_shrink jumps from 0 to 0.5; hard_tanh climbs as far, without a jump."""
    jumps, climbs = (dots(shown(name)) for name in ("hard_shrink", "hard_tanh"))
    rows = np.flatnonzero(jumps.any(axis=1))
    assert np.diff(rows).max() > 6
    assert np.diff(np.flatnonzero(climbs.any(axis=1))).max() == 1


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda each: each.name)
def test_every_function_of_one_number_can_be_drawn(activation):
    """With its derivative and both names, in colour, without, and in letters."""
    pair = drawn(activation.name, derivative=True, window=activation.window, **required(activation))
    for width, kind in itertools.product((40, 200), ({"colour": True}, {}, {"encoding": "ascii"})):
        text = plot_terminal.shown(console(width, **kind), pair, 12, title=activation.formula)
        for curve in pair:
            assert "".join(curve.label.split()) in "".join(plain(text).split())
        assert ("\x1b[" in text) == ("colour" in kind)
        assert text.isascii() == ("encoding" in kind)
        assert max(map(len, plain(text).splitlines())) <= width
        assert not re.search(r"(?m) $", plain(text))


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda each: each.name)
def test_the_window_of_a_function_shows_all_its_kinks(activation):
    """Wherever its slope jumps between -20 and 20; and both sides of 0."""
    low, high = activation.window
    assert low < 0 < high or (low, high) == activation.domain
    x = np.linspace(max(-20, activation.domain[0]), min(20, activation.domain[1]), 4001)[1:-1]
    slopes = derivative(activation.name, x, dtype="float64", **required(activation))
    kinks = x[1:][np.abs(np.diff(slopes)) > 0.05 * np.maximum(np.abs(slopes[1:]), 1)]
    assert all((low < kinks) & (kinks < high)), kinks


def ends(*words: str) -> tuple[float, float]:
    """Return the first and the last number below a picture."""
    lines = output("plot", *words).splitlines()
    numbers = [float(word) for word in lines[zero_row(lines) + 1 :][-1].split()]
    return numbers[0], numbers[-1]


def test_functions_drawn_together_share_the_widest_window():
    """And a threshold that lies outside of it widens it."""
    assert ends("relu") == (-2, 2)
    assert ends("gelu") == (-4, 4)
    assert ends("relu", "gelu") == ends("gelu", "relu") == (-4, 4)
    assert ends("relu6", "exponential") == ends("exponential", "relu6") == (-4, 8)
    assert ends("tanh", "sigmoid") == (-6, 6)
    assert ends("relu", "--threshold", "7")[1] > 7
    assert ends("relu", "--linspace", "-1", "3", "99") == (-1, 3)


@pytest.mark.parametrize("height", [4, 7, 12, 16, 23])
@pytest.mark.parametrize("name", ["relu", "tanh", "elu", "gelu", "relu_squared", "log_cosh", "hard_shrink"])
def test_zero_lies_on_the_x_axis(name, height):
    """The dot of f(0) = 0 is in the row called 0, and in the middle of it; letters are in the row."""
    lines = shown(name, height=height)
    row = zero_row(lines)
    column = next(i for i in range(80) if sum(line[i : i + 1] in {"│", "┼"} for line in lines) > 1)
    beside = dots(lines)[:, column - 1 : column + 2].any(axis=1)
    assert beside[4 * row + 1]
    letters = shown(name, height=height, encoding="ascii")
    assert "*" in letters[zero_row(letters)][column - 1 : column + 2]


@pytest.mark.parametrize("height", [4, 7, 12, 16, 23])
@pytest.mark.parametrize("name", ["relu", "tanh", "elu", "gelu"])
def test_a_drawing_uses_its_height(name, height):
    """From the upper to the lower edge, but for less than a line and a half at each; relu ends on the axis below."""
    rows = np.flatnonzero(dots(shown(name, height=height)).any(axis=1))
    assert rows.min() < 6
    assert rows.max() > 4 * height - 7


def test_the_flat_side_of_relu_is_on_the_axis_and_the_dip_of_gelu_below_it():
    """A dip of 0.17, in pictures that go up to 2."""
    relu, gelu = shown("relu"), shown("gelu")
    below = 4 * zero_row(relu) + 2
    assert not dots(relu)[below:].any()
    assert dots(gelu)[below:].sum() > 5
    assert set(relu[zero_row(relu)][6:30]) == {"⠒"}


def test_overlapping_curves_all_stay_visible():
    """Left of 0 three lines, right of it one, in which each has its share of letters or of colour."""
    lines = shown("relu", "leaky_relu", "elu")
    picture = dots(lines)
    assert runs(picture[:, 12]) == 3
    assert runs(picture[:, 70]) == 1
    letters = shown("relu", "leaky_relu", "elu", encoding="ascii")
    right = "".join(line[45:] for line in letters[: zero_row(letters)])
    left = "".join(line[:20] for line in letters[:-1])
    for mark in "*o+":
        assert mark in right
        assert mark in left
    coloured = sampling.curves(
        [prepare(name, {}, "float32") for name in ("relu", "leaky_relu", "elu")],
        np.linspace(0, 2, 99, dtype=np.float32),
    )
    text = plot_terminal.shown(console(colour=True), coloured, 16)
    for colour in ("34", "31", "32"):
        assert re.search(rf"\x1b\[{colour}m[⠀-⣿]", text)


def test_the_name_of_each_curve_stands_beside_it():
    """Nearer to its own curve than to any other, whichever comes first."""
    for names in itertools.permutations(["relu", "leaky_relu", "elu"]):
        lines = shown(*names, height=18)
        picture = dots(lines)
        for name in names:
            row = next(i for i, line in enumerate(lines) if re.search(rf"\b{name}\b", line))
            column = lines[row].index(name) + len(name) // 2
            x = -2 + 4 * (column - 2) / 77
            ranks = sorted(names, key=lambda each: evaluate(each, x))
            crossed = np.flatnonzero(np.diff(picture[:, column].astype(int)) == 1)[::-1]
            assert len(crossed) == 3
            distances = np.abs(crossed - 4 * row)
            assert ranks[int(np.argmin(distances))] == name


def test_a_name_shares_the_colour_of_its_curve():
    """And has another one than the name beside another curve."""
    curves = sampling.curves(
        [prepare(name, {}, "float32") for name in ("relu", "elu")], np.linspace(-2, 2, 99, dtype=np.float32)
    )
    text = plot_terminal.shown(console(colour=True), curves, 16)
    colours = re.findall(r"\x1b\[(\d+)m(?:relu|elu)\x1b", text)
    assert len(set(colours)) == 2
    for colour in colours:
        assert re.search(rf"\x1b\[{colour}m[⠀-⣿]", text)


def test_a_name_without_room_goes_into_a_line_below():
    """Under a number that stands on the curve; in letters under the curve's own letter."""
    lines = shown("relu", "relu6")
    assert lines[-1] == "1 relu   2 relu6"
    for number in "12":
        assert any(re.search(rf"[⠁-⣿]{number}|{number}[⠁-⣿]", line) for line in lines[:-2]), number
    assert shown("relu", "relu6", encoding="ascii")[-1] == "** relu   oo relu6"
    assert shown("relu", "relu6", width=20)[-1] == "1 relu   2 relu6"
    assert shown("relu", "relu6", "hard_sigmoid", width=20, height=4)[-2:] == ["1 relu   2 relu6", "3 hard_sigmoid"]


def test_a_derivative_is_dashed():
    """Without colour it is told from its function by that: of the constant slope 1 every second dot is there."""
    left = slice(6, 40)
    assert dots(shown("linear", derivative=True))[:, left].sum(axis=1).max() == 17
    assert dots(shown("linear"))[:, left].any(axis=0).all()


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("words", ["gelu tanh", "softmax sparsemax log_softmax", "relu leaky_relu elu --derivative"])
def test_a_picture_fits_the_terminal_and_fills_it(words, columns):
    """In colour unless NO_COLOR forbids it; in 80 columns without colour in a pipe."""
    words = ["plot", *words.split()]
    seen = screen(*words, columns=columns)
    assert "\x1b[34m" in seen
    widest = max(map(len, plain(seen).splitlines()))
    assert columns - 10 <= widest <= columns
    assert "softmax" in words or len(seen.splitlines()) < 24
    assert screen(*words, columns=columns, NO_COLOR="1") == plain(seen)
    assert max(map(len, output(*words).splitlines())) in range(70, 81)
    assert "\x1b" not in output(*words)


@pytest.mark.parametrize("lines", [3, 8, 12, 40])
def test_a_picture_fits_a_terminal_of_few_lines(lines):
    """As far as one can: with its title and its numbers it takes six at least."""
    seen = screen("plot", "tanh", "--derivative", columns=60, lines=lines)
    assert "tanh'" in plain(seen)
    assert 6 <= len(seen.splitlines()) < max(lines, 8)


def test_no_colour_is_lost_on_a_terminal():
    """White and yellow cannot be seen on a light one, black not on a dark one; bars and curves differ."""
    assert not {"white", "yellow", "black"} & {*styles.CURVES, styles.BARS}
    assert styles.BARS not in styles.CURVES
