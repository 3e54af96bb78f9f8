"""Numbers as callers have them, in arrays of any library or in Python's own lists: read, each rounded once.

Libraries are known by what their objects can do; none is imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from actcli.errors import ActcliError, ArgumentError, show
from actcli.numerics import dtypes, held, rounding, text
from actcli.numerics.dtypes import BoolArray, Float64Array, FloatArray, Format

AnyArray = NDArray[np.generic]
_EXACT_INTEGERS = 2**53
_REAL = (bool, int, float, np.bool_, np.integer, np.floating)


class Numbers(NamedTuple):
    """The numbers of an array-like."""

    values: FloatArray
    mask: BoolArray | None = None
    """Where a masked array hides them; None: it was no masked array."""


class _Wanted(NamedTuple):
    """The format that a caller asks for."""

    format: Format | None
    """None: that of the numbers, if they are floating ones."""
    saturate: bool

    def format_of(self, dtype: np.dtype[np.generic] | None) -> Format:
        """Return the format for numbers of a dtype, or of none."""
        if self.format is not None:
            return self.format
        if dtype is None or not _is_float(dtype):
            return held.saturating(dtypes.FORMATS["float32"], self.saturate)
        is_extended = dtype.kind == "f" and dtype.itemsize > np.dtype(np.float64).itemsize
        found = dtypes.find_usable("float64" if is_extended else dtype)
        return held.saturating(found, self.saturate)


def read_numbers(x: object, dtype: object, name: str = "x", *, saturate: bool = False) -> Numbers:
    """Return the numbers of an array-like in a dtype, each rounded once.

    Args:
        x: an array of any library, a number, text, or lists of these; missing numbers of tables are NaN.
        dtype: a dtype as people write it; None for that of x if it is a floating array, and else for float32.
        name: what messages call x.
        saturate: whether the largest number of the dtype takes the place of whatever lies beyond it.

    Raises:
        ActcliError: if it is no array of real numbers, has a dtype that is not accepted, or NaN where the dtype has
            none.

    """
    if not isinstance(saturate, bool | np.bool_):
        raise ArgumentError("saturate", f"must be True or False, got {show(saturate)}")
    try:
        wanted = None if dtype is None else held.saturating(dtypes.find_usable(dtype), saturate)
        with np.errstate(invalid="ignore"):  # to NumPy, whatever meets a signalling NaN is invalid, even a cast
            return _read(x, _Wanted(wanted, saturate), name)
    except (ActcliError, MemoryError):
        raise
    except Exception as error:  # each library has its own for an array that it cannot hand over
        reason = " ".join(str(error).split())[:200]
        raise ActcliError(f"{name} is not an array: {reason or type(error).__name__}") from None


def read_array(x: object, dtype: object, name: str = "x") -> FloatArray:
    """Return the numbers of an array-like as ``read_numbers`` does; raise ActcliError if any of them is masked."""
    values, mask = read_numbers(x, dtype, name)
    if mask is not None and mask.any():
        raise ActcliError(f"{name} has masked numbers; expected an array without: give {name}.compressed()")
    return values


def _read(x: object, wanted: _Wanted, name: str) -> Numbers:
    if isinstance(x, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(x)
        return Numbers(_read(_without_hidden(np.ma.getdata(x), mask, wanted), wanted, name).values, mask)
    if columns := _columns_of(x):
        wanted = wanted._replace(format=wanted.format_of(np.asarray(x).dtype))
        return Numbers(np.stack([_read(column, wanted, name).values for column in columns], axis=1))
    is_typed = _has_dtype(x)
    if not is_typed and isinstance(x, Sequence) and not isinstance(x, str | bytes):
        return _read_sequence(x, wanted.format_of(None), name)
    values = _to_numpy(x)
    format = wanted.format_of(values.dtype if is_typed else None)
    return Numbers(_round(values, format, name, nulls=_list_of(x) is not None))


def _without_hidden(data: AnyArray, mask: BoolArray, wanted: _Wanted) -> AnyArray:
    """Return the data of a masked array with 0.5, where every function has a value, for what need not be a number."""
    if data.dtype.kind in "OUST":
        return np.where(mask, "0.5", data)
    if not dtypes.has_nan(wanted.format_of(data.dtype)):  # nor is a function of it always one
        return np.where(mask, np.array(0.5, data.dtype if _is_float(data.dtype) else np.float64), data)
    return data


def _has_dtype(x: object) -> bool:
    """Tell whether an object is an array, whose numbers have a type."""
    if any(hasattr(x, mark) for mark in ("dtype", "__array__", "__dlpack__")):
        return True
    try:
        memoryview(cast("bytes", x))
    except TypeError:
        return False
    return True


def _is_float(dtype: np.dtype[np.generic]) -> bool:
    return dtype.kind == "f" or (dtype.kind == "V" and "float" in dtype.name)  # those of ml_dtypes are void


def _columns_of(x: object) -> list[object]:
    """Return the columns of a table of pandas, polars or Arrow; none of anything else."""
    if hasattr(x, "dtypes") and hasattr(x, "items") and getattr(x, "ndim", 1) == 2:
        return [column for _, column in x.items()]
    for method in ("get_columns", "itercolumns"):
        if hasattr(x, method):
            return list(getattr(x, method)())
    return []


def _list_of(x: object) -> Callable[[], list[object]] | None:
    """Return what gives a column of pandas, polars or Arrow as a list; None for anything else."""
    return getattr(x, "to_pylist", None) or getattr(x, "to_list", None)


def _to_numpy(x: object) -> AnyArray:
    """Return an array of any library, or what is none, as NumPy has it, without losing a digit."""
    for library in ("torch", "mlx.core"):
        module = sys.modules.get(library)
        if module and isinstance(x, getattr(module, "Tensor", None) or module.array):
            return _tensor_to_numpy(x, module)
    to_list = _list_of(x)
    if to_list is None:
        has_only_dlpack = hasattr(x, "__dlpack__") and not hasattr(x, "__array__")
        return np.from_dlpack(x) if has_only_dlpack else np.asarray(x)  # type: ignore[arg-type]  # it is one
    values = np.asarray(x)
    kind = str(getattr(x, "dtype", getattr(x, "type", ""))).lower()
    if values.dtype.kind == "f" and not any(word in kind for word in ("float", "double")):
        return np.array(to_list(), dtype=object)  # integers became float64 because some are missing
    return values


def _tensor_to_numpy(x: object, module: object) -> AnyArray:
    """Return a tensor of torch or mlx; one of a dtype that NumPy lacks by its bits."""
    tensor = cast("_Tensor", x)
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu().resolve_neg()
    name = str(tensor.dtype).rpartition(".")[2]
    if "float" not in name or name in {"float16", "float32", "float64"}:
        return np.asarray(tensor)
    import ml_dtypes

    foreign = getattr(ml_dtypes, name, None)
    if foreign is None:
        raise ActcliError(f"tensors of {name} cannot be read; convert them to one of {', '.join(dtypes.FORMATS)}")
    dtype = np.dtype(foreign)
    return np.asarray(tensor.view(getattr(module, f"int{8 * dtype.itemsize}"))).view(dtype)


class _Tensor(Protocol):
    """A tensor of torch, or with fewer methods of mlx."""

    dtype: object

    def detach(self) -> _Tensor: ...
    def cpu(self) -> _Tensor: ...
    def resolve_neg(self) -> _Tensor: ...
    def view(self, dtype: object, /) -> _Tensor: ...
    def __array__(self) -> AnyArray: ...


def _read_sequence(x: Sequence[object], format: Format, name: str) -> Numbers:
    """Read lists in lists, whose numbers may be of different types."""
    types = _types_in(x)
    if any(_is_array_type(each) for each in types):
        parts = [_read(each, _Wanted(format, saturate=False), name) for each in x]
        is_masked = any(part.mask is not None for part in parts)
        masks = [np.zeros(part.values.shape, np.bool_) if part.mask is None else part.mask for part in parts]
        return Numbers(np.stack([part.values for part in parts]), np.stack(masks) if is_masked else None)
    if all(issubclass(each, _REAL) for each in types):
        values = np.asarray(x)
        has_integers = any(issubclass(each, int | np.integer) for each in types)
        if values.dtype.kind != "f" or not has_integers or np.all(~(np.abs(values) >= _EXACT_INTEGERS)):
            return Numbers(_round(values, format, name))
    return Numbers(_round(np.array(x, dtype=object), format, name))


def _types_in(x: Iterable[object]) -> set[type]:
    """Return the types of what lists in lists hold."""
    types = set(map(type, x))
    if inner := types & {list, tuple}:
        types -= inner
        return types.union(*(_types_in(cast("list[object]", each)) for each in x if type(each) in inner))
    return types


def _is_array_type(type: type) -> bool:
    marks = ("__array__", "__dlpack__", "to_list", "to_pylist")
    return not issubclass(type, np.generic) and any(hasattr(type, mark) for mark in marks)


def _round(values: AnyArray, format: Format, name: str, *, nulls: bool = False) -> FloatArray:
    """Round the numbers of an array once; those that are missing may be None where there may be nulls."""
    if values.dtype == format.dtype:
        return held.clamp(cast("FloatArray", values), format)
    kind = values.dtype.kind
    if kind == "c":
        raise ActcliError(f"{name} is complex; expected real numbers ({', '.join(dtypes.FORMATS)})")
    if kind in "mM" or values.dtype.names:
        raise ActcliError(f"{name} is an array of {values.dtype}; expected numbers")
    if kind == "U":
        return text.parse(values.ravel().tolist(), format).reshape(values.shape)
    if kind in "OST":
        from actcli.numerics.scalars import round_number  # its fractions and decimals take time to load

        flat = [round_number(value, format, name, nulls=nulls) for value in values.ravel().tolist()]
        wide = np.array(flat, dtype=np.float64).reshape(values.shape)
    elif kind in "iu":
        return _round_integers(cast("NDArray[np.int64]", values), format)
    elif kind == "f" and values.dtype.itemsize > np.dtype(np.float64).itemsize:
        return _round_extended(cast("NDArray[np.longdouble]", values), format, name)
    else:
        with np.errstate(all="ignore"):  # a NaN of bfloat16 counts as an invalid cast
            wide = values.astype(np.float64)
    return held.round_input(wide, format, lambda _: f"{name} has NaN")


def _round_integers(values: NDArray[np.int64], format: Format) -> FloatArray:
    wide = values if values.dtype == np.uint64 else values.astype(np.int64)
    upper = (wide >> 32).astype(np.float64) * 2.0**32
    lower = (wide & 0xFFFFFFFF).astype(np.float64)
    total = upper + lower
    return _round_sum(total, lower - (total - upper), format)


def _round_extended(values: NDArray[np.longdouble], format: Format, name: str) -> FloatArray:
    with np.errstate(all="ignore"):
        high = values.astype(np.float64)
        held.require_numbers(high, format, lambda _: f"{name} has NaN")
        rest = np.where(np.isfinite(high), values - high, 0)
        return _round_sum(high, rest.astype(np.float64), format)


def _round_sum(high: Float64Array, low: Float64Array, format: Format) -> FloatArray:
    """Round sums once whose first number is the nearest one of float64."""
    return held.clamp(high if format.name == "float64" else rounding.nearest_pair(high, low, format), format)
