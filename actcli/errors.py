"""Errors whose text is the whole message: one line with the mistake, the value, what is accepted and what to do."""

from collections.abc import Iterable


class ActcliError(Exception):
    """The user's mistake, or data that cannot be used; its text is the whole message."""

    status = 2


class StorageError(ActcliError):
    """Reading or writing failed for a reason outside the data."""

    status = 3


def suggestion(value: str, accepted: Iterable[str]) -> str:
    """Return ``"; did you mean a, b?"`` for the accepted words closest to the value, or an empty string."""
    from difflib import get_close_matches

    choices = {word.lower().lstrip("-"): word for word in accepted}
    matches = get_close_matches(value.lower().lstrip("-"), choices, n=2, cutoff=0.6)
    return f"; did you mean {', '.join(choices[word] for word in matches)}?" if matches else ""


def require_choice(what: str, value: str, accepted: Iterable[str]) -> str:
    """Return the value if it is accepted; raise ActcliError that lists the accepted ones otherwise."""
    choices = list(accepted)
    if value in choices:
        return value
    raise ActcliError(f"{what} is one of {', '.join(choices)}, not {value!r}{suggestion(value, choices)}")
