"""What the commands that look at functions share: which functions, and which parameters go to which of them."""

from collections.abc import Callable, Mapping, Sequence

import typer

from actcli import registry
from actcli.activation import Activation, Elementwise
from actcli.api import prepare
from actcli.cli import many_files
from actcli.cli.args import split_numbers
from actcli.cli.command import HIDDEN, Command, Declaration
from actcli.cli.commands import evaluate
from actcli.cli.completers import function_names
from actcli.cli.literals import looks_like_array
from actcli.cli.options import declare_options
from actcli.errors import ActcliError, suggestion
from actcli.registry import registered
from actcli.storage.paths import exists


def command(  # noqa: PLR0913  what a command is made of
    name: str,
    function: Callable[..., int | None],
    help: str,
    own_options: Mapping[str, Declaration],
    *shared: str,
    metavar: str = "FUNCTION... [NUMBER | FILE | -]...",
    words: str = "Names of functions, then numbers or a file.",
) -> Command:
    """Return a command on functions.

    Args:
        name: what it is called.
        function: takes the words, the parameters and the options that were set.
        help: its help, up to ``Example:`` and a call, or several.
        own_options: annotation and declaration of the options that it alone has.
        shared: names of the options that it takes as the activations do, those for many files among them.
        metavar: how its help shows the words.
        words: what its help says of them.

    """
    spellings = _spellings()

    def run(**values: object) -> int | None:
        parameters = {name: values.pop(name, None) for name in spellings}
        options = {name: value for name, value in values.items() if value is not None}
        words = options.pop("words", ())
        return function(words, {name: value for name, value in parameters.items() if value is not None}, **options)

    all_shared = {**declare_options(), **many_files.declare_options()}
    declarations = {
        "words": (list[str], typer.Argument(None, metavar=metavar, help=words, autocompletion=function_names)),
        **own_options,
        **{name: all_shared[name] for name in shared},
        **{name: _declare(name, activations) for name, activations in spellings.items()},
    }
    help, *examples = help.split("Example: ")
    return evaluate.make_evaluation(name, run, declarations, help, *(example.strip() for example in examples))


def _spellings() -> dict[str, list[type[Activation]]]:
    """Return every word that names a parameter of an elementwise function, with the activations that have it."""
    spellings: dict[str, list[type[Activation]]] = {}
    for activation in registered():
        for name, parameter in activation.parameters.items():
            for spelling in (name, *parameter.spellings):
                spellings.setdefault(spelling, []).append(activation)
    return spellings


def _declare(spelling: str, activations: list[type[Activation]]) -> Declaration:
    flag = f"--{spelling.replace('_', '-')}"
    help = f"Of {', '.join(activation.name for activation in activations)}."
    kind = activations[0].parameters[activations[0].parameter_name(spelling)].kind
    if kind is bool:
        return bool, typer.Option(None, f"{flag}/--no-{flag[2:]}", help=help, rich_help_panel=HIDDEN)
    metavar = "|".join(kind) if isinstance(kind, tuple) else "NUMBER"
    return str, typer.Option(None, flag, metavar=metavar, help=help, rich_help_panel=HIDDEN)


def split_args(command: str, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of functions at the front, and the other words.

    Raises:
        ActcliError: if there is no function, or a name is not known.

    """
    names: list[str] = []
    for word in words:
        if split_numbers(word) is not None or looks_like_array(word.strip()) or _is_path(word):
            break
        names.append(registry.find(word).name)
    if not names:
        given = f", not {words[0]!r}" if words else f", as in actcli {command} gelu"
        raise ActcliError(f"{command} needs a function name first{given}; see actcli list")
    return names, list(words[len(names) :])


def _is_path(word: str) -> bool:
    """Tell whether a word names a file and not a function."""
    return not registry.is_activation(word) and (any(mark in word for mark in "./\\*?[") or exists(word))


def prepare_all(
    names: Sequence[str], parameters: Mapping[str, object], dtype: str, dialect: str | None
) -> list[Activation]:
    """Return the activations, each holding those of the parameters that it has.

    Raises:
        ActcliError: for a parameter that none of them has, or whatever ``prepare`` refuses.

    """
    activations = [registry.find(name) for name in names]
    parameter_names = [
        {*activation.parameters, *(s for p in activation.parameters.values() for s in p.spellings)}
        for activation in activations
    ]
    for parameter in parameters:
        if not any(parameter in each for each in parameter_names):
            own = dict.fromkeys(name for activation in activations for name in activation.parameters)
            every = [f"--{name.replace('_', '-')}" for name in own]
            flag = f"--{parameter.replace('_', '-')}"
            has = "none of these functions has" if len(activations) > 1 else f"{activations[0].name} does not have"
            near = suggestion(flag, every) or f"; accepted: {', '.join(every) or 'none'}"
            raise ActcliError(f"{has} a parameter {flag}{near}")
    return [
        prepare(activation.name, {name: value for name, value in parameters.items() if name in names}, dtype, dialect)
        for activation, names in zip(activations, parameter_names, strict=True)
    ]


def require_elementwise(command: str, activations: Sequence[Activation]) -> None:
    """Raise ActcliError unless every function takes each number on its own."""
    for activation in activations:
        if not isinstance(activation, Elementwise):
            raise ActcliError(
                f"{command} works on elementwise functions; {activation.name} works on vectors: see actcli "
                f"{activation.name}"
            )
        if activation.lists:
            raise ActcliError(f"{command} takes one number for each parameter of {activation.name}, not several")
