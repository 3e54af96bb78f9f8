"""The command of an activation: its parameters and the shared options become one run of the stream."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from actcli.activation import Activation, Elementwise
from actcli.api import prepare
from actcli.cli import conflicts, inputs, options, outputs
from actcli.cli.args import numbers as typed_numbers
from actcli.cli.args import shielded
from actcli.cli.command import Command, Declaration, make_command, option
from actcli.cli.options import Options
from actcli.data.batch import Batch, Batches, TypedNumbers
from actcli.data.evaluated import Job
from actcli.errors import ActcliError
from actcli.formats import registry
from actcli.formats.file_format import AnyWriter, WriteOptions
from actcli.formats.registry import FORMATS
from actcli.numerics import dtypes
from actcli.parameters import REQUIRED
from actcli.pipeline import stream
from actcli.storage.output import Output

if TYPE_CHECKING:
    from typer._click import Context


class Evaluation(Command):
    """A command whose numbers may begin with a minus, and whose values all stay text until their dtype is known."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Read the command line; Typer's conversion of values is left out, which also spares loading it."""
        given, rest, _ = self.make_parser(ctx).parse_args(args=list(shielded(args, self.name or "")))
        if given.get("help"):
            print(ctx.get_help())
            ctx.exit()
        names = [param.name for param in self.params]
        ctx.params = {name: _stripped(given[name]) for name in names if given.get(name) is not None}
        ctx.args = rest
        return rest


def _stripped(value: object) -> object:
    if isinstance(value, str):
        return value.strip() if typed_numbers(value) else value  # a file's name may begin with a blank
    return type(value)(map(_stripped, value)) if isinstance(value, list | tuple) else value


def command(block: type[Activation]) -> Command:
    """Return the command that evaluates an activation, made by Typer from a signature of its parameters."""

    def evaluate(inputs: Sequence[str] | None, **given: object) -> None:
        _evaluate(block, inputs or (), **{name: value for name, value in given.items() if value is not None})

    declarations = {
        "inputs": (list[str], typer.Argument(None, metavar="[NUMBER | FILE | -]...", help=_INPUTS)),
        **{name: _parameter(block, name) for name in block.parameters},
        **options.declared(),
    }
    return made(block.name, evaluate, declarations, _help(block), *_examples(block))


