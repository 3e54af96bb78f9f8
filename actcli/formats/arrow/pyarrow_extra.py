"""The optional pyarrow, as ``pa``, ``pc`` and ``pq``; importing this module without it says how to get it."""

from typing import Any, TypeAlias

from actcli.errors import ActcliError

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ImportError:
    raise ActcliError(
        "Parquet and Arrow need pyarrow; install it with: pip install 'actcli[parquet]' "
        "(from a clone: pip install '.[parquet]')"
    ) from None

__all__ = ["pa", "pc", "pq", "reason"]

# pyarrow ships no types: these are the names of its classes, for readers of signatures.
Array: TypeAlias = Any
DataType: TypeAlias = Any
Field: TypeAlias = Any
Schema: TypeAlias = Any
RecordBatch: TypeAlias = Any
MonthDayNano: TypeAlias = Any
IpcReadOptions: TypeAlias = Any
ParquetFile: TypeAlias = Any
ColumnChunk: TypeAlias = Any
TableWriter: TypeAlias = Any  # of record batches or of Parquet

_REASON_CHARACTERS = 160


def reason(error: Exception) -> str:
    """Return what an error of pyarrow says, for a message of one line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in lines[0])
    return shown if len(shown) <= _REASON_CHARACTERS else shown[: _REASON_CHARACTERS - 3] + "..."
