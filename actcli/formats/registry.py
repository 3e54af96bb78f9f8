"""The table of formats, and which of them a name or the ending of a file means."""

import functools
import os
from pathlib import Path

from actcli.errors import ActcliError, require_choice, suggestion
from actcli.formats import refusals, text
from actcli.formats.arrow.file_format import ARROW, ARROWS, PARQUET
from actcli.formats.csv.file_format import CSV, TSV
from actcli.formats.file_format import FileFormat
from actcli.formats.json_lines.file_format import JSONL
from actcli.formats.npy.file_format import NPY
from actcli.formats.npz.file_format import NPZ
from actcli.formats.safetensors.file_format import SAFETENSORS
from actcli.storage import compression

TABLE = FileFormat("table")  # drawn by the command
FORMATS = {
    format.name: format
    for format in (
        TABLE,
        CSV,
        TSV,
        text.JSON,
        JSONL,
        text.ARRAY,
        text.PLAIN,
        text.HEX,
        text.MARKDOWN,
        PARQUET,
        ARROW,
        ARROWS,
        NPY,
        NPZ,
        SAFETENSORS,
    )
}


_ALIASES = {"md": "markdown", "txt": "plain", "text": "plain", "ndjson": "jsonl", "jsonlines": "jsonl", "pq": "parquet"}


@functools.lru_cache(16)
def _ending(path: str) -> str:
    """Return the ending that names the format: the one before that of the compression."""
    name = os.path.basename(path.rstrip("/"))
    if compression.from_ending(name):
        name = os.path.splitext(name)[0]
    return os.path.splitext(name)[1].lower()


def output_format(path: str) -> str:
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


def is_readable(path: str) -> bool:
    """Tell whether a file's ending is that of a format that can be read."""
    ending = _ending(path)
    return any(ending in format.endings for format in FORMATS.values() if format.open_reader)


def change_ending(path: str, name: str) -> str:
    """Return a path with the ending of a format; that of a compression stays, unless the format has its own within.

    Raises:
        ActcliError: for a format whose files have no ending.

    """
    format = FORMATS[name]
    if names_format(path, name):
        return path
    if not format.endings:
        files = ", ".join(other for other, each in FORMATS.items() if each.endings)
        raise ActcliError(f"{name} is not written to files of its own; choose one of {files}")
    packed = Path(path).suffix if compression.from_ending(path) else ""
    bare = path.removesuffix(packed)
    return (
        bare.removesuffix(Path(bare).suffix) + format.endings[0] + ("" if format.has_internal_compression else packed)
    )


def check_compression(path: str, name: str) -> None:
    """Raise ActcliError if a file's ending asks for a compression around a format that is compressed within."""
    if FORMATS[name].has_internal_compression and (kind := compression.from_ending(path)):
        raise ActcliError(
            f"{path!r} would be {name} within {kind}, but {name} is compressed internally: omit {Path(path).suffix}"
        )


def input_format(path: str, value: str | None = None) -> str:
    """Return the name of the format to read: the one given with --from, or by the file's ending, or csv.

    Raises:
        ActcliError: for one that is not read; it says what to do.

    """
    read = {name: format for name, format in FORMATS.items() if format.open_reader}
    if value is not None:
        return require_choice("from", value, read, _ALIASES)
    if _ending(path) in FORMATS["json"].endings:
        raise ActcliError(f"{path} is JSON; only JSON lines can be read, one object per line (.jsonl, or --from jsonl)")
    if refusal := refusals.explain_ending(_ending(path), path):
        raise ActcliError(f"{path} is {refusal}")
    return next((name for name, format in read.items() if _ending(path) in format.endings), "csv")


def expand_alias(name: str) -> str:
    """Return the name of a format in small letters, that of an alias in full."""
    return _ALIASES.get(name.lower(), name.lower())


def check_format_name(name: str) -> str:
    """Return the value of --format; raise ActcliError if no format has that name."""
    return require_choice("format", name, FORMATS, _ALIASES)


_DELIMITERS = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


def delimiter(value: str) -> str:
    """Return the character that ``--delimiter`` names; raise ActcliError for what cannot stand between cells."""
    character = _DELIMITERS.get(value.lower(), value)
    if len(character) != 1 or not character.isascii() or character in '"\r\n\0':
        raise ActcliError(
            "--delimiter must be one ASCII character, but no quote or line ending, or one of "
            f"{', '.join(_DELIMITERS)}; got {value!r}"
        )
    return character
