"""The table of formats: what each is called, which endings name it, what writes it."""

from pathlib import Path
from typing import NamedTuple

from actcli.errors import ActcliError, choose, suggestion


class FileFormat(NamedTuple):
    """A format; ``writer`` names a class of ``files.writers``, and the terminal's table has none."""

    writer: str | None
    endings: tuple[str, ...] = ()
    separator: str | None = None


FORMATS = {
    "table": FileFormat(None),
    "csv": FileFormat("Separated", (".csv",), ","),
    "tsv": FileFormat("Separated", (".tsv", ".tab"), "\t"),
    "json": FileFormat("Json", (".json",)),
    "jsonl": FileFormat("JsonLines", (".jsonl", ".ndjson")),
    "array": FileFormat("Array"),
    "plain": FileFormat("Plain", (".txt",)),
    "markdown": FileFormat("Markdown", (".md", ".markdown")),
}

COMPRESSIONS = {".gz": "gzip", ".zst": "Zstandard"}


def compression(path: str) -> str | None:
    """Return the name of the compression that a file's ending asks for."""
    return COMPRESSIONS.get(Path(path).suffix.lower())


def _ending(path: str) -> str:
    """Return the ending that names the format: the one before that of the compression."""
    return Path(Path(path).stem if compression(path) else path).suffix.lower()


def of_output(path: str) -> str:
    """Return the name of the format that a file's ending asks for; raise ActcliError for an unknown ending."""
    ending = _ending(path)
    endings = {ending: name for name, format in FORMATS.items() for ending in format.endings}
    if ending not in endings:
        known = f"{', '.join(endings)} (and {' or '.join(COMPRESSIONS)} after them)"
        raise ActcliError(
            f"the ending of {path!r} names no format{suggestion(ending, endings)}; known are {known}, or give --format"
        )
    return endings[ending]


def named(name: str) -> str:
    """Return the name of a format as given with --format; raise ActcliError for an unknown one."""
    return choose("--format", name, FORMATS)


def of_input(path: str) -> str:
    """Return the name of the format of a table to read: tsv by the file's ending, else csv."""
    return "tsv" if _ending(path) in FORMATS["tsv"].endings else "csv"


_DELIMITERS = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


def delimiter(given: str) -> str:
    """Return the character that ``--delimiter`` names; raise ActcliError for what cannot stand between cells."""
    character = _DELIMITERS.get(given.lower(), given)
    if len(character) != 1 or not character.isascii() or character in '"\r\n\0':
        raise ActcliError(
            f"--delimiter takes one character, like ';' or '|', or {', '.join(_DELIMITERS)}, not {given!r}"
        )
    return character
