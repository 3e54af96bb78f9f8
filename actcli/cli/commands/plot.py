"""``actcli plot``: curves of functions, or bars of those along an axis, in the terminal or as a picture."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, cast

from actcli.activation import Activation, AlongAxis, Elementwise, Packed
from actcli.cli import conflicts, functions, inputs, outputs
from actcli.cli.command import Command, option
from actcli.cli.options import Options, accept_options
from actcli.cli.views import bars, plot_file, plot_terminal, sampling, styles
from actcli.cli.views.formula import to_text
from actcli.errors import ActcliError
from actcli.numerics import dtypes, text

if TYPE_CHECKING:
    from actcli.data.batch import Numbers

_POINTS = "961"  # of a curve, unless --linspace says otherwise
_MAX_POINTS = 100_000  # more than any picture has
_BINS = 32

_HELP = """Draw functions as curves, on the terminal or to a file.

softmax and the other functions along an axis are drawn as bars: a row of numbers before and after.

Example: actcli plot gelu silu relu --derivative --linspace -4 4 200

Example: printf '0.5\\n1\\n1.5\\n' | actcli plot tanh --data -

Example: actcli plot softmax sparsemax
"""


def command() -> Command:
    """Return the command, made by Typer."""
    data = "Draw a histogram of a file's columns (--columns) below the curves; - is standard input."
    picture = "Write a picture to a file ending in .png, .svg or .pdf, atomically (needs actcli[plot])."
    own_options = {
        "data": (str, option("FILE", data)),
        "ylim": (tuple[str, str], option("LOW HIGH", "Limit the y axis.")),
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
    words: Sequence[str],
    parameters: Mapping[str, object],
    data: str | None = None,
    ylim: tuple[str, str] | None = None,
    **option_values: object,
) -> None:
    """Run the command."""
    options = accept_options(**option_values)
    names, rest = functions.split_args("plot", words)
    if rest:
        raise ActcliError(f"plot takes functions, not {rest[0]!r}; --linspace chooses the range, --data a file")
    activations = functions.prepare_all(names, parameters, options.dtype, options.dialect)
    kind = plot_file.check(options.output) if options.output is not None else None
    if any(isinstance(activation, AlongAxis) for activation in activations):
        _check_along_axis(activations, options, {"--data": data is not None, "--ylim": ylim is not None})
        _draw_rows(sampling.rows(activations, options.dtype), kind, options.output)
        return
    functions.require_elementwise("plot", activations)
    elementwise = cast(Sequence[Elementwise], activations)
    x = _range(elementwise, options)
    limits = None if ylim is None else _limits(*ylim)
    if data is None:
        conflicts.check_from_arguments(options)
    place = outputs.resolve_output(options.output, data)
    histogram = _histogram(data, float(x[0]), float(x[-1]), options) if data is not None else None
    curves = sampling.curves(activations, x, derivative=options.derivative)
    title = _title(activations[0], options.dtype) if len(activations) == 1 else ""
    if kind is None:
        console = styles.console()
        height = _height(console.width, 0 if histogram is None else bars.HISTOGRAM_ROWS + 1)
        drawn = plot_terminal.shown(console, curves, height, title=title, histogram=histogram, ylim=limits)
        sys.stdout.write(drawn)
        return
    with outputs.open_output(place) as out:
        binary = cast(IO[bytes], out.buffer)  # type: ignore[attr-defined]
        plot_file.write(curves, binary, kind, title=title, histogram=histogram, ylim=limits)


def _check_along_axis(activations: Sequence[Activation], options: Options, others: dict[str, bool]) -> None:
    """Raise ActcliError unless all functions can be drawn as bars, and no option is for curves."""
    for activation in activations:
        if isinstance(activation, Packed):
            raise ActcliError(
                f"{activation.name} cannot be drawn: each result depends on a gate and a value; "
                f"see actcli info {activation.name}"
            )
    for activation in activations:
        if isinstance(activation, Elementwise):
            along = next(each.name for each in activations if isinstance(each, AlongAxis))
            raise ActcliError(f"{along} is drawn as bars, {activation.name} as a curve; plot them one after the other")
    set_options = others | {"--linspace": options.linspace is not None, "--derivative": options.derivative}
    for name, present in set_options.items():
        if present:
            raise ActcliError(f"{name} is for curves; {activations[0].name} is drawn as bars of a row: leave it out")
    conflicts.check_from_arguments(options)


def _draw_rows(rows: Sequence[sampling.Row], kind: str | None, path: str | None) -> None:
    if kind is None:
        sys.stdout.write(bars.lying(styles.console(), rows))
        return
    with outputs.open_output(outputs.resolve_output(path)) as out:
        plot_file.write_rows(rows, cast(IO[bytes], out.buffer), kind)  # type: ignore[attr-defined]


def _range(activations: Sequence[Elementwise], options: Options) -> "Numbers":
    """Return the numbers at which curves are drawn: those of --linspace, or of the functions' own window."""
    default = (*map(str, sampling.window(activations, options.dtype)), _POINTS)
    start, stop, count = options.linspace or default
    if text.is_number(count) and text.to_float(count) > _MAX_POINTS:
        raise ActcliError(f"--linspace: a curve takes at most {_MAX_POINTS:,} points, not {count}")
    x = inputs.evenly_spaced(start, stop, count, dtypes.FORMATS[options.dtype])
    if len(x) < 2 or not x[0] < x[-1]:
        raise ActcliError("--linspace: a curve needs START below STOP and COUNT from 2 up")
    return x


def _limits(low: str, high: str) -> tuple[float, float]:
    """Return the limits of the y axis; raise ActcliError for words that are none."""
    first, last = (inputs.parse_finite(f"--ylim: {name}", word) for name, word in (("LOW", low), ("HIGH", high)))
    if not first < last:
        raise ActcliError(f"--ylim: LOW must be below HIGH, got {low} and {high}")
    return first, last


def _title(activation: Activation, dtype: str) -> str:
    name = sampling.label(activation, dtype)
    if name.endswith(")"):  # its parameters are named
        return f"{name} = {to_text(activation.formula)}"
    return f"{name}(x) = {to_text(activation.textbook)}"


def _height(width: int, below: int) -> int:
    """Return the lines of a drawing that leave room for its title, its numbers and a prompt."""
    lines = os.get_terminal_size(sys.stdout.fileno()).lines if sys.stdout.isatty() else 24
    return max(4, min(lines - 6 - below, width // 4, 24))


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
