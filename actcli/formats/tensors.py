"""What the formats share that hold several arrays with names."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

from actcli.activation import Activation, AlongAxis, Packed
from actcli.data import naming
from actcli.data.batch import ArraySlice, ResultFile
from actcli.data.evaluated import EvaluatedRows
from actcli.data.selection import list_names
from actcli.errors import ActcliError
from actcli.formats.array_writer import write_numbers


def require_one(names: Sequence[str], file: str, target: str) -> None:
    """Raise ActcliError if several tensors of a file are selected for what holds one."""
    if len(names) > 1:
        raise ActcliError(
            f"{target} holds one tensor, but {file} has {len(names)} ({list_names(names)}): choose one with --tensor, "
            "or write safetensors"
        )


def result_shape(activation: Activation, shape: tuple[int, ...], label: str) -> tuple[int, ...]:
    """Return the shape of the results for an array; raise ActcliError, with the array's label, if there are none."""
    if not isinstance(activation, AlongAxis):
        return shape
    try:
        axis = activation.normalize_axis(len(shape))
    except ActcliError as error:
        raise ActcliError(f"{label}: {error}; choose others with --tensor") from None
    if not isinstance(activation, Packed):
        return shape
    half, odd = divmod(shape[axis], 2)
    if odd:
        raise ActcliError(
            f"{label}: {activation.name} splits axis {activation.axis} into {' and '.join(activation.halves)}; "
            f"expected an even length, got {shape[axis]}; choose others with --tensor"
        )
    return (*shape[:axis], half, *shape[axis + 1 :])


def name_slices(
    slices: Iterator[Callable[[], ArraySlice]], name: str, file: ResultFile
) -> Iterator[Callable[[], ArraySlice]]:
    """Yield what makes each slice of an array, with the name of the array and what is to be written."""
    for read in slices:
        yield lambda read=read: read()._replace(name=name, result_file=file)  # type: ignore[misc]


class SpooledColumns:
    """The columns of results, each whole, although they came batch by batch.

    Args:
        batches: the rows, at least one batch.
        spool: a temporary file, which keeps the numbers.

    """

    def __init__(self, batches: Iterable[EvaluatedRows], spool: IO[bytes]) -> None:
        self._spool, self._places = spool, list[tuple[int, int]]()
        for evaluated in batches:
            columns = evaluated.all_results
            self.names, self.dtype = [column.name for column in columns], columns[0].values.dtype
            self._places.append((spool.tell(), len(columns[0].values)))
            for column in columns:
                write_numbers(spool, column.values)
        naming.check_distinct(self.names)
        self.rows = sum(rows for _, rows in self._places)

    def write(self, column: int, out: IO[bytes]) -> None:
        """Write the numbers of a column."""
        for start, rows in self._places:
            size = rows * self.dtype.itemsize
            self._spool.seek(start + column * size)
            out.write(self._spool.read(size))
