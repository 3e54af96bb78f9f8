"""How a table is read: which columns, and what the texts of its cells mean."""

from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from actcli.numerics import dtypes, held, text
from actcli.numerics.dtypes import Format

T = TypeVar("T")
ON_ERROR = ("fail", "null", "keep")
_SWAPPED = str.maketrans(",.", ".;")  # a point is no part of a number whose decimal sign is a comma


class ReadOptions(NamedTuple):
    """How a table is read."""

    separator: str = ","
    """The character between the cells."""
    columns: tuple[str, ...] = ()
    """Which columns to convert, as ``selection.select_columns`` takes them; none: all columns of numbers."""
    dtype: str = "float32"
    """Name of the float format of the numbers."""
    saturate: bool = False
    """Whether the largest number of that format takes the place of whatever lies beyond it."""
    header: bool | None = None
    """Whether the first row is a header; None: unless all its filled cells are numbers."""
    decimal: str = "."
    """The decimal sign."""
    na: tuple[str, ...] = ()
    """Texts that count as an empty cell."""
    column_kinds: bool = False
    """Whether it has to be known which of the columns that are not converted hold text, as for JSON lines."""
    on_error: str = "fail"
    """What becomes of a text that is no number: ``fail``, ``null`` for no result, ``keep`` to repeat it as one."""
    bits: bool = False
    """Whether texts like ``0x3f80`` are the bits of numbers."""
    tensors: tuple[str, ...] = ()
    """Which tensors to convert, as ``selection.select_tensors`` takes them; none: all float tensors."""
    masks: tuple[str, ...] = ()
    """Which columns say what of the others is masked, as ``selection.select_masks`` takes them."""

    @property
    def format(self) -> Format:
        """The float format of the numbers."""
        return held.saturating(dtypes.FORMATS[self.dtype], self.saturate)

    def is_empty(self, cell: str) -> bool:
        """Tell whether a cell, stripped of blanks, holds nothing."""
        return not cell or cell in self.na

    def is_number(self, cell: str) -> bool:
        """Tell whether a cell holds a number."""
        is_number = text.is_number_or_bits if self.bits else text.is_number
        return is_number(text.normalize(self.with_point(cell)))

    def with_point(self, cell: str) -> str:
        """Return a cell with a point for its decimal sign."""
        return cell.translate(_SWAPPED) if self.decimal == "," else cell


class Replayable(Generic[T]):
    """An iterable that can be iterated over again; the first time, from an iterator that is under way."""

    def __init__(self, first: Iterator[T], again: Callable[[], Iterator[T]]) -> None:
        self._first, self._again = [first], again

    def __iter__(self) -> Iterator[T]:
        return self._first.pop() if self._first else self._again()
