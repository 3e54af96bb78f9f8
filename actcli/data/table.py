"""What is read and what is written: columns of numbers, beside the untouched cells they came from."""

from collections.abc import Callable
from typing import Any, NamedTuple

from actcli.activation import Activation
from actcli.errors import ActcliError


class Column(NamedTuple):
    """A named column of numbers (1-D, of a float dtype); where ``missing``, its number is NaN and its cell is empty."""

    name: str
    values: Any
    missing: Any = None
    position: int = 0
    """Which of the headings it was made from."""
    unread: Any = None
    """What stands in the results' place, by row, where a cell was no number and that is no error."""


JSON = "json"  # in place of a separator: the rows are objects


class Layout(NamedTuple):
    """How the text of a table is laid out, beside its rows."""

    separator: str
    """The character between the cells, or ``JSON``."""
    line_end: str = "\n"
    """That of the first row."""
    decimal: str = "."
    """The decimal sign of the numbers."""
    header_cells: tuple[str, ...] = ()
    """The cells of the header row as they were written, with their quotes; none where there is no such row."""
    byte_order_mark: bool = False
    text_columns: frozenset[int] = frozenset()
    """Columns of which a cell is known that is not a number of JSON."""


class Rows(NamedTuple):
    """Rows of a table of text as they were written."""

    lines: Any
    """A polars series of text, without the line ends."""
    line_ends: Any
    """The line end of all rows, or a polars series of that of each."""
    cells: Callable[[], Any]
    """Gives a polars frame of all cells as they were written, with their quotes."""
    layout: Layout
    blank_end: str = ""
    """Blank lines behind the last row, which are no rows."""


class Piece(NamedTuple):
    """What is known of the array that a table's only column is a piece of."""

    shape: tuple[int, ...]
    """The axes of the array that the first axis of the piece goes along."""
    fortran: bool = False
    """Whether the numbers lie in the order of Fortran, the first axis running fastest."""


class Table(NamedTuple):
    """The columns to convert and, for a table that was read, what they came from."""

    columns: list[Column]
    headings: list[str] | None = None
    """The names of all columns that were read; None where numbers were typed."""
    cells: Callable[[], Any] = lambda: None
    """Gives a polars frame of all cells, one column for each of the headings: as text, or ``typed``."""
    rows: Rows | None = None
    """The rows themselves, where they were text."""
    typed: bool = False
    """Whether the cells have the types of the file that they were read from."""
    batches: tuple[Any, ...] = ()
    """The rows as ``formats.batch.Batch``, where they were read as record batches of Arrow."""
    piece: Piece | None = None
    """For an array of any shape: the only column holds a piece of it, and its values may have several axes."""

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.columns[0].values)

    @property
    def head(self) -> "Table":
        """The numbers of the first row."""
        columns = [column._replace(values=column.values[:1], missing=None, unread=None) for column in self.columns]
        return Table(columns, self.headings)

    @property
    def size(self) -> int:
        """How many bytes its numbers and its rows take, about."""
        lines = self.rows.lines.estimated_size() if self.rows else 0
        return int(sum(column.values.nbytes for column in self.columns) + lines)

    @property
    def unread(self) -> int:
        """How many cells to convert were no numbers."""
        return sum(len(column.unread or ()) for column in self.columns)


class Job(NamedTuple):
    """What to do with every row."""

    block: Activation
    dtype: str = "float32"
    numerics: str = "exact"
    derivative: bool = False
    naming: str | None = None
    """The template of the results' names, where another than the usual one is asked for."""
    placement: str = "beside"
    """Where the results stand: ``beside`` what was read, ``instead`` of the converted columns, or ``alone``."""
    compared: tuple[Activation, ...] = ()
    """All functions, where several stand side by side; ``block`` is the first of them."""
    dialects: int = 1
    """How many of these in a row are one function in several dialects; they are followed by how far they differ."""
    reduction: Any = None
    """What all rows of each column reduce to, where the results down a column depend on it."""


class Answer(NamedTuple):
    """Rows and what the activation gives for them: results, and derivatives if asked for, as many as the results."""

    job: Job
    table: Table
    """The columns that stand beside the results, row by row."""
    results: list[Column]
    derivatives: list[Column]
    vector: Column | None = None
    """The numbers as they were given, where ``table`` holds their halves."""

    @property
    def columns(self) -> list["int | Column"]:
        """What is written, column by column: the number of one that was read or typed, or a result."""
        new = [*self.results, *self.derivatives]
        if self.job.placement == "alone":
            return [*new]
        given = range(len(self.table.headings or self.table.columns))
        if self.job.placement == "beside":
            return [*given, *new]
        replaced = {result.position: result for result in self.results}
        return [replaced.get(i, i) for i in given]

    @property
    def names(self) -> list[str]:
        """The names of these columns."""
        given = self.table.headings or [column.name for column in self.table.columns]
        names = [given[column] if isinstance(column, int) else column.name for column in self.columns]
        if self.job.placement == "beside" and (twice := set(given).intersection(names[len(given) :])):
            name = next(name for name in given if name in twice)
            others = "use --only" if self.job.compared else "rename the results with --as, or use --replace or --only"
            raise ActcliError(f"the input already has a column named {name!r}, like a result; {others}")
        return names

    @property
    def sources(self) -> list[list[Column]]:
        """The converted columns that each result was made from."""
        return [self.table.columns[i :: len(self.results)] for i in range(len(self.results))]


def joined(answers: list[Answer]) -> Answer:
    """Return answers that follow each other as one."""
    if len(answers) == 1:
        return answers[0]
    parts = zip(*(answer.results for answer in answers), strict=True)
    derivatives = zip(*(answer.derivatives for answer in answers), strict=True)
    table = joined_tables([answer.table for answer in answers])
    return answers[0]._replace(
        table=table, results=list(map(_joined_columns, parts)), derivatives=list(map(_joined_columns, derivatives))
    )


def joined_tables(tables: list[Table]) -> Table:
    """Return tables that follow each other as one."""
    if len(tables) == 1:
        return tables[0]

    def cells() -> Any:
        import polars

        return polars.concat([table.cells() for table in tables])

    columns = zip(*(table.columns for table in tables), strict=True)
    rows = [table.rows for table in tables]
    batches = tuple(batch for table in tables for batch in table.batches)
    return tables[0]._replace(
        columns=list(map(_joined_columns, columns)), cells=cells, rows=_joined_rows(rows), batches=batches
    )


def _joined_rows(rows: list[Rows | None]) -> Rows | None:
    import polars

    known = [row for row in rows if row is not None]
    if not known:
        return None
    ends = [
        polars.Series([row.line_ends] * len(row.lines), dtype=polars.String)
        if isinstance(row.line_ends, str)
        else row.line_ends
        for row in known
    ]
    return known[0]._replace(
        lines=polars.concat([row.lines for row in known]),
        line_ends=polars.concat(ends),
        cells=lambda: polars.concat([row.cells() for row in known]),
        blank_end=known[-1].blank_end,
    )


def _joined_columns(parts: tuple[Column, ...]) -> Column:
    import numpy as np

    values = np.concatenate([part.values for part in parts])
    masks = [np.zeros(len(part.values), bool) if part.missing is None else part.missing for part in parts]
    missing = np.concatenate(masks) if any(part.missing is not None for part in parts) else None
    starts = np.cumsum([0, *map(len, masks)]).tolist()
    unread = {
        start + row: given
        for start, part in zip(starts, parts, strict=False)
        for row, given in (part.unread or {}).items()
    }
    return parts[0]._replace(values=values, missing=missing, unread=unread or None)
