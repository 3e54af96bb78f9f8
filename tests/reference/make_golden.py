"""Make the golden digests of the formats of 16 bits and fewer from nothing: every input, value and derivative, by MPFR.

Run: python tests/reference/regenerate.py [NAME ...]
Only formulas and parameters are taken from actcli, never its results. Each case says when and with what it was made.
"""

import datetime
import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import gmpy2
import ml_dtypes
import numpy as np

from actcli.numerics import dtypes
from tests.activations import CASES, IDS
from tests.reference import mpfr

GOLDEN = Path(__file__).parents[1] / "golden" / "small_formats.json"
GOLDEN_TINY = GOLDEN.with_name("tiny_formats.json")
"""Apart from the others, because all of it is made in minutes."""
BITS = "400 and four for each binary digit between x and 1"
FORMATS = ["float8_e4m3fn", "float8_e5m2", "float16", "bfloat16"]
TINY = [name for name, format in dtypes.FORMATS.items() if format.dtype.itemsize == 1 and name not in FORMATS]


def finite(format: str) -> np.ndarray:
    """Return all finite numbers of a format, as float64."""
    dtype = dtypes.FORMATS[format].dtype
    patterns = np.arange(2 ** int(ml_dtypes.finfo(dtype).bits)).astype(f"u{dtype.itemsize}").view(dtype)
    with np.errstate(invalid="ignore"):
        wide = patterns.astype(np.float64)
    return wide[np.isfinite(wide)]


def digest(results: np.ndarray) -> str:
    """Return the SHA-256 of results as float64: signs of zero and payloads of NaN are left out."""
    canonical = np.where(np.isnan(results), np.nan, results + 0.0)
    return hashlib.sha256(canonical.astype("<f8").tobytes()).hexdigest()


def make_digests(task: tuple[int, str]) -> tuple[str, str, dict[str, Any]]:
    """Return what MPFR gives for one case in one format."""
    index, format = task
    activation, parameters = CASES[index]
    x = finite(format)
    values = np.array([mpfr.value(activation, float(number), format, **parameters) for number in x])
    slopes = [mpfr.derivative(activation, float(number), format, **parameters) for number in x]
    kinks = [float(number) for number, slope in zip(x, slopes, strict=True) if slope is None]
    known = np.array([0.0 if slope is None else slope for slope in slopes])
    return IDS[index], format, {"value": digest(values), "derivative": digest(known), "kinks": sorted(set(kinks))}


def make(pool: Any, names: Collection[str], path: Path = GOLDEN) -> str:
    """Make the digests of some activations, and return the text of the file with those of all."""
    golden = json.loads(path.read_text())["cases"] if path.exists() else {}
    formats = FORMATS if path == GOLDEN else TINY
    tasks = [(i, format) for i, (activation, _) in enumerate(CASES) for format in formats if activation.name in names]
    made = {
        "date": str(datetime.date.today()),
        "tool": f"gmpy2 {gmpy2.version()}, {gmpy2.mpfr_version()}",
        "bits": BITS,
    }
    new: dict[str, dict[str, Any]] = {}
    for case, format, digests in pool.imap_unordered(make_digests, tasks):
        new.setdefault(case, {})[format] = digests
    made_now = {case: {"made": made, **dict(sorted(digests.items()))} for case, digests in new.items()}
    cases = {case: (golden | made_now)[case] for case in IDS if case in golden | made_now}
    return json.dumps({"cases": cases}, indent=1) + "\n"
