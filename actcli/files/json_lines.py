"""JSON lines: an object a row, each of whose values keeps its own text."""

import contextlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import polars

from actcli.errors import ActcliError
from actcli.files import columns
from actcli.files.objects import is_text, quoted
from actcli.files.reading import Again, Reading
from actcli.files.source import Source
from actcli.files.table import JSON, Rows, Table

_SPACE = re.compile(r"[ \t\r]*")


class _Number(str):
    """The text of a number."""


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number)
_PLAIN_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)  # faster, where all becomes text
_SIZE = 2**20  # bytes of rows taken apart at a time: Python's objects take many times as much
_SHOWN = 100  # characters of a row in a message
_NOT_FINITE = {"nan", "inf", "-inf"}  # as this program writes them, for which JSON has no numbers


class _Block(NamedTuple):
    """Whole rows as they were written, each with its number in the data, from 1."""

    rows: Sequence[int]
    lines: list[str]


class Reader:
    """Objects, one on each line, in blocks of whole rows.

    The keys of the first object are the columns; a key that a row lacks is an empty cell. Without patterns, a column is
    one of numbers if its first value that is not null is a number, within the first 1000 rows. Blank lines are no rows.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used; the message names the row, from 1.

    """

    def __init__(self, source: Source, reading: Reading) -> None:
        self._name, self._reading = source.name, reading
        self._arriving = source.chunks(_SIZE)
        self._blocks = self._whole_rows(self._arriving)
        first = next(self._blocks, None)
        if first is None:
            raise ActcliError(f"{source.name} is empty")
        self._ahead = [first]
        self._headings = list(self._object(first.rows[0], first.lines[0]))
        if not is_text("".join(self._headings)):
            raise self._no_text("key")
        self._positions = columns.chosen(self._headings, reading.columns, source.name, self._numeric)

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return what parses each block; the calls may be made on several threads.

        If the bytes can be iterated over again, so can these.
        """
        tables = self._tables(itertools.chain(self._ahead, self._blocks))
        if isinstance(self._arriving, Iterator):
            return tables
        return Again(tables, lambda: self._tables(self._whole_rows(self._arriving)))

    def _tables(self, blocks: Iterable[_Block]) -> Iterator[Callable[[], Table]]:
        for block in blocks:
            yield lambda block=block: self._table(block)  # type: ignore[misc]

    def _whole_rows(self, arriving: Iterable[bytes]) -> Iterator[_Block]:
        parts: list[bytes] = []
        row = 1
        for data in arriving:
            rows, end, rest = data.rpartition(b"\n")
            if not end:  # put together only once the row ends, however long it is
                parts.append(data)
                continue
            block = self._block(b"".join([*parts, rows]), row)
            row, parts = row + rows.count(b"\n") + 1, [rest]
            if block.lines:
                yield block
        if (block := self._block(b"".join(parts), row)).lines:
            yield block

    def _block(self, data: bytes, first_row: int) -> _Block:
        try:
            lines = data.removeprefix(b"\xef\xbb\xbf").decode().split("\n")
        except UnicodeDecodeError:
            raise ActcliError(f"{self._name} is not text in UTF-8") from None
        lines = [line.strip(" \t\r") for line in lines]
        if all(lines):
            return _Block(range(first_row, first_row + len(lines)), lines)
        return _Block([row for row, line in enumerate(lines, first_row) if line], [line for line in lines if line])

    def _object(self, row: int, line: str, decoder: json.JSONDecoder = _DECODER) -> dict[str, Any]:
        try:
            found = decoder.decode(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ActcliError(f"{self._name}: row {row} is no JSON object: {_beginning(line)!r}")
        return found

    def _numeric(self) -> list[int]:
        """Return the positions of the columns of numbers, reading ahead until each has shown what it is."""
        kinds: dict[str, bool] = {}
        blocks = columns.looked_ahead(self._ahead, self._blocks)
        rows = ((row, line) for block in blocks for row, line in zip(*block, strict=True))
        for row, line in itertools.islice(rows, columns.SAMPLE):
            for key, value in self._object(row, line).items():
                if key in self._headings and value is not None:
                    kinds.setdefault(key, isinstance(value, _Number) or str(value) in _NOT_FINITE)
            if len(kinds) == len(self._headings):
                break
        if not (numeric := [i for i, key in enumerate(self._headings) if kinds.get(key)]):
            known = columns.listed(self._headings) or "none"
            raise ActcliError(f"{self._name} has no column of numbers; its columns: {known}")
        return numeric

    def _table(self, block: _Block) -> Table:
        objects = [self._object(row, line, _PLAIN_DECODER) for row, line in zip(*block, strict=True)]
        place = (self._name, block.rows[0])
        converted = []
        for position in self._positions:
            key = self._headings[position]
            values = [found.get(key) for found in objects]
            try:
                texts = polars.Series(values, dtype=polars.String)
            except (TypeError, UnicodeEncodeError):  # truth values, lists and objects, or what is no text
                texts = polars.Series(list(map(_as_text, values)), dtype=polars.String)
            converted.append(columns.numbers(texts, key, position, place, self._reading))

        lines = polars.Series("rows", block.lines, polars.String)
        rows = Rows(lines, JSON, "\n", lambda: self._written(block))
        return Table(converted, self._headings, lambda: self._cells(block), rows)

    def _written(self, block: _Block) -> polars.DataFrame:
        """Return all values as they were written, null for a key that a row lacks; and the members of other keys."""
        objects = list(map(_members, block.lines))
        data: list[list[str | None]] = [[values.pop(key, None) for values in objects] for key in self._headings]
        data.append(["".join(f", {quoted(key)}: {value}" for key, value in values.items()) for values in objects])
        return polars.DataFrame(data, {f"{i}": polars.String for i in range(len(data))}, orient="col")

    def _cells(self, block: _Block) -> polars.DataFrame:
        """Return all values as the text of cells; raise ActcliError for a key that is no column."""
        objects = [_PLAIN_DECODER.decode(line) for line in block.lines]
        if set(self._headings).issuperset(itertools.chain.from_iterable(objects)):
            with contextlib.suppress(TypeError, UnicodeEncodeError):  # as in _table: then each value's text is wanted
                cells = [_scalars([found.get(key) for found in objects]) for key in self._headings]
                return polars.DataFrame([series.alias(f"{i}") for i, series in enumerate(cells)])
        written = self._written(block)
        if (more := (written.to_series(-1) != "").arg_true()).len():
            row, line = block.rows[more[0]], block.lines[more[0]]
            key = next(key for key in _members(line) if key not in self._headings)
            raise ActcliError(
                f"{self._name}: row {row} has the key {key!r}, which row 1 lacks: a table has no column for it; "
                "jsonl as the output's format keeps it"
            )
        data = [list(map(_cell, series)) for series in written.get_columns()[:-1]]
        if not all(is_text(cell or "") for column in data for cell in column):
            raise self._no_text("string")
        return polars.DataFrame(data, {f"{i}": polars.String for i in range(len(data))}, orient="col")

    def _no_text(self, what: str) -> ActcliError:
        return ActcliError(f"{self._name}: a {what} holds half a pair of UTF-16 (\\ud800 to \\udfff), which is no text")


def _beginning(line: str) -> str:
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "..."


def _members(line: str) -> dict[str, str]:
    """Return the values of an object, each with the text it was written in."""
    found: dict[str, str] = {}
    place = _skip(line, 1)
    while line[place] != "}":
        key, place = _DECODER.raw_decode(line, place)
        start = _skip(line, _skip(line, place) + 1)
        _, end = _DECODER.raw_decode(line, start)
        found[key] = line[start:end]
        place = _skip(line, end)
        place = _skip(line, place + 1) if line[place] == "," else place
    return found


def _skip(line: str, place: int) -> int:
    blank = _SPACE.match(line, place)
    return blank.end() if blank else place


def _cell(value: str | None) -> str | None:
    """Return what stands in a cell: a string without its quotes, nothing for null, else the text itself."""
    if value is None or value == "null":
        return None
    return _DECODER.decode(value) if value[0] == '"' else value


def _scalars(values: list[Any]) -> polars.Series:
    """Return strings and numbers, which are text already, and truth values as text; raise TypeError for others."""
    try:
        return polars.Series(values, dtype=polars.String)
    except TypeError:
        words = [{True: "true", False: "false"}[value] if isinstance(value, bool) else value for value in values]
        return polars.Series(words, dtype=polars.String)


def _as_text(value: Any) -> str | None:
    """Return a value as the text of a number, or as what is no number."""
    text = value if value is None or isinstance(value, str) else json.dumps(value)
    return text and text.encode("utf-8", "backslashreplace").decode()
