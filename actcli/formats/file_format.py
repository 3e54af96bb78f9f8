"""What a file format is: its name, its endings, its reader and its writer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from actcli.activation import Activation
from actcli.data.batch import Batches, Table
from actcli.data.evaluated import Evaluated, EvaluatedRows, concatenate_evaluated, require_evaluated_rows
from actcli.data.read_options import ReadOptions

Rendered = TypeVar("Rendered")


class ByteSource(Protocol):
    """Bytes with a name, as ``storage.source.Source`` gives them."""

    name: str

    def chunks(self, size: int | None = None) -> Iterable[bytes]:
        """Return the bytes as they arrive."""

    def file(self, arrived: bytes = b"", arriving: Iterable[bytes] | None = None) -> IO[bytes]:
        """Return a file with random access."""


class Reader:
    """Reads a file format."""

    has_header = True
    """Whether the data name their columns."""
    tensor_names: Sequence[str] = ()
    """The names of its tensors, if it holds any."""
    left_out: Sequence[str] = ()
    """The names of those that are not evaluated."""

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of the array; None where the data are no array."""
        return None

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return what parses each batch of rows; the calls may be made on several threads.

        If the bytes can be iterated over again, so can these.
        """
        raise NotImplementedError

    def slices(self, activation: Activation) -> Batches:
        """Return slices of an array as an activation needs them; where the data are no array, batches of rows."""
        return self.batches()


class Writer(Generic[Rendered]):
    """Writes evaluated batches in a file format."""

    names_columns = False
    """Whether it writes the names of the columns, as ``--as`` and ``--replace`` presume."""

    def render(self, evaluated: Evaluated, *, first: bool) -> Rendered:
        """Prepare a batch for writing; may be called on several threads."""
        raise NotImplementedError

    def write(self, rendered: Iterator[Rendered], out: IO[str]) -> None:
        """Write everything that was rendered, in its order; the ``buffer`` of ``out`` takes bytes."""
        raise NotImplementedError


AnyWriter: TypeAlias = Writer[Any]  # what is rendered is for the writer alone


class StreamWriter(Writer[list[bytes]]):
    """Writes text batch by batch, as it comes."""

    def render(self, evaluated: Evaluated, *, first: bool) -> list[bytes]:
        """Return the text of a batch, in pieces that follow each other."""
        rows_only = require_evaluated_rows(evaluated)
        if isinstance(rows_only.rows, Table):
            rows = self.table_rows(rows_only, rows_only.rows)
        else:
            rows = [self.number_rows(rows_only).encode()]
        return [self.header(rows_only).encode(), *rows] if first else rows

    def write(self, rendered: Iterator[list[bytes]], out: IO[str]) -> None:
        """Write each batch at once: a reader of a pipe waits for no other."""
        for pieces in rendered:
            out.buffer.writelines(pieces)  # type: ignore[attr-defined]
            out.buffer.flush()  # type: ignore[attr-defined]

    def header(self, evaluated: EvaluatedRows) -> str:
        """Return the text before the rows."""
        return ""

    def number_rows(self, evaluated: EvaluatedRows) -> str:
        """Return the text of numbers that came from no table; this needs no polars."""
        raise NotImplementedError

    def table_rows(self, evaluated: EvaluatedRows, table: Table) -> list[bytes]:
        """Return the text of rows of a table."""
        raise NotImplementedError


class ArraysWriter(Writer[Evaluated]):
    """Writes rows or slices of arrays that need no preparation."""

    def render(self, evaluated: Evaluated, *, first: bool) -> Evaluated:
        """Return the batch as it is."""
        return evaluated


class RowsWriter(Writer[EvaluatedRows]):
    """Writes rows that need no preparation."""

    def render(self, evaluated: Evaluated, *, first: bool) -> EvaluatedRows:
        """Return the rows as they are."""
        return require_evaluated_rows(evaluated)


class BufferedWriter(RowsWriter):
    """Writes all rows at once."""

    def write(self, rendered: Iterator[EvaluatedRows], out: IO[str]) -> None:
        """Write all rows."""
        self.write_whole(concatenate_evaluated(list(rendered)), out)

    def write_whole(self, evaluated: EvaluatedRows, out: IO[str]) -> None:
        """Write all rows, joined."""
        raise NotImplementedError


class WriteOptions(NamedTuple):
    """How text is written."""

    separator: str = ","
    """The character between cells."""
    header: bool = True
    """Whether the names of the columns are written."""


class FileFormat(NamedTuple):
    """A file format: one row of the table of formats."""

    name: str
    endings: tuple[str, ...] = ()
    """Of the names of files."""
    separator: str | None = None
    """The character between the cells, for separated values."""
    open_reader: Callable[[ByteSource, ReadOptions], Reader] | None = None
    """Opens its reader, which raises ActcliError for data of another format; None: the format is only written."""
    make_writer: Callable[[WriteOptions], AnyWriter] | None = None
    """Makes its writer; None: the terminal's own."""
    is_binary: bool = False
    has_schema: bool = False
    """Whether its columns have types of their own."""
    has_internal_compression: bool = False
    preserves_arrays: bool = False
    """Whether it holds arrays of any shape."""
    holds_tensors: bool = False
    """Whether these have names, and may be several."""
