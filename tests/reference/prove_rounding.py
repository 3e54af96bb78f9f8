"""Hold elementwise functions with parameters and inputs of every size against MPFR: each result is rounded once.

Run: python tests/reference/prove_rounding.py [--formats FORMAT ...] [--inputs N] [--settings N] [--record] [NAME ...]
For every function, format and setting of its parameters, values and derivatives: at numbers of every size and sign, at
ordinary ones, and at 50 neighbours on either side of every root and kink. The first setting is that of the defaults;
the others are ordinary numbers, extremes, and whatever lies between. Exits with 1 if a result is wrong.
"""

import argparse
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import numpy as np

import actcli
from actcli.activation import Elementwise
from actcli.api import prepare
from actcli.domain import is_outside
from actcli.errors import ActcliError
from actcli.numerics import dtypes, rounding
from actcli.numerics.dtypes import Format
from actcli.parameters import REQUIRED, Parameter
from tests.activations import ELEMENTWISE, parameters_of
from tests.reference import evidence, many, mpfr

KINDS = ("value", "derivative")
NEIGHBOURS = 50
ROOTS = 50  # tried at most of a function, spread evenly: a periodic one has as many as there are inputs


class Proof(NamedTuple):
    """What was found of one function in one format."""

    name: str
    format: str
    settings: int
    results: int
    wrong: list[tuple[dict[str, Any], str, float, float, float]]
    """Of each wrong result: parameters, kind, input, result, the right one."""


def prove(task: tuple[str, str, int, int, int]) -> Proof:
    """Evaluate a function in a format at so many inputs, spread over so many settings, from a seed."""
    name, format_name, settings, inputs, seed = task
    activation: Any = actcli.get(name)
    inputs //= settings if _takes_numbers(activation) else 1
    format = dtypes.FORMATS[format_name]
    generator = np.random.default_rng(seed)
    tried, count, wrong = 0, 0, []
    for parameters in draw_settings(activation, format, settings, generator):
        tried += 1
        x = draw_inputs(activation, parameters, format, inputs, generator)
        if not dtypes.has_nan(format):
            x = x[~is_outside(activation(**parameters), x)]
        for kind in KINDS:
            call = actcli.evaluate if kind == "value" else actcli.derivative
            found = call(name, x, **parameters).astype(np.float64)
            expected, open_ties = _expect(
                many.Case(activation, kind, parameters, format_name), x.astype(np.float64), found
            )
            smooth = ~np.isnan(expected)
            if kind == "derivative":  # at a kink it is a convention, which the referee knows by slopes that differ
                smooth &= ~np.isin(
                    x.astype(np.float64), [value for value in parameters.values() if isinstance(value, float)]
                )
            if mpfr.is_transcendental(activation):  # exponentials beyond 2**(2**30) are infinite to MPFR
                smooth &= ~(np.isinf(expected) & np.isfinite(found)) & ~open_ties
            off = (found != expected) & smooth & ~(np.isnan(found) & np.isnan(expected))
            count += int(smooth.sum())
            places = zip(x[off].astype(float).tolist(), found[off].tolist(), expected[off].tolist(), strict=True)
            wrong += [(parameters, kind, *each) for each in places]
    return Proof(name, format_name, tried, count, wrong)


