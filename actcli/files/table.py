"""What is read and what is written: columns of numbers, beside the untouched cells they came from."""

from typing import Any, NamedTuple

from actcli.activation import Activation


class Column(NamedTuple):
    """A named column of numbers (1-D, of a float dtype); where ``missing``, its number is NaN and its cell is empty."""

    name: str
    values: Any
    missing: Any = None
    position: int = 0
    """Which of the headings it was made from."""


class Table(NamedTuple):
    """The columns to convert and, for a table that was read, all its cells as text."""

    columns: list[Column]
    headings: list[str] | None = None
    """The names of all columns that were read; None where numbers were typed."""
    cells: Any = None
    """A polars frame of text, one column for each of the headings."""

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.columns[0].values)


class Job(NamedTuple):
    """What to do with every row."""

    block: Activation
    dtype: str = "float32"
    numerics: str = "exact"
    derivative: bool = False


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
    def sources(self) -> list[list[Column]]:
        """The converted columns that each result was made from."""
        return [self.table.columns[i :: len(self.results)] for i in range(len(self.results))]
