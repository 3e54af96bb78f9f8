"""How a command is made: by Typer from a function, its help plain text that fits any width, with examples that run."""

import shutil
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import typer
from typer.core import TyperArgument, TyperCommand

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

Declaration: TypeAlias = tuple[object, object]
"""Annotation and declaration of an option or argument, as Typer reads them from a signature."""

COMPLETION_VARIABLE = "_ACTCLI_COMPLETE"
"""The environment variable with which a shell asks for completions of the last argument."""


_OPTIONS = "Options"
_NARROWEST, _WIDEST = 40, 80  # of help
_WIDE_ENOUGH = 50  # for long options beside their text
HIDDEN = "hidden"
"""The group of options that help leaves out."""


class Command(TyperCommand):
    """A command whose help shows its words as they are declared, without Typer's types and brackets."""

    def __init__(self, *args: Any, **properties: Any) -> None:
        super().__init__(*args, **properties)
        for param in self._arguments():
            param.get_help_record = partial(_help_record, param)  # type: ignore[method-assign]

    def collect_usage_pieces(self, ctx: "Context") -> list[str]:
        """Return the words, then the options."""
        return [*(param.metavar or "" for param in self._arguments()), "[OPTIONS]"]

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the arguments, then the options under the heading of their group; hidden groups are left out."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            group = "Arguments" if isinstance(param, TyperArgument) else getattr(param, "rich_help_panel", None)
            if group != HIDDEN and (record := param.get_help_record(ctx)):
                groups.setdefault(group or "General", []).append(record)
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records, col_max=30 if formatter.width >= _WIDE_ENOUGH else 12)

    def _arguments(self) -> list[TyperArgument]:
        return [param for param in self.params if isinstance(param, TyperArgument)]


def _help_record(param: TyperArgument, ctx: "Context") -> tuple[str, str]:
    return param.metavar or "", param.help or ""


def make_command(
    name: str, function: Callable[..., int | None], *examples: str, help: str, cls: type[Command] = Command
) -> Command:
    """Return a command that runs the function."""
    single = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={
            "help_option_names": ["-h", "--help"],
            "token_normalize_func": lambda name: name.replace("_", "-"),  # as people paste them from Python
            "terminal_width": max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST)) - 2,
        },
    )
    single.command(name, epilog=_epilog(examples), cls=cls, help=help)(function)
    command = typer.main.get_command(single)
    assert isinstance(command, Command)
    return command


def option(
    metavar: str,
    help: str,
    *flags: str,
    completer: Callable[..., list[str]] | None = None,
    panel: str | None = None,
) -> Any:
    """Declare an option that takes a value, and what completes it; without flags, it is named as its argument is."""
    return typer.Option(
        None, *flags, metavar=metavar, help=help, autocompletion=completer, rich_help_panel=panel or _OPTIONS
    )


def flag(name: str, help: str, *others: str, panel: str | None = None) -> Any:
    """Declare an option that takes no value."""
    return typer.Option(False, name, *others, help=help, rich_help_panel=panel or _OPTIONS)


def _epilog(examples: tuple[str, ...]) -> str:
    """Return the examples as the end of a help text, one a line."""
    return "\n".join(["\b", "Examples:", *(f"  $ {example}" for example in examples)])
