"""Write an answer in every format that does not need a terminal; each number with its shortest exact text."""

import re
from typing import IO, Any

from actcli.files.table import Answer, Column, Job, Table
from actcli.numerics import dtypes, text


def texts(column: Column) -> list[str]:
    """Return the numbers of a column as text, nothing for a missing one."""
    written = text.shortest(column.values)
    if column.missing is None:
        return written
    return ["" if missing else number for number, missing in zip(written, column.missing, strict=True)]


def parameters(job: Job, *, all: bool) -> dict[str, str]:
    """Return the parameters that differ from their defaults, or all that are set, with their shortest text."""
    import numpy as np

    written = {}
    format = dtypes.find(job.dtype).parameters
    for name, parameter in job.block.parameters.items():
        value = getattr(job.block, name)
        if value is None or (value == parameter.default and not all):
            continue
        if isinstance(value, float):
            written[name] = text.shortest(np.array([value], format.dtype))[0].removesuffix(".0")
        else:
            written[name] = str(value).lower()
    return written


def separated(answer: Answer, out: IO[str], separator: str) -> None:
    """Write the input columns, then one column per result, separated by commas or tabs."""
    import csv

    table, new = answer.table, answer.results + answer.derivatives
    header = csv.writer(out, delimiter=separator, lineterminator="\n")
    if table.cells is None:
        header.writerow([column.name for column in (*table.columns, *new)])
        rows = zip(*(texts(column) for column in (*table.columns, *new)), strict=True)
        out.writelines(separator.join(row) + "\n" for row in rows)
        return
    header.writerow([*(table.headings or []), *(column.name for column in new)])
    out.flush()
    frame = table.cells.with_columns(_series(column, f"new_{i}") for i, column in enumerate(new))
    frame.write_csv(out.buffer, include_header=False, separator=separator)  # type: ignore[attr-defined]


def _series(column: Column, name: str) -> Any:
    import polars

    if column.values.dtype.itemsize < 4:
        return polars.Series(name, [number or None for number in texts(column)], dtype=polars.String)
    series = polars.Series(name, column.values)
    if series.is_nan().any():
        missing = polars.Series(column.missing if column.missing is not None else [False] * series.len())
        plain = series.cast(polars.String)
        series = plain.zip_with(~series.is_nan(), polars.Series(["nan"])).zip_with(~missing, polars.Series([None]))
        series = series.rename(name)
    return series


def plain(answer: Answer, out: IO[str]) -> None:
    """Write one row of results a line and nothing else; several results are separated by tabs."""
    columns = [texts(column) for column in answer.results + answer.derivatives]
    out.writelines("\t".join(row) + "\n" for row in zip(*columns, strict=True))


def array(answer: Answer, out: IO[str]) -> None:
    """Write the results as NumPy writes an array: a vector for one column, a matrix for several."""
    import numpy as np

    for columns in filter(None, (answer.results, answer.derivatives)):
        values = [column.values for column in columns]
        out.write(text.array(values[0] if len(values) == 1 else np.stack(values, axis=1)) + "\n")


def json(answer: Answer, out: IO[str]) -> None:
    """Write one object: function, parameters, dtype, numerics, dialect, x, y; several columns make lists of rows."""
    job, table = answer.job, answer.table
    entries = {
        "function": _quoted(job.block.name),
        "parameters": _object({name: _parameter(value) for name, value in parameters(job, all=True).items()}),
        "dtype": _quoted(job.dtype),
        "numerics": _quoted(job.numerics),
        "dialect": _quoted(job.block.dialect),
    }
    if table.headings is not None:
        entries["columns"] = "[" + ", ".join(_quoted(column.name) for column in table.columns) + "]"
    entries["x"] = _nested([answer.vector] if answer.vector else table.columns)
    entries["y"] = _nested(answer.results)
    if answer.derivatives:
        entries["derivative"] = _nested(answer.derivatives)
    out.write(_object(entries) + "\n")


def json_lines(answer: Answer, out: IO[str]) -> None:
    """Write one object a row: the input columns, then one entry per result."""
    converted = {column.position: column for column in answer.table.columns}
    columns = [
        (name, _values(converted[i]) if i in converted else [_json(cell) for cell in cells])
        for i, (name, cells) in enumerate(_input(answer.table))
    ]
    columns += [(column.name, _values(column)) for column in answer.results + answer.derivatives]
    keys = [_quoted(name) for name, _ in columns]
    for row in zip(*(values for _, values in columns), strict=True):
        out.write("{" + ", ".join(f"{key}: {value}" for key, value in zip(keys, row, strict=True)) + "}\n")


def markdown(answer: Answer, out: IO[str]) -> None:
    """Write a table as GitHub draws it: the input columns, then one column per result."""
    new = answer.results + answer.derivatives
    columns = [*_input(answer.table), *((column.name, texts(column)) for column in new)]
    rules = ["---"] * (len(columns) - len(new)) + ["---:"] * len(new)
    rows = zip(*(cells for _, cells in columns), strict=True)
    for row in ([name for name, _ in columns], rules, *rows):
        out.write("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |\n")


def _input(table: Table) -> list[tuple[str, list[str]]]:
    """Return the names and cells of the input columns, as they were read; typed numbers as text."""
    if table.headings is None:
        return [(column.name, texts(column)) for column in table.columns]
    cells = table.cells.fill_null("")
    return [(name, cells.to_series(i).to_list()) for i, name in enumerate(table.headings)]


_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


def _json(cell: str) -> str:
    """Return a cell as JSON: a number with its own text, null for an empty cell, anything else as a string."""
    if not cell:
        return "null"
    return cell if _JSON_NUMBER.fullmatch(cell) else _quoted(cell)


def _parameter(value: str) -> str:
    return value if value in {"true", "false"} else _json(value)


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
