"""JSON lines: an object a row, each of whose values keeps its own text."""

import contextlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import polars

from actcli.data.batch import Layout, Table, TextRows
from actcli.data.read_options import ReadOptions, Replayable
from actcli.data.selection import SAMPLE_ROWS, list_names, peek, select_columns
from actcli.data.text_numbers import parse_text_column
from actcli.errors import ActcliError
from actcli.formats.file_format import ByteSource, Reader
from actcli.formats.json_text import DECODER, Number, is_text, quote, value_spans
from actcli.formats.recognition import Utf8Chunks, not_utf8

_PLAIN_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)  # faster, where all becomes text
_BLANKS = b" \t\r\n"
_CHUNK_BYTES = 2**20  # bytes of rows taken apart at a time: Python's objects take many times as much
_SHOWN_CHARACTERS = 100  # characters of a row in a message
_NOT_FINITE = {"nan", "inf", "-inf"}  # as this program writes them, for which JSON has no numbers


class _Block(NamedTuple):
    """Whole rows as they were written, each with its number in the data, from 1."""

    rows: Sequence[int]
    lines: list[str]
    """The objects, each with all blanks and blank lines up to the next; those before the first are its own."""


class JsonLinesReader(Reader):
    """Objects, one on each line, in blocks of whole rows.

    The keys of the first object are the columns; a key that a row lacks is an empty cell. Without selectors, a column
    is numeric if its first value that is not null is a number, within the first 1000 rows. Blank lines are no rows.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used; the message names the row, from 1.

    """

    def __init__(self, source: ByteSource, options: ReadOptions) -> None:
        self._name, self._options = source.name, options
        self._layout, self._blank_end = Layout(None), ""
        self._arriving = source.chunks(_CHUNK_BYTES)
        self._blocks = self._whole_rows(self._arriving)
        first = next(self._blocks, None)
        if first is None:
            raise ActcliError(f"{source.name} is empty")
        self._ahead = [first]
        self._column_names = list(self._object(first.rows[0], first.lines[0]))
        if not is_text("".join(self._column_names)):
            raise self._no_text("key")
        self._positions = select_columns(self._column_names, options.columns, source.name, self._numeric, options.masks)

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return what parses each block, as every reader does."""
        tables = self._tables(itertools.chain(self._ahead, self._blocks))
        if isinstance(self._arriving, Iterator):
            return tables
        return Replayable(tables, lambda: self._tables(self._whole_rows(self._arriving)))

    def _tables(self, blocks: Iterable[_Block]) -> Iterator[Callable[[], Table]]:
        for block in blocks:
            yield lambda block=block: self._table(block)  # type: ignore[misc]
        if self._blank_end:
            yield lambda: self._table(_Block([], []), self._blank_end)

    def _whole_rows(self, chunks: Iterable[bytes]) -> Iterator[_Block]:
        text = Utf8Chunks(chunks, self._name)
        parts: list[bytes] = []
        row, filled = 1, False
        for data in text:
            end = data.rfind(b"\n") + 1
            parts.append(data)
            filled = filled or bool(data[: end or None].strip(_BLANKS))
            if not end or not filled:  # joined only once a row ends, however long it is
                continue
            whole = b"".join([*parts[:-1], data[: end - 1]])
            self._layout = Layout(None, byte_order_mark=text.has_byte_order_mark)
            yield self._block(whole, row)
            row, parts = row + whole.count(b"\n") + 1, [data[end:]]
            filled = bool(parts[0].strip(_BLANKS))
        whole = b"".join(parts)
        if filled:
            self._layout = Layout(None, byte_order_mark=text.has_byte_order_mark)
            yield self._block(whole, row)
        else:
            self._blank_end = whole.decode()

    def _block(self, data: bytes, first_row: int) -> _Block:
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError as error:
            raise not_utf8(self._name, first_row + data.count(b"\n", 0, error.start), data[error.start]) from None
        rows = [row for row, line in enumerate(lines) if line.strip(" \t\r")]
        if len(rows) < len(lines):
            ends = [*rows[1:], len(lines)]
            lines = ["\n".join(lines[start:end]) for start, end in zip([0, *rows[1:]], ends, strict=True)]
        return _Block([first_row + row for row in rows], lines)

    def _object(self, row: int, line: str, decoder: json.JSONDecoder = DECODER) -> dict[str, object]:
        try:
            members = decoder.decode(line)
        except (ValueError, RecursionError):
            members = None
        if not isinstance(members, dict):
            raise ActcliError(f"{self._name}: row {row} is not a JSON object: {_beginning(line.strip())!r}")
        return members

    def _numeric(self) -> list[int]:
        """Return the positions of the columns of numbers, reading ahead until each has shown what it is."""
        kinds: dict[str, bool] = {}
        blocks = peek(self._ahead, self._blocks)
        rows = ((row, line) for block in blocks for row, line in zip(*block, strict=True))
        for row, line in itertools.islice(rows, SAMPLE_ROWS):
            for key, value in self._object(row, line).items():
                if key in self._column_names and value is not None:
                    kinds.setdefault(key, isinstance(value, Number) or str(value) in _NOT_FINITE)
            if len(kinds) == len(self._column_names):
                break
        if not (numeric := [i for i, key in enumerate(self._column_names) if kinds.get(key)]):
            names = list_names(self._column_names) or "none"
            raise ActcliError(f"{self._name} has no numeric column (columns: {names})")
        return numeric

    def _table(self, block: _Block, blank_end: str = "") -> Table:
        objects = [self._object(row, line, _PLAIN_DECODER) for row, line in zip(*block, strict=True)]
        place = (self._name, block.rows)
        converted = []
        for position in self._positions:
            key = self._column_names[position]
            values = [members.get(key) for members in objects]
            try:
                texts = polars.Series(values, dtype=polars.String)
            except (TypeError, UnicodeEncodeError):  # truth values, lists and objects, or what is no text
                texts = polars.Series(list(map(_as_text, values)), dtype=polars.String)
            converted.append(parse_text_column(texts, key, position, place, self._options))

        lines = polars.Series("rows", block.lines, polars.String)
        rows = TextRows(lines, "\n", lambda: self._source_text(block), self._layout, blank_end)
        return Table(converted, self._column_names, lambda: self._cells(block), rows)

    def _source_text(self, block: _Block) -> polars.DataFrame:
        """Return all values as they were written, null for a key that a row lacks; and the members of other keys."""
        objects = list(map(_members, block.lines))
        data: list[list[str | None]] = [[values.pop(key, None) for values in objects] for key in self._column_names]
        data.append(["".join(f", {quote(key)}: {value}" for key, value in values.items()) for values in objects])
        return polars.DataFrame(data, {f"{i}": polars.String for i in range(len(data))}, orient="col")

    def _cells(self, block: _Block) -> polars.DataFrame:
        """Return all values as the text of cells; raise ActcliError for a key that is no column."""
        objects = [_PLAIN_DECODER.decode(line) for line in block.lines]
        if set(self._column_names).issuperset(itertools.chain.from_iterable(objects)):
            with contextlib.suppress(TypeError, UnicodeEncodeError):  # as in _table: then each value's text is wanted
                cells = [_scalars([members.get(key) for members in objects]) for key in self._column_names]
                return polars.DataFrame([series.alias(f"{i}") for i, series in enumerate(cells)])
        texts = self._source_text(block)
        if (more := (texts.to_series(-1) != "").arg_true()).len():
            row, line = block.rows[more[0]], block.lines[more[0]]
            key = next(key for key in _members(line) if key not in self._column_names)
            raise ActcliError(
                f"{self._name}: row {row} has the key {key!r}, which row 1 lacks, so the output has no "
                "column for it; --format jsonl keeps it"
            )
        data = [list(map(_cell, series)) for series in texts.get_columns()[:-1]]
        if not all(is_text(cell or "") for column in data for cell in column):
            raise self._no_text("string")
        return polars.DataFrame(data, {f"{i}": polars.String for i in range(len(data))}, orient="col")

    def _no_text(self, what: str) -> ActcliError:
        return ActcliError(
            f"{self._name}: a {what} holds an unpaired UTF-16 surrogate (\\ud800 to \\udfff), which is not text"
        )


def _beginning(line: str) -> str:
    return line if len(line) <= _SHOWN_CHARACTERS else line[:_SHOWN_CHARACTERS] + "..."


def _members(line: str) -> dict[str, str]:
    """Return the values of an object, each with the text it was written in."""
    return {key: line[start:end] for key, (start, end) in value_spans(line).items()}


def _cell(value: str | None) -> str | None:
    """Return what stands in a cell: a string without its quotes, nothing for null, else the text itself."""
    if value is None or value == "null":
        return None
    return DECODER.decode(value) if value[0] == '"' else value


def _scalars(values: list[object]) -> polars.Series:
    """Return strings and numbers, which are text already, and truth values as text; raise TypeError for others."""
    try:
        return polars.Series(values, dtype=polars.String)
    except TypeError:
        words = [{True: "true", False: "false"}[value] if isinstance(value, bool) else value for value in values]
        return polars.Series(words, dtype=polars.String)


def _as_text(value: object) -> str | None:
    """Return a value as the text of a number, or as what is no number."""
    text = value if value is None or isinstance(value, str) else json.dumps(value)
    return text and text.encode("utf-8", "backslashreplace").decode()
