"""The reader of safetensors files: the selected tensors one after the other, in parts."""

from collections.abc import Callable, Iterable, Iterator

from actcli.activation import Activation
from actcli.data.batch import ArraySlice, Batches, ResultFile, Table
from actcli.data.read_options import ReadOptions, Replayable
from actcli.data.selection import list_names, select_tensors
from actcli.errors import ActcliError
from actcli.formats import tensors
from actcli.formats.array_reader import CHUNK_BYTES, ArrayReader, Arriving
from actcli.formats.file_format import ByteSource, Reader
from actcli.formats.safetensors.header import LENGTH_BYTES, Tensor, check_length, damage, numpy_dtype, parse_header


class SafetensorsReader(Reader):
    """The tensors of a file in the order of their bytes, or one of them as a table.

    Without selectors, all float tensors are converted. The arguments are as for the reader of .npy arrays.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: ByteSource, options: ReadOptions, chunks: Iterable[bytes] | None = None) -> None:
        self._source, self._name, self._options = source, source.name, options
        self._chunks = source.chunks(CHUNK_BYTES) if chunks is None else chunks
        self._arriving = Arriving(self._chunks)
        length = check_length(self._name, self._arriving.take(LENGTH_BYTES))
        data = self._arriving.take(length)
        if len(data) < length:
            raise damage(self._name, f"its header would be {length:,} bytes long")
        self._header = parse_header(self._name, data)
        self.tensor_names = names = [tensor.name for tensor in self._header.tensors]
        selected = set(select_tensors(names, options.tensors, self._name) if options.tensors else self._float_names())
        self.left_out = [name for name in names if name not in selected]
        self._selected = {tensor.name: tensor for tensor in self._header.tensors if tensor.name in selected}
        self._dtypes = {name: numpy_dtype(self._name, tensor) for name, tensor in self._selected.items()}

    def _float_names(self) -> list[str]:
        names = [tensor.name for tensor in self._header.tensors if tensor.is_float]
        if not names:
            others = [f"{tensor.name} ({tensor.dtype})" for tensor in self._header.tensors]
            remedy = f"; select one with --tensor: {list_names(others)}" if others else ""
            raise ActcliError(f"{self._name} has no float tensor{remedy}")
        return names

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the one tensor that is selected; raise ActcliError if there are several."""
        return self._require_one().shape

    def _require_one(self) -> Tensor:
        tensors.require_one(list(self._selected), self._name, "a table")
        return next(iter(self._selected.values()))

    def slices(self, activation: Activation) -> Batches:
        """Return slices of the selected tensors, each whole along the activation's axis, or cut anywhere."""
        shapes = {
            name: tensors.result_shape(activation, tensor.shape, self._label(name))
            for name, tensor in self._selected.items()
        }
        return self._slice(activation, ResultFile(shapes, self._header.metadata))

    def _slice(self, activation: Activation, file: ResultFile) -> Iterator[Callable[[], ArraySlice]]:
        for name, array in self._arrays():
            yield from tensors.name_slices(array.array_slices(activation), name, file)

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return rows of the one tensor that is selected, as every reader does.

        Raises:
            ActcliError: if there are several, or it has more than two axes, or none.

        """
        self._require_one()
        if isinstance(self._chunks, Iterator):
            return self._tables()
        return Replayable(
            self._tables(), lambda: SafetensorsReader(self._source, self._options, self._chunks)._tables()
        )

    def _tables(self) -> Iterator[Callable[[], Table]]:
        for _, array in self._arrays():
            yield from array.batches()

    def _arrays(self) -> Iterator[tuple[str, ArrayReader]]:
        """Yield the selected tensors; each has to be read to its end before the next."""
        for tensor in self._header.tensors:
            if tensor.name in self._selected:
                dtype = self._dtypes[tensor.name]
                yield (
                    tensor.name,
                    ArrayReader(self._label(tensor.name), tensor.shape, dtype, self._arriving, self._options),
                )
            elif missing := self._arriving.skip(tensor.stop - tensor.start):
                raise ActcliError(f"{self._label(tensor.name)} is truncated: {missing:,} bytes are missing")
        if self._arriving.take(1):
            raise damage(self._name, "it holds more than its tensors")

    def _label(self, name: str) -> str:
        """Return how messages call a tensor."""
        return f"{self._name}: tensor {name!r}"
