"""The command of an activation: its parameters and the shared options become one run of the stream."""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from actcli.activation import Activation, AlongAxis, Elementwise
from actcli.api import prepare
from actcli.cli import conflicts, inputs, many_files, outputs
from actcli.cli.args import expand_keywords, shield_numbers, split_numbers
from actcli.cli.command import HIDDEN, Command, Declaration, make_command, option
from actcli.cli.options import Options, accept_options, declare_options
from actcli.cli.progress import count_rows
from actcli.cli.views.formula import to_text
from actcli.data.batch import Batch, Batches, rows_of
from actcli.data.evaluated import Job
from actcli.errors import ActcliError, require_choice
from actcli.formats import registry
from actcli.formats.file_format import AnyWriter, WriteOptions
from actcli.formats.registry import FORMATS, expand_alias
from actcli.numerics import dtypes
from actcli.parameters import REQUIRED
from actcli.pipeline import stream
from actcli.storage.output import Output

if TYPE_CHECKING:
    from typer._click import Context

    from actcli.pipeline.many_files.plan import Step

FORMAT_VARIABLE = "ACTCLI_FORMAT"
"""The environment variable with the output format of a whole script; ``--format`` and ``--output`` override it."""


class Evaluation(Command):
    """A command whose numbers may begin with a minus, and whose values all stay text until their dtype is known."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Read the command line; Typer's conversion of values is left out, which also spares loading it."""
        valued = {flag for param in self.params if not getattr(param, "is_flag", False) for flag in param.opts}
        words = list(expand_keywords(args, self._parameter_flags(), valued, self.name or ""))
        values, rest, _ = self.make_parser(ctx).parse_args(args=list(shield_numbers(words, self.name or "")))
        if values.get("help"):
            print(ctx.get_help())
            ctx.exit()
        names = [param.name for param in self.params]
        ctx.params = {name: _strip(values[name]) for name in names if values.get(name) is not None}
        ctx.args = rest
        return rest

    def _parameter_flags(self) -> dict[str, list[str]]:
        """Return for each parameter how it is set: by one flag with a value, or by one of two without."""
        groups = {_PARAMETERS, HIDDEN}
        options = [param for param in self.params if getattr(param, "rich_help_panel", None) in groups]
        return {
            flag.removeprefix("--").replace("-", "_"): [flag, *param.secondary_opts]
            for param in options
            for flag in param.opts
        }


def _strip(value: object) -> object:
    if isinstance(value, str):
        return value.strip() if split_numbers(value) else value  # a file's name may begin with a blank
    return type(value)(map(_strip, value)) if isinstance(value, list | tuple) else value


def command(activation: type[Activation]) -> Command:
    """Return the command that evaluates an activation, made by Typer from a signature of its parameters."""

    def evaluate(inputs: Sequence[str] | None, **option_values: object) -> int:
        return _evaluate(
            activation, inputs or (), {name: value for name, value in option_values.items() if value is not None}
        )

    declarations = {
        "inputs": (list[str], typer.Argument(None, metavar="[NUMBER | FILE | -]...", help=_INPUTS)),
        **{name: _declare_parameter(activation, name) for name in activation.parameters},
        **{name: (str, option("VALUE", "Fixed by definition.", panel=HIDDEN)) for name in activation.fixed},
        **_declare_shared(activation),
        **many_files.declare_options(),
    }
    return make_evaluation(activation.name, evaluate, declarations, _help(activation), *_examples(activation))


def _declare_shared(activation: type[Activation]) -> dict[str, Declaration]:
    """Return the options that activations share, as far as they have a meaning for this one."""
    declarations = declare_options()
    if not issubclass(activation, AlongAxis) or activation.absent is None:
        del declarations["mask_columns"]
    return declarations


def make_evaluation(
    name: str, function: Callable[..., int | None], declarations: Mapping[str, Declaration], help: str, *examples: str
) -> Command:
    """Return a command, made by Typer from annotation and declaration of each of the function's arguments."""
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in declarations.items()
    ]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it
    function.__annotations__ = {name: annotation for name, (annotation, _) in declarations.items()}
    return make_command(name, function, *examples, cls=Evaluation, help=help)


