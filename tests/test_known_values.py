"""Values of functions that few libraries have, computed elsewhere with 60 digits (mpmath) and rounded to float64.

``golden/values_60_digits.csv`` holds them with the defaults of the papers and libraries named in the catalogue.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

import actcli

with Path(__file__).with_name("golden").joinpath("values_60_digits.csv").open() as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['function']} {row['parameters']} {row['x']}")
def test_float64_gives_the_digits_that_were_computed_elsewhere(row):
    """To the last bit, signs of zeros included."""
    parameters = dict(part.split("=") for part in row["parameters"].split()) if row["parameters"] else {}
    for kind, call in (("value", actcli.evaluate), ("derivative", actcli.derivative)):
        if row[kind]:
            found = call(row["function"], np.array([float(row["x"])]), **parameters)
            assert found.tobytes() == np.array([float(row[kind])]).tobytes(), (kind, found)
