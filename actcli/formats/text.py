"""Write an answer in every format that does not need a terminal; each number with its shortest exact text."""

import re
from collections.abc import Iterable, Iterator
from typing import IO

from actcli.data import naming
from actcli.data.table import JSON, Answer, Column, Job, Layout, Table, joined
from actcli.numerics import dtypes, text


def texts(column: Column, decimal: str = ".") -> list[str]:
    """Return the numbers of a column as text, nothing for a missing one, and what stands for one that was not read."""
    written = text.shortest(column.values)
    if decimal != ".":
        written = [number.replace(".", decimal) for number in written]
    if column.missing is None:
        return written
    shown = ["" if missing else number for number, missing in zip(written, column.missing, strict=True)]
    for row, given in (column.unread or {}).items():
        shown[row] = given
    return shown


def parameters(job: Job, *, all: bool) -> dict[str, str]:
    """Return the parameters that differ from their defaults, or all that are set, with their shortest text."""
    import numpy as np

    written = {}
    format = dtypes.find(job.dtype).parameters
    for name, parameter in job.block.parameters.items():
        value = getattr(job.block, name)
        if value is None or (value == parameter.default and not all):
            continue
        if isinstance(value, float | list):
            numbers = text.shortest(np.atleast_1d(np.array(value, format.dtype)))
            shown = ", ".join(number.removesuffix(".0") for number in numbers)
            written[name] = f"[{shown}]" if isinstance(value, list) else shown
        else:
            written[name] = str(value).lower()
    return written


def cells(table: Table) -> list[list[str]]:
    """Return all cells of a table that was read as text, column by column, nothing for a missing one."""
    from actcli.data import columns

    return [columns.as_text(series).fill_null("").to_list() for series in table.cells().get_columns()]


class Writer:
    """Writes answers one after the other, as they come."""

    named = False
    """Whether it writes ``Answer.columns`` under ``Answer.names``, as ``--as`` and ``--replace`` presume."""

    def header(self, answer: Answer) -> str:
        """Return what stands before the rows."""
        return ""

    def rows(self, answer: Answer) -> list[bytes]:
        """Return the rows of one answer, in pieces that follow each other; may be called on several threads."""
        return [self.typed(answer).encode()] if answer.table.headings is None else self.read(answer)

    def typed(self, answer: Answer) -> str:
        """Return the rows of numbers that were typed, which needs no library of tables."""
        raise NotImplementedError

    def read(self, answer: Answer) -> list[bytes]:
        """Return the rows of a table that was read."""
        raise NotImplementedError


def _columns(answer: Answer) -> list[Column]:
    """Return what is written of typed numbers, column by column."""
    return [answer.table.columns[column] if isinstance(column, int) else column for column in answer.columns]


class Separated(Writer):
    """The input columns, then one column per result, with a comma or a tab between them."""

    named = True

    def __init__(self, separator: str, *, header: bool = True) -> None:
        self._separator, self._named = separator, header

    def header(self, answer: Answer) -> str:
        """Return the names of the columns; a header that was read keeps its text."""
        layout = answer.table.rows.layout if answer.table.rows else Layout(self._separator)
        mark = "\ufeff" if layout.byte_order_mark else ""
        if not self._named:
            return mark
        names = [quoted(name, self._separator) for name in answer.names]
        if layout.header_cells and answer.job.placement != "alone":
            names[: len(layout.header_cells)] = _headings(layout, self._separator)
        return mark + ('""' if names == [""] else self._separator.join(names)) + layout.line_end

    def typed(self, answer: Answer) -> str:
        """Return the rows of numbers that were typed."""
        rows = zip(*map(texts, _columns(answer)), strict=True)
        return "".join(self._separator.join(row) + "\n" for row in rows)

    def read(self, answer: Answer) -> list[bytes]:
        """Return the rows of a table, which keep the text that was read."""
        from actcli.formats.csv import writer as lines

        return lines.rows(answer, self._separator)


def _headings(layout: Layout, separator: str) -> list[str]:
    """Return the cells of a header that was read, which keep their text, blanks included."""
    from actcli.formats.csv.row_splitter import unquoted

    if layout.separator == separator:
        return list(layout.header_cells)
    return [quoted(unquoted(cell.encode()).decode(), separator) for cell in layout.header_cells]