_PARAMETERS = "Parameters"
_INPUTS = (
    "Numbers, separated by blanks or commas, or a file: CSV, TSV, JSON lines, Parquet, Arrow, npy, npz or "
    "safetensors; standard input if it is - or left out."
)


def _help(activation: type[Activation]) -> str:
    paragraphs = [
        activation.description,
        f"Formula: {to_text(activation.textbook)}",
        f"Range: {activation.range}",
        f"Source: {activation.source}",
    ]
    if activation.aliases:
        paragraphs.append(f"Also called: {', '.join(activation.aliases)}")
    return "\n\n".join(paragraphs)


def _examples(activation: type[Activation]) -> tuple[str, ...]:
    """Return examples: numbers as arguments, numbers from a pipe, and the description of the function."""
    needed = "".join(
        f" --{name.replace('_', '-')} 0.5"
        for name, parameter in activation.parameters.items()
        if parameter.default is REQUIRED
    )
    call = f"actcli {activation.name}"
    slopes = " --derivative" if issubclass(activation, Elementwise) else ""
    piped = f"printf '1,2\\n3,4\\n' | {call}{needed} --only"
    return f"{call} -2 0.5 1 3{needed}{slopes}", piped, f"actcli info {activation.name}"


def _declare_parameter(activation: type[Activation], name: str) -> Declaration:
    """Return annotation and declaration of a parameter's option; its help names the defaults of every dialect."""
    parameter = activation.parameters[name]
    flags = [f"--{spelling.replace('_', '-')}" for spelling in (name, *parameter.spellings)]
    defaults = [] if parameter.default is None else [parameter.shown]
    by_default: dict[str, list[str]] = {}
    for dialect, values in ((name, has.defaults) for name, has in activation.dialects.items()):
        if name in values:
            by_default.setdefault(parameter._replace(default=values[name]).shown, []).append(dialect)
    defaults += [f"{', '.join(dialects)}: {value}" for value, dialects in by_default.items()]
    accepted = f" ({parameter.domain})" if parameter.domain not in {"", "any"} else ""
    several = ", one for all columns or one for each" if parameter.per_column else ""
    text = parameter.help + several + accepted + (f" (default: {'; '.join(defaults)})" if defaults else "")
    text = text.replace("(default: required)", "(required)")
    if parameter.kind is bool:
        return bool, typer.Option(None, f"{flags[0]}/--no-{flags[0][2:]}", help=text, rich_help_panel=_PARAMETERS)
    number = "NUMBER[,NUMBER]..." if parameter.per_column or parameter.several else "NUMBER"
    metavar = "|".join(parameter.kind) if isinstance(parameter.kind, tuple) else number
    return str, option(metavar, text, *flags, panel=_PARAMETERS)


def _evaluate(activation: type[Activation], words: Sequence[str], option_values: dict[str, object]) -> int:
    names = (*activation.parameters, *activation.fixed)
    parameters = {name: option_values.pop(name) for name in names if name in option_values}
    many = many_files.ManyFiles.take(option_values)
    options = accept_options(**option_values)
    dtype = dtypes.FORMATS[options.dtype]
    prepared = prepare(activation.name, parameters, dtype.name, options.dialect)
    quantization = conflicts.resolve_quantization(options, prepared)
    naming, placement = conflicts.resolve_placement(options, prepared)
    job = Job(prepared, dtype.name, options.numerics, options.saturate, options.derivative, naming, placement)
    job = job._replace(mask_columns=tuple(options.mask_columns))
    codes = None
    if quantization is not None:
        job, codes = job._replace(quantization=quantization), quantization.codes.astype("float64")
        options = options._replace(dtype="float64", no_tutorial_column=True)  # every code is one of its numbers
    if many.are_meant(words):
        return many_files.evaluate_files(many, words, options, job, functools.partial(evaluate_step, job, options))
    if codes is not None:
        numbers, file = inputs.resolve_codes(activation.name, words, options, codes)
    else:
        in_rows = isinstance(prepared, AlongAxis)
        numbers, file = inputs.resolve_inputs(activation.name, words, options, in_rows=in_rows)
    if numbers is not None:
        options = with_format(options, "table")
        run(job, [lambda: rows_of(numbers)], options, outputs.resolve_output(options.output))
        return 0
    conflicts.check_in_place(options, file)
    if options.in_place:
        options = options._replace(output=file)
    terminal = options.output is None and sys.stdout.isatty()
    path = file or "-"
    options = with_format(options, "table" if terminal else conflicts.format_like(path, options))
    evaluate_file(job, path, options, outputs.resolve_output(options.output, path), beside=not terminal)
    return 0


