"""The table of formats: what each is called, which endings name it, what reads and what writes it."""

from pathlib import Path
from typing import NamedTuple

from actcli.errors import ActcliError, require_choice, suggestion
from actcli.storage import compression


class FileFormat(NamedTuple):
    """A format; its writer is a class of a module, and the terminal's table has none here."""

    writer: str | None
    endings: tuple[str, ...] = ()
    separator: str | None = None
    reader: str | None = None
    """The module whose Reader reads it; None for what is only written."""
    binary: bool = False
    packed: bool = False
    """Whether it is compressed within."""


FORMATS = {
    "table": FileFormat(None),
    "csv": FileFormat("formats.text.Separated", (".csv",), ",", "formats.csv.reader"),
    "tsv": FileFormat("formats.text.Separated", (".tsv", ".tab"), "\t", "formats.csv.reader"),
    "json": FileFormat("formats.text.Json", (".json",)),
    "jsonl": FileFormat("formats.text.JsonLines", (".jsonl", ".ndjson"), reader="formats.json_lines.reader"),
    "array": FileFormat("formats.text.Array"),
    "plain": FileFormat("formats.text.Plain", (".txt",)),
    "markdown": FileFormat("formats.text.Markdown", (".md", ".markdown")),
    "parquet": FileFormat(
        "formats.arrow.parquet.Writer", (".parquet", ".pq"), reader="formats.arrow.reader", binary=True, packed=True
    ),
    "arrow": FileFormat(
        "formats.arrow.ipc.File", (".arrow", ".feather", ".ipc"), reader="formats.arrow.reader", binary=True
    ),
    "arrows": FileFormat("formats.arrow.ipc.Stream", (".arrows",), reader="formats.arrow.reader", binary=True),
    "npy": FileFormat("formats.npy.Writer", (".npy",), reader="formats.npy", binary=True),
}


def _ending(path: str) -> str:
    """Return the ending that names the format: the one before that of the compression."""
    return Path(Path(path).stem if compression.by_ending(path) else path).suffix.lower()


def of_output(path: str) -> str:
    """Return the name of the format that a file's ending asks for; raise ActcliError for an unknown ending."""
    ending = _ending(path)
    endings = {ending: name for name, format in FORMATS.items() for ending in format.endings}
    if ending not in endings:
        known = f"{', '.join(endings)} (and {' or '.join(compression.COMPRESSIONS)} after them)"
        raise ActcliError(
            f"the ending of {path!r} names no format{suggestion(ending, endings)}; known are {known}, or give --format"
        )
    return endings[ending]


def names_format(path: str, name: str) -> bool:
    """Tell whether a file's ending is one of a format's."""
    return _ending(path) in FORMATS[name].endings


def check_compression(path: str, name: str) -> None:
    """Raise ActcliError if a file's ending asks for a compression around a format that is compressed within."""
    if FORMATS[name].packed and (kind := compression.by_ending(path)):
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
