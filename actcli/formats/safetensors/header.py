"""The header of a safetensors file, which is not trusted: names, dtypes, shapes and places of its tensors."""

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeGuard

import numpy as np

from actcli.data.batch import Numbers
from actcli.errors import ActcliError
from actcli.numerics import dtypes

LENGTH_BYTES = 8
"""The bytes before the header, which say how long it is."""
_MAX_HEADER_BYTES = 2**23  # of some 100,000 tensors; parsed, a hostile one takes thirty times as much
_MAX_AXES = 64  # of NumPy
_METADATA = "__metadata__"
_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "F8_E8M0": "float8_e8m0fnu",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
}
_OTHER_DTYPES = ("BOOL", "C64", "F4", "F6_E2M3", "F6_E3M2")


class Tensor(NamedTuple):
    """What a header says of a tensor."""

    name: str
    dtype: str
    """As the format calls it, such as ``BF16``."""
    shape: tuple[int, ...]
    start: int
    """The offset of its first byte behind the header."""
    stop: int

    @property
    def is_float(self) -> bool:
        """Whether it holds floating-point numbers, of any format."""
        return self.dtype.startswith(("F", "BF"))


class Header(NamedTuple):
    """What a header says of a file."""

    tensors: tuple[Tensor, ...]
    """In the order of their bytes, which follow each other without a gap."""
    metadata: Mapping[str, str] | None
    """Texts that the file keeps beside its tensors."""


def check_length(name: str, data: bytes, size: int | None = None) -> int:
    """Return how long a header is; raise ActcliError if no header is.

    Args:
        name: how messages call the file.
        data: the bytes that tell.
        size: how many follow them, where that is known.

    """
    if len(data) < LENGTH_BYTES:
        raise damage(name, "it is too short")
    length = int.from_bytes(data, "little")
    if length > _MAX_HEADER_BYTES or (size is not None and length > size):
        raise damage(name, f"its header would be {length:,} bytes long")
    return length


def parse_header(name: str, data: bytes, size: int | None = None) -> Header:
    """Return what a header says; raise ActcliError if it contradicts itself or the file.

    Args:
        name: how messages call the file.
        data: the header.
        size: how many bytes follow it, where that is known.

    """
    entries = _parse_json(name, data)
    metadata = _check_metadata(name, entries.pop(_METADATA, None))
    tensors = [_parse_tensor(name, key, entry) for key, entry in entries.items()]
    tensors.sort(key=lambda tensor: (tensor.start, tensor.stop))
    place = 0
    for tensor in tensors:
        if tensor.start != place:
            what = "overlap those of another" if tensor.start < place else "follow a gap"
            raise damage(name, f"the bytes of tensor {tensor.name!r} {what}")
        place = tensor.stop
    if size is not None:
        check_size(name, tensors, size)
    return Header(tuple(tensors), metadata)


def check_size(name: str, tensors: Sequence[Tensor], size: int) -> None:
    """Raise ActcliError unless as many bytes follow the header of a file as its tensors take."""
    stop = max((tensor.stop for tensor in tensors), default=0)
    if size != stop:
        what = f"{stop - size:,} bytes are missing" if size < stop else "it holds more than its tensors"
        raise damage(name, what)


def numpy_dtype(name: str, tensor: Tensor) -> np.dtype[np.number]:
    """Return the NumPy dtype of a tensor; raise ActcliError, with the name of the file, for what is no number."""
    if tensor.dtype not in _DTYPES:
        raise ActcliError(f"{name}: tensor {tensor.name!r} holds {tensor.dtype}; expected one of {', '.join(_DTYPES)}")
    dtype = _DTYPES[tensor.dtype]
    if dtype not in np.sctypeDict:
        assert dtypes.FORMATS["bfloat16"].dtype  # which makes all of its kind known to NumPy
    found: np.dtype[np.number] = np.dtype(dtype)
    return found.newbyteorder("<")


def stored(values: Numbers) -> Numbers:
    """Return numbers of a dtype that these files have; float32 holds exactly what the others give."""
    return values if values.dtype.name in _DTYPES.values() else values.astype(np.float32)


def _itemsize(dtype: str) -> int:
    return (dtypes.FORMATS[dtype].dtype if dtype in dtypes.FORMATS else np.dtype(dtype)).itemsize


def format_header(tensors: Mapping[str, Sequence[int]], dtype: str, metadata: Mapping[str, str] | None) -> bytes:
    """Return the header, with its length before it, of tensors that follow each other.

    Args:
        tensors: the shape of each, by its name.
        dtype: the NumPy name of the float format of all, one that is ``stored``.
        metadata: what the file keeps beside them.

    """
    code = next(code for code, name in _DTYPES.items() if name == dtype)
    header: dict[str, object] = {} if metadata is None else {_METADATA: dict(metadata)}
    place = 0
    for name, shape in tensors.items():
        if name == _METADATA:
            raise ActcliError(f"no tensor of a safetensors file can be called {_METADATA}; write npz, or rename it")
        stop = place + math.prod(shape) * _itemsize(dtype)
        header[name] = {"dtype": code, "shape": list(shape), "data_offsets": [place, stop]}
        place = stop
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % LENGTH_BYTES)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text


def damage(name: str, why: str) -> ActcliError:
    """Return the error for a file that is damaged, or in another format."""
    return ActcliError(f"{name} is not a safetensors file, or is damaged: {why}")


def _parse_json(name: str, data: bytes) -> dict[str, object]:
    def without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
            raise damage(name, f"its header has {twice!r} twice")
        return found

    try:
        header = json.loads(data.decode(), object_pairs_hook=without_duplicates)
    except (ValueError, RecursionError):
        raise damage(name, "its header is not JSON") from None
    if not isinstance(header, dict) or not data.startswith(b"{"):
        raise damage(name, "its header is not a JSON object")
    return header


def _check_metadata(name: str, metadata: object) -> dict[str, str] | None:
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not all(_is_text(text) for item in metadata.items() for text in item):
        raise damage(name, f"its {_METADATA} is not an object of texts")
    return metadata


def _is_text(value: object) -> bool:
    """Tell whether a value is text that UTF-8 can hold, as half a surrogate pair is not."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _parse_tensor(file: str, name: str, entry: object) -> Tensor:
    values = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = (values.get(key) for key in ("dtype", "shape", "data_offsets"))
    if not (_is_text(name) and isinstance(dtype, str) and _are_counts(shape) and _are_counts(offsets, 2)):
        raise damage(file, f"its header does not describe tensor {name!r}")
    if dtype not in _DTYPES and dtype not in _OTHER_DTYPES:
        raise damage(file, f"tensor {name!r} has the unknown dtype {dtype!r}")
    start, stop = offsets
    size = re.search(r"\d+", dtype)
    bits = int(size[0]) if size else 8
    if (stop - start) * 8 != math.prod(shape) * bits:
        raise damage(file, f"the bytes of tensor {name!r} are not where its shape says")
    if math.prod(max(1, length) for length in shape) * max(1, bits // 8) > sys.maxsize:
        raise damage(file, f"tensor {name!r} has the shape {shape}")  # no numbers, along axes longer than arrays have
    return Tensor(name, dtype, tuple(shape), start, stop)


def _are_counts(values: object, count: int | None = None) -> TypeGuard[list[int]]:
    return (
        isinstance(values, list)
        and len(values) <= _MAX_AXES
        and count in (None, len(values))
        and all(type(value) is int and value >= 0 for value in values)
    )
