"""The page on accuracy is complete, and what measures for it measures right."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from actcli.activation import AlongAxis
from actcli.numerics import dtypes
from actcli.registry import registered
from tests.blocks import ELEMENTWISE, parameters_of
from tests.reference import many, mpfr, ulp
from tests.reference.sweep_float32 import KINDS, monotonic

PAGE = (Path(__file__).parents[1] / "docs" / "accuracy.md").read_text()
FORMAT = dtypes.FORMATS["float32"]


def rows(section: str) -> list[list[str]]:
    """Return the cells of the table in a section of the page, without its heading."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"(?m)^\|.*", text)[2:]]


def test_the_page_has_a_row_without_wrong_results_for_every_elementwise_function():
    """For its values and for its derivatives."""
    found = [(re.match(r"\w+", name)[0], kind, wrong) for name, kind, _, _, _, wrong, *_ in rows("float32")]
    assert found == [(block.name, kind, "0") for block in ELEMENTWISE for kind in KINDS]


def test_no_error_of_ours_on_the_page_is_above_its_limit():
    """0.5 ulp, and 0.501 along an axis."""
    assert all(float(ours) <= 0.5 for *_, ours, _, _, _ in rows("float32"))
    along_axis = {name: float(ours) for name, _, ours, _, _, _ in rows("Along an axis")}
    assert all(error <= 0.501 for error in along_axis.values())
    assert set(along_axis) <= {block.name for block in registered() if issubclass(block, AlongAxis)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", ELEMENTWISE, ids=lambda block: block.name)
def test_the_referee_of_many_numbers_gives_what_that_of_one_gives(block, kind):
    """Kinks and huge numbers included."""
    parameters = parameters_of(block)[0]
    x = np.array([0.0, 1e-30, 0.3, 0.5, 1, 3, 6, 90, 1e20], np.float32)
    x = np.concatenate([x, -x])
    expected = [getattr(mpfr, kind)(block, float(number), "float32", **parameters) for number in x]
    expected = [math.nan if number is None else number for number in expected]
    high, low, found = many.exact(block, kind, x, parameters)
    np.testing.assert_array_equal(found, expected)
    assert (np.abs(low) <= np.spacing(np.abs(high)) / 2)[np.isfinite(high)].all()


@pytest.mark.parametrize(
    ("theirs", "exact", "expected"),
    [
        (1.0, 1.0, 0.0),
        (1.0, 1 + 2.0**-24, 0.5),
        (1.0, 1 - 2.0**-25, 0.5),  # below 1 an ulp is half as large
        (0.0, 1.5, 1.5 * 2**23),
        (0.0, 2.0**-150, 0.5),
        (np.inf, 1.0, np.inf),
        (np.inf, 2.0**128, 0.0),
        (-np.inf, 2.0**128, np.inf),
        (np.nan, 1.0, np.nan),
    ],
)
def test_errors_are_measured_in_ulp_of_the_exact_value(theirs, exact, expected):
    """By hand."""
    found = ulp.errors(np.array([theirs], np.float32), np.array([exact]), FORMAT)
    np.testing.assert_array_equal(found, [expected])


def test_a_nan_is_the_largest_error():
    """And the input goes with it."""
    off, at = ulp.largest(np.array([1.0, np.nan, np.inf]), np.array([5.0, 6.0, 7.0]))
    assert math.isnan(off)
    assert at == 6


@pytest.mark.parametrize("x", [np.linspace(0, 1e-40, 99), np.linspace(-3, 3, 99), np.linspace(800, 900, 99)])
def test_the_short_way_of_the_sweep_changes_nothing(x):
    """Where all results are the same, and where they are not."""
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(monotonic(np.exp)(x), np.exp(x))
