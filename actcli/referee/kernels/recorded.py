"""Numbers already computed: two columns of a file, two .npy files, or two tensors of a .safetensors or .npz file."""

import contextlib
import zlib
from collections.abc import Iterator
from typing import Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from actcli.data.selection import missing_tensor
from actcli.errors import ActcliError, StorageError
from actcli.formats import registry
from actcli.numerics import rounding, text
from actcli.numerics.dtypes import FORMATS, FloatArray, Format
from actcli.referee.kernel import KernelOptions, Recorded
from actcli.referee.kernels.arrays import expected_shape
from actcli.referee.kernels.failures import require_file
from actcli.referee.kernels.words import Dump

_Stored: TypeAlias = NDArray[Any]


def read(dump: Dump, options: KernelOptions) -> Recorded:
    """Return the numbers of a file.

    Raises:
        ActcliError: if it cannot be used, or holds numbers that are not of the dtypes.

    """
    _check_exists(dump)
    formats = (options.dtype, options.out_dtype)
    pair, warnings = _load_pair(dump, _split_columns(options.columns), formats)
    (x_label, _), (y_label, _) = pair
    inputs = _exactly(*pair[0], options.dtype, "--dtype")
    results = _exactly(*pair[1], options.out_dtype, "--out-dtype")
    if not inputs.ndim:
        raise ActcliError(f"{x_label} holds a single number without an axis; expected an array")
    if results.shape != expected_shape(inputs, options):
        raise ActcliError(
            f"{y_label} has the shape {results.shape}, and {x_label} {inputs.shape}; expected a result for each"
        )
    if not results.size:
        raise ActcliError(f"{dump.word} holds no numbers")
    return Recorded(dump.word, inputs, results, warnings)


def _check_exists(dump: Dump) -> None:
    """Raise StorageError for a file that does not exist, and say what else may have been meant."""
    for path in dump.paths:
        require_file(path, _suggest_function(path))


def _suggest_function(path: str) -> str:
    module, _, name = path.rpartition(".")
    known = {ending for format in registry.FORMATS.values() for ending in format.endings}
    is_dotted = path.replace(".", "").isidentifier()
    return f"; for a function of a module, write {module}:{name}" if is_dotted and f".{name}" not in known else ""


def _load_pair(
    dump: Dump, names: tuple[str, str], formats: tuple[Format, Format]
) -> tuple[list[tuple[str, _Stored]], tuple[str, ...]]:
    """Return inputs and results as they are stored, each with what messages call it; and warnings."""
    if len(dump.paths) == 2:
        return [(path, _load_npy(path)) for path in dump.paths], ()
    path = dump.word
    if path.endswith((".safetensors", ".npz")):
        from actcli.formats.safetensors.tensors import read_tensors

        stored = _load_npz(path, names) if path.endswith(".npz") else read_tensors(path, names)
        labels = [f"{path}: tensor {name!r}" for name in names]
        return list(zip(labels, stored, strict=True)), ()
    from actcli.referee.kernels.columns import read_column

    columns = [read_column(path, name, format) for name, format in zip(names, formats, strict=True)]
    labels = [f"{path}: column {name!r}" for name in names]
    stored = [column.values for column in columns]
    return list(zip(labels, stored, strict=True)), tuple(column.warning for column in columns if column.warning)


def _split_columns(columns: str | None) -> tuple[str, str]:
    names = ("x,y" if columns is None else columns).split(",")
    if len(names) != 2:
        raise ActcliError(f"--columns must name two columns, inputs and results, such as x,y; got {columns!r}")
    return names[0], names[1]


def _load_npy(path: str) -> _Stored:
    with _name_errors(path, "a NumPy array (.npy) of numbers"):
        stored: _Stored = np.load(path, allow_pickle=False)
        return _to_native(stored)


def _load_npz(path: str, names: tuple[str, str]) -> list[_Stored]:
    is_archive = _name_errors(path, "an npz archive of numbers")
    with is_archive, open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
        for name in names:
            if name not in archive.files:
                raise missing_tensor(archive.files, name, path)
        return [_to_native(archive[name]) for name in names]


def _to_native(stored: _Stored) -> _Stored:
    return stored if stored.dtype.isnative else stored.astype(stored.dtype.newbyteorder("="))


@contextlib.contextmanager
def _name_errors(path: str, what: str) -> Iterator[None]:
    """Raise ActcliError for whatever NumPy raises for a file that is not what it should be."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    except (AttributeError, EOFError, MemoryError, TypeError, ValueError, BadZipFile, zlib.error):
        raise ActcliError(f"{path} is not {what}, or is damaged") from None


def _exactly(label: str, stored: _Stored, format: Format, option: str) -> FloatArray:
    """Return stored numbers in a format; raise ActcliError if they would have to be rounded to it."""
    if stored.dtype == format.dtype:
        return stored
    if format.is_ml_dtype and stored.dtype == np.dtype(f"V{format.dtype.itemsize}"):  # as numpy.save writes it
        return stored.view(format.dtype)
    if stored.dtype.name not in FORMATS:
        raise ActcliError(f"{label} holds {stored.dtype}; expected {format.name}, or another float format and {option}")
    wide = stored.astype(np.float64)
    rounded = rounding.nearest(wide, format)
    back = rounded.astype(np.float64)
    off = np.flatnonzero((back != wide) & ~(np.isnan(back) & np.isnan(wide)))
    if off.size:
        raise ActcliError(
            f"{label} holds {text.shortest(stored.ravel()[off[:1]])[0]}, which is not a {format.name} number; give "
            f"{option} its format, as numbers rounded again would be others"
        )
    return rounded
