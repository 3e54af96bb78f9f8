"""Errors whose text is the whole message: one line with the mistake, the value, what is accepted and what to do."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_LISTED = 16  # choices that a message lists; more are left to the help
_LONGEST = 80  # characters of a value in a message


class ActcliError(Exception):
    """The user's mistake, or data that cannot be used; its text is the whole message."""

    status = 2

    @property
    def on_command_line(self) -> str:
        """The text as the command says it, with options named as they are typed."""
        return str(self)


class StorageError(ActcliError):
    """Reading or writing failed for a reason outside the data."""

    status = 3


class ArgumentError(ActcliError):
    """A keyword argument, which is an option of the command, has a value that is not accepted."""

    def __init__(self, name: str, problem: str, activation: str = "") -> None:
        prefix = f"{activation}: " if activation else ""
        option = f"--{name.replace('_', '-')}" if name.isidentifier() and name.islower() else name
        super().__init__(f"{prefix}{name} {problem}")
        self._on_command_line = f"{prefix}{option} {problem}"

    @property
    def on_command_line(self) -> str:
        """The text with the dashes of the option."""
        return self._on_command_line


def show(value: object) -> str:
    """Return a caller's value as a message shows it: on one line, its middle left out if it is long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of thousands of digits
        return f"a number of type {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}...{text[-_LONGEST // 4 :]}"


def suggestion(value: str, accepted: Iterable[str]) -> str:
    """Return ``"; did you mean a or b?"`` for the accepted words closest to the value, or an empty string."""
    from difflib import get_close_matches

    choices = {word.lower().lstrip("-"): word for word in accepted}
    word = value.lower().lstrip("-")
    swapped = [choice for choice in choices if sorted(choice) == sorted(word)]
    matches = list(dict.fromkeys(swapped + get_close_matches(word, choices, n=2, cutoff=0.75)))[:2]
    return f"; did you mean {' or '.join(choices[match] for match in matches)}?" if matches else ""


def require_choice(
    name: str,
    value: object,
    accepted: Iterable[str],
    aliases: Mapping[str, str] = MappingProxyType({}),
    activation: str = "",
) -> str:
    """Return the accepted word that a value names; case does not matter.

    Args:
        name: the keyword argument, for messages.
        value: the caller's word.
        accepted: the words to choose from.
        aliases: other names of these, in small letters.
        activation: whose parameter it is, for messages.

    Raises:
        ArgumentError: for any other word; the message has the closest accepted ones, or all if they are few.

    """
    choices = {word.lower(): word for word in accepted}
    word = value.lower() if isinstance(value, str) else ""
    word = aliases.get(word, word).lower()
    if word in choices:
        return choices[word]
    near = suggestion(value, choices.values()) if isinstance(value, str) else ""
    listed = f"must be one of {', '.join(choices.values())}, got {show(value)}"
    problem = listed if len(choices) <= _LISTED else f"cannot be {show(value)}"
    raise ArgumentError(name, problem + near, activation)
