"""Tensors of a safetensors file, each in memory as a whole."""

import os
from collections.abc import Sequence
from typing import IO

import numpy as np

from actcli.data.selection import missing_tensor
from actcli.errors import StorageError
from actcli.formats.array_reader import Stored
from actcli.formats.safetensors.header import LENGTH_BYTES, Tensor, check_length, numpy_dtype, parse_header


def read_tensors(path: str, names: Sequence[str]) -> list[Stored]:
    """Return tensors by their names; only their own bytes are read.

    Raises:
        StorageError: if the file cannot be read.
        ActcliError: if it is damaged, or lacks one of the tensors.

    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size - LENGTH_BYTES
            length = check_length(path, file.read(LENGTH_BYTES), size)
            header = parse_header(path, file.read(length), size - length)
            by_name = {tensor.name: tensor for tensor in header.tensors}
            for name in names:
                if name not in by_name:
                    raise missing_tensor(list(by_name), name, path)
            return [_read_tensor(path, by_name[name], file, LENGTH_BYTES + length) for name in names]
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def _read_tensor(path: str, tensor: Tensor, file: IO[bytes], start: int) -> Stored:
    dtype = numpy_dtype(path, tensor)
    file.seek(start + tensor.start)
    return np.frombuffer(file.read(tensor.stop - tensor.start), dtype).reshape(tensor.shape)
