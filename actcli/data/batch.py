"""Batches to evaluate, one type per shape: typed numbers, halves of a vector, rows of a table, a slice of an array.

Beside the numbers to evaluate, the rows of a table keep the cells they came from.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # loaded only where there are tables
    import polars

Numbers: TypeAlias = NDArray[np.floating[Any]]
Mask: TypeAlias = NDArray[np.bool_]


class Column(NamedTuple):
    """A named column of numbers."""

    name: str
    values: Numbers
    """1-D, of a float dtype; NaN where they are missing."""
    missing: Mask | None = None
    """Where the cells are empty; None: nowhere."""
    position: int = 0
    """The position of the input column that it was made from."""
    replacements: Mapping[int, str] | None = None
    """By row, the text that takes the result's place where a non-numeric cell is not an error."""
    content: Literal["numbers", "bits", "ulps"] = "numbers"
    """Numbers of the dtype, the same to be written as their bits, or how many ulps some are apart."""

    def as_bits(self) -> Self:
        """Return the column with the bits in place of its numbers; as it is where it has none of the dtype."""
        return self if self.content == "ulps" else self._replace(content="bits")


class Layout(NamedTuple):
    """How the text of a table is laid out, apart from its rows."""

    separator: str | None
    """The character between the cells; None: the rows are JSON objects."""
    line_ending: str = "\n"
    """That of the first row."""
    decimal: str = "."
    """The decimal sign of the numbers."""
    header_cells: tuple[str, ...] = ()
    """The cells of the header row as they were written, with their quotes; none where there is no such row."""
    byte_order_mark: bool = False
    text_columns: frozenset[int] = frozenset()
    """Columns known to hold a cell that is not a JSON number."""


class TextRows(NamedTuple):
    """Rows of a table of text as they were written."""

    lines: "polars.Series"
    """Text, without the line endings."""
    line_endings: "str | polars.Series"
    """The line ending of all rows, or that of each."""
    cells: Callable[[], "polars.DataFrame"]
    """Returns all cells as they were written, with their quotes."""
    layout: Layout
    blank_end: str = ""
    """Blank lines behind the last row, which are not rows."""


class TypedNumbers(NamedTuple):
    """Numbers from the command line: the column ``x``."""

    values: Numbers

    @property
    def columns(self) -> list[Column]:
        """The numbers to evaluate."""
        return [Column("x", self.values)]

    @property
    def column_names(self) -> list[str]:
        """The name of the column."""
        return ["x"]


class VectorHalves(NamedTuple):
    """The two halves of a vector, side by side."""

    vector: Column
    columns: list[Column]

    @property
    def column_names(self) -> list[str]:
        """What the halves are called."""
        return [column.name for column in self.columns]


def _no_cells() -> "polars.DataFrame":
    import polars

    return polars.DataFrame()


class Table(NamedTuple):
    """Rows of a table."""

    columns: list[Column]
    """The columns to convert."""
    column_names: list[str]
    """The names of all columns."""
    cells: Callable[[], "polars.DataFrame"] = _no_cells
    """Returns all cells: as text, or of the types that the file has."""
    text: TextRows | None = None
    """The rows themselves, where they were text."""
    has_schema: bool = False
    """Whether the cells have the types of the file they were read from."""
    record_batches: tuple[object, ...] = ()
    """The rows as ``formats.arrow.record_batch.Batch``, where they were read as record batches of Arrow."""

    @property
    def nbytes(self) -> int:
        """How many bytes its numbers and its rows take, about."""
        lines = self.text.lines.estimated_size() if self.text else 0
        return int(sum(column.values.nbytes for column in self.columns) + lines)


def rows_of(numbers: Numbers) -> TypedNumbers | Table:
    """Return numbers of the command line as a column ``x``, or the rows of a matrix as a table."""
    if numbers.ndim == 1:
        return TypedNumbers(numbers)
    names = [f"x{i}" for i in range(1, numbers.shape[1] + 1)]

    def cells() -> "polars.DataFrame":
        import polars

        from actcli.numerics import text

        return polars.DataFrame([polars.Series(f"{i}", text.shortest(column)) for i, column in enumerate(numbers.T)])

    return Table([Column(name, numbers[:, i], None, i) for i, name in enumerate(names)], names, cells)


