"""The reader of safetensors files: the selected tensors one after the other, in parts."""

from collections.abc import Iterable, Iterator

from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats.array_reader import CHUNK_BYTES, ArrayReader, Arriving
from actcli.formats.file_format import ByteSource
from actcli.formats.safetensors.header import LENGTH_BYTES, check_length, damage, numpy_dtype, parse_header
from actcli.formats.tensors import TensorsReader


class SafetensorsReader(TensorsReader):
    """The tensors of a file in the order of their bytes.

    The arguments are as for the reader of .npy arrays.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: ByteSource, options: ReadOptions, chunks: Iterable[bytes] | None = None) -> None:
        self._source, name = source, source.name
        self._chunks = source.chunks(CHUNK_BYTES) if chunks is None else chunks
        self._is_replayable = not isinstance(self._chunks, Iterator)
        self._arriving = Arriving(self._chunks)
        length = check_length(name, self._arriving.take(LENGTH_BYTES))
        data = self._arriving.take(length)
        if len(data) < length:
            raise damage(name, f"its header would be {length:,} bytes long")
        header = parse_header(name, data)
        self._tensors = header.tensors
        super().__init__(name, header.tensors, options, header.metadata)
        self._dtypes = {
            tensor.name: numpy_dtype(name, tensor) for tensor in header.tensors if tensor.name in self._shapes
        }

    def _again(self) -> TensorsReader:
        return SafetensorsReader(self._source, self._options, self._chunks)

    def _arrays(self) -> Iterator[tuple[str, ArrayReader]]:
        for name, _, shape, start, stop in self._tensors:
            if (dtype := self._dtypes.get(name)) is not None:
                yield name, ArrayReader(self._label(name), shape, dtype, self._arriving, self._options)
            elif missing := self._arriving.skip(stop - start):
                raise ActcliError(f"{self._label(name)} is truncated: {missing:,} bytes are missing")
        if self._arriving.take(1):
            raise damage(self._name, "it holds more than its tensors")
