"""The Typer app: one command per activation, then the fixed ones; and the door where errors are spoken."""

import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from actcli import catalogue as _  # noqa: F401  importing the catalogue registers its activations
from actcli import registry, signals
from actcli.cli import command_line, messages
from actcli.cli.builtin import BUILTIN_COMMANDS, load_command
from actcli.cli.command import COMPLETION_VARIABLE, Command
from actcli.errors import ActcliError, StorageError, suggestion

if TYPE_CHECKING:
    from typer._click import Context


class Catalogue(TyperGroup):
    """A group that makes a command only when it is called for, so that a longer catalogue starts no slower."""

    def list_commands(self, ctx: "Context") -> list[str]:
        """Return the names of the activations in the catalogue's order, then the built-in commands."""
        return [*(activation.name for activation in registry.registered()), *BUILTIN_COMMANDS]

    def get_command(self, ctx: "Context", cmd_name: str) -> Command:
        """Return the command of an activation, under any of its names, or a built-in one."""
        return load_command(cmd_name)

    def get_help(self, ctx: "Context") -> str:
        """Return the first page: what this is, five examples, and the commands; activations by family."""
        from actcli.cli.views import overview

        return overview.page(self.get_command, ctx)

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Read the words up to the command; raise ActcliError if numbers come first."""
        args = command_line.put_command_first(args)
        if args and re.match(r"[-+\N{MINUS SIGN}]?[.\d]", args[0]):
            raise ActcliError(f"unknown activation {args[0]!r}; write the function first: actcli FUNCTION {args[0]}")
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Catalogue,
    add_completion=False,
    add_help_option=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _actcli(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
    help: bool = typer.Option(False, "--help", "-h", help="Show this help and exit."),
) -> None:
    # A help option of our own: for Typer's, Typer would load its validation library on every start.
    if version:
        from importlib.metadata import version as installed

        print(f"actcli {installed('actcli')}")
        raise typer.Exit
    if help or context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit status.

    Raises:
        ActcliError: for everything the user has to be told.
        OSError: if standard output cannot be written.

    """
    command = typer.main.get_command(app)
    try:
        with command.make_context("actcli", arguments) as context:
            status = command.invoke(context)
    except typer.Exit as request:
        status = request.exit_code
    except Exception as error:
        if not hasattr(error, "format_message"):  # an error of Click's, wherever Typer keeps its Click
            raise
        raise ActcliError(_reword(error)) from None
    sys.stdout.flush()
    return status or 0


def _reword(error: Any) -> str:
    """Return Click's message about a call in the words of the others."""
    message: str = error.format_message().rstrip(".")
    if count := re.search(r"requires (an|\d+) arguments?$", message):
        return f"{error.option_name} requires {'a value' if count[1] == 'an' else f'{count[1]} values'}"
    if error.ctx is None:
        return message
    name, help = error.ctx.info_name, f"see {error.ctx.command_path} --help"
    if hasattr(error, "possibilities"):
        flags = [flag for param in error.ctx.command.params for flag in param.opts if flag.startswith("--")]
        return f"{name} has no option {error.option_name!r}{suggestion(error.option_name, flags) or f'; {help}'}"
    if extra := re.search(r"unexpected extra argument\S* \((.*)\)$", message):
        return f"{name} takes no further argument, got {extra[1]!r}; {help}"
    return f"{name}: {message[:1].lower()}{message[1:]}; {help}"


def main() -> None:
    """Run the command line, speak errors in one line on standard error, and exit."""
    try:
        if sys.stdout is None:
            raise StorageError("standard output is closed")
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # as standard error does: an old system is no mistake
        if COMPLETION_VARIABLE in os.environ:
            from actcli.cli import completion

            completion.answer(sys.argv[1:])
            sys.stdout.flush()
            os._exit(0)
        status = run(sys.argv[1:])
    except ActcliError as error:
        messages.say(error.on_command_line)
        status = error.status
    except BrokenPipeError:
        status = 0
    except OSError as error:
        messages.say(f"cannot write standard output: {error.strerror}")
        status = StorageError.status
    except MemoryError:
        messages.say("the data do not fit into memory")
        status = StorageError.status
    signals.clean_up()
    # All output is flushed: taking the modules down in order would only add a fifth to a short run.
    os._exit(status)
