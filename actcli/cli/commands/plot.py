"""``actcli plot``: curves of functions, in the terminal or as a picture."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO, cast

from actcli.activation import Activation
from actcli.cli import conflicts, functions, inputs, outputs
from actcli.cli.command import Command, option
from actcli.cli.options import Options, accept_options
from actcli.cli.views import plot_file, plot_terminal, sampling, styles
from actcli.errors import ActcliError
from actcli.numerics import dtypes, text

_RANGE = ("-6", "6", "961")
_MAX_POINTS = 100_000  # points of a curve: more than any picture has
_BINS = 48

_HELP = """Draw functions of one number as curves, on the terminal or to a file.

Example: actcli plot gelu silu relu --derivative --linspace -4 4 200

Example: actcli plot tanh --data sample_inputs/hidden_layers.csv -c 1
"""


def command() -> Command:
    """Return the command, made by Typer."""
    data = "Draw the numbers of a file's columns (--columns) as a histogram behind the curves; - is standard input."
    picture = "Write a picture to a file ending in .png, .svg or .pdf, whole or not at all (needs actcli[plot])."
    own_options = {
        "data": (str, option("FILE", data)),
        "output": (str, option("FILE", picture, "--output", "-o")),
    }
    shared = (
        "derivative",
        "linspace",
        "dialect",
        "dtype",
        "columns",
        "delimiter",
        "header",
        "no_header",
        "decimal",
        "na",
    )
    return functions.command(
        "plot", plot, _HELP, own_options, *shared, metavar="FUNCTION...", words="Names of functions."
    )


def plot(
    words: Sequence[str], parameters: Mapping[str, object], data: str | None = None, **option_values: object
) -> None:
    """Run the command."""
    options = accept_options(**option_values)
    format = dtypes.FORMATS[options.dtype]
    names, rest = functions.split_args("plot", words)
    if rest:
        raise ActcliError(f"plot takes functions, not {rest[0]!r}; --linspace chooses the range, --data a file")
    activations = functions.prepare_all(names, parameters, format.name, options.dialect)
    functions.require_elementwise("plot", activations)
    kind = plot_file.check(options.output) if options.output is not None else None
    start, stop, count = options.linspace or _RANGE
    if text.is_number(count) and float(count) > _MAX_POINTS:
        raise ActcliError(f"--linspace: a curve takes at most {_MAX_POINTS:,} points, not {count}")
    x = inputs.evenly_spaced(start, stop, count, format)
    if len(x) < 2 or not x[0] < x[-1]:
        raise ActcliError("--linspace: a curve needs START below STOP and COUNT from 2 up")
    if data is None:
        conflicts.check_from_arguments(options)
    place = outputs.resolve_output(options.output, data)
    histogram = _histogram(data, float(x[0]), float(x[-1]), options) if data is not None else None
    curves = sampling.curves(activations, x, derivative=options.derivative)
    if kind is None:
        sys.stdout.write(_on_screen(curves, _title(activations, format.name), histogram))
        return
    with outputs.open_output(place) as out:
        binary = cast(IO[bytes], out.buffer)  # type: ignore[attr-defined]
        plot_file.write(curves, binary, kind, title=_title(activations, format.name), histogram=histogram)


def _title(activations: Sequence[Activation], dtype: str) -> str:
    """Return the formula of a single function, or the names of several."""
    if len(activations) > 1:
        return ", ".join(activation.name for activation in activations)
    name = sampling.label(activations[0], dtype)
    return f"{name}{'' if name.endswith(')') else '(x)'} = {activations[0].formula}"


def _on_screen(curves: Sequence[sampling.Curve], title: str, histogram: sampling.Histogram | None) -> str:
    console = styles.console()
    lines = os.get_terminal_size(sys.stdout.fileno()).lines if sys.stdout.isatty() else 24
    height = max(6, min(lines - 8, console.width // 4, 24))
    return plot_terminal.shown(console, curves, height, title=title, histogram=histogram)


def _histogram(path: str, start: float, stop: float, options: Options) -> sampling.Histogram:
    """Return how the numbers of a file's columns are spread over the range; the label tells how many lie outside."""
    import numpy as np

    edges = np.linspace(start, stop, _BINS + 1)
    counts = np.zeros(_BINS, np.int64)
    total = 0
    names: list[str] = []
    with inputs.open_input(path, options, beside=options.output is not None) as (reader, on_progress):
        for batch in reader.batches():
            table = batch()
            names = [column.name for column in table.columns]
            for column in table.columns:
                values = column.values.astype(np.float64)
                finite = values[np.isfinite(values)]
                total += len(values) if column.missing is None else int((~column.missing).sum())
                counts += np.histogram(finite, edges)[0]
            on_progress(table)
    outside = total - int(counts.sum())
    return sampling.Histogram(
        f"{', '.join(names)}: {total:,} numbers" + (f", {outside:,} outside" if outside else ""), edges, counts
    )
