"""Write docs/accuracy.md from what sweep_float32.py, measure_errors.py and measure_other_dtypes.py found.

Run: python tests/reference/write_accuracy.py sweep.jsonl errors.jsonl others.jsonl
"""

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from textwrap import fill
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.blocks import ELEMENTWISE, NEEDED, label
from tests.reference import ulp
from tests.reference.compared import NAMES
from tests.reference.sweep_float32 import KINDS, NEAREST, UNDECIDED, done, usual_parameters

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
SHOWN = {"actcli": "actcli", **NAMES}

TEXT = """\
# Accuracy

Promised: a float32, float16, bfloat16 or float8 result of an elementwise function is the true value of its formula,
rounded once; values and derivatives alike. No other number of the dtype is nearer, and the error is at most 0.5 ulp.
A float64 result is within 1 ulp, and a float32 result along an axis within 0.501 ulp.

An ulp, unit in the last place, is the distance between the numbers of the dtype around the true value.

## float32

Each function, with its default parameters or, where it needs some, those named, went through three checks:

1. All {swept:,} float32 inputs went through the float64 path, which knows a bound on its error. "Undecided" are the
   inputs where the bound leaves two float32 numbers possible, most of them at ties or next to one: they are evaluated
   again with more digits. No number gave NaN, and NaN gave nothing else. Where the library computes in float32
   directly, that gave the same as float64, rounded. exp, expm1, log1p and tanh came from the library's tables, as they
   do on processors for which NumPy has no vector code: theirs is the wider error, and the bound covers both.
2. MPFR evaluated the text of the formula with 400 bits and more, and its derivative by the chain rule: at {spread}
   inputs for the values and as many for the derivatives, spread evenly over the bit patterns of either sign up to
   2**28 and, one in a hundred, beyond; at up to {nearest:,} whose result lies nearest to a rounding boundary; and at
   the undecided ones, or {kept:,} spread over them. Kinks, where a formula leaves its derivative open, are left out.
3. PyTorch, JAX and ONNX Runtime got the same inputs, on the CPU, eagerly, with the parameters that make their
   definition equal; "-" where they have none. Their derivatives are by automatic differentiation.

{verdict}

The errors of actcli are those of all results. Those of the frameworks leave out inputs and true values below the normal
range, which some builds take as 0. A result of 0 where a normal number is due is off by 8.4e6 to 1.7e7 ulp; "inf" and
"nan" are such results where the true value is finite.

{float32}

## Other dtypes

{dtypes}

## Along an axis

In float32, over random rows of 2 to 24 numbers with deviations of 0.1, 3 and 30; in the default parameters.

{rows}

## Run it again

```sh
pip install -e '.[dev]' torch jax onnx onnxruntime
export NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR"  # the tables, where NumPy has vector code too
python tests/reference/sweep_float32.py --results sweep.jsonl
python tests/reference/measure_errors.py --sweep sweep.jsonl --results errors.jsonl
python tests/reference/measure_other_dtypes.py --results others.jsonl
python tests/reference/write_accuracy.py sweep.jsonl errors.jsonl others.jsonl
```

The first two continue where they stopped; frameworks that are not installed are left out.

{figures}
"""


