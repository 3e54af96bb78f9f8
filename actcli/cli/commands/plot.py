"""``actcli plot``: curves of functions, in the terminal or as a picture."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO, cast

from actcli.activation import Activation
from actcli.cli import conflicts, functions, inputs, options, outputs
from actcli.cli.command import Command, option
from actcli.cli.options import Options
from actcli.cli.views import plot_file, plot_terminal, sampling, styles
from actcli.errors import ActcliError
from actcli.numerics import dtypes, text

_RANGE = ("-6", "6", "961")
_MOST = 100_000  # points of a curve: more than any picture has
_BINS = 48

_HELP = """Draw functions of one number as curves, on the terminal or to a file.

Example: actcli plot gelu silu relu --derivative --linspace -4 4 200

Example: actcli plot tanh --data sample_inputs/hidden_layers.csv -c 1
"""


def command() -> Command:
    """Return the command, made by Typer."""
    data = "Draw the numbers of a file's columns (--columns) as a histogram behind the curves; - is standard input."
    picture = "Write a picture to a file ending in .png, .svg or .pdf, whole or not at all (needs actcli[plot])."
    own = {
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
    return functions.command("plot", plot, _HELP, own, *shared, takes="FUNCTION...", words="Names of functions.")


def plot(words: Sequence[str], parameters: Mapping[str, object], data: str | None = None, **given: object) -> None:
    """Run the command."""
    asked = options.accepted(**given)
    format = dtypes.FORMATS[asked.dtype]
    names, rest = functions.split("plot", words)
    if rest:
        raise ActcliError(f"plot takes functions, not {rest[0]!r}; --linspace chooses the range, --data a file")
    blocks = functions.prepared(names, parameters, format.name, asked.dialect)
    functions.elementwise("plot", blocks)
    kind = plot_file.check(asked.output) if asked.output is not None else None
    start, stop, count = asked.linspace or _RANGE
    if text.is_number(count) and float(count) > _MOST:
        raise ActcliError(f"--linspace: a curve takes at most {_MOST:,} points, not {count}")
    x = inputs.evenly_spaced(start, stop, count, format)
    if len(x) < 2 or not x[0] < x[-1]:
        raise ActcliError("--linspace: a curve needs START below STOP and COUNT from 2 up")
    if data is None:
        conflicts.check_typed(asked)
    place = outputs.settle(asked.output, data)
    histogram = _histogram(data, float(x[0]), float(x[-1]), asked) if data is not None else None
    drawn = sampling.curves(blocks, x, derivative=asked.derivative)
    if kind is None:
        sys.stdout.write(_on_screen(drawn, _title(blocks, format.name), histogram))
        return
    with outputs.opened(place) as out:
        binary = cast(IO[bytes], out.buffer)  # type: ignore[attr-defined]
        plot_file.write(drawn, binary, kind, title=_title(blocks, format.name), histogram=histogram)


def _title(blocks: Sequence[Activation], dtype: str) -> str:
    """Return the formula of a single function, or the names of several."""
    if len(blocks) > 1:
        return ", ".join(block.name for block in blocks)
    name = sampling.label(blocks[0], dtype)
    return f"{name}{'' if name.endswith(')') else '(x)'} = {blocks[0].formula}"


def _on_screen(drawn: Sequence[sampling.Curve], title: str, histogram: sampling.Histogram | None) -> str:
    console = styles.console()
    lines = os.get_terminal_size(sys.stdout.fileno()).lines if sys.stdout.isatty() else 24
    height = max(6, min(lines - 8, console.width // 4, 24))
    return plot_terminal.shown(console, drawn, height, title=title, histogram=histogram)


def _histogram(path: str, start: float, stop: float, asked: Options) -> sampling.Histogram:
    """Return how the numbers of a file's columns are spread over the range; the label tells how many lie outside."""
    import numpy as np

    edges = np.linspace(start, stop, _BINS + 1)
    counts = np.zeros(_BINS, np.int64)
    total = 0
    names: list[str] = []
    with inputs.opened(path, asked, beside=asked.output is not None) as (reader, done):
        for batch in reader.batches():
            table = batch()
            names = [column.name for column in table.columns]
            for column in table.columns:
                values = column.values.astype(np.float64)
                finite = values[np.isfinite(values)]
                total += len(values) if column.missing is None else int((~column.missing).sum())
                counts += np.histogram(finite, edges)[0]
            done(table)
    outside = total - int(counts.sum())
    return sampling.Histogram(
        f"{', '.join(names)}: {total:,} numbers" + (f", {outside:,} outside" if outside else ""), edges, counts
    )
