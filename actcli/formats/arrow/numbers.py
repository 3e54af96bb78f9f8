"""Columns of Arrow as numbers, and as what polars can write as text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from actcli.data.batch import Column
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats.arrow import cell_text, numpy_arrays
from actcli.formats.arrow.pyarrow_extra import Array, DataType, Field, RecordBatch, pa
from actcli.numerics import dtypes, held, hexadecimal
from actcli.numerics.text import round_from_text

if TYPE_CHECKING:
    import polars


def is_numeric(field: Field) -> bool:
    """Tell whether a field holds integers, floats or decimals, and no extension type that makes them something else."""
    kind = _storage_type(field.type)
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return number and b"ARROW:extension:name" not in (field.metadata or {})


def _storage_type(kind: DataType) -> DataType:
    """Return the type of the values, whether each is stored once, by runs, or in its row."""
    while pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    return kind


@np.errstate(invalid="ignore")  # to NumPy, whatever meets a signalling NaN is invalid, even a cast
def convert_column(
    cells: Array, name: str, position: int, place: tuple[str, Sequence[int]], options: ReadOptions
) -> Column:
    """Return the column of the numbers in an Arrow array, each rounded once.

    Arguments and errors are as for ``parse_text_column``. Integers of 64 bits, decimals and text are numbers with all
    their digits; neither truth values nor times are.
    """
    cells = cell_text.decode_dictionary(cells)
    kind = cells.type
    if pa.types.is_decimal(kind) or cell_text.is_text(kind):
        from actcli.data.text_numbers import parse_text_column  # loads polars

        return parse_text_column(cell_text.series(cells.cast(pa.large_string())), name, position, place, options)
    missing = numpy_arrays.are_null(cells) if cells.null_count else None
    format = options.format
    placeholder = np.nan if dtypes.has_nan(format) else 0.0
    if pa.types.is_null(kind):
        values = np.full(len(cells), placeholder, format.dtype)
    elif pa.types.is_integer(kind):
        stored = numpy_arrays.to_numpy(cells)
        wide = stored.astype(np.float64)
        if missing is not None:
            wide[missing] = placeholder
        values = round_from_text(wide, lambda row: str(stored[row]), format)
    elif pa.types.is_floating(kind):
        stored = numpy_arrays.to_numpy(cells)
        if missing is not None and not dtypes.has_nan(format):
            stored = np.where(missing, stored.dtype.type(0), stored)
        if stored.dtype == format.dtype:
            values = held.clamp(stored.astype(format.dtype, copy=False), format)
        else:
            table, rows = place
            where = f"column {name!r} has NaN"
            values = held.round_input(stored.astype(np.float64), format, lambda i: f"{table}: row {rows[i]}, {where}")
    else:
        shown = cell_text.shorten_name(kind)
        raise ActcliError(f"{place[0]}: column {name!r} holds {shown}, not numbers; choose others with --columns")
    return Column(name, values, missing, position)


def cell_frame(rows: RecordBatch) -> "polars.DataFrame":
    """Return a record batch as a polars frame whose columns can all be written as text."""
    import polars

    return polars.DataFrame([cell_text.to_readable_series(cells).alias(f"{i}") for i, cells in enumerate(rows.columns)])


def cell_array(series: "polars.Series") -> Array:
    """Return a polars series as an Arrow array."""
    array = series.rechunk().to_arrow()
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def result_array(column: Column) -> Array:
    """Return numbers as an Arrow array, bits as one of unsigned integers, with a null where they are missing."""
    values = column.values
    if column.content == "bits":
        return numpy_arrays.to_arrow(hexadecimal.to_bits(values), column.missing)
    if values.dtype.kind not in "iu" and values.dtype.name not in _ARROW_DTYPES:
        values = values.astype(np.float32)
    return numpy_arrays.to_arrow(values, column.missing)


_ARROW_DTYPES = ("float16", "float32", "float64")
