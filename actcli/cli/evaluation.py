"""The command of an activation: its parameters and the shared options become one run of the stream."""

import gc
import inspect
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

import typer
from typer.core import TyperCommand

from actcli import stream
from actcli.activation import Activation
from actcli.cli import conflicts, options, words
from actcli.cli.options import Options
from actcli.errors import ActcliError, choose
from actcli.evaluate import prepare
from actcli.files import formats, output
from actcli.files.table import Column, Job, Table
from actcli.numerics import dtypes, text


class Evaluation(TyperCommand):
    """A command whose numbers may begin with a minus, and whose values all stay text until their dtype is known."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; Typer's conversion of values is left out, which also spares loading it."""
        given, rest, _ = self.make_parser(ctx).parse_args(args=list(words.shielded(args, self.name or "")))
        if given.get("help"):
            print(ctx.get_help())
            ctx.exit()
        names = [param.name for param in self.params]
        ctx.params = {name: _stripped(given[name]) for name in names if given.get(name) is not None}
        ctx.args = rest
        return rest


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or value  # a blank may be the character between cells
    return type(value)(map(_stripped, value)) if isinstance(value, list | tuple) else value


def command(block: type[Activation]) -> Any:
    """Return the command that evaluates an activation, made by Typer from a signature of its parameters."""

    def evaluate(**given: Any) -> None:
        _evaluate(block, **{name: value for name, value in given.items() if value is not None})

    declarations = {
        "inputs": (list[str], typer.Argument(None, metavar="[NUMBER | NUMBER,NUMBER | FILE | -]...", help=_INPUTS)),
        **{name: _parameter(block, name) for name in block.parameters},
        **options.declared(),
    }
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in declarations.items()
    ]
    evaluate.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    evaluate.__annotations__ = {name: annotation for name, (annotation, _) in declarations.items()}
    single = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
    )
    single.command(block.name, cls=Evaluation, help=_help(block))(evaluate)
    return typer.main.get_command(single)


_INPUTS = "Numbers, or a file of comma- or tab-separated values; - and nothing read standard input."


def _help(block: type[Activation]) -> str:
    names = f"\n\nAlso called: {', '.join(block.aliases)}" if block.aliases else ""
    return f"{block.__doc__}\n\nFormula: {block.formula}\n\nSource: {block.source}{names}".replace("[", "\\[")


def _parameter(block: type[Activation], name: str) -> tuple[Any, Any]:
    """Return annotation and declaration of a parameter's option; its help names the defaults of every dialect."""
    parameter = block.parameters[name]
    flags = [f"--{spelling.replace('_', '-')}" for spelling in (name, *parameter.spellings)]
    defaults = [] if parameter.default is None else [parameter.shown]
    by_default: dict[str, list[str]] = {}
    for dialect, values in block.dialects.items():
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
    return str, typer.Option(None, *flags, metavar=metavar, help=text)


def _evaluate(block: type[Activation], inputs: list[str] | None = None, **given: Any) -> None:
    parameters = {name: given.pop(name) for name in block.parameters if name in given}
    asked = Options(**given)
    format = dtypes.FORMATS[choose("--dtype", asked.dtype, dtypes.FORMATS)]
    prepared = prepare(block.name, parameters, format.name, asked.dialect)
    job = Job(prepared, format.name, asked.numerics, asked.derivative, *conflicts.of_results(asked, prepared))
    if asked.delimiter is not None:
        asked = asked._replace(delimiter=formats.delimiter(asked.delimiter))
    typed, file = words.sorted_out(inputs or [], block.name)
    if asked.linspace and (typed or file):
        raise ActcliError("--linspace makes the numbers; leave out the typed numbers and the file")
    if asked.linspace or typed:
        conflicts.check_typed(asked)
        numbers = _evenly_spaced(*asked.linspace, format) if asked.linspace else text.parse(typed, format)
        _run(job, [lambda: Table([Column("x", numbers)])], asked, "table")
        return
    if file is None and (sys.stdin is None or sys.stdin.isatty()):
        raise ActcliError(
            f"{block.name} needs numbers: type some (actcli {block.name} -5 0 3), name a CSV file, or pipe one in"
        )
    conflicts.check_in_place(asked, file)
    _from_file(job, file or "-", asked._replace(output=file) if asked.in_place else asked)


def _from_file(job: Job, path: str, asked: Options) -> None:
    """Evaluate what a file or standard input holds."""
    gc.enable()
    from actcli.cli.progress import Progress

    reading = conflicts.of_reading(asked, path)
    terminal = asked.output is None and sys.stdout.isatty()
    with Progress(path, beside=not terminal, verbose=asked.verbose).running() as progress:
        from actcli.files import separated, source

        # polars has put its own handler in place, under which Control-C does not end a read that waits for data.
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
        reader = separated.Reader(source.chunks(path, read=progress.read), source.name_of(path), reading)
        if asked.in_place:
            asked = asked._replace(header=reader.has_header)
        shown = "table" if terminal else "csv" if asked.delimiter else formats.of_input(path)
        _run(job, reader.batches(), asked, shown, progress.done)


def _evenly_spaced(start: str, stop: str, count: str, format: dtypes.Format) -> Any:
    import numpy as np

    from actcli.numerics import rounding

    for name, word in (("START", start), ("STOP", stop), ("COUNT", count)):
        if not text.is_number(text.normalised(word)) or not np.isfinite(float(text.normalised(word))):
            raise ActcliError(f"--linspace: {name} is a finite number, not {word!r}")
    if not float(count).is_integer() or float(count) < 1:
        raise ActcliError(f"--linspace: COUNT is a whole number from 1 up, not {count!r}")
    first, last = (float(text.normalised(word)) for word in (start, stop))
    try:
        return rounding.nearest(np.linspace(first, last, int(float(count))), format)
    except (MemoryError, ValueError):
        raise ActcliError(f"--linspace: {count} numbers do not fit into memory") from None


def _run(
    job: Job,
    batches: Iterable[Callable[[], Table]],
    asked: Options,
    default: str,
    done: Callable[[Table], None] = lambda table: None,
) -> None:
    """Evaluate and write in the format asked for, by name or by the output's ending."""
    if asked.format is not None:
        name = formats.named(asked.format)
    else:
        name = default if asked.output is None or asked.in_place else formats.of_output(asked.output)
    writer: Any
    if name == "table":
        from actcli.cli import tables

        writer = tables.Terminal(tutorial_column=not asked.no_tutorial_column)
    else:
        from actcli.files import writers

        chosen = formats.FORMATS[name]
        separator = asked.delimiter if name == "csv" and asked.delimiter else chosen.separator
        how = {"separator": separator, "header": asked.header is not False} if separator else {}
        writer = getattr(writers, str(chosen.writer))(**how)
    conflicts.check_format(asked, name, writer)
    with output.opened(asked.output) as out:
        stream.run(job, batches, writer, out, done)
