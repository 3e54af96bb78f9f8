"""``actcli diagnose``: what a column of pre-activations does to a gradient, and whether that is healthy."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from typing import IO

from actcli import diagnosis
from actcli.activation import Activation
from actcli.cli import functions, inputs, outputs
from actcli.cli.command import Command, option
from actcli.cli.options import Options, accept_options
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
    own_options = {
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
        own_options,
        *_SHARED,
        metavar="FUNCTION [NUMBER | FILE | -]...",
        words="Name of a function, then pre-activations: numbers or a file.",
    )


def diagnose(
    words: Sequence[str],
    parameters: Mapping[str, object],
    layers: str = "10",
    saturation: str = "0.01",
    fail_over: str | None = None,
    **option_values: object,
) -> int:
    """Run the command."""
    options = accept_options(**option_values)
    format = dtypes.FORMATS[options.dtype]
    depth = _parse_number("--layers", layers, 1, math.inf)
    if not depth.is_integer():
        raise ActcliError(f"--layers must be an integer >= 1, got {layers!r}")
    threshold = _parse_number("--saturation", saturation, 0, math.inf)
    limit = None if fail_over is None else _parse_number("--fail-over", fail_over, 0, 1)
    kind = require_choice("format", options.format, FORMATS) if options.format else _output_format(options.output)
    names, rest = functions.split_args("diagnose", words)
    if len(names) > 1:
        raise ActcliError(f"diagnose takes one function, not {' and '.join(names)}")
    activations = functions.prepare_all(names, parameters, format.name, options.dialect)
    functions.require_elementwise("diagnose", activations)
    numbers, file = inputs.resolve_inputs("diagnose", rest, options, usage=f"diagnose {activations[0].name}")
    place = outputs.resolve_output(options.output, None if numbers is not None else file or "-")
    diagnoses = _diagnose(activations[0], numbers, file, options, threshold)
    with outputs.open_output(place) as out:
        if kind == "table":
            _show(out, sampling.label(activations[0], format.name), diagnoses, int(depth), threshold)
        else:
            _write(out, kind, [_entries(column, int(depth), threshold) for column in diagnoses])
    return int(limit is not None and any(not column.count or column.saturated > limit for column in diagnoses))


def _parse_number(option: str, word: str, least: float, most: float) -> float:
    value = float(text.normalize(word)) if text.is_number(text.normalize(word)) else math.nan
    if not least <= value <= most or math.isinf(value):
        accepted = f"from {least:g} up" if math.isinf(most) else f"from {least:g} to {most:g}"
        raise ActcliError(f"{option} is a number {accepted}, not {word!r}")
    return value


def _output_format(path: str | None) -> str:
    if path is None:
        return "table"
    name = registry.output_format(path)
    return "table" if name == "plain" else require_choice("format", name, FORMATS)


def _diagnose(
    activation: Activation, numbers: Numbers | None, file: str | None, options: Options, saturation: float
) -> list[Diagnosis]:
    if numbers is not None:
        return diagnosis.diagnose(activation, [lambda: TypedNumbers(numbers)], saturation)
    with inputs.open_input(file or "-", options, beside=True) as (reader, on_progress):
        return diagnosis.diagnose(activation, reader.batches(), saturation, on_progress)


def _entries(column: Diagnosis, layers: int, saturation: float) -> dict[str, object]:
    """Return what is written of a column, under the names that it has in every format."""
    return {
        "column": column.column,
        "count": column.count,
        "nan": column.nan,
        "infinite": column.infinite,
        "missing": column.missing,
        "mean": column.mean,
        "standard_deviation": column.deviation,
        "dead": column.dead,
        "saturated": column.saturated,
        "mean_derivative": column.slope,
        "layers": layers,
        "gradient_left": column.gradient_left(layers),
        "verdict": column.verdict(layers, saturation),
        "histogram": column.histogram,
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


def _show(out: IO[str], name: str, diagnoses: list[Diagnosis], layers: int, saturation: float) -> None:
    """Write a few lines for each column, and what they rest on."""
    from rich.padding import Padding
    from rich.text import Text

    console = styles.console(out)
    for column in diagnoses:
        verdict = column.verdict(layers, saturation)
        lines = []
        if column.count:
            lines = [
                f"{styles.to_ascii(_bars(column.histogram), console)}  from {EDGES[0]:g} to {EDGES[-1]:g}",
                f"mean {column.mean:.4g}, standard deviation {column.deviation:.4g}",
                f"dead (f' = 0): {column.dead:.1%}; saturated (|f'| < {saturation:g}): {column.saturated:.1%}",
                f"mean |f'|: {column.slope:.4g}; after {layers} layers: {column.gradient_left(layers):.3g}",
            ]
        paragraph = Text("\n".join([*lines, ""]))
        paragraph.append(verdict, styles.GOOD if verdict.startswith("healthy") else styles.BAD)
        if advice := diagnosis.ADVICE.get(verdict.partition(":")[0]):
            paragraph.append(f"\ntry {advice}")
        title = Text(f"{name} on {column.column}: {_count_text(column)}", styles.TITLE)
        styles.show(console, title, Padding(paragraph, (0, 0, 0, 2)))
    styles.show(console, Text(_MODEL, styles.NOTE))


def _count_text(column: Diagnosis) -> str:
    others = {"NaN": column.nan, "infinite": column.infinite, "empty": column.missing}
    left_out = ", ".join(f"{count:,} {name}" for name, count in others.items() if count)
    return f"{column.count:,} number{'s' * (column.count != 1)}" + (f" ({left_out} left out)" if left_out else "")


def _bars(counts: Sequence[int]) -> str:
    """Return a histogram of one line; a bar that is not empty can be seen."""
    highest = max(counts)
    return "".join(_BARS[math.ceil(8 * count / highest)] for count in counts)
