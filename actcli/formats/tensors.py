"""What the formats share that hold several arrays with names."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Protocol

from actcli.activation import Activation, AlongAxis, Packed
from actcli.data import naming
from actcli.data.batch import ArraySlice, Batches, Numbers, ResultFile, Table
from actcli.data.evaluated import EvaluatedRows
from actcli.data.read_options import ReadOptions, Replayable
from actcli.data.selection import list_names, select_tensors
from actcli.errors import ActcliError
from actcli.formats.array_reader import ArrayReader
from actcli.formats.array_writer import write_numbers
from actcli.formats.file_format import Reader


class Described(Protocol):
    """What a file says of one of its tensors."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""

    @property
    def dtype(self) -> str:
        """What the format calls its dtype."""

    @property
    def is_float(self) -> bool:
        """Whether it holds floating-point numbers."""


class TensorsReader(Reader):
    """The selected tensors of a file, one after the other in its order, or one of them as a table.

    Without selectors, all float tensors are converted.

    Args:
        name: how messages call the file.
        tensors: all tensors, in the order of the file.
        options: how it is read.
        metadata: what the file keeps beside its tensors.

    Raises:
        ActcliError: if there is no such tensor.

    """

    def __init__(
        self, name: str, tensors: Sequence[Described], options: ReadOptions, metadata: Mapping[str, str] | None = None
    ) -> None:
        self._name, self._options, self._metadata = name, options, metadata
        self.tensor_names = names = [tensor.name for tensor in tensors]
        selected = select_tensors(names, options.tensors, name) if options.tensors else self._find_floats(tensors)
        self._shapes = {tensor.name: tensor.shape for tensor in tensors if tensor.name in set(selected)}
        self.left_out = [name for name in names if name not in self._shapes]

    def _find_floats(self, tensors: Sequence[Described]) -> list[str]:
        names = [tensor.name for tensor in tensors if tensor.is_float]
        if not names:
            others = [f"{tensor.name} ({tensor.dtype})" for tensor in tensors]
            remedy = f"; select one with --tensor: {list_names(others)}" if others else ""
            raise ActcliError(f"{self._name} has no float tensor{remedy}")
        return names

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the one tensor that is selected; raise ActcliError if there are several."""
        require_one(list(self._shapes), self._name, "a table")
        return next(iter(self._shapes.values()))

    def slices(self, activation: Activation) -> Batches:
        """Return slices of the selected tensors, each whole along the activation's axis, or cut anywhere."""
        shapes = {name: result_shape(activation, shape, self._label(name)) for name, shape in self._shapes.items()}
        return self._name_slices(activation, ResultFile(shapes, self._metadata))

    def _name_slices(self, activation: Activation, file: ResultFile) -> Iterator[Callable[[], ArraySlice]]:
        for name, array in self._arrays():
            for read in array.array_slices(activation):
                yield lambda read=read, name=name: read()._replace(name=name, result_file=file)  # type: ignore[misc]

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return rows of the one tensor that is selected, as every reader does.

        Raises:
            ActcliError: if there are several, or it has more than two axes, or none.

        """
        require_one(list(self._shapes), self._name, "a table")
        return Replayable(self._tables(), lambda: self._again()._tables()) if self._is_replayable else self._tables()

    def _tables(self) -> Iterator[Callable[[], Table]]:
        for _, array in self._arrays():
            yield from array.batches()

    def _label(self, name: str) -> str:
        """Return how messages call a tensor."""
        return f"{self._name}: tensor {name!r}"

    _is_replayable = True

    def _again(self) -> "TensorsReader":
        """Return a reader that begins at the beginning."""
        raise NotImplementedError

    def _arrays(self) -> Iterator[tuple[str, ArrayReader]]:
        """Yield the selected tensors by their names; each has to be read to its end before the next."""
        raise NotImplementedError


def require_one(names: Sequence[str], file: str, target: str) -> None:
    """Raise ActcliError if several tensors of a file are selected for what holds one."""
    if len(names) > 1:
        raise ActcliError(
            f"{target} holds one tensor, but {file} has {len(names)} ({list_names(names)}): choose one with --tensor, "
            "or write safetensors or npz"
        )


def result_shape(activation: Activation, shape: tuple[int, ...], label: str) -> tuple[int, ...]:
    """Return the shape of the results for an array; raise ActcliError, with the array's label, if there are none."""
    if not isinstance(activation, AlongAxis):
        return shape
    try:
        axis, *_ = activation.normalize_axes(len(shape))
    except ActcliError as error:
        raise ActcliError(f"{label}: {error}; choose others with --tensor") from None
    if not isinstance(activation, Packed):
        return shape
    length = shape[axis] if shape else 1
    half, odd = divmod(length, 2)
    if odd:
        raise ActcliError(
            f"{label}: {activation.name} splits axis {activation.axis} into {' and '.join(activation.halves)}; "
            f"expected an even length, got {length}; choose others with --tensor"
        )
    return (*shape[:axis], half, *shape[axis + 1 :])


class SpooledColumns:
    """The columns of results, each whole, although they came batch by batch.

    Args:
        batches: the rows, at least one batch.
        spool: a temporary file, which keeps the numbers.
        convert: makes of numbers what is written.

    """

    def __init__(
        self,
        batches: Iterable[EvaluatedRows],
        spool: IO[bytes],
        convert: Callable[[Numbers], Numbers] = lambda values: values,
    ) -> None:
        self._spool, self._places = spool, list[tuple[int, int]]()
        for evaluated in batches:
            columns = evaluated.all_results
            parts = [convert(column.values) for column in columns]
            self.names, self.dtype = [column.name for column in columns], parts[0].dtype
            self._places.append((spool.tell(), len(parts[0])))
            for values in parts:
                write_numbers(spool, values)
        naming.check_distinct(self.names)
        self.rows = sum(rows for _, rows in self._places)

    def write(self, column: int, out: IO[bytes]) -> None:
        """Write the numbers of a column."""
        for start, rows in self._places:
            size = rows * self.dtype.itemsize
            self._spool.seek(start + column * size)
            out.write(self._spool.read(size))
