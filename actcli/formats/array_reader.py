"""The reader of an array whose bytes arrive from its beginning, in parts."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.activation import Activation, AlongAxis
from actcli.data.batch import ArraySlice, Column, Numbers, Table
from actcli.data.read_options import ReadOptions
from actcli.data.selection import select_columns
from actcli.errors import ActcliError
from actcli.formats.file_format import Reader
from actcli.numerics import held, text
from actcli.parameter_lists import find_channel_axis

if TYPE_CHECKING:
    import polars

Stored: TypeAlias = NDArray[np.number]

CHUNK_BYTES = 2**21
"""Bytes read at a time, and evaluated at a time where each number stands alone."""
_ROWS_BYTES = 2**20  # bytes of rows at a time: text takes many times as much beside it
_MAX_COLUMNS = 2**20  # columns, whose names alone then take 100 MB
_ALONG_BYTES = 2**18  # the same along an axis, which takes more still
_FLOATS_OF_TABLES = ("float16", "float32", "float64")


class Arriving:
    """Bytes that arrive in chunks of any size."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        """Those that are still to come."""
        self.rest = memoryview(b"")
        """What has arrived and was not taken."""

    def take(self, size: int) -> bytes:
        """Return as many bytes, or all that remain if they are fewer."""
        data = self.receive(size)
        self.rest = data[size:]
        return bytes(data[:size])

    def receive(self, wanted: int) -> memoryview:
        """Return all that has arrived, and at least as many bytes as are wanted unless there are no more."""
        data, self.rest = self.rest, memoryview(b"")
        if len(data) >= wanted:
            return data
        parts: list[bytes | memoryview] = [data] if data else []
        arrived = len(data)
        while arrived < wanted and (more := next(self.chunks, b"")):
            parts.append(more)
            arrived += len(more)
        return memoryview(parts[0] if len(parts) == 1 else b"".join(parts))

    def skip(self, size: int) -> int:
        """Leave out as many bytes; return how many of them are missing."""
        while size and (data := self.receive(1)):
            self.rest = data[size:]
            size -= min(size, len(data))
        return size


class ArrayReader(Reader):
    """An array of integers or floats: in slices of any shape, or as a table if it has one or two axes.

    As a table, a vector is the column ``x`` and a matrix the columns ``x1``, ``x2``, ... Rows count from 1.

    Args:
        name: how messages call the array.
        shape: its shape.
        stored: the dtype of its numbers, as they are stored.
        arriving: its bytes, then whatever follows it.
        options: how it is read.

    Raises:
        ActcliError: from the batches and slices, if the data cannot be used.

    """

    def __init__(
        self, name: str, shape: tuple[int, ...], stored: np.dtype[np.number], arriving: Arriving, options: ReadOptions
    ) -> None:
        self._name, self._shape, self._stored = name, shape, stored
        self._arriving, self._options = arriving, options

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self._shape

    def array_slices(self, activation: Activation) -> Iterator[Callable[[], ArraySlice]]:
        """Return slices of the array as an activation needs them: whole from its axis on, or cut anywhere."""
        ndim = len(self._shape)
        split, size = ndim, CHUNK_BYTES
        if isinstance(activation, AlongAxis):
            split, size = activation.normalize_axes(ndim)[0] if ndim else 0, _ALONG_BYTES
        elif activation.lists:
            split = find_channel_axis(activation, ndim)
        return self._slice(split, size)

    def _slice(self, split: int, size: int) -> Iterator[Callable[[], ArraySlice]]:
        """Yield slices of some size which are whole along the axes from ``split`` on."""
        for values in self._read_parts(self._shape[split:], size):
            yield lambda values=values: ArraySlice(self._round(values), self._shape[:split])  # type: ignore[misc]

    def batches(self) -> Iterable[Callable[[], Table]]:
        """Return rows of a table, as every reader does.

        Raises:
            ActcliError: if the array has more than two axes, or none.

        """
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
        positions = select_columns(
            column_names, self._options.columns, self._name, lambda: range(width), self._options.masks
        )
        for values in self._read_parts(self._shape[1:], _ROWS_BYTES):
            yield lambda values=values: self._table(values.reshape(len(values), width), column_names, positions)  # type: ignore[misc]

    def _table(self, values: Stored, column_names: list[str], positions: Sequence[int]) -> Table:
        import polars

        def cells() -> "polars.DataFrame":
            native = self._to_native(values)
            return polars.DataFrame([polars.Series(f"{i}", native[:, i]) for i in range(len(column_names))])

        converted = [Column(column_names[i], self._round(values[:, i]), None, i) for i in positions]
        return Table(converted, column_names, cells, has_schema=True)

    def _to_native(self, values: Stored) -> Stored:
        """Return stored numbers in a dtype that tables have, of this machine's byte order."""
        is_ml_dtype = values.dtype.kind not in "iu" and values.dtype.name not in _FLOATS_OF_TABLES
        return values.astype(np.float32 if is_ml_dtype else values.dtype.newbyteorder("="))

    @np.errstate(invalid="ignore")  # to NumPy, whatever meets a signalling NaN is invalid, even a cast
    def _round(self, values: Stored) -> Numbers:
        """Return stored numbers, each rounded once to the dtype."""
        format = self._options.format
        if values.dtype == format.dtype:
            return held.clamp(values.astype(format.dtype, copy=False), format)
        with np.errstate(all="ignore"):  # a NaN of bfloat16 counts as an invalid cast
            wide = values.astype(np.float64)
        if values.dtype.kind not in "iu" or values.dtype.itemsize < 8:
            return held.round_input(wide, format, lambda _: f"{self._name} has NaN")
        flat = values.reshape(-1)
        return text.round_from_text(wide.reshape(-1), lambda i: str(flat[i]), format).reshape(values.shape)

    def _read_parts(self, rest: tuple[int, ...], size: int) -> Iterator[Stored]:
        """Yield parts of any number of rows up to a size, at least one; a row has the shape ``rest``."""
        rows = math.prod(self._shape[: len(self._shape) - len(rest)])
        row = math.prod(rest) * self._stored.itemsize
        if not rows * row:
            yield np.empty((rows, *rest), self._stored)
        left, step = rows * row, max(row, row and size // row * row)
        while left:
            data = self._arriving.receive(row)
            whole = min(len(data) // row * row, left)
            if not whole:
                missing = -((len(data) - left) // self._stored.itemsize)
                raise ActcliError(f"{self._name} is truncated: {missing} numbers of shape {self._shape} are missing")
            for start in range(0, whole, step):
                count = min(step, whole - start) // self._stored.itemsize
                yield np.frombuffer(data, self._stored, count, start).reshape(-1, *rest)
            left -= whole
            self._arriving.rest = data[whole:]
