"""The words of a command line: which are numbers, which name a file, which are mistyped options."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from actcli.errors import ActcliError
from actcli.numerics.text import is_number_or_bits, normalize
from actcli.parameters import ELSEWHERE, SWITCH_WORDS
from actcli.registry import is_activation
from actcli.storage.paths import exists

_TAKES_ANY_WORD = {"-c", "--columns", "--mask-columns", "--na"}  # options whose value may be any word


def split_numbers(word: str) -> list[str] | None:
    """Return the numbers of a word like ``-5``, ``-5,-8,0`` or ``"-5 -8"``, or None if it is no list of numbers."""
    parts = normalize(word).removesuffix(",").split(",")
    cleaned = [normalize(number) for part in parts for number in part.split() or [""]]
    return cleaned if all(map(is_number_or_bits, cleaned)) else None


def shield_numbers(words: Sequence[str], command: str) -> Iterator[str]:
    """Put a space before every number, so that a parser of options takes ``-5`` for a value.

    Raises:
        ActcliError: for a word like ``-2q``, which is neither a number nor an option.

    """
    after_dashes = False
    for before, word in zip(["", *words], words, strict=False):
        after_dashes = after_dashes or word == "--"
        if not after_dashes and split_numbers(word.strip("[](),")):  # also of an array that the shell split
            yield " " + word
        elif not (after_dashes or before in _TAKES_ANY_WORD) and (start := re.match(r"[-\N{MINUS SIGN}][\d.]+", word)):
            raise ActcliError(
                f"{word!r} is neither a number nor an option of {command}; did you mean {normalize(start[0])}?"
            )
        else:
            yield word


def expand_keywords(
    words: Sequence[str], parameters: Mapping[str, Sequence[str]], valued: Collection[str], command: str
) -> Iterator[str]:
    """Yield words with parameters as options that are written as keywords: ``max_value=6``, ``--approximate tanh``.

    Args:
        words: the words of a command line.
        parameters: by keyword, the flags of the option; of a switch the one that sets it and the one that does not.
        valued: the flags of all options that have a value, which may look like a keyword.
        command: the command; where it takes names of functions, ``tanh`` after a switch is one.

    """
    waiting = iter(zip(["", *words], words, [*words[1:], ""], strict=False))
    for before, word, following in waiting:
        if word == "--":
            yield from [word, *(rest for _, rest, _ in waiting)]
            return
        name, equals, value = word.partition("=")
        flags = parameters.get(name.removeprefix("--").replace("-", "_"), ())
        value = value.strip("\"',") if equals else following if is_activation(command) else ""
        is_switch = len(flags) > 1 and value.lower() in SWITCH_WORDS
        is_keyword = equals and before.replace("_", "-") not in valued and not exists(word)
        if not flags or not (equals or is_switch) or not (name.startswith("--") or is_keyword):
            yield word
        elif is_switch:
            yield flags[0 if SWITCH_WORDS[value.lower()] else 1]
            if not equals:
                next(waiting)
        else:
            yield f"{flags[0]}={value}"


def classify_args(words: Sequence[str], command: str) -> tuple[list[str], str | None]:
    """Return the typed numbers, or the file to read (``-`` is standard input) and no numbers.

    Raises:
        ActcliError: for a word that is neither, several files, or files beside numbers.

    """
    typed: list[str] = []
    files: list[str] = []
    for word in words:
        numbers = split_numbers(word)
        if numbers is not None:
            typed += numbers
        else:
            files.append(word)
    for word in files:
        if (typed or len(files) > 1 or not re.search(r"[./\\-]", word)) and not exists(word):
            raise ActcliError(f"{word!r} is neither a number nor an existing file; {_suggest_call(word, command)}")
    if len(files) > 1 or (files and typed):
        raise ActcliError(f"{command} takes numbers or one file, got {' and '.join([*files, *typed][:2])}")
    return typed, files[0] if files else None


def _suggest_call(word: str, command: str) -> str:
    """Return what to type in place of a word that cannot be evaluated."""
    if is_activation(word):
        return f"try actcli compare {command} {word}"
    name, _, value = word.partition("=")
    if value and name in ELSEWHERE:
        return f"{name}: {ELSEWHERE[name]}"
    if name.isidentifier() and value:  # alpha=0.7, as in Python
        return f"did you mean --{name.replace('_', '-')} {value}?"
    return f"see actcli {command} --help"