def made(
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


_INPUTS = (
    "Numbers, with blanks or commas between them, or a file: CSV, TSV, JSON lines, Parquet, Arrow or npy; - and "
    "nothing read standard input."
)


def _help(block: type[Activation]) -> str:
    names = f"\n\nAlso called: {', '.join(block.aliases)}" if block.aliases else ""
    return f"{block.description}\n\nFormula: {block.formula}\n\nRange: {block.range}\n\nSource: {block.source}{names}"


def _examples(block: type[Activation]) -> tuple[str, ...]:
    """Return calls to try: with typed numbers, from a pipe, and for what is known of the function."""
    needed = "".join(
        f" --{name.replace('_', '-')} 0.5"
        for name, parameter in block.parameters.items()
        if parameter.default is REQUIRED
    )
    call = f"actcli {block.name}"
    slopes = " --derivative" if issubclass(block, Elementwise) else ""
    piped = f"printf '1,2\\n3,4\\n' | {call}{needed} --only"
    return f"{call} -2 0.5 1 3{needed}{slopes}", piped, f"actcli info {block.name}"


def _parameter(block: type[Activation], name: str) -> Declaration:
    """Return annotation and declaration of a parameter's option; its help names the defaults of every dialect."""
    parameter = block.parameters[name]
    flags = [f"--{spelling.replace('_', '-')}" for spelling in (name, *parameter.spellings)]
    defaults = [] if parameter.default is None else [parameter.shown]
    by_default: dict[str, list[str]] = {}
    for dialect, values in ((name, has.defaults) for name, has in block.dialects.items()):
        if name in values:
            by_default.setdefault(parameter._replace(default=values[name]).shown, []).append(dialect)
    defaults += [f"{', '.join(dialects)}: {value}" for value, dialects in by_default.items()]
    accepted = f" ({parameter.domain})" if parameter.domain not in {"", "any"} else ""
    several = ", one for all columns or one for each" if parameter.per_column else ""
    text = parameter.help + several + accepted + (f" (default: {'; '.join(defaults)})" if defaults else "")
    text = text.replace("(default: required)", "(required)")
    if parameter.kind is bool:
        return bool, typer.Option(None, f"{flags[0]}/--no-{flags[0][2:]}", help=text)
    number = "NUMBER[,NUMBER]..." if parameter.per_column else "NUMBER"
    metavar = "|".join(parameter.kind) if isinstance(parameter.kind, tuple) else number
    return str, option(metavar, text, *flags)


def _evaluate(activation: type[Activation], words: Sequence[str] = (), **given: object) -> None:
    parameters = {name: given.pop(name) for name in activation.parameters if name in given}
    asked = options.accepted(**given)
    dtype = dtypes.FORMATS[asked.dtype]
    prepared = prepare(activation.name, parameters, dtype.name, asked.dialect)
    job = Job(prepared, dtype.name, asked.numerics, asked.derivative, *conflicts.of_results(asked, prepared))
    numbers, file = inputs.numbers(activation.name, words, asked)
    if numbers is not None:
        asked = with_format(asked, "table")
        run(job, [lambda: TypedNumbers(numbers)], asked, outputs.settle(asked.output))
        return
    conflicts.check_in_place(asked, file)
    if asked.in_place:
        asked = asked._replace(output=file)
    terminal = asked.output is None and sys.stdout.isatty()
    path = file or "-"
    source = FORMATS[registry.of_input(path, asked.source_format)]
    asked = with_format(asked, "table" if terminal else "csv" if asked.delimiter else source.name)
    target = FORMATS[asked.format or source.name]
    as_array = source.preserves_arrays and target.preserves_arrays and not asked.columns
    as_text = not (as_array or (source.has_schema and target.has_schema))
    place = outputs.settle(asked.output, path)
    with inputs.opened(path, asked, beside=not terminal, as_text=as_text) as (reader, on_progress):
        if asked.in_place and source.separator:
            asked = asked._replace(no_header=not reader.has_header)
        batches = reader.slices(prepared) if as_array else reader.batches()
        run(job, batches, asked, place, on_progress)


def with_format(asked: Options, default: str) -> Options:
    """Return the options with the output format they ask for, or that of the output's ending.

    Raises:
        ActcliError: for an unknown format, or one that cannot be written there.

    """
    if asked.format is not None:
        name = registry.named(asked.format)
    else:
        name = default if asked.output is None or asked.in_place else registry.of_output(asked.output)
    if FORMATS[name].is_binary and asked.output is None and sys.stdout.isatty():
        raise ActcliError(f"{name} is not for a terminal; give --output FILE, or pipe it on")
    if asked.output is not None:
        registry.check_compression(asked.output, name)
    return asked._replace(format=name)


def run(
    job: Job,
    batches: Batches,
    asked: Options,
    place: Output,
    on_progress: Callable[[Batch], None] = lambda batch: None,
) -> None:
    """Evaluate and write in the format of the options."""
    writer = _writer(asked)
    conflicts.check_format(asked, asked.format or "table", writer)
    with outputs.opened(place) as out:
        stream.run(job, batches, writer, out, on_progress)


def _writer(asked: Options) -> AnyWriter:
    format = FORMATS[asked.format or "table"]
    if format.make_writer is None:
        from actcli.cli.views import tables

        return tables.TerminalWriter(tutorial_column=not asked.no_tutorial_column)
    separator = asked.delimiter if format.name == "csv" and asked.delimiter else format.separator or ","
    return format.make_writer(WriteOptions(separator, header=not asked.no_header))