def table(heading: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; columns of numbers, whose heading ends in a colon, are aligned to the right."""
    columns = heading.split(" | ")
    rule = ["---:" if column.endswith(":") else "---" for column in columns]
    return "\n".join(f"| {' | '.join(row)} |" for row in [[column.rstrip(":") for column in columns], rule, *rows])


def errors_of(line: dict[str, Any]) -> list[str]:
    """Return the cells of the largest errors, of actcli and of the frameworks."""
    return [ulp.text(line["errors"][name][0]) if line["errors"].get(name) else "-" for name in SHOWN]


def float32_table(sweep: dict[tuple[str, str], Any], errors: dict[tuple[str, str], Any]) -> str:
    """Return the table with a row for each function and kind."""
    rows = []
    for block in ELEMENTWISE:
        for kind in KINDS:
            swept, measured = sweep[block.name, kind], errors[block.name, kind]
            name = label((block, usual_parameters(block.name))) if NEEDED[block.name] else block.name
            numbers = swept["swept"], swept["undecided"], measured["checked"], swept["wrong"] + measured["wrong"]
            rows.append([name, kind, *(f"{number:,}" for number in numbers), *errors_of(measured)])
    heading = "function | kind | inputs swept: | undecided: | checked with MPFR: | wrong:"
    return table(f"{heading} | {' | '.join(f'{name}, ulp:' for name in SHOWN.values())}", rows)


def verdict(sweep: dict[tuple[str, str], Any], errors: dict[tuple[str, str], Any]) -> str:
    """Return what came out, and the worst row of each column."""
    wrong = sum(line["wrong"] for line in (*sweep.values(), *errors.values()))
    checked = sum(line["checked"] for line in errors.values())
    worst = [f"{shown} {_worst(errors, name)}" for name, shown in NAMES.items()]
    return (
        f"Of {checked:,} results of actcli checked with MPFR, {wrong} are wrong; its largest error is "
        f"{_worst(errors, 'actcli')}. The largest finite errors of the others: {'; '.join(worst)}."
    )


def _worst(errors: dict[tuple[str, str], Any], name: str) -> str:
    rows = {key: line["errors"][name] for key, line in errors.items() if line["errors"].get(name)}
    finite = {key: worst for key, worst in rows.items() if math.isfinite(worst[0])}
    if not finite:
        return "not measured"
    (function, kind), (off, x) = max(finite.items(), key=lambda item: item[1][0])
    other = [f"the {key[1]} of {key[0]}" for key in rows if key not in finite]
    beside = f", beside infinite or NaN results in {', '.join(other)}" if other else ""
    return f"{ulp.text(off)} ulp, in the {kind} of {function} at {x:.8g}{beside}"


def dtypes_table(others: list[dict[str, Any]]) -> str:
    """Return the table of the dtypes but float32."""
    what = "functions with parameters, value and derivative, at every input, by digests made with MPFR"
    rows = []
    for line in others:
        if "cases" in line:
            results = f"{2 * line['cases'] * line['inputs']:,}"
            rows.append([line["dtype"], f"{line['cases']} {what}", results, f"{line['wrong']} wrong"])
    double = [line for line in others if line["dtype"] == "float64"]
    checked = f"{sum(line['checked'] for line in double):,}"
    found = "; ".join(f"{where}at most {_worst_double(double, i)}" for i, where in enumerate(("", "below 1e-289 ")))
    rows.append(["float64", "each function, value and derivative, over a spread, with MPFR", checked, found])
    return table("dtype | checked | results: | found", rows)


def figures(sweep: dict[tuple[str, str], Any], errors: dict[tuple[str, str], Any], machine: str) -> str:
    """Return when, where and with what the page was made, and how long it took."""
    date = max(line["date"] for line in (*sweep.values(), *errors.values()))
    versions = next(iter(errors.values()))["versions"]
    minutes = [sum(line["seconds"] for line in lines.values()) / 60 for lines in (sweep, errors)]
    return (
        f"These figures are of {date}, {machine}, {', '.join(f'{name} {versions[name]}' for name in versions)}. "
        f"The sweep took {minutes[0]:.0f} minutes and the comparison with MPFR {minutes[1]:.0f}, beside other work."
    )


def _worst_double(lines: list[dict[str, Any]], part: int) -> str:
    worst = max((line for line in lines if line["worst"][part]), key=lambda line: line["worst"][part][0])
    return f"{ulp.text(worst['worst'][part][0])} ulp ({worst['kind']} of {worst['function']})"


def main() -> None:
    """Read the files named on the command line and write the page."""
    sweep, errors = (done(Path(name)) for name in sys.argv[1:3])
    others = [json.loads(line) for line in Path(sys.argv[3]).read_text().splitlines()]
    first = next(iter(errors.values()))
    machine = others.pop(0)["machine"]
    axis = [line for line in others if "errors" in line]
    rows = ([line["function"], f"{line['checked']:,}", *errors_of(line)] for line in axis)
    text = TEXT.format(
        swept=2**32,
        kept=UNDECIDED,
        nearest=NEAREST,
        spread=f"{first['checked'] - first['hard']:,}",
        verdict=fill(verdict(sweep, errors), 120),
        float32=float32_table(sweep, errors),
        dtypes=dtypes_table(others),
        rows=table(f"function | results checked: | {' | '.join(f'{name}, ulp:' for name in SHOWN.values())}", rows),
        figures=fill(figures(sweep, errors, machine), 120),
    )
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