class ResultFile(NamedTuple):
    """What is written to a file of several arrays, known before the first result is."""

    shapes: Mapping[str, tuple[int, ...]]
    """The shape of the results for each array, by its name, in their order."""
    metadata: Mapping[str, str] | None = None
    """Texts that the file keeps beside the arrays."""


class ArraySlice(NamedTuple):
    """A slice of an array of any shape; an activation along an axis goes along the second axis of the slice."""

    values: Numbers
    """Of any shape."""
    shape: tuple[int, ...]
    """The axes of the array that the first axis of the slice goes along."""
    fortran_order: bool = False
    """Whether the numbers lie in the order of Fortran, the first axis running fastest."""
    name: str = "x"
    """That of the array."""
    result_file: ResultFile | None = None
    """What is to be written, where the array is one of several with names."""


Rows: TypeAlias = TypedNumbers | VectorHalves | Table
Batch: TypeAlias = Rows | ArraySlice
Batches: TypeAlias = Iterable[Callable[[], Batch]]
"""What parses or makes each batch, one after the other; the calls may be made on several threads."""


def require_rows(batch: Batch) -> Rows:
    """Return a batch that is rows; raise TypeError for a slice of an array, which only some formats can take."""
    if isinstance(batch, ArraySlice):
        raise TypeError("a slice of an array is not rows of a table")
    return batch


def layout_of(rows: Rows) -> Layout | None:
    """Return the layout of the text that rows were read from, if they were text."""
    return rows.text.layout if isinstance(rows, Table) and rows.text else None


def height(rows: Rows) -> int:
    """Return the number of rows."""
    return len(rows.columns[0].values)


def head(rows: Rows) -> Rows:
    """Return the numbers of the first row."""
    columns = [Column(column.name, column.values[:1], None, column.position) for column in rows.columns]
    return Table(columns, rows.column_names) if isinstance(rows, Table) else TypedNumbers(columns[0].values)


def count_replacements(rows: Rows) -> int:
    """Return how many of the cells to convert are not numeric."""
    return sum(len(column.replacements or ()) for column in rows.columns)


def concatenate(batches: list[Rows]) -> Rows:
    """Return batches of rows that follow each other as one."""
    first = batches[0]
    tables = [batch for batch in batches if isinstance(batch, Table)]
    if len(batches) == 1 or not isinstance(first, Table):
        return first

    def cells() -> "polars.DataFrame":
        import polars

        return polars.concat([table.cells() for table in tables])

    return first._replace(
        columns=list(map(concatenate_columns, zip(*(table.columns for table in tables), strict=True))),
        cells=cells,
        text=_concatenate_text([table.text for table in tables if table.text]),
        record_batches=tuple(batch for table in tables for batch in table.record_batches),
    )


def _concatenate_text(parts: list[TextRows]) -> TextRows | None:
    if not parts:
        return None
    import polars

    endings = [
        polars.Series([part.line_endings] * len(part.lines), dtype=polars.String)
        if isinstance(part.line_endings, str)
        else part.line_endings
        for part in parts
    ]
    return parts[0]._replace(
        lines=polars.concat([part.lines for part in parts]),
        line_endings=polars.concat(endings),
        cells=lambda: polars.concat([part.cells() for part in parts]),
        blank_end=parts[-1].blank_end,
    )


def concatenate_columns(parts: tuple[Column, ...]) -> Column:
    """Return parts of a column that follow each other as one."""
    values = np.concatenate([part.values for part in parts])
    masks = [np.zeros(len(part.values), bool) if part.missing is None else part.missing for part in parts]
    missing = np.concatenate(masks) if any(part.missing is not None for part in parts) else None
    starts = np.cumsum([0, *map(len, masks)]).tolist()
    replacements = {
        start + row: text
        for start, part in zip(starts, parts, strict=False)
        for row, text in (part.replacements or {}).items()
    }
    return parts[0]._replace(values=values, missing=missing, replacements=replacements or None)
