"""What the word KERNEL names, told from the word alone: nothing is imported or opened here."""

import re
import shlex
from typing import Literal, NamedTuple, TypeAlias

from actcli.errors import ActcliError
from actcli.referee.kernel import KernelOptions

_LIBRARY = re.compile(r".*\.(so(\.\d+)*|dylib|dll)", re.IGNORECASE | re.DOTALL)
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_ACCEPTED = (
    "expected module:name, file.py:name, ./library.so:name, a file of numbers such as dump.csv, 'x.npy y.npy', or "
    "--command COMMAND"
)


class Code(NamedTuple):
    """A Python callable or a function in a shared library."""

    word: str
    kind: Literal["module", "file", "library", "line"]
    place: str
    """The module, or the path of the file; for a line of code, the framework that it is for."""
    name: str
    """That of the function, after dots within classes and objects; or the line of code."""
    differentiate: bool = False
    """Whether its framework has to differentiate it; any other kernel computes the derivative itself."""


class Command(NamedTuple):
    """A command that reads numbers and writes as many."""

    word: str
    args: tuple[str, ...]


class Dump(NamedTuple):
    """Numbers already computed."""

    word: str
    paths: tuple[str, ...]
    """One file, or a .npy file of inputs and one of results."""


Target: TypeAlias = Code | Command | Dump


def parse(word: str, options: KernelOptions) -> Target:
    """Return what a word names.

    A function after a comma, as in ``kernels.py:silu,silu_grad``, computes the derivative.

    Raises:
        ActcliError: if it names nothing, or an option cannot be combined with it.

    """
    target = _parse_word(word, options) if options.command is None else _parse_command(word, options.command)
    _check_options(target, options)
    return target


def _parse_command(word: str, command: str) -> Command:
    if word:
        raise ActcliError(f"--command is the kernel; omit the KERNEL {word!r}, or --command")
    try:
        args = tuple(shlex.split(command))
    except ValueError as error:
        raise ActcliError(f"--command {command!r} cannot be split into words: {error}") from None
    if not args:
        raise ActcliError("--command is empty; expected a command that reads numbers and writes as many")
    return Command(command, args)


def _parse_word(word: str, options: KernelOptions) -> Code | Dump:
    place, colon, names = word.rpartition(":")
    name, comma, derivative = names.partition(",")
    named = [name, derivative] if comma else [name]
    if (kind := _kind(place)) and all(map(_DOTTED.fullmatch, named)):
        differentiate = options.derivative and not comma
        return Code(word, kind, place, derivative if comma and options.derivative else name, differentiate)
    if (kind := _kind(word)) in {"file", "library"} or _kind(place) in {"file", "library"}:
        raise ActcliError(f"KERNEL {word!r} names no function; expected {word if kind else place}:NAME")
    inputs, space, results = word.partition(".npy ")
    if space and results.endswith(".npy"):
        return Dump(word, (f"{inputs}.npy", results))
    if ("/" in word or "." in word) and (not colon or "/" in names):
        return Dump(word, (word,))
    raise ActcliError(f"KERNEL {word!r} is not a kernel; {_ACCEPTED}")


def _kind(place: str) -> Literal["module", "file", "library"] | None:
    if place.endswith(".py"):
        return "file"
    if _LIBRARY.fullmatch(place):
        return "library"
    return "module" if _DOTTED.fullmatch(place) else None


def _check_options(target: Target, options: KernelOptions) -> None:
    """Raise ActcliError for an option of another kind of kernel."""
    is_callable = isinstance(target, Code) and target.kind != "library"
    for option, present in {"--with": options.with_, "--device": options.device, "--compile": options.compile}.items():
        if present and not is_callable:
            raise ActcliError(f"{option} is for a Python callable, not {target.word}; omit it")
    if options.columns is not None and not (isinstance(target, Dump) and len(target.paths) == 1):
        raise ActcliError(f"--columns selects columns of a file of numbers; {target.word} has none; omit it")
