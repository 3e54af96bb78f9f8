"""``actcli compare``: one row a number, one column a function or a dialect."""

import sys
from collections.abc import Mapping, Sequence

from actcli.cli import functions, inputs, options, outputs
from actcli.cli.command import Command, option
from actcli.cli.commands import evaluate
from actcli.cli.completers import list_of
from actcli.data.batch import TypedNumbers
from actcli.data.evaluated import Job
from actcli.dialects import FRAMEWORKS
from actcli.errors import ActcliError, require_choice
from actcli.formats import registry
from actcli.numerics import dtypes

_SHARED = (
    *("derivative", "linspace", "dtype", "dialect", "format", "output", "only", "verbose"),
    *("columns", "delimiter", "header", "no_header", "decimal", "na", "on_error"),
)

_HELP = """Set functions side by side: one row a number, one column a function.

Example: actcli compare gelu silu relu -3 -1 0 1 3 --derivative

Example: actcli compare gelu --dialects torch,jax -3 0 3
"""


def command() -> Command:
    """Return the command, made by Typer."""
    dialects = f"Set dialects side by side: several of {', '.join(FRAMEWORKS)}, or all; and in ulp how far they differ."
    own = {"dialects": (str, option("NAME,NAME...", dialects, completer=_dialect_lists))}
    return functions.command("compare", compare, _HELP, own, *_SHARED)


def _dialect_lists(incomplete: str) -> list[str]:
    return list_of(FRAMEWORKS, incomplete)


def compare(
    words: Sequence[str], parameters: Mapping[str, object], dialects: str | None = None, **given: object
) -> None:
    """Run the command."""
    asked = options.accepted(**given)
    format = dtypes.FORMATS[asked.dtype]
    names, rest = functions.split("compare", words)
    if len(set(names)) < len(names):
        raise ActcliError(f"compare shows each function once; given: {', '.join(names)}")
    sides = _dialects(dialects, asked.dialect)
    by_side = [functions.prepared(names, parameters, format.name, side) for side in sides]
    functions.elementwise("compare", by_side[0])
    blocks = [block for row in zip(*by_side, strict=True) for block in row]
    numbers, file = inputs.numbers("compare", rest, asked, usage=f"compare {' '.join(names)}")
    job = Job(
        blocks[0],
        format.name,
        derivative=asked.derivative,
        naming="{column}_{function}" if numbers is None else "{function}",
        placement="only" if asked.only else "append",
        compared=tuple(blocks),
        dialects=len(sides),
    )
    asked = asked._replace(no_tutorial_column=True)
    if numbers is not None:
        asked = evaluate.with_format(asked, "table")
        evaluate.run(job, [lambda: TypedNumbers(numbers)], asked, outputs.settle(asked.output))
        return
    path = file or "-"
    terminal = asked.output is None and sys.stdout.isatty()
    asked = evaluate.with_format(asked, "table" if terminal else "csv" if asked.delimiter else registry.of_input(path))
    place = outputs.settle(asked.output, path)
    with inputs.opened(path, asked, beside=not terminal) as (reader, on_progress):
        evaluate.run(job, reader.batches(), asked, place, on_progress)


def _dialects(given: str | None, single: str | None) -> Sequence[str | None]:
    """Return the dialects to set side by side, or the single one; None for the usual."""
    if given is None:
        return [single]
    if single is not None:
        raise ActcliError(f"--dialects does not go with --dialect; add {single} to the list")
    chosen = (
        FRAMEWORKS
        if given == "all"
        else [require_choice("--dialects", name.strip(), FRAMEWORKS) for name in given.split(",")]
    )
    if len(chosen) < 2 or len(set(chosen)) < len(chosen):
        raise ActcliError(f"--dialects takes two or more of {', '.join(FRAMEWORKS)}, each once, not {given!r}")
    return chosen
