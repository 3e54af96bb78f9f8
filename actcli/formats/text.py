"""Formats of text that are only written: plain numbers, NumPy arrays, JSON, Markdown."""

from collections.abc import Iterable
from typing import IO

import numpy as np

from actcli.data.batch import Column, Table, VectorHalves
from actcli.data.evaluated import EvaluatedRows, InputColumn, Job
from actcli.formats.file_format import BufferedWriter, FileFormat, StreamWriter
from actcli.formats.json_text import json_object, json_value, json_values, quote
from actcli.formats.number_text import number_columns, parameter_texts, shortest_texts
from actcli.numerics.array_text import write_array


class PlainWriter(StreamWriter):
    """One row of results a line and nothing else; several results are separated by tabs."""

    def number_rows(self, evaluated: EvaluatedRows) -> str:
        """Return a line for each number."""
        columns = map(shortest_texts, evaluated.all_results)
        return "".join("\t".join(row) + "\n" for row in zip(*columns, strict=True))

    def table_rows(self, evaluated: EvaluatedRows, table: Table) -> list[bytes]:
        """Return a line for each row of a table."""
        from actcli.formats import polars_text

        return polars_text.plain_rows(evaluated, table)


class HexWriter(PlainWriter):
    """The same with each result as its bits: its own pattern, or the two's complement of an integer."""

    def number_rows(self, evaluated: EvaluatedRows) -> str:
        """Return a line for each number."""
        return super().number_rows(evaluated.as_bits())

    def table_rows(self, evaluated: EvaluatedRows, table: Table) -> list[bytes]:
        """Return a line for each row of a table."""
        return super().table_rows(evaluated.as_bits(), table)


class MarkdownWriter(StreamWriter):
    """A table as GitHub draws it: the input columns, then one column per result."""

    names_columns = True

    def header(self, evaluated: EvaluatedRows) -> str:
        """Return the names of the columns and the rule under them."""
        rule = ("---" if isinstance(column, InputColumn) else "---:" for column in evaluated.columns)
        return markdown_row(evaluated.names) + markdown_row(rule)

    def number_rows(self, evaluated: EvaluatedRows) -> str:
        """Return a row for each number."""
        return "".join(map(markdown_row, zip(*map(shortest_texts, number_columns(evaluated)), strict=True)))

    def table_rows(self, evaluated: EvaluatedRows, table: Table) -> list[bytes]:
        """Return the rows of a table."""
        from actcli.formats import polars_text

        return polars_text.markdown_rows(evaluated, table)


def markdown_row(row: Iterable[str]) -> str:
    """Return a row of a table in Markdown."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |\n"


class ArrayWriter(BufferedWriter):
    """The results as NumPy writes an array: a vector for one column, a matrix for several."""

    def write_whole(self, evaluated: EvaluatedRows, out: IO[str]) -> None:
        """Write the results, then the derivatives."""
        for columns in filter(None, (evaluated.results, evaluated.derivatives)):
            values = [column.values for column in columns]
            out.write(write_array(values[0] if len(values) == 1 else np.stack(values, axis=1)) + "\n")


class JsonWriter(BufferedWriter):
    """One object: function, parameters, dtype, numerics, dialect, x, y; several columns make lists of rows."""

    def write_whole(self, evaluated: EvaluatedRows, out: IO[str]) -> None:
        """Write the object."""
        job, rows = evaluated.job, evaluated.rows
        entries = {} if job.compared else _named_parameters(job)
        if job.compared:
            functions = (
                json_object(_named_parameters(job._replace(activation=activation))) for activation in job.compared
            )
            entries["functions"] = f"[{', '.join(functions)}]"
        if isinstance(rows, Table):
            entries["columns"] = "[" + ", ".join(quote(column.name) for column in rows.columns) + "]"
        if job.placement != "only":
            entries["x"] = _nested_list([rows.vector] if isinstance(rows, VectorHalves) else rows.columns)
        if job.compared:
            entries |= {column.name: _nested_list([column]) for column in evaluated.all_results}
        else:
            entries["y"] = _nested_list(evaluated.results)
        if evaluated.derivatives and not job.compared:
            entries["derivative"] = _nested_list(evaluated.derivatives)
        out.buffer.write(f"{json_object(entries)}\n".encode())  # type: ignore[attr-defined]  # whatever out encodes


def _named_parameters(job: Job) -> dict[str, str]:
    """Return what was evaluated, each entry as JSON."""
    texts = parameter_texts(job.activation, job.dtype, all=True)
    parameters = {name: _parameter(value) for name, value in texts.items()}
    quantization = {} if job.quantization is None else job.quantization.texts
    entries = {name: json_value(value) for name, value in quantization.items()}
    return {
        "function": quote(job.activation.name),
        "parameters": json_object(parameters),
        "dtype": quote(job.number_type),
        **({"quantization": json_object(entries)} if entries else {}),
        "numerics": quote(job.numerics),
        **({"saturate": "true"} if job.saturate else {}),
        "dialect": quote(job.activation.dialect) if job.activation.dialect else "null",
    }


def _parameter(value: str) -> str:
    return value if value in {"true", "false"} or value[0] == "[" else json_value(value)


def _nested_list(columns: list[Column]) -> str:
    values = [json_values(column) for column in columns]
    if len(values) == 1:
        return "[" + ", ".join(values[0]) + "]"
    return "[" + ", ".join("[" + ", ".join(row) + "]" for row in zip(*values, strict=True)) + "]"


JSON = FileFormat("json", (".json",), make_writer=lambda options: JsonWriter())
ARRAY = FileFormat("array", make_writer=lambda options: ArrayWriter())
PLAIN = FileFormat("plain", (".txt",), make_writer=lambda options: PlainWriter())
HEX = FileFormat("hex", (".hex",), make_writer=lambda options: HexWriter())
MARKDOWN = FileFormat("markdown", (".md", ".markdown"), make_writer=lambda options: MarkdownWriter())
