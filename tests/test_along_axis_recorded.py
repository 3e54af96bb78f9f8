"""What libraries returned with temperatures, sinks, masks, several axes and noise is what actcli gives.

``golden/along_axis.json`` holds it, with the versions; ``reference/record_along_axis.py`` recorded it.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import actcli

RECORDED = json.loads(Path(__file__).with_name("golden").joinpath("along_axis.json").read_text())["cases"]
RELATIVE = {"value": 1e-13, "vjp": 1e-12}
LOST = 1e-15
"""What the libraries' float64 loses beside 1, of log_softmax near 0; or beside g, where terms cancel."""


def label(case: dict) -> str:
    """Return what a case is called."""
    given = ", ".join(f"{name}={value if name != 'where' else '...'}" for name, value in case["parameters"].items())
    return f"{case['library']} {case['function']}({given}) of {np.ndim(case['x'])}-d"


@pytest.mark.parametrize("kind", ["value", "vjp"])
@pytest.mark.parametrize("case", RECORDED, ids=label)
def test_a_library_returned_the_same(case, kind):
    """In float64, NaN and infinities in the same places; what cancels there is allowed for."""
    x, g = np.array(case["x"]), np.array(case["g"])
    arrays = (x,) if kind == "value" else (x, g)
    call = actcli.evaluate if kind == "value" else actcli.vjp
    found = call(case["function"], *arrays, **case["parameters"])
    beside = np.abs(g).sum() if kind == "vjp" else case["function"] == "log_softmax"
    np.testing.assert_allclose(found, np.array(case[kind]), rtol=RELATIVE[kind], atol=LOST * beside)