def _expect(case: many.Case, x: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the right results, and where they may be the others as well."""
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        high, low, expected = many.confirm(case, x, found)
        open_ties = many.find_open_ties(case.activation, x, found, (high, low, expected))
    format = dtypes.FORMATS[case.format]
    beyond = np.abs(expected) > format.largest
    expected[beyond] = np.copysign(format.overflow_value, expected[beyond])
    return expected, open_ties


def draw_settings(
    activation: type[Elementwise], format: Format, count: int, generator: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Yield the usual parameters, then others that are accepted; a function without parameters has one setting."""
    yield parameters_of(activation)[0]
    if not _takes_numbers(activation):
        return
    left = count - 1
    while left > 0:
        drawn = {name: _draw(parameter, format, generator) for name, parameter in activation.parameters.items()}
        try:
            instance = prepare(activation.name, drawn, format.dtype)
        except ActcliError:
            continue
        left -= 1
        yield {name: getattr(instance, name) for name in drawn}


def _takes_numbers(activation: type[Elementwise]) -> bool:
    return any(parameter.kind is float for parameter in activation.parameters.values())


def _draw(parameter: Parameter, format: Format, generator: np.random.Generator) -> Any:
    if parameter.kind is not float or (parameter.default is not REQUIRED and generator.random() < 0.2):
        return parameter.default
    low, top = _exponents(format)
    extremes = [0.0, 1.0, -1.0, 0.5, 2.0**low, -(2.0**low), 2.0**top, -(2.0**top)]
    size = 2.0 ** generator.uniform(low, top) * generator.choice([-1, 1])
    return float(generator.choice([generator.normal(), generator.normal(0, 30), size, generator.choice(extremes)]))


def _exponents(format: Format) -> tuple[float, float]:
    return float(format.min_exponent - format.precision + 1), float(np.frexp(format.largest)[1] - 1)


def draw_inputs(
    activation: type[Elementwise],
    parameters: dict[str, Any],
    format: Format,
    count: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return inputs (1-D, of the format): half of them ordinary, half of any size, and those around roots and kinks."""
    low, top = _exponents(format)
    # One in sixteen has any exponent: beyond 2**28 the referee's exponentials are slow.
    exponents = [
        generator.uniform(low, top, count // 16),
        generator.uniform(max(low, -90), min(top, 30), count // 16 * 7),
    ]
    sizes = 2.0 ** np.concatenate(exponents)
    sizes *= generator.choice([-1.0, 1.0], sizes.size)
    ordinary = generator.normal(0, 3, count // 2)
    numbers = [value for value in parameters.values() if isinstance(value, float) and value]
    with np.errstate(all="ignore"):
        scales = [1.0, *numbers, *(1.0 / np.array(numbers))]
        scaled = [scale * ordinary[:8] for scale in scales]
        found = np.concatenate([sizes, ordinary, *scaled, scales, np.negative(scales)])
        x = np.unique(rounding.nearest(found, format).astype(np.float64))
        around = _around(np.array([*_roots(activation, parameters, x), *scales, *np.negative(scales)]), format)
        x = rounding.nearest(np.concatenate([found, around]), format)
    wide = x.astype(np.float64)
    return x[np.isfinite(wide) & (wide != 0)]


def _roots(activation: type[Elementwise], parameters: dict[str, Any], x: np.ndarray) -> Iterator[float]:
    """Yield where values or derivatives change their sign, to the last bit of float64."""
    x = np.unique(np.concatenate([x[np.isfinite(x)], np.linspace(-9, 9, 181)]))
    for call in (actcli.evaluate, actcli.derivative):
        signs = np.sign(call(activation.name, x, **parameters))
        places = np.flatnonzero(signs[:-1] * signs[1:] < 0)
        places = places[:: -(-places.size // ROOTS) or 1]
        below, above = x[places], x[places + 1]
        while ((below < (middle := below / 2 + above / 2)) & (middle < above)).any():
            same = np.sign(call(activation.name, middle, **parameters)) == signs[places]
            below, above = np.where(same, middle, below), np.where(same, above, middle)
        yield from below.tolist()


def _around(centres: np.ndarray, format: Format) -> np.ndarray:
    """Return the numbers of the format next to some, on either side."""
    centres = rounding.nearest(centres[np.isfinite(centres)], format)
    ordered = [centres]
    for direction in (np.inf, -np.inf):
        step = centres
        for _ in range(NEIGHBOURS):
            step = np.nextafter(step, format.dtype.type(direction))
            ordered.append(step)
    return np.concatenate(ordered).astype(np.float64)


def main() -> None:
    """Print what was found of each function and format."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all elementwise ones")
    parser.add_argument("--formats", nargs="+", default=list(dtypes.FORMATS), choices=dtypes.FORMATS)
    parser.add_argument("--settings", type=int, default=50, help="of the parameters")
    parser.add_argument("--inputs", type=int, default=10**6, help="of each function, beside those around roots")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="put what was found in tests/evidence")
    given = parser.parse_args()
    names = given.functions or [activation.name for activation in ELEMENTWISE]
    tasks = [(name, format, given.settings, given.inputs, given.seed) for format in given.formats for name in names]
    results = failures = 0
    stamps = {name: evidence.make_stamp(actcli.get(name)) for name in names}
    with ProcessPoolExecutor() as pool:
        for proof in pool.map(prove, tasks):
            if given.record:
                counts = {"settings": proof.settings, "results": proof.results, "wrong": len(proof.wrong)}
                evidence.record(proof.name, evidence.DRAWN[proof.format], stamps[proof.name], counts)
            print(f"{proof.name:18} {proof.format:14} {proof.results:9,} results, {len(proof.wrong)} wrong", flush=True)
            for parameters, kind, x, found, expected in proof.wrong[:3]:
                print(f"  {kind} at {x!r} is {expected!r}, not {found!r}; {parameters}", flush=True)
            results, failures = results + proof.results, failures + len(proof.wrong)
    print(f"all: {results:,} results, {failures} wrong")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
