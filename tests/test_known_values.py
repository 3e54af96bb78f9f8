"""Values of functions that few libraries have, computed elsewhere with 60 digits (mpmath) and rounded to float64.

``golden/values_60_digits.csv`` holds them with the defaults of the papers and libraries named in the catalogue;
``golden/rows_60_digits.csv`` those of functions along an axis, and products of g with their Jacobians.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

import actcli

GOLDEN = Path(__file__).with_name("golden")
with GOLDEN.joinpath("values_60_digits.csv").open() as file:
    ROWS = list(csv.DictReader(file))
with GOLDEN.joinpath("rows_60_digits.csv").open() as file:
    VECTORS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['function']} {row['parameters']} {row['x']}")
def test_float64_gives_the_digits_that_were_computed_elsewhere(row):
    """To the last bit, signs of zeros included."""
    parameters = dict(part.split("=") for part in row["parameters"].split()) if row["parameters"] else {}
    for kind, call in (("value", actcli.evaluate), ("derivative", actcli.derivative)):
        if row[kind]:
            found = call(row["function"], np.array([float(row["x"])]), **parameters)
            assert found.tobytes() == np.array([float(row[kind])]).tobytes(), (kind, found)


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['function']} {row['parameters']} {row['x']}")
def test_float64_along_an_axis_gives_what_was_computed_elsewhere(row):
    """Within one unit of the last place, zeros exactly."""
    parameters = dict(part.split("=") for part in row["parameters"].replace(";", ",").split())
    x, *others = (np.array(row[name].split(), np.float64) for name in ("x", "g"))
    for kind, call, arrays in (("value", actcli.evaluate, (x,)), ("vjp", actcli.vjp, (x, *others))):
        if row[kind]:
            expected = np.array(row[kind].split(), np.float64)
            found = call(row["function"], *arrays, **parameters)
            assert (np.abs(found - expected) <= np.where(expected == 0, 0, np.spacing(np.abs(expected)))).all(), found
