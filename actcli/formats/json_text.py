"""JSON as text: where values stand in an object, and what is a number or a string."""

import json
import re

from actcli.data.batch import Column
from actcli.formats.number_text import shortest_texts

NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
"""The pattern of a number of JSON."""
_NUMBER_PATTERN = re.compile(NUMBER)
BLANKS = " \t\r\n"
_BLANKS_PATTERN = re.compile(f"[{BLANKS}]*")


class Number(str):
    """The text of a number."""


DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number)


def value_spans(line: str) -> dict[str, tuple[int, int]]:
    """Return where the value of each key of an object begins and ends in its text."""
    spans = {}
    place = _skip(line, line.index("{") + 1)
    while line[place] != "}":
        key, place = DECODER.raw_decode(line, place)
        start = _skip(line, _skip(line, place) + 1)
        _, end = DECODER.raw_decode(line, start)
        spans[key] = (start, end)
        place = _skip(line, end)
        place = _skip(line, place + 1) if line[place] == "," else place
    return spans


def _skip(line: str, place: int) -> int:
    blank = _BLANKS_PATTERN.match(line, place)
    return blank.end() if blank else place


def quote(text: str) -> str:
    """Return a text as JSON; what is half a pair of UTF-16 cannot stand in UTF-8 by itself, and is escaped."""
    return json.dumps(text, ensure_ascii=not is_text(text))


def is_text(text: str) -> bool:
    """Tell whether a string can stand in UTF-8: it holds no half of a pair of UTF-16."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def json_value(cell: str) -> str:
    """Return a cell as JSON: a number with its own text, null for an empty cell, anything else as a string."""
    if not cell:
        return "null"
    return cell if _NUMBER_PATTERN.fullmatch(cell) else quote(cell)


def json_values(column: Column) -> list[str]:
    """Return the numbers of a column as JSON; what is not a number to JSON, as a string."""
    return list(map(json_value, shortest_texts(column)))


def json_object(entries: dict[str, str]) -> str:
    """Return an object of values that are JSON already."""
    return "{" + ", ".join(f"{quote(key)}: {value}" for key, value in entries.items()) + "}"
