"""The reader of safetensors files: the selected tensors one after the other, in parts."""

import copy
from collections.abc import Iterable, Iterator

from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats.array_reader import CHUNK_BYTES, ArrayReader, Arriving
from actcli.formats.file_format import ByteSource
from actcli.formats.safetensors.header import LENGTH_BYTES, check_length, check_size, damage, numpy_dtype, parse_header
from actcli.formats.tensors import TensorsReader
from actcli.storage.source import FileChunks


class SafetensorsReader(TensorsReader):
    """The tensors of a file in the order of their bytes; the others of a file are not read.

    The arguments are as for the reader of .npy arrays.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: ByteSource, options: ReadOptions) -> None:
        name = source.name
        self._chunks = source.chunks(CHUNK_BYTES)
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
        self._first = LENGTH_BYTES + length
        self._parts = self._find_parts() if self.left_out else None
        if self._parts is not None:
            self._arriving = Arriving(self._parts)

    def _find_parts(self) -> Iterable[bytes] | None:
        """Return the bytes of the selected tensors alone, where the others need not be read."""
        if not isinstance(self._chunks, FileChunks) or (size := self._chunks.plain_size()) is None:
            return None
        check_size(self._name, self._tensors, size - self._first)
        selected = [tensor for tensor in self._tensors if tensor.name in self._dtypes]
        return self._chunks.parts([(self._first + tensor.start, self._first + tensor.stop) for tensor in selected])

    def _again(self) -> TensorsReader:
        again = copy.copy(self)
        again._arriving = Arriving(self._chunks if self._parts is None else self._parts)
        if self._parts is None:
            again._arriving.skip(self._first)
        return again

    def _arrays(self) -> Iterator[tuple[str, ArrayReader]]:
        for name, _, shape, start, stop in self._tensors:
            if (dtype := self._dtypes.get(name)) is not None:
                yield name, ArrayReader(self._label(name), shape, dtype, self._arriving, self._options)
            elif self._parts is not None:
                continue
            elif missing := self._arriving.skip(stop - start):
                raise ActcliError(f"{self._label(name)} is truncated: {missing:,} bytes are missing")
        if self._arriving.take(1):
            raise damage(self._name, "it holds more than its tensors")
