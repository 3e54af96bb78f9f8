"""The reader of NumPy arrays (.npy) of any shape, in parts; pickled data is never loaded."""

import io
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from actcli.activation import Activation, AlongAxis
from actcli.data.batch import ArraySlice, Batches, Column, Numbers, Table
from actcli.data.read_options import ReadOptions, Replayable
from actcli.data.selection import select_columns
from actcli.errors import ActcliError
from actcli.formats.file_format import ByteSource, Reader
from actcli.numerics import dtypes, rounding, text

if TYPE_CHECKING:
    import polars

_Stored: TypeAlias = NDArray[np.number]

_CHUNK_BYTES = 2**21  # read at a time, and evaluated at a time where each number stands alone
_ROWS_BYTES = 2**20  # bytes of rows at a time: text takes many times as much beside it
_MAX_COLUMNS = 2**20  # columns, whose names alone then take 100 MB
_ALONG_BYTES = 2**18  # the same along an axis, which takes more still


class NpyReader(Reader):
    """An array of integers or floats: in slices of any shape, or as a table if it has one or two axes.

    As a table, a vector is the column ``x`` and a matrix the columns ``x1``, ``x2``, ... The arguments are as for the
    reader of separated values; rows count from 1.

    Raises:
        ActcliError: here and from the batches, if the data cannot be used.

    """

    def __init__(self, source: ByteSource, options: ReadOptions, chunks: Iterable[bytes] | None = None) -> None:
        self._source, self._name, self._options = source, source.name, options
        self._chunks = source.chunks(_CHUNK_BYTES) if chunks is None else chunks
        self._arriving = iter(self._chunks)
        self._rest = b""
        head = self._read_header()
        try:
            version = npy.read_magic(head)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            self._shape, self._fortran, self._stored = read(head)
        except (ValueError, EOFError):
            raise ActcliError(f"{self._name} is not a NumPy array (.npy): its header cannot be read") from None
        most = math.prod(max(1, length) for length in self._shape) * self._stored.itemsize
        if min(self._shape, default=0) < 0 or most > sys.maxsize:
            raise ActcliError(f"{self._name} is not a NumPy array (.npy): its shape is {self._shape}")
        if self._stored.kind not in "iuf" or self._stored.itemsize > 8:
            raise ActcliError(f"{self._name} holds {self._stored}; expected integers, float16, float32 or float64")
        self._header = head.getvalue()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self._shape

    def _read_header(self) -> io.BytesIO:
        """Return the header, and keep what has arrived behind it."""
        data = self._take(12)
        wide = data[6:7] != b"\x01"
        length = int.from_bytes(data[8 : 12 if wide else 10], "little") + (12 if wide else 10)
        if not data.startswith(npy.MAGIC_PREFIX) or length > 2**16:
            what = "is empty" if not data else "is not a NumPy array (.npy)"
            raise ActcliError(f"{self._name} {what}")
        return io.BytesIO(data + self._take(length - len(data)))

    def _take(self, size: int) -> bytes:
        data = self._receive(size)
        self._rest = data[size:]
        return data[:size]

    def _receive(self, wanted: int) -> bytes:
        """Return all that has arrived, and at least as many bytes as are wanted unless there are no more."""
        parts = [self._rest] if self._rest else []
        arrived, self._rest = len(self._rest), b""
        while arrived < wanted and (data := next(self._arriving, b"")):
            parts.append(data)
            arrived += len(data)
        return b"".join(parts)

    def slices(self, activation: Activation) -> Batches:
        """Return slices of the array as an activation needs them: whole along its axis, or cut anywhere.

        What goes down the first axis and can be read twice is made of rows, as a table is.
        """
        ndim = len(self._shape)
        down = isinstance(activation, AlongAxis) and activation.reduction and activation.normalize_axis(ndim) == 0
        if down and math.prod(self._shape) and (ndim == 1 or (ndim == 2 and self._shape[1] > 1)):
            return self.batches()
        return self._slices(activation, ndim)

    def _slices(self, activation: Activation, ndim: int) -> Iterator[Callable[[], ArraySlice]]:
        split, size = ndim, _CHUNK_BYTES
        if isinstance(activation, AlongAxis):
            split, size = activation.normalize_axis(ndim), _ALONG_BYTES
        elif ndim and any(isinstance(getattr(activation, name), list) for name in activation.parameters):
            split = ndim - 1
        fortran = self._fortran and ndim > 1
        if fortran and split == ndim:
            parts, shape = self._read_parts((), size), self._shape
        else:
            fortran = False
            parts, shape = self._read_parts(self._shape[split:], size), self._shape[:split]
        for values in parts:
            yield lambda values=values: ArraySlice(self._round(values), shape, fortran)  # type: ignore[misc]

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return rows of a table, as every reader does.

        Raises:
            ActcliError: if the array has more than two axes, or none.

        """
        if isinstance(self._chunks, Iterator):
            return self._tables()
        return Replayable(self._tables(), lambda: NpyReader(self._source, self._options, self._chunks)._tables())

    def _tables(self) -> Iterator[Callable[[], Table]]:
        if len(self._shape) not in (1, 2):
            raise ActcliError(
                f"{self._name} has the shape {self._shape}; only arrays with one or two axes become tables: write npy "
                "(-o OUT.npy), which takes any shape, or reshape the array"
            )
        width = self._shape[1] if len(self._shape) == 2 else 1
        if not 0 < width <= _MAX_COLUMNS:
            what = "no columns" if not width else f"more columns than the {_MAX_COLUMNS} that a table may have"
            raise ActcliError(f"{self._name} has the shape {self._shape}: {what}")
        column_names = ["x"] if len(self._shape) == 1 else [f"x{i}" for i in range(1, width + 1)]
        positions = select_columns(column_names, self._options.columns, self._name, lambda: range(width))
        for values in self._read_parts(self._shape[1:], _ROWS_BYTES):
            yield lambda values=values: self._table(values.reshape(len(values), width), column_names, positions)  # type: ignore[misc]

    def _table(self, values: _Stored, column_names: list[str], positions: Sequence[int]) -> Table:
        import polars

        def cells() -> "polars.DataFrame":
            native = values.astype(values.dtype.newbyteorder("="))
            return polars.DataFrame([polars.Series(f"{i}", native[:, i]) for i in range(len(column_names))])

        converted = [Column(column_names[i], self._round(values[:, i]), None, i) for i in positions]
        return Table(converted, column_names, cells, has_schema=True)

    def _round(self, values: _Stored) -> Numbers:
        """Return stored numbers, each rounded once to the dtype."""
        format = dtypes.FORMATS[self._options.dtype]
        if values.dtype == format.dtype:
            return values.astype(format.dtype, copy=False)
        wide = values.astype(np.float64)
        if values.dtype.kind == "f" or values.dtype.itemsize < 8:
            return rounding.nearest(wide, format)
        flat = values.reshape(-1)
        return text.round_from_text(wide.reshape(-1), lambda i: str(flat[i]), format).reshape(values.shape)

    def _read_parts(self, rest: tuple[int, ...], size: int) -> Iterator[_Stored]:
        """Yield parts of any number of rows up to a size, at least one; a row has the shape ``rest``."""
        rows = math.prod(self._shape[: len(self._shape) - len(rest)])
        if self._fortran and rest and len(self._shape) > 1:
            yield from self._reorder(rest, size)
            return
        row = math.prod(rest) * self._stored.itemsize
        if not rows * row:
            yield np.empty((rows, *rest), self._stored)
        left, step = rows * row, max(row, row and size // row * row)
        while left:
            data = self._receive(row)
            whole = min(len(data) // row * row, left)
            if not whole:
                missing = -((len(data) - left) // self._stored.itemsize)
                raise ActcliError(f"{self._name} is truncated: {missing} numbers of shape {self._shape} are missing")
            for start in range(0, whole, step):
                count = min(step, whole - start) // self._stored.itemsize
                yield np.frombuffer(data, self._stored, count, start).reshape(-1, *rest)
            left -= whole
            self._rest = data[whole:]
        if self._take(1):
            raise ActcliError(f"{self._name} holds more than its shape {self._shape} says")

    def _reorder(self, rest: tuple[int, ...], size: int) -> Iterator[_Stored]:
        """Yield parts of an array in the order of Fortran, whose rows lie scattered over the file."""
        import mmap

        file, start = self._source.file(self._header + self._rest, self._arriving), len(self._header)
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
