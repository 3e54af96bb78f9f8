"""Tensors in .safetensors files, whose header is not trusted."""

import json
import math
import os
from typing import IO, Any

import numpy as np

from actcli.data.selection import list_names
from actcli.errors import ActcliError, StorageError, suggestion
from actcli.numerics import dtypes
from actcli.numerics.dtypes import FloatArray
from actcli.referee.kernels.failures import to_one_line

_LENGTH_BYTES = 8
_MAX_HEADER_BYTES = 100_000_000  # as the format itself has it
_MAX_AXES = 64  # of NumPy
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
}


def read_tensors(path: str, names: tuple[str, ...]) -> list[FloatArray]:
    """Return tensors by their names; only their own bytes are read.

    Raises:
        StorageError: if the file cannot be read.
        ActcliError: if it is damaged, or lacks one of the tensors.

    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < _LENGTH_BYTES:
                raise _damage(path, "it is too short")
            length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if length > min(_MAX_HEADER_BYTES, size - _LENGTH_BYTES):
                raise _damage(path, f"its header would be {length:,} bytes long")
            header = _parse_header(path, file.read(length))
            return [_read_tensor(path, name, header, file, size - _LENGTH_BYTES - length) for name in names]
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def _damage(path: str, why: str) -> ActcliError:
    return ActcliError(f"{path} is not a safetensors file, or is damaged: {why}")


def _parse_header(path: str, data: bytes) -> dict[str, Any]:
    try:
        header = json.loads(data)
    except (ValueError, RecursionError):
        raise _damage(path, "its header is not JSON") from None
    if not isinstance(header, dict):
        raise _damage(path, "its header is not a JSON object")
    return header


def _read_tensor(path: str, name: str, header: dict[str, Any], file: IO[bytes], size: int) -> FloatArray:
    if name not in header or name == "__metadata__":
        names = [known for known in header if known != "__metadata__"]
        near = suggestion(name, names) or f"; its tensors: {list_names(names)}"
        raise ActcliError(f"{path} has no tensor {name!r}{near}")
    dtype, shape, (start, stop) = _check_entry(path, name, header[name])
    if dtype not in _DTYPES:
        raise ActcliError(f"{path}: tensor {name!r} holds {to_one_line(dtype)}; expected one of {', '.join(_DTYPES)}")
    kind = dtypes.FORMATS[_DTYPES[dtype]].dtype
    if not 0 <= start <= stop <= size or stop - start != math.prod(shape) * kind.itemsize:
        raise _damage(path, f"the bytes of tensor {name!r} are not where its shape says")
    file.seek(start - size, os.SEEK_END)
    try:
        return np.frombuffer(file.read(stop - start), kind).reshape(shape)
    except ValueError:  # no numbers, along axes longer than any array has
        raise _damage(path, f"tensor {name!r} has the shape {shape}") from None


def _check_entry(path: str, name: str, entry: object) -> tuple[str, list[int], list[int]]:
    """Return the dtype, the shape and the two offsets that a header gives for a tensor."""
    values = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = (values.get(key) for key in ("dtype", "shape", "data_offsets"))
    lists_are_counts = all(
        isinstance(numbers, list)
        and len(numbers) <= _MAX_AXES
        and all(type(number) is int and number >= 0 for number in numbers)
        for numbers in (shape, offsets)
    )
    if not (isinstance(dtype, str) and lists_are_counts and len(offsets) == 2):  # type: ignore[arg-type]
        raise _damage(path, f"its header does not describe tensor {name!r}")
    return dtype, shape, offsets  # type: ignore[return-value]
