"""The reader of NumPy arrays (.npy) of any shape, in parts; pickled data is never loaded."""

import io
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from actcli.activation import Activation, AlongAxis
from actcli.data.batch import ArraySlice, Batches, Table
from actcli.data.read_options import ReadOptions, Replayable
from actcli.errors import ActcliError
from actcli.formats.array_reader import CHUNK_BYTES, ArrayReader, Arriving, Stored
from actcli.formats.file_format import ByteSource


class Header(NamedTuple):
    """What the header of an array says."""

    data: bytes
    """The header itself."""
    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]


def read_header(arriving: Arriving, name: str) -> Header:
    """Take the header of an array; raise ActcliError, with the name of the data, if there is none."""
    data = arriving.take(12)
    wide = data[6:7] != b"\x01"
    length = int.from_bytes(data[8 : 12 if wide else 10], "little") + (12 if wide else 10)
    if not data.startswith(npy.MAGIC_PREFIX) or length > 2**16:
        what = "is empty" if not data else "is not a NumPy array (.npy)"
        raise ActcliError(f"{name} {what}")
    head = io.BytesIO(data + arriving.take(length - len(data)))
    try:
        version = npy.read_magic(head)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran_order, dtype = read(head)
    except Exception:  # it is parsed as a literal of Python, which a hostile one ends in many ways
        raise ActcliError(f"{name} is not a NumPy array (.npy): its header cannot be read") from None
    most = math.prod(max(1, length) for length in shape) * dtype.itemsize
    if min(shape, default=0) < 0 or most > sys.maxsize:
        raise ActcliError(f"{name} is not a NumPy array (.npy): its shape is {shape}")
    return Header(head.getvalue(), shape, fortran_order, dtype)


class NpyReader(ArrayReader):
    """An array behind a header that says what it holds, in the order of C or Fortran.

    The arguments are as for the reader of separated values.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: ByteSource, options: ReadOptions, chunks: Iterable[bytes] | None = None) -> None:
        self._source = source
        self._chunks = source.chunks(CHUNK_BYTES) if chunks is None else chunks
        arriving = Arriving(self._chunks)
        self._header, shape, self._fortran, stored = read_header(arriving, source.name)
        if stored.kind not in "iuf" or stored.itemsize > 8:
            raise ActcliError(f"{source.name} holds {stored}; expected integers, float16, float32 or float64")
        super().__init__(source.name, shape, stored, arriving, options)

    def slices(self, activation: Activation) -> Batches:
        """Return slices of the array as an activation needs them: whole along its axis, or cut anywhere.

        What goes down the first axis and can be read twice is made of rows, as a table is.
        """
        ndim = len(self._shape)
        down = isinstance(activation, AlongAxis) and activation.reduction and activation.normalize_axes(ndim)[0] == 0
        if down and math.prod(self._shape) and (ndim == 1 or (ndim == 2 and self._shape[1] > 1)):
            return self.batches()
        return self.array_slices(activation)

    def _slice(self, split: int, size: int) -> Iterator[Callable[[], ArraySlice]]:
        fortran = self._fortran and split == len(self._shape) > 1
        for read in super()._slice(split, size):
            yield lambda read=read: read()._replace(fortran_order=fortran)  # type: ignore[misc]

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return rows of a table, as every reader does.

        Raises:
            ActcliError: if the array has more than two axes, or none.

        """
        first = iter(super().batches())
        if isinstance(self._chunks, Iterator):
            return first
        return Replayable(
            first, lambda: iter(ArrayReader.batches(NpyReader(self._source, self._options, self._chunks)))
        )

    def _read_parts(self, rest: tuple[int, ...], size: int) -> Iterator[Stored]:
        if self._fortran and rest and len(self._shape) > 1:
            yield from self._reorder(rest, size)
            return
        yield from super()._read_parts(rest, size)
        if self._arriving.take(1):
            raise ActcliError(f"{self._name} holds more than its shape {self._shape} says")

    def _reorder(self, rest: tuple[int, ...], size: int) -> Iterator[Stored]:
        """Yield parts of an array in the order of Fortran, whose rows lie scattered over the file."""
        import mmap

        arrived = self._header + bytes(self._arriving.rest)
        file, start = self._source.file(arrived, self._arriving.chunks), len(self._header)
        count = math.prod(self._shape)
        file.seek(0, 2)
        if file.tell() != start + count * self._stored.itemsize:
            raise ActcliError(f"{self._name} is not as long as its shape {self._shape} says")
        if not count:
            yield np.empty((math.prod(self._shape[: len(self._shape) - len(rest)]), *rest), self._stored)
            return
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        array = np.frombuffer(mapped, self._stored, count, start).reshape(self._shape, order="F")
        if len(rest) == len(self._shape):
            yield np.ascontiguousarray(array)[None]
            return
        step = max(1, size * self._shape[0] // (count * self._stored.itemsize))
        for first in range(0, self._shape[0], step):
            yield np.ascontiguousarray(array[first : first + step]).reshape(-1, *rest)
