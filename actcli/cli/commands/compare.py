"""``actcli compare``: one row a number, one column a function or a dialect."""

import functools
import sys
from collections.abc import Mapping, Sequence

from actcli.cli import conflicts, functions, inputs, many_files, outputs
from actcli.cli.command import Command, option
from actcli.cli.commands import evaluate
from actcli.cli.completers import complete_list
from actcli.cli.options import accept_options
from actcli.data.batch import rows_of
from actcli.data.evaluated import Job
from actcli.dialects import ALIASES, FRAMEWORKS
from actcli.errors import ActcliError, require_choice
from actcli.numerics import dtypes

_SHARED = (
    *("derivative", "linspace", "all", "bits", "dtype", "saturate", "dialect", "format", "output", "only", "digits"),
    "verbose",
    *("columns", "tensor", "delimiter", "header", "no_header", "decimal", "na", "on_error"),
    *many_files.ManyFiles._fields,
)

_HELP = """Compare functions: one row per number, one column per function.

Example: actcli compare gelu silu relu -3 -1 0 1 3 --derivative

Example: actcli compare gelu --dialects torch,jax -3 0 3
"""


def command() -> Command:
    """Return the command, made by Typer."""
    dialects = f"Compare frameworks, with their distance in ulps: two or more of {', '.join(FRAMEWORKS)}, or all."
    own_options = {"dialects": (str, option("NAME,NAME...", dialects, completer=_dialect_lists))}
    return functions.command("compare", compare, _HELP, own_options, *_SHARED)


def _dialect_lists(incomplete: str) -> list[str]:
    return complete_list(FRAMEWORKS, incomplete)


def compare(
    words: Sequence[str], parameters: Mapping[str, object], dialects: str | None = None, **option_values: object
) -> int:
    """Run the command."""
    many = many_files.ManyFiles.take(option_values)
    options = accept_options(**option_values)
    format = dtypes.FORMATS[options.dtype]
    names, rest = functions.split_args("compare", words)
    if len(set(names)) < len(names):
        raise ActcliError(f"compare takes each function once, got {', '.join(names)}")
    sides = _dialects(dialects, options.dialect)
    by_side = [functions.prepare_all(names, parameters, format.name, side) for side in sides]
    functions.require_elementwise("compare", by_side[0])
    activations = [activation for row in zip(*by_side, strict=True) for activation in row]
    options = options._replace(no_tutorial_column=True)
    job = Job(
        activations[0],
        format.name,
        saturate=options.saturate,
        derivative=options.derivative,
        naming="{column}_{function}",
        placement="only" if options.only else "append",
        compared=tuple(activations),
        dialects=len(sides),
    )
    if many.are_meant(rest):
        evaluate_step = functools.partial(evaluate.evaluate_step, job, options)
        return many_files.evaluate_files(many, rest, options, job, evaluate_step)
    numbers, file = inputs.resolve_inputs("compare", rest, options, usage=f"compare {' '.join(names)}")
    if numbers is not None:
        if numbers.ndim == 1:
            job = job._replace(naming="{function}")
        options = evaluate.with_format(options, "table")
        evaluate.run(job, [lambda: rows_of(numbers)], options, outputs.resolve_output(options.output))
        return 0
    path = file or "-"
    terminal = options.output is None and sys.stdout.isatty()
    options = evaluate.with_format(options, "table" if terminal else conflicts.format_like(path, options))
    evaluate.evaluate_file(job, path, options, outputs.resolve_output(options.output, path), beside=not terminal)
    return 0


def _dialects(names: str | None, single: str | None) -> Sequence[str | None]:
    """Return the dialects to set side by side, or the single one; None for the usual."""
    if names is None:
        return [single]
    if single is not None:
        raise ActcliError(f"--dialects cannot be combined with --dialect; add {single} to the list")
    dialects = (
        FRAMEWORKS
        if names == "all"
        else [require_choice("dialects", name.strip(), FRAMEWORKS, ALIASES) for name in names.split(",")]
    )
    if len(dialects) < 2 or len(set(dialects)) < len(dialects):
        raise ActcliError(f"--dialects must be two or more of {', '.join(FRAMEWORKS)}, each once, got {names!r}")
    return dialects
