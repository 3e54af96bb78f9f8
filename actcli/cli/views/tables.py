"""The table on the terminal: inputs beside results, every number with all its digits."""

import itertools
import re
from collections.abc import Iterator
from functools import partial
from typing import IO, TYPE_CHECKING

import numpy as np
from rich import box
from rich.cells import cell_len, set_cell_size
from rich.table import Table as RichTable
from rich.text import Text

from actcli.activation import Packed
from actcli.cli.views import styles
from actcli.cli.views.panels import ShownColumn, spread_columns
from actcli.cli.views.sampling import label
from actcli.compute import compute_values
from actcli.data.batch import Column, Numbers, Rows, Table, height
from actcli.data.evaluated import EvaluatedRows, InputColumn, Job
from actcli.data.selection import list_names
from actcli.formats.file_format import BufferedWriter
from actcli.numerics.array_text import write_column
from actcli.numerics.hexadecimal import write_bits

if TYPE_CHECKING:
    from rich.console import Console

TUTORIAL = "TF 2.4 (tutorial)"
"""The heading of the column with the digits of the tutorial."""
_LAID_OUT_ROWS = 500  # by Rich; beyond, it takes a tenth of a millisecond and more for each
_PLACE = "\ue000"  # stands for a character of a cell
_SHOWN_ROWS = 10  # rows of a file at its head, and as many at its tail


class TerminalWriter(BufferedWriter):
    """The table: all typed numbers; of a long file, the first and last rows and the count."""

    names_columns = True

    def __init__(self, *, tutorial_column: bool, digits: int | None = None) -> None:
        self._tutorial_column = tutorial_column
        self._digits = digits
        self._height = 0

    def write(self, rendered: Iterator[EvaluatedRows], out: IO[str]) -> None:
        """Write the table; of a file, let go of the batches that will not be shown."""
        batches: list[EvaluatedRows] = []
        for evaluated in rendered:
            self._height += height(evaluated.rows)
            batches = _shown_batches([*batches, evaluated])
        super().write(iter(batches), out)

    def write_whole(self, evaluated: EvaluatedRows, out: IO[str]) -> None:
        """Write the batches that were kept."""
        of_file = isinstance(evaluated.rows, Table)
        omitted = max(0, self._height - 2 * _SHOWN_ROWS) if of_file else 0
        rows = np.arange(height(evaluated.rows))
        if omitted:
            rows = np.concatenate([rows[:_SHOWN_ROWS], rows[-_SHOWN_ROWS:]])
        console = styles.console(out, width=styles.WIDE)
        columns = list(_columns(evaluated, rows, self._tutorial_column, self._digits, console.encoding))
        prose = styles.console(out) if out.isatty() else console  # which wraps where a table does not
        tables, left_out = spread_columns(columns, prose.width) if out.isatty() else ([columns], [])
        prose.print(Text(_title(evaluated.job), styles.TITLE))
        for table in tables:
            _print_table(console, table, bool(omitted))
        if any(column.heading == TUTORIAL for table in tables for column in table):
            prose.print(Text(f"{TUTORIAL}: what the tutorial's TensorFlow 2.4.1 returns", styles.NOTE))
        if omitted:
            prose.print(f"{self._height:,} rows; {omitted:,} in the middle are not shown")
        if left_out:
            prose.print(_name_columns(left_out, len(evaluated.columns)))


def _shown_batches(batches: list[EvaluatedRows]) -> list[EvaluatedRows]:
    """Return the batches with the first and the last rows that are shown."""
    heights = [height(evaluated.rows) for evaluated in batches]
    return [
        evaluated
        for i, evaluated in enumerate(batches)
        if sum(heights[:i]) < _SHOWN_ROWS or sum(heights[i + 1 :]) < _SHOWN_ROWS
    ]


def _print_table(console: "Console", columns: list[ShownColumn], cut: bool) -> None:
    """Print a table; of a long one, Rich lays out a row, and the others are put in its place, which is much faster."""
    columns = list(map(_align, columns))
    count = len(columns[0].cells)
    if cut or count <= _LAID_OUT_ROWS:
        console.print(_table(columns, cut))
        return
    widths = [column.width - 3 for column in columns]
    with console.capture() as captured:
        places = [column._replace(cells=[_PLACE * width]) for column, width in zip(columns, widths, strict=True)]
        console.print(_table(places, cut))
    head, row, end = re.split(f"(?m)^(.*{_PLACE}.*\n)", captured.get())
    between = re.split(f"{_PLACE}+", row)
    console.file.write(head)
    for cells in zip(*(column.cells for column in columns), strict=True):
        padded = (set_cell_size(cell, width) for cell, width in zip(cells, widths, strict=True))
        console.file.write("".join(itertools.chain.from_iterable(zip(between, [*padded, ""], strict=True))))
    console.file.write(end)


def _table(columns: list[ShownColumn], cut: bool) -> RichTable:
    """Return the columns side by side, with a row of dots where rows were cut out."""
    table = RichTable(box=box.ROUNDED)
    for column in columns:
        table.add_column(Text(column.heading), style=column.style, no_wrap=True)
    for i, cells in enumerate(zip(*(column.cells for column in columns), strict=True)):
        if cut and i == _SHOWN_ROWS:
            table.add_row(*("..." if column.group is None else Text("...", justify="right") for column in columns))
        table.add_row(*map(Text, cells))
    return table