def evaluate_step(job: Job, options: Options, step: "Step") -> int:
    """Evaluate one file of many, and return how many rows it has."""
    options = options._replace(output=step.target, format=options.format or conflicts.format_like(step.source, options))
    place = outputs.resolve_output(step.target, step.source)
    return evaluate_file(job, step.source, with_format(options._replace(verbose=False), ""), place, beside=False)


def evaluate_file(job: Job, path: str, options: Options, place: Output, *, beside: bool) -> int:
    """Evaluate one file, and return how many rows it has; ``beside`` tells whether the terminal stays free."""
    source = FORMATS[registry.input_format(path, options.source_format)]
    target = FORMATS[options.format or source.name]
    by_columns = options.columns or options.mask_columns or job.compared
    as_array = source.preserves_arrays and target.preserves_arrays and not by_columns
    as_text = not (as_array or (source.has_schema and target.has_schema))
    rows = 0
    with inputs.open_input(path, options, beside=beside, as_text=as_text) as (reader, on_progress):
        if options.in_place and source.separator:
            options = options._replace(no_header=not reader.has_header)
        conflicts.check_nothing_lost(options, reader.left_out)
        batches = reader.slices(job.activation) if as_array else reader.batches()

        def count(batch: Batch) -> None:
            nonlocal rows
            rows += count_rows(batch)
            on_progress(batch)

        run(job, batches, options, place, count)
    return rows


def with_format(options: Options, default: str) -> Options:
    """Return the options with the output format they ask for, or that of the output's ending.

    Raises:
        ActcliError: for an unknown format, or one that cannot be written there.

    """
    if options.format is not None:
        name = registry.check_format_name(options.format)
    elif options.output is None and (setting := os.environ.get(FORMAT_VARIABLE)):
        name = require_choice(FORMAT_VARIABLE, expand_alias(setting), FORMATS)
    else:
        name = default if options.output is None or options.in_place else registry.output_format(options.output)
    if name != "table" and options.digits is not None:
        raise ActcliError(f"--digits is for tables; {name} keeps all digits: leave it out")
    if FORMATS[name].is_binary and options.output is None and sys.stdout.isatty():
        raise ActcliError(f"{name} is a binary format: write it with --output FILE, or to a pipe")
    if options.output is not None:
        registry.check_compression(options.output, name)
    return options._replace(format=name)


def run(
    job: Job,
    batches: Batches,
    options: Options,
    place: Output,
    on_progress: Callable[[Batch], None] = lambda batch: None,
) -> None:
    """Evaluate and write in the format of the options."""
    writer = _writer(options)
    conflicts.check_format(options, options.format or "table", writer)
    job = job._replace(bits=options.bits and writer.names_columns)
    with outputs.open_output(place) as out:
        stream.run(job, batches, writer, out, on_progress)


def _writer(options: Options) -> AnyWriter:
    format = FORMATS[options.format or "table"]
    if format.make_writer is None:
        from actcli.cli.views import tables

        return tables.TerminalWriter(
            tutorial_column=not options.no_tutorial_column and options.digits is None,
            digits=conflicts.parse_digits(options),
        )
    separator = options.delimiter if format.name == "csv" and options.delimiter else format.separator or ","
    return format.make_writer(WriteOptions(separator, header=not options.no_header))
