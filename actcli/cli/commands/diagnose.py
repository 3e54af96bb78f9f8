"""``actcli diagnose``: what a column of pre-activations does to a gradient, and whether that is healthy."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from typing import IO

from actcli import diagnosis
from actcli.activation import Activation
from actcli.cli import functions, inputs, options, outputs
from actcli.cli.command import Command, option
from actcli.cli.options import Options
from actcli.cli.views import sampling, styles
from actcli.data.batch import Numbers, TypedNumbers
from actcli.diagnosis import EDGES, Diagnosis
from actcli.errors import ActcliError, require_choice
from actcli.formats import registry
from actcli.formats.text import markdown_row
from actcli.numerics import dtypes, text

FORMATS = ("table", "json", "csv", "tsv", "markdown")
_MODEL = "Model: each layer multiplies a gradient by mean |f'|, and by its weights, which are left out."
_BARS = " ▁▂▃▄▅▆▇█"
_SHARED = ("dtype", "dialect", "output", "verbose", "columns", "delimiter", "header", "no_header", "decimal", "na")

_HELP = """Tell of each column of pre-activations whether gradients pass: dead and saturated numbers, mean |f'|.

Example: actcli diagnose sigmoid sample_inputs/hidden_layers.csv -c 1 --layers 5

Example: actcli diagnose relu -3 -1 0 2
"""


def command() -> Command:
    """Return the command, made by Typer."""
    own = {
        "layers": (str, option("N", "Layers of a chain, for what is left of a gradient (default: 10)")),
        "saturation": (str, option("SIZE", "A number with a smaller |f'| counts as saturated (default: 0.01)")),
        "fail_over": (
            str,
            option("SHARE", "Exit 1 if a larger share of a column, from 0 to 1, is dead or saturated."),
        ),
        "format": (
            str,
            option(
                "NAME",
                f"How to write: {', '.join(FORMATS)} (default: table)",
                "--format",
                "-f",
                completer=lambda: list(FORMATS),
            ),
        ),
    }
    return functions.command(
        "diagnose",
        diagnose,
        _HELP,
        own,
        *_SHARED,
        takes="FUNCTION [NUMBER | FILE | -]...",
        words="Name of a function, then pre-activations: numbers or a file.",
    )


def diagnose(
    words: Sequence[str],
    parameters: Mapping[str, object],
    layers: str = "10",
    saturation: str = "0.01",
    fail_over: str | None = None,
    **given: object,
) -> int:
    """Run the command."""
    asked = options.accepted(**given)
    format = dtypes.FORMATS[asked.dtype]
    depth = _number("--layers", layers, 1, math.inf)
    if not depth.is_integer():
        raise ActcliError(f"--layers is a whole number from 1 up, not {layers!r}")
    threshold = _number("--saturation", saturation, 0, math.inf)
    limit = None if fail_over is None else _number("--fail-over", fail_over, 0, 1)
    kind = require_choice("--format", asked.format, FORMATS) if asked.format else _of_output(asked.output)
    names, rest = functions.split("diagnose", words)
    if len(names) > 1:
        raise ActcliError(f"diagnose takes one function, not {' and '.join(names)}")
    blocks = functions.prepared(names, parameters, format.name, asked.dialect)
    functions.elementwise("diagnose", blocks)
    numbers, file = inputs.numbers("diagnose", rest, asked, usage=f"diagnose {blocks[0].name}")
    place = outputs.settle(asked.output, None if numbers is not None else file or "-")
    found = _found(blocks[0], numbers, file, asked, threshold)
    with outputs.opened(place) as out:
        if kind == "table":
            _show(out, sampling.label(blocks[0], format.name), found, int(depth), threshold)
        else:
            _write(out, kind, [_entries(one, int(depth), threshold) for one in found])
    return int(limit is not None and any(not one.count or one.saturated > limit for one in found))


def _number(option: str, given: str, least: float, most: float) -> float:
    value = float(text.normalised(given)) if text.is_number(text.normalised(given)) else math.nan
    if not least <= value <= most or math.isinf(value):
        accepted = f"from {least:g} up" if math.isinf(most) else f"from {least:g} to {most:g}"
        raise ActcliError(f"{option} is a number {accepted}, not {given!r}")
    return value


def _of_output(path: str | None) -> str:
    if path is None:
        return "table"
    name = registry.of_output(path)
    return "table" if name == "plain" else require_choice("--format", name, FORMATS)


def _found(
    block: Activation, numbers: Numbers | None, file: str | None, asked: Options, saturation: float
) -> list[Diagnosis]:
    if numbers is not None:
        return diagnosis.diagnose(block, [lambda: TypedNumbers(numbers)], saturation)
    with inputs.opened(file or "-", asked, beside=True) as (reader, on_progress):
        return diagnosis.diagnose(block, reader.batches(), saturation, on_progress)


def _entries(one: Diagnosis, layers: int, saturation: float) -> dict[str, object]:
    """Return what is written of a column, under the names that it has in every format."""
    return {
        "column": one.column,
        "count": one.count,
        "nan": one.nan,
        "infinite": one.infinite,
        "missing": one.missing,
        "mean": one.mean,
        "standard_deviation": one.deviation,
        "dead": one.dead,
        "saturated": one.saturated,
        "mean_derivative": one.slope,
        "layers": layers,
        "gradient_left": one.left(layers),
        "verdict": one.verdict(layers, saturation),
        "histogram": one.histogram,
    }


def _write(out: IO[str], kind: str, rows: list[dict[str, object]]) -> None:
    if kind == "json":
        finite = [{key: None if _has_no_json(value) else value for key, value in row.items()} for row in rows]
        json.dump({"edges": EDGES, "columns": finite}, out, ensure_ascii=False)
        out.write("\n")
        return
    cells = [[str(value) for key, value in row.items() if key != "histogram"] for row in rows]
    table = [[key for key in rows[0] if key != "histogram"], *cells]
    if kind == "markdown":
        table.insert(1, ["---"] * len(table[0]))
        out.writelines(map(markdown_row, table))
    else:
        csv.writer(out, delimiter="\t" if kind == "tsv" else ",", lineterminator="\n").writerows(table)


def _has_no_json(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _show(out: IO[str], name: str, found: list[Diagnosis], layers: int, saturation: float) -> None:
    """Write a few lines for each column, and what they rest on."""
    from rich.padding import Padding
    from rich.text import Text

    console = styles.console(out)
    for one in found:
        verdict = one.verdict(layers, saturation)
        lines = []
        if one.count:
            lines = [
                f"{styles.lettered(_bars(one.histogram), console)}  from {EDGES[0]:g} to {EDGES[-1]:g}",
                f"mean {one.mean:.4g}, standard deviation {one.deviation:.4g}",
                f"dead (f' = 0): {one.dead:.1%}; saturated (|f'| < {saturation:g}): {one.saturated:.1%}",
                f"mean |f'|: {one.slope:.4g}; after {layers} layers: {one.left(layers):.3g}",
            ]
        told = Text("\n".join([*lines, ""]))
        told.append(verdict, styles.GOOD if verdict.startswith("healthy") else styles.BAD)
        if advice := diagnosis.ADVICE.get(verdict.partition(":")[0]):
            told.append(f"\ntry {advice}")
        title = Text(f"{name} on {one.column}: {_counted(one)}", styles.TITLE)
        styles.show(console, title, Padding(told, (0, 0, 0, 2)))
    styles.show(console, Text(_MODEL, styles.NOTE))


def _counted(one: Diagnosis) -> str:
    others = {"NaN": one.nan, "infinite": one.infinite, "empty": one.missing}
    left_out = ", ".join(f"{count:,} {name}" for name, count in others.items() if count)
    return f"{one.count:,} number{'s' * (one.count != 1)}" + (f" ({left_out} left out)" if left_out else "")


def _bars(counts: Sequence[int]) -> str:
    """Return a histogram of one line; a bar that is not empty can be seen."""
    highest = max(counts)
    return "".join(_BARS[math.ceil(8 * count / highest)] for count in counts)
