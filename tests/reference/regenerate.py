"""Make everything that an activation needs beside its class: expected values, evidence, pages, README, keywords.

Run: python tests/reference/regenerate.py [NAME ...] [--sweep] [--tiny] [--stale]
For the named activations, or for all: the golden digests of the small formats and the row of special inputs by MPFR,
the checks of the small formats, of float64 and along an axis; for all, what write_docs.py writes. An activation that
was never swept is compared with MPFR in float32 over a spread of inputs. That takes some minutes for one, an hour for
all. With --sweep, all float32 inputs go through the library, and the hard ones are compared with MPFR too: some minutes
more for each. With --tiny, only the digests and the check of the formats of 8 bits and fewer that most frameworks lack:
seconds for each. Nothing is stamped that was not measured. Exits 1 if a result is wrong.
"""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from actcli import registry
from actcli.activation import Activation, AlongAxis
from tests.reference import (
    compared,
    evidence,
    make_golden,
    measure_errors,
    measure_float64,
    measure_other_dtypes,
    special_inputs,
    sweep_float32,
    write_docs,
)
from tests.reference.sweep_float32 import KINDS


def main() -> int:
    """Read the command line, make what is asked for, and tell what was made and whether a result is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all activations")
    parser.add_argument("--sweep", action="store_true", help="all float32 inputs, and the hard ones against MPFR")
    parser.add_argument("--tiny", action="store_true", help="only the formats of golden/tiny_formats.json")
    parser.add_argument("--stale", action="store_true", help="only show what evidence is older than the code")
    options = parser.parse_args()
    activations = [registry.find(name) for name in options.names] or list(registry.registered())
    if options.stale:
        names = {activation.name for activation in activations}
        print("\n".join(show(each) for each in evidence.find_stale() if each.name in names) or "nothing is stale")
        return 0
    wrong = 0
    with processes(options.sweep) as (pool, sweepers):  # the frameworks start threads, so the processes come first
        frameworks = {} if options.tiny else compared.installed()
        make_expected(pool, {activation.name for activation in activations}, tiny=options.tiny)
        for activation in activations:
            wrong += measure_tiny(activation) if options.tiny else measure(activation, pool, sweepers, frameworks)
    for path in write_docs.write_all():
        report(path)
    return 1 if wrong else 0


def show(each: evidence.Stale) -> str:
    """Return a line on evidence that is older than the code."""
    return f"{each.name}: {each.check}: {each.reason}" + (f", since {each.date}" if each.date else "")


def report(path: str | Path) -> None:
    """Say what was made."""
    print(f"made {Path(path).relative_to(write_docs.ROOT) if Path(path).is_absolute() else path}", flush=True)


@contextlib.contextmanager
def processes(sweep: bool) -> Iterator[tuple[Any, Any]]:
    """Yield a pool for measurements, and one whose library is made ready for a sweep, or None."""
    with Pool() as pool:
        if not sweep:
            yield pool, None
            return
        with Pool(initializer=sweep_float32.prepare_process) as sweepers:
            yield pool, sweepers


def make_expected(pool: Any, names: set[str], *, tiny: bool = False) -> None:
    """Make the expected values of activations, or only those in the tiny formats."""
    golden, tiny_golden = make_golden.GOLDEN, make_golden.GOLDEN_TINY
    made = {tiny_golden: make_golden.make(pool, names, tiny_golden)}
    if not tiny:
        made |= {special_inputs.TABLE: special_inputs.make(names), golden: make_golden.make(pool, names)}
    for path, text in made.items():
        if write_docs.write(path, text.encode()):
            report(path)


def measure_tiny(activation: type[Activation]) -> int:
    """Measure an activation in the tiny formats, and record what was found; return how many results are wrong."""
    if evidence.TINY not in evidence.checks_of(activation):
        return 0
    stamp = evidence.make_stamp(activation, check=evidence.TINY)
    found = measure_other_dtypes.small_formats(activation.name, make_golden.GOLDEN_TINY)
    evidence.record(activation.name, evidence.TINY, stamp, found)
    return count_wrong(found)


def measure(activation: type[Activation], pool: Any, sweepers: Any, frameworks: dict[str, Any]) -> int:
    """Measure an activation and record what was found; return how many results are wrong."""
    name, stamp = activation.name, evidence.make_stamp(activation)
    checks = evidence.checks_of(activation)
    found: dict[str, dict[str, Any]] = {}
    if evidence.AXIS in checks and issubclass(activation, AlongAxis):
        found[evidence.AXIS] = measure_other_dtypes.along_axis(activation)
    if evidence.SMALL in checks:
        found[evidence.SMALL] = measure_other_dtypes.small_formats(name)
        found[evidence.FLOAT64], others = {}, {}
        for kind in KINDS:
            found[evidence.FLOAT64][kind], others[kind] = measure_float64.measure(pool, frameworks, name, kind)
        packages = (*frameworks, *compared.libraries())
        stamps = {package: evidence.make_stamp(packages=[package]) for package in packages}
        evidence.record_others(name, by_package_and_kind(others, stamps))
        found |= measure_float32(name, pool, sweepers)
    for check, results in found.items():
        evidence.record(name, check, stamp, results)
    report(evidence.FOLDER / f"{name}.json")
    return sum(count_wrong(results) for results in found.values()) + measure_tiny(activation)


def measure_float32(name: str, pool: Any, sweepers: Any) -> dict[str, dict[str, Any]]:
    """Return what float32 checks find; nothing if only a sweep could find more than what is known."""
    swept: dict[str, Any] = {}
    checked: dict[str, Any] = {}
    if sweepers is None and evidence.SWEEP in evidence.read(name):
        return {}
    for kind in KINDS:
        hard = np.empty(0, np.float32)
        if sweepers is not None:
            swept[kind], hard = sweep_float32.sweep(sweepers, name, kind)
        checked[kind] = measure_errors.measure(pool, name, kind, hard)
    return {evidence.FLOAT32: checked} | ({evidence.SWEEP: swept} if swept else {})


def by_package_and_kind(others: dict[str, dict[str, Any]], stamps: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return errors by package, each with its stamp."""
    found: dict[str, dict[str, Any]] = {}
    for kind, errors in others.items():
        for package, error in errors.items():
            found.setdefault(package, {"stamp": stamps[package]})[kind] = error
    return found


def count_wrong(results: dict[str, Any]) -> int:
    """Return how many results of a check are wrong."""
    return sum(part["wrong"] for part in results.values() if isinstance(part, dict) and "wrong" in part)


if __name__ == "__main__":
    sys.exit(main())
