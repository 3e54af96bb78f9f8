"""The table of formats: what each is called, which endings name it, what reads and what writes it."""

from pathlib import Path
from typing import NamedTuple

from actcli.errors import ActcliError, require_choice, suggestion


class FileFormat(NamedTuple):
    """A format; its writer is a class of a module of ``files``, and the terminal's table has none there."""

    writer: str | None
    endings: tuple[str, ...] = ()
    separator: str | None = None
    reader: str | None = None
    """The module of ``files`` whose Reader reads it; None for what is only written."""
    binary: bool = False
    packed: bool = False
    """Whether it is compressed within."""


FORMATS = {
    "table": FileFormat(None),
    "csv": FileFormat("writers.Separated", (".csv",), ",", "separated"),
    "tsv": FileFormat("writers.Separated", (".tsv", ".tab"), "\t", "separated"),
    "json": FileFormat("writers.Json", (".json",)),
    "jsonl": FileFormat("writers.JsonLines", (".jsonl", ".ndjson"), reader="json_lines"),
    "array": FileFormat("writers.Array"),
    "plain": FileFormat("writers.Plain", (".txt",)),
    "markdown": FileFormat("writers.Markdown", (".md", ".markdown")),
    "parquet": FileFormat("columnar.Parquet", (".parquet", ".pq"), reader="columnar", binary=True, packed=True),
    "arrow": FileFormat("columnar.Arrow", (".arrow", ".feather", ".ipc"), reader="columnar", binary=True),
    "npy": FileFormat("npy.Writer", (".npy",), reader="npy", binary=True),
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


def check_compression(path: str, name: str) -> None:
    """Raise ActcliError if a file's ending asks for a compression around a format that is compressed within."""
    if FORMATS[name].packed and (kind := compression(path)):
        raise ActcliError(
            f"{path!r} asks for {kind} around {name}, which is compressed within: leave out {Path(path).suffix}"
        )


def of_input(path: str, given: str | None = None) -> str:
    """Return the name of the format to read: the one given with --from, or by the file's ending, or csv.

    Raises:
        ActcliError: for one that is not read.

    """
    read = {name: format for name, format in FORMATS.items() if format.reader}
    if given is not None:
        return require_choice("--from", given, read)
    if _ending(path) in FORMATS["json"].endings:
        raise ActcliError(
            f"{path} is not read: accepted of JSON are JSON lines, an object a row (.jsonl; or any name, --from jsonl)"
        )
    return next((name for name, format in read.items() if _ending(path) in format.endings), "csv")


def named(name: str) -> str:
    """Return the name of a format as given with --format; raise ActcliError for an unknown one."""
    return require_choice("--format", name, FORMATS)


_DELIMITERS = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


def delimiter(given: str) -> str:
    """Return the character that ``--delimiter`` names; raise ActcliError for what cannot stand between cells."""
    character = _DELIMITERS.get(given.lower(), given)
    if len(character) != 1 or not character.isascii() or character in '"\r\n\0':
        raise ActcliError(
            f"--delimiter takes one character of ASCII but a quote or a line end, like ';' or '|', or "
            f"{', '.join(_DELIMITERS)}, not {given!r}"
        )
    return character
