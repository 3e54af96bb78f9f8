"""The page docs/accuracy.md, made from tests/evidence; write_docs.py writes it."""

import math
from collections.abc import Iterable, Iterator
from textwrap import fill
from typing import Any

from actcli.activation import Activation
from actcli.registry import registered
from tests.activations import ELEMENTWISE, NEEDED, label
from tests.reference import evidence, ulp
from tests.reference.compared import LIBRARIES, NAMES
from tests.reference.evidence import AXIS, FLOAT32, FLOAT64, FRAMEWORKS, FRAMEWORKS64, SMALL, SWEEP
from tests.reference.make_golden import FORMATS
from tests.reference.measure_errors import SPREAD, spread
from tests.reference.measure_float64 import INPUTS
from tests.reference.sweep_float32 import KINDS, NEAREST, UNDECIDED, usual_parameters

SHOWN = {"actcli": "actcli", **LIBRARIES, **NAMES}
OTHERS = {FLOAT64: ("numpy", "scipy", "torch", "jax")}
"""With whom actcli is compared, where not with the frameworks."""

TEXT = """\
# Accuracy

Guarantee: values and derivatives of elementwise functions, gated units included, are correctly rounded in all six
dtypes, from float8 to float64, whatever the parameters: the true value of the formula, rounded once. No other number
of the dtype is nearer, so the error is at most 0.5 ulp. A threshold is compared with the exact number, such as
beta * x, before any rounding; a zero has the sign of the true value. Results of functions along an axis are within
0.501 ulp; so are products with their Jacobians, `actcli.vjp`, up to 2**-66 of the sizes of the terms that are added.

An ulp, unit in the last place, is the distance between the numbers of the dtype around the true value. Results do not
depend on array length or machine. NaN gives NaN, and infinities give the limit. A number, typed or from a file,
stands for the nearest value of the dtype. `--numerics tensorflow2` gives the digits of the Keras tutorial instead,
for the functions whose output it prints: those of TensorFlow 2 on a processor with fused multiply-add.

How it works: results of up to 32 bits are computed in float64, with a proven error bound. Where the bound leaves two
candidates, for most functions a few times in a million, the same code runs again in three more kinds of arithmetic,
each slower than the one before, until one candidate is left: double-double (pairs of float64, good for 70 bits), balls
(pairs with an exponent of their own and a measured error, which recognise ties and neither overflow nor underflow), and
intervals of as many bits as it takes. float64 results, and those along an axis, begin with double-double arithmetic.

## float32

Each function, with its default parameters or, where some are required, those given in the table, goes through three
checks:

1. The float64 path, with its error bound, evaluates all {swept:,} float32 inputs. "Undecided" counts the inputs where
   the bound leaves two float32 candidates, most of them at or next to a tie: they are evaluated again with more
   digits. "Wrong" counts the inputs where a number becomes NaN or NaN a number and, where the library computes
   directly in float32, those where that differs from the rounded float64 result. exp, expm1, log1p and tanh come from
   the library's lookup tables, as on processors for which NumPy has no vector code: their error is the larger one,
   and the bound covers both.
2. MPFR evaluates the formula as it is written, with at least 400 bits, and its derivative by the chain rule: at
   {spread:,} inputs each, spread evenly over the bit patterns of either sign up to 2**28 and, one in a hundred,
   beyond; at up to {nearest:,} inputs whose results lie nearest to a rounding boundary; and at the undecided inputs,
   or {kept:,} spread over them. Kinks, where a formula has no derivative, are left out.
3. PyTorch, JAX and ONNX Runtime evaluate the same inputs, eagerly on the CPU, with parameters that match the
   definition; "-" where they lack the function. Their derivatives come from automatic differentiation.

{verdict}

The errors of actcli cover all results. Those of the frameworks exclude subnormal inputs and true values, which some
builds flush to 0. A result of 0 in place of a normal number is off by 8.4e6 to 1.7e7 ulp; "inf" and "nan" mean such a
result where the true value is finite. An asterisk marks a measurement that is older than the code.

{float32}

## float64

Each function with the same parameters, at {wide:,} inputs for values and for derivatives: of all sizes, ordinary ones,
and those where exponentials come to the ends of their range, against MPFR as above. "Wrong" counts results that are
not the exact value, rounded. NumPy's are those of the formula as `actcli info` gives it, step by step; SciPy has
functions of its own for four.

{float64}

## The small formats

{dtypes}

## Along an axis

In float32, with default parameters, over random rows of 2 to 24 numbers with standard deviations of 0.1, 3 and 30.

{rows}

## Older than the code

Each measurement records a fingerprint of the code it measured: the activation's class with everything it uses from
the catalogue, and the shared numerics, ignoring comments, docstrings and layout. For the following, the code has
changed since, its fingerprint is unknown, or nothing has been measured yet:

{stale}

## Reproduce

```sh
pip install -e '.[dev]' torch jax onnx onnxruntime
python tests/reference/regenerate.py --stale  # what is older than the code
python tests/reference/regenerate.py NAME  # small formats and float64, in minutes
export NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR"  # use the lookup tables even where NumPy has vector code
python tests/reference/regenerate.py NAME --sweep  # all float32 inputs as well; without NAME for every function
```

Frameworks that are not installed keep their earlier measurements. The results are in `tests/evidence`, one file per
function; this page is made from them.

Measured on:

{measured}
"""