def quoted(cell: str, separator: str) -> str:
    """Return a cell of separated values, between quotes if it needs them."""
    if any(special in cell for special in (separator, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


class Plain(Writer):
    """One row of results a line and nothing else; several results are separated by tabs."""

    def typed(self, answer: Answer) -> str:
        """Return the rows of numbers that were typed."""
        columns = map(texts, answer.results + answer.derivatives)
        return "".join("\t".join(row) + "\n" for row in zip(*columns, strict=True))

    def read(self, answer: Answer) -> list[bytes]:
        """Return the rows of a table."""
        from actcli.formats.csv import writer as lines

        return lines.plain(answer)


class JsonLines(Writer):
    """One object a row: the input columns, then one entry per result."""

    named = True

    def header(self, answer: Answer) -> str:
        """Return the byte-order mark of objects that were read."""
        layout = answer.table.rows.layout if answer.table.rows else None
        return "\ufeff" if layout and layout.separator == JSON and layout.byte_order_mark else ""

    def typed(self, answer: Answer) -> str:
        """Return the rows of numbers that were typed."""
        naming.check_distinct(answer.names)
        rows = zip(*map(_values, _columns(answer)), strict=True)
        return "".join(_object(dict(zip(answer.names, row, strict=True))) + "\n" for row in rows)

    def read(self, answer: Answer) -> list[bytes]:
        """Return the rows of a table; objects that were read keep their text."""
        from actcli.formats.json_lines import writer as objects

        return objects.rows(answer)


class Markdown(Writer):
    """A table as GitHub draws it: the input columns, then one column per result."""

    named = True

    def header(self, answer: Answer) -> str:
        """Return the names of the columns and the rule under them."""
        rule = ("---" if isinstance(column, int) else "---:" for column in answer.columns)
        return piped(answer.names) + piped(rule)

    def typed(self, answer: Answer) -> str:
        """Return the rows of numbers that were typed."""
        return "".join(map(piped, zip(*map(texts, _columns(answer)), strict=True)))

    def read(self, answer: Answer) -> list[bytes]:
        """Return the rows of a table."""
        from actcli.formats.csv import writer as lines

        return lines.piped(answer)


def piped(row: Iterable[str]) -> str:
    """Return a row of a table in Markdown."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |\n"


class Whole:
    """Writes all rows at once."""

    named = False
    """As for ``Writer``."""

    def __init__(self) -> None:
        self._answers: list[Answer] = []

    def add(self, answer: Answer) -> None:
        """Take the next rows."""
        self._answers.append(answer)

    def write(self, out: IO[str]) -> None:
        """Write everything to a text stream."""
        raise NotImplementedError


class Array(Whole):
    """The results as NumPy writes an array: a vector for one column, a matrix for several."""

    def write(self, out: IO[str]) -> None:
        """Write the results, then the derivatives."""
        import numpy as np

        answer = joined(self._answers)
        for columns in filter(None, (answer.results, answer.derivatives)):
            values = [column.values for column in columns]
            out.write(text.array(values[0] if len(values) == 1 else np.stack(values, axis=1)) + "\n")


class Json(Whole):
    """One object: function, parameters, dtype, numerics, dialect, x, y; several columns make lists of rows."""

    def write(self, out: IO[str]) -> None:
        """Write the object."""
        answer = joined(self._answers)
        job, table = answer.job, answer.table
        entries = {} if job.compared else _named(job)
        if job.compared:
            functions = (_object(_named(job._replace(block=block))) for block in job.compared)
            entries["functions"] = f"[{', '.join(functions)}]"
        if table.headings is not None:
            entries["columns"] = "[" + ", ".join(_quoted(column.name) for column in table.columns) + "]"
        if job.placement != "alone":
            entries["x"] = _nested([answer.vector] if answer.vector else table.columns)
        if job.compared:
            entries |= {column.name: _nested([column]) for column in answer.results + answer.derivatives}
        else:
            entries["y"] = _nested(answer.results)
        if answer.derivatives and not job.compared:
            entries["derivative"] = _nested(answer.derivatives)
        out.write(_object(entries) + "\n")


def _named(job: Job) -> dict[str, str]:
    """Return what was evaluated, each entry as JSON."""
    return {
        "function": _quoted(job.block.name),
        "parameters": _object({name: _parameter(value) for name, value in parameters(job, all=True).items()}),
        "dtype": _quoted(job.dtype),
        "numerics": _quoted(job.numerics),
        "dialect": _quoted(job.block.dialect) if job.block.dialect else "null",
    }


class Binary:
    """Writes answers as they come, into bytes that only a program reads."""

    named = True
    """As for ``Writer``."""

    def write(self, answers: Iterator[Answer], out: IO[bytes]) -> None:
        """Write everything to a file."""
        raise NotImplementedError


_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


def _json(cell: str) -> str:
    """Return a cell as JSON: a number with its own text, null for an empty cell, anything else as a string."""
    if not cell:
        return "null"
    return cell if _JSON_NUMBER.fullmatch(cell) else _quoted(cell)


def _parameter(value: str) -> str:
    return value if value in {"true", "false"} or value[0] == "[" else _json(value)


def _values(column: Column) -> list[str]:
    return [_json(written) for written in texts(column)]


def _nested(columns: list[Column]) -> str:
    values = [_values(column) for column in columns]
    if len(values) == 1:
        return "[" + ", ".join(values[0]) + "]"
    return "[" + ", ".join("[" + ", ".join(row) + "]" for row in zip(*values, strict=True)) + "]"


def _object(entries: dict[str, str]) -> str:
    return "{" + ", ".join(f"{_quoted(key)}: {value}" for key, value in entries.items()) + "}"


def _quoted(value: str) -> str:
    from json import dumps

    return dumps(value, ensure_ascii=False)
