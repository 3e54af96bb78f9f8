"""How a message to the user is worded: one line that says what was given, what is accepted, what to do."""

from collections.abc import Iterable


class ActcliError(Exception):
    """The user's mistake, or data that cannot be used; its text is the whole message."""

    status = 2


class StorageError(ActcliError):
    """Reading or writing failed for a reason outside the data."""

    status = 3


def suggestion(given: str, accepted: Iterable[str]) -> str:
    """Return ``"; did you mean a, b?"`` for the accepted words near to the given one, or an empty text."""
    from difflib import get_close_matches

    words = {word.lower().lstrip("-"): word for word in accepted}
    near = get_close_matches(given.lower().lstrip("-"), words, n=2, cutoff=0.6)
    return f"; did you mean {', '.join(words[word] for word in near)}?" if near else ""


def require_choice(what: str, given: str, accepted: Iterable[str]) -> str:
    """Return the accepted word that was given; raise ActcliError that lists the words otherwise."""
    words = list(accepted)
    if given in words:
        return given
    raise ActcliError(f"{what} is one of {', '.join(words)}, not {given!r}{suggestion(given, words)}")