def _align(column: ShownColumn) -> ShownColumn:
    """Return a column with its numbers and heading moved to the right; blanks after a number keep its point in line."""
    if column.group is None:
        return column
    width = column.width - 3
    heading = "\n".join(_to_the_right(line, width) for line in column.heading.split("\n"))
    return column._replace(heading=heading, cells=[_to_the_right(cell, width) for cell in column.cells])


def _to_the_right(line: str, width: int) -> str:
    return " " * (width - cell_len(line)) + line


def _name_columns(left_out: list[ShownColumn], count: int) -> str:
    """Return the line that names the columns for which there is no room."""
    headings = [column.heading.replace("\n", "") for column in left_out if column.heading != TUTORIAL]
    verb = "does" if len(headings) == 1 else "do"
    names = list_names(list(dict.fromkeys(headings)))
    return f"{len(headings)} of {count} columns {verb} not fit: {names} (--format csv shows all)"


def _title(job: Job) -> str:
    calls = [
        label(activation, job.dtype) + (f" of {activation.dialect}" if job.dialects > 1 else "")
        for activation in job.compared or (job.activation,)
    ]
    if job.quantization is not None:
        return f"{', '.join(calls)}, {job.quantization}"
    return f"{', '.join(calls)}, {job.dtype}, {job.numerics}{', saturating' if job.saturate else ''}"


def _columns(
    evaluated: EvaluatedRows, rows: np.ndarray, tutorial_column: bool, digits: int | None, encoding: str
) -> Iterator[ShownColumn]:
    """Yield the columns as they are written, each converted one as numbers."""
    job, inputs = evaluated.job, evaluated.rows.columns
    escape = partial(_escape, encoding)
    converted = {column.position: column for column in inputs}
    is_packed = isinstance(job.activation, Packed)
    groups = {column.position: group for group, source in enumerate(evaluated.sources) for column in source}
    arguments = [", ".join(column.name for column in source) for source in evaluated.sources]
    formulas = iter(f"{job.activation.name}{prime}({argument})" for prime in ("", "'") for argument in arguments)
    results = iter(zip(inputs, evaluated.results, strict=False))
    numbers = itertools.count()
    columns = evaluated.columns
    inputs_shown = [column.position for column in columns if isinstance(column, InputColumn)]
    group: int | None = None
    texts = _texts(evaluated.rows, [position for position in inputs_shown if position not in converted], rows)
    for column in columns:
        if isinstance(column, Column) and column.content == "bits":
            group = groups[column.position] if group is None or not is_packed else group
            yield ShownColumn(escape(column.name), _write_numbers(column, rows, digits), group)
        elif isinstance(column, Column):
            group = next(numbers) if is_packed else groups[column.position]
            heading = escape(column.name if job.naming else next(formulas))
            yield ShownColumn(heading, _write_numbers(column, rows, digits), group)
            for source, result in itertools.islice(results, 1):
                if tutorial_column and (tensorflow2 := _tutorial_column_of(job, source, result)):
                    yield ShownColumn(TUTORIAL, _write_numbers(tensorflow2, rows, digits), group, style=styles.NOTE)
        elif column.position in converted:
            texts_of_numbers = _write_numbers(converted[column.position], rows, digits)
            yield ShownColumn(escape(column.name), texts_of_numbers, groups[column.position], is_input=True)
        else:
            yield ShownColumn(escape(column.name), list(map(escape, texts[column.position])), is_input=True)


def _texts(table: Rows, positions: list[int], rows: np.ndarray) -> dict[int, list[str]]:
    """Return the cells of some columns of a table as text, in the rows that are shown."""
    if not positions or not isinstance(table, Table):
        return {}
    from actcli.formats.polars_text import Cells, as_text

    cells = Cells(table)
    return {position: as_text(cells[position].gather(rows)).fill_null("").to_list() for position in positions}


def _tutorial_column_of(job: Job, column: Column, result: Column) -> Column | None:
    """Return what the tutorial's TensorFlow printed, if it is known and differs in a bit."""
    kernel = job.activation.tensorflow2 is not None and job.placement == "append"
    if not kernel or job.dtype != "float32" or job.numerics != "exact":
        return None
    tensorflow2 = compute_values(job.activation, column.values, "tensorflow2")
    exact = result.values
    different = (exact.view(np.uint32) != tensorflow2.view(np.uint32)) & ~(np.isnan(exact) & np.isnan(tensorflow2))
    return column._replace(values=tensorflow2) if different.any() else None


def _write_numbers(column: Column, rows: np.ndarray, digits: int | None) -> list[str]:
    """Return the rows of a column as NumPy writes that array, or with fewer digits; blanks for missing numbers."""
    if column.content == "bits":
        write = write_bits
    else:
        keeps_all = digits is None or column.values.dtype.kind in "iu"
        write = write_column if keeps_all else partial(_round_column, digits or 0)
    values = column.values[rows]
    if column.missing is None:
        return write(values)
    missing = column.missing[rows]
    texts = iter(write(values[~missing]) if not missing.all() else [])
    replacements = column.replacements or {}
    return [
        replacements.get(row, "") if empty else next(texts) for row, empty in zip(rows.tolist(), missing, strict=True)
    ]


def _escape(encoding: str, cell: str) -> str:
    """Return a cell of text on one line, in characters that can be written, without the power to steer the terminal."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cell)
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _round_column(digits: int, values: Numbers) -> list[str]:
    """Return numbers with so many significant digits, their points in line."""
    texts = [f"{float(value):#.{digits}g}" for value in values]
    after = [len(text) - text.index(".") if "." in text else 0 for text in texts]
    return [text + " " * (max(after) - length) for text, length in zip(texts, after, strict=True)]
