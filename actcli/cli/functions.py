"""What the commands that look at functions share: which functions, and which parameters go to which of them."""

from collections.abc import Callable, Mapping, Sequence

import typer

from actcli import registry
from actcli.activation import Activation, Elementwise
from actcli.api import prepare
from actcli.cli import options
from actcli.cli.args import numbers
from actcli.cli.command import Command, Declaration
from actcli.cli.commands import evaluate
from actcli.cli.completers import function_names
from actcli.errors import ActcliError, suggestion
from actcli.registry import registered
from actcli.storage.paths import exists

_PANEL = "Parameters of the functions that have them"


def command(  # noqa: PLR0913  what a command is made of
    name: str,
    function: Callable[..., int | None],
    help: str,
    own: Mapping[str, Declaration],
    *shared: str,
    takes: str = "FUNCTION... [NUMBER | FILE | -]...",
    words: str = "Names of functions, then numbers or a file.",
) -> Command:
    """Return a command on functions.

    Args:
        name: what it is called.
        function: takes the words, the parameters and the options that were given.
        help: its help, up to ``Example:`` and a call, or several.
        own: annotation and declaration of its own options.
        shared: names of the options that it takes as the activations do.
        takes: how its help shows the words.
        words: what its help says of them.

    """
    spellings = _spellings()

    def run(**given: object) -> int | None:
        parameters = {name: given.pop(name, None) for name in spellings}
        chosen = {name: value for name, value in given.items() if value is not None}
        words = chosen.pop("words", ())
        return function(words, {name: value for name, value in parameters.items() if value is not None}, **chosen)

    all_shared = options.declared()
    declarations = {
        "words": (list[str], typer.Argument(None, metavar=takes, help=words, autocompletion=function_names)),
        **own,
        **{name: all_shared[name] for name in shared},
        **{name: _declared(name, blocks) for name, blocks in spellings.items()},
    }
    help, *examples = help.split("Example: ")
    return evaluate.made(name, run, declarations, help, *(example.strip() for example in examples))


def _spellings() -> dict[str, list[type[Activation]]]:
    """Return every word that names a parameter of an elementwise function, with the blocks that have it."""
    spellings: dict[str, list[type[Activation]]] = {}
    for block in registered():
        for name, parameter in block.parameters.items():
            for spelling in (name, *parameter.spellings):
                spellings.setdefault(spelling, []).append(block)
    return spellings


def _declared(spelling: str, blocks: list[type[Activation]]) -> Declaration:
    flag = f"--{spelling.replace('_', '-')}"
    help = f"Of {', '.join(block.name for block in blocks)}."
    kind = blocks[0].parameters[blocks[0].parameter_name(spelling)].kind
    if kind is bool:
        return bool, typer.Option(None, f"{flag}/--no-{flag[2:]}", help=help, rich_help_panel=_PANEL)
    metavar = "|".join(kind) if isinstance(kind, tuple) else "NUMBER"
    return str, typer.Option(None, flag, metavar=metavar, help=help, rich_help_panel=_PANEL)


def split(command: str, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of functions at the front, and the other words.

    Raises:
        ActcliError: if there is no function, or a name is not known.

    """
    names: list[str] = []
    for word in words:
        if numbers(word) is not None or _is_path(word):
            break
        names.append(registry.find(word).name)
    if not names:
        given = f", not {words[0]!r}" if words else f", as in actcli {command} gelu"
        raise ActcliError(f"{command} needs the name of a function first{given}; see actcli list")
    return names, list(words[len(names) :])


def _is_path(word: str) -> bool:
    """Tell whether a word names a file and not a function."""
    try:
        registry.find(word)
    except ActcliError:
        return any(mark in word for mark in "./\\") or exists(word)
    return False


def prepared(
    names: Sequence[str], parameters: Mapping[str, object], dtype: str, dialect: str | None
) -> list[Activation]:
    """Return the blocks, each holding those of the parameters that it has.

    Raises:
        ActcliError: for a parameter that none of them has, or whatever ``prepare`` refuses.

    """
    blocks = [registry.find(name) for name in names]
    known = [{*block.parameters, *(s for p in block.parameters.values() for s in p.spellings)} for block in blocks]
    for given in parameters:
        if not any(given in names for names in known):
            every = list(dict.fromkeys(f"--{name.replace('_', '-')}" for block in blocks for name in block.parameters))
            flag = f"--{given.replace('_', '-')}"
            has = "none of these functions has" if len(blocks) > 1 else f"{blocks[0].name} does not have"
            near = suggestion(flag, every) or f"; accepted: {', '.join(every) or 'none'}"
            raise ActcliError(f"{has} a parameter {flag}{near}")
    return [
        prepare(block.name, {name: value for name, value in parameters.items() if name in names}, dtype, dialect)
        for block, names in zip(blocks, known, strict=True)
    ]


def elementwise(command: str, blocks: Sequence[Activation]) -> None:
    """Raise ActcliError unless every function takes each number on its own."""
    for block in blocks:
        if not isinstance(block, Elementwise):
            raise ActcliError(
                f"{command} is for functions of one number; {block.name} takes many together: see actcli {block.name}"
            )
        if any(isinstance(getattr(block, name), list) for name in block.parameters):
            raise ActcliError(f"{command} takes one number for each parameter of {block.name}, not several")
