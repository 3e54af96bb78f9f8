"""Make the golden digests of the small formats from nothing: every input, value and derivative, by MPFR.

Run: python tests/reference/make_golden.py [NAME ...]
Only formulas and parameters are taken from actcli, never its results. Takes some ten minutes for the whole catalogue;
with names, only those blocks are made again. Writes golden/small_formats.json.
"""

import datetime
import hashlib
import json
import sys
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import gmpy2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from actcli.numerics import dtypes
from tests.blocks import CASES, IDS
from tests.reference import mpfr

GOLDEN = Path(__file__).parents[1] / "golden" / "small_formats.json"
FORMATS = ("float8_e4m3fn", "float8_e5m2", "float16", "bfloat16")


def finite(format: str) -> np.ndarray:
    """Return all finite numbers of a format, as float64."""
    dtype = dtypes.FORMATS[format].dtype
    patterns = np.arange(2 ** (8 * dtype.itemsize)).astype(f"u{dtype.itemsize}").view(dtype)
    with np.errstate(invalid="ignore"):
        wide = patterns.astype(np.float64)
    return wide[np.isfinite(wide)]


def digest(results: np.ndarray) -> str:
    """Return the SHA-256 of results as float64: signs of zero and payloads of NaN are left out."""
    canonical = np.where(np.isnan(results), np.nan, results + 0.0)
    return hashlib.sha256(canonical.astype("<f8").tobytes()).hexdigest()


def made(task: tuple[int, str]) -> tuple[str, str, dict[str, Any]]:
    """Return what MPFR gives for one case in one format."""
    index, format = task
    block, parameters = CASES[index]
    x = finite(format)
    values = np.array([mpfr.value(block, float(number), format, **parameters) for number in x])
    slopes = [mpfr.derivative(block, float(number), format, **parameters) for number in x]
    kinks = [float(number) for number, slope in zip(x, slopes, strict=True) if slope is None]
    known = np.array([0.0 if slope is None else slope for slope in slopes])
    return IDS[index], format, {"value": digest(values), "derivative": digest(known), "kinks": sorted(set(kinks))}


def main() -> None:
    """Make the digests and write them with how they were made."""
    wanted = set(sys.argv[1:])
    golden = json.loads(GOLDEN.read_text())["cases"] if GOLDEN.exists() else {}
    golden = {name: formats for name, formats in golden.items() if name in IDS}
    tasks = [
        (i, format) for i, (block, _) in enumerate(CASES) for format in FORMATS if not wanted or block.name in wanted
    ]
    with Pool() as pool:
        for name, format, digests in pool.imap_unordered(made, tasks):
            golden.setdefault(name, {})[format] = digests
    made_with = {
        "tool": f"gmpy2 {gmpy2.version()}, {gmpy2.mpfr_version()}",
        "bits": "400 and four for each binary digit between x and 1",
        "date": str(datetime.date.today()),
        "command": "python tests/reference/make_golden.py",
    }
    ordered = {name: dict(sorted(golden[name].items())) for name in IDS if name in golden}
    GOLDEN.write_text(json.dumps({"made": made_with, "cases": ordered}, indent=1) + "\n")


if __name__ == "__main__":
    main()
