"""A parameter with one number for each column: the slope of prelu, in the library and in tables."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import actcli as library
from tests.command import complaint, output

SLOPES = [0.1, -2.0, 0.25]


@pytest.mark.parametrize("slope", [SLOPES, tuple(SLOPES), np.array(SLOPES), "0.1,-2,0.25", ["0.1", -2, " .25 "]])
@given(
    x=arrays.arrays(
        np.float32, st.tuples(st.integers(0, 4), st.integers(0, 3), st.just(3)), elements=st.floats(width=32)
    )
)
def test_each_place_along_the_last_axis_has_its_slope(slope, x):
    """Products of two float32 numbers are exact in float64; NumPy rounds them once."""
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        expected = np.where(x < 0, wide * np.float32(SLOPES).astype(np.float64), wide).astype(np.float32)
    before = x.tobytes()
    np.testing.assert_array_equal(library.evaluate("prelu", x, slope=slope), expected)
    slopes = np.select([x > 0, x < 0, x == 0], [1, np.float32(SLOPES), 0], np.nan)
    np.testing.assert_array_equal(library.derivative("prelu", x, slope=slope), slopes)
    assert x.tobytes() == before


def test_the_dialect_holds_in_every_column():
    """At 0 PyTorch has the slope below it, Keras has 0."""
    for dialect, expected in (("torch", [0.5, 0.25]), ("keras", [0, 0])):
        found = library.derivative("prelu", [[0.0, 0.0]], slope=[0.5, 0.25], dialect=dialect)
        assert found.tolist() == [expected]


def test_one_number_is_for_all():
    """Alone, in a list or in an array; also for a single number."""
    for slope in (0.5, [0.5], np.array(0.5), np.array([0.5]), "0.5"):
        assert library.evaluate("prelu", [-2, -4], slope=slope).tolist() == [-1, -2]
        assert library.evaluate("prelu", -2.0, slope=slope) == -1


@pytest.mark.parametrize(
    ("x", "slope", "message"),
    [
        (
            [-1, -2, -3],
            [1, 2],
            "slope has 2 numbers for 3 numbers along the last axis of x; expected one number, or",
        ),
        (np.zeros((3, 1)), [1, 2, 3], "slope has 3 numbers for 1 number along the last axis of x"),
        (1.0, [1, 2], "lists of numbers go along an axis, and a single number has none"),
        ([1], [], r"slope must be a number or a list of numbers, got \[\]"),
        ([1, 2], [[1, 2], [3, 4]], r"slope of shape \(2, 2\) does not broadcast to \(2,\), that of x"),
        ([1, 2], np.ones((1, 2)), r"slope of shape \(1, 2\) does not broadcast to \(2,\), that of x"),
        ([1, 2], "0.1,,0.2", "slope must be a number or a list of numbers, got '0.1,,0.2'"),
        ([1, 2], [0.1, np.inf], "slope must be finite, got inf"),
    ],
)
def test_a_wrong_list_is_one_line(x, slope, message):
    """With both counts, or the number that is none."""
    for function in (library.evaluate, library.derivative):
        with pytest.raises(library.ActcliError, match=f"^prelu: {message}") as error:
            function("prelu", x, slope=slope)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("slope", [[0.1, 0.2], (0.1, 0.2), "0.1,0.2", np.array([0.1, 0.2])])
def test_other_parameters_take_one_number(slope):
    """Which may not be a list."""
    with pytest.raises(library.ActcliError, match="relu: negative_slope must be a number, got"):
        library.evaluate("relu", [1, 2], negative_slope=slope)


TABLE = "id,a,b,c\np,-1,-1,-1\nq,2,-2,\n"


def test_each_column_of_a_table_has_its_slope():
    """In the order of the columns; derivatives too."""
    assert output("prelu", "--slope", "0.5,-2,0.25", stdin=TABLE).splitlines() == [
        "id,a,b,c,a_prelu,b_prelu,c_prelu",
        "p,-1,-1,-1,-0.5,2.0,-0.25",
        "q,2,-2,,2.0,4.0,",
    ]
    line = ["prelu", "--slope=-0.5, 2", "-c", "a,c", "--derivative", "--format", "plain"]
    assert output(*line, stdin=TABLE) == "0.5\t-2.0\t-0.5\t2.0\n2.0\t\t1.0\t\n"


def test_typed_numbers_are_one_row():
    """Each has its slope; JSON and the table's title show them all."""
    line = ["prelu", "-1", "-2", "3", "--slope", "0.1,-2,.25"]
    assert output(*line, "--format", "plain") == "-0.1\n4.0\n3.0\n"
    assert json.loads(output(*line, "--format", "json"))["parameters"] == {"slope": [0.1, -2, 0.25]}
    assert output(*line).startswith("prelu(slope=[0.1, -2, 0.25]), float32, exact\n")
    assert output("prelu", "-1", "--slope", "0.1").startswith("prelu(slope=0.1), float32, exact\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "prelu - --slope 1,2",
            "prelu: --slope has 2 numbers for 3 columns (a, b, c); expected one number, or one per",
        ),
        ("prelu - --slope 1,2 -c b", "prelu: --slope has 2 numbers for 1 column (b)"),
        ("prelu -1 -2 -3 --slope 1,2", "prelu: --slope has 2 numbers for 3 numbers along the last axis of x"),
        ("prelu -1 -2 --slope 1,", "prelu: --slope must be a number or a list of numbers, got '1,'"),
        ("relu -1 -2 --alpha 1,2", "relu: --negative-slope must be a number, got '1,2'"),
    ],
)
def test_a_wrong_number_of_slopes_is_one_line(line, message):
    """With both numbers, and the names of the columns."""
    assert message in complaint(*line.split(), stdin=TABLE)