def text() -> str:
    """Return the whole page."""
    found = {activation.name: evidence.read(activation.name) for activation in registered()}
    stale = list(evidence.find_stale())
    return TEXT.format(
        swept=2**32,
        kept=UNDECIDED,
        nearest=NEAREST,
        spread=spread(SPREAD).size,
        verdict=fill(verdict(found), 120),
        float32=float32_table(found, stale),
        wide=INPUTS,
        float64=float64_table(found, stale),
        dtypes=dtypes_table(found),
        rows=axis_table(found, stale),
        stale=stale_list(stale) or "None.",
        measured=stamps_list(found),
    )


def table(heading: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; columns of numbers, whose heading ends in a colon, are aligned to the right."""
    columns = heading.split(" | ")
    rule = ["---:" if column.endswith(":") else "---" for column in columns]
    return "\n".join(f"| {' | '.join(row)} |" for row in [[column.rstrip(":") for column in columns], rule, *rows])


def float32_table(found: dict[str, Any], stale: list[evidence.Stale]) -> str:
    """Return the table with a row for each function and kind."""
    rows = []
    for activation in ELEMENTWISE:
        name = label_of(activation)
        of_block = found[activation.name]
        for kind in KINDS:
            swept, checked = (of_block.get(check, {}).get(kind, {}) for check in (SWEEP, FLOAT32))
            wrong = sum(part["wrong"] for part in (swept, checked) if part) if swept or checked else None
            numbers = swept.get("inputs"), swept.get("undecided"), checked.get("inputs"), wrong
            cells = ["-" if number is None else f"{number:,}" for number in numbers]
            rows.append(
                [name, kind, *cells, *errors_of(of_block, FLOAT32, kind), date_of(activation.name, found, stale)]
            )
    heading = "function | kind | inputs swept: | undecided: | checked with MPFR: | wrong:"
    return table(f"{heading} | {columns_of(FLOAT32)} | measured", rows)


def float64_table(found: dict[str, Any], stale: list[evidence.Stale]) -> str:
    """Return the table with a row for each function and kind."""
    rows = []
    for activation in ELEMENTWISE:
        name = label_of(activation)
        for kind in KINDS:
            of_kind = found[activation.name].get(FLOAT64, {}).get(kind, {})
            cells = [f"{of_kind[key]:,}" if key in of_kind else "-" for key in ("inputs", "wrong")]
            errors = errors_of(found[activation.name], FLOAT64, kind)
            rows.append([name, kind, *cells, *errors, date_of(activation.name, found, stale, (FLOAT64,))])
    return table(f"function | kind | checked with MPFR: | wrong: | {columns_of(FLOAT64)} | measured", rows)


def label_of(activation: type[Activation]) -> str:
    """Return the name of a function, with its parameters where some are required."""
    return label((activation, usual_parameters(activation.name))) if NEEDED[activation.name] else activation.name


def axis_table(found: dict[str, Any], stale: list[evidence.Stale]) -> str:
    """Return the table with a row for each function along an axis."""
    rows = []
    for activation in registered():
        if AXIS in evidence.checks_of(activation):
            inputs = found[activation.name].get(AXIS, {}).get("value", {}).get("inputs")
            checked = "-" if inputs is None else f"{inputs:,}"
            errors = errors_of(found[activation.name], AXIS, "value")
            rows.append([activation.name, checked, *errors, date_of(activation.name, found, stale)])
    return table(f"function | results checked: | {columns_of(AXIS)} | measured", rows)


def columns_of(check: str) -> str:
    """Return the headings of the columns of errors."""
    return " | ".join(f"{SHOWN[name]}, ulp:" for name in ("actcli", *OTHERS.get(check, NAMES)))


def errors_of(found: dict[str, Any], check: str, kind: str) -> list[str]:
    """Return the cells of the largest errors, of actcli and of the frameworks."""
    errors = [found.get(check, {}).get(kind, {}).get("error")]
    others = found.get(FRAMEWORKS64 if check == FLOAT64 else FRAMEWORKS, {})
    errors += [others.get(name, {}).get(kind) for name in OTHERS.get(check, NAMES)]
    return [ulp.text(float(error[0])) if error else "-" for error in errors]


def date_of(
    name: str, found: dict[str, Any], stale: list[evidence.Stale], checks: Iterable[str] = (SWEEP, FLOAT32, AXIS)
) -> str:
    """Return when a row was measured, the earliest day; with an asterisk if its code has changed since."""
    checks = [check for check in checks if check in found[name]]
    dates = [found[name][check]["stamp"]["date"] for check in checks]
    is_stale = any(each.name == name and each.check in checks for each in stale)
    return min(dates, default="-") + " \\*" * is_stale


def verdict(found: dict[str, Any]) -> str:
    """Return what came out, and the worst row of each framework."""
    lines = [found[activation.name].get(FLOAT32, {}).get(kind) for activation in ELEMENTWISE for kind in KINDS]
    measured = [line for line in lines if line]
    wrong, checked = (sum(line[key] for line in measured) for key in ("wrong", "inputs"))
    largest = max((float(line["error"][0]) for line in measured), default=math.nan)
    worst = [f"{shown} {_worst(found, name)}" for name, shown in NAMES.items()]
    return (
        f"Of {checked:,} results of actcli checked with MPFR, {wrong} are wrong; the largest error is "
        f"{ulp.text(largest)} ulp. The largest finite errors of the frameworks: {'; '.join(worst)}."
    )


def _worst(found: dict[str, Any], framework: str) -> str:
    others = {
        activation.name: found[activation.name].get(FRAMEWORKS, {}).get(framework, {}) for activation in ELEMENTWISE
    }
    rows = {(name, kind): errors[kind] for name, errors in others.items() for kind in KINDS if errors.get(kind)}
    finite = {key: worst for key, worst in rows.items() if math.isfinite(float(worst[0]))}
    if not finite:
        return "not measured"
    (function, kind), (off, x) = max(finite.items(), key=lambda item: item[1][0])
    other = [f"the {key[1]} of {key[0]}" for key in rows if key not in finite]
    beside = f", beside infinite or NaN results in {', '.join(other)}" if other else ""
    at = "" if x is None else f" at {x:.8g}"
    return f"{ulp.text(off)} ulp, in the {kind} of {function}{at}{beside}"


def dtypes_table(found: dict[str, Any]) -> str:
    """Return the table of the formats of 16 bits and fewer."""
    rows = []
    for format in FORMATS:
        small = [found[activation.name].get(SMALL, {}) for activation in ELEMENTWISE]
        small = [check for check in small if format in check]
        cases = sum(len(check["cases"]) for check in small)
        what = f"{cases} functions with parameters, value and derivative, at every input, against digests from MPFR"
        results = sum(2 * len(check["cases"]) * check[format]["inputs"] for check in small)
        wrong = sum(check[format]["wrong"] for check in small)
        rows.append([format, what, f"{results:,}", f"{wrong} wrong", _since(small)])
    return table("dtype | checked | results: | found | measured", rows)


def _since(checks: list[dict[str, Any]]) -> str:
    dates = sorted({check["stamp"]["date"] for check in checks})
    return " to ".join(dict.fromkeys([dates[0], dates[-1]])) if dates else "-"


def stale_list(stale: list[evidence.Stale]) -> str:
    """Return a line for each check, day and reason, with the functions that it concerns."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in stale:
        groups.setdefault((each.check, each.date, each.reason), []).append(each.name)
    lines = [
        f"- {check}, {f'since {date}: {reason}' if date else reason} ({len(names)}): {', '.join(names)}"
        for (check, date, reason), names in groups.items()
    ]
    return "\n".join(fill(line, 120, subsequent_indent="  ") for line in lines)


def stamps_list(found: dict[str, Any]) -> str:
    """Return a line for each day, machine and set of versions, with the checks and frameworks that it holds for."""
    groups: dict[tuple[str, str, str], dict[str, None]] = {}
    for check, stamp in _stamps(found):
        frameworks = [name for name in SHOWN if name != "numpy"]
        versions = ", ".join(
            f"{name} {version}" for name, version in stamp["versions"].items() if name not in frameworks
        )
        groups.setdefault((stamp["date"], stamp["machine"], versions), {})[check] = None
    lines = [f"- {', '.join(checks)}: {', '.join(key)}" for key, checks in sorted(groups.items())]
    return "\n".join(fill(line, 120, subsequent_indent="  ") for line in lines)


def _stamps(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for checks in found.values():
        for check, results in checks.items():
            if check not in (FRAMEWORKS, FRAMEWORKS64):
                yield check, results["stamp"]
                continue
            for name, errors in results.items():
                yield f"{SHOWN[name]} {errors['stamp']['versions'][name]}", errors["stamp"]
