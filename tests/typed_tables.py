"""Tables of Arrow with a column of every type, and the files that they are written to."""

import datetime
import io
import uuid
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet

from tests.command import run

HOW = ["parquet", "arrow", "arrows"]
D = datetime.datetime(2024, 2, 29, 12, 30, 15, 250_000)


def columns() -> dict[str, pa.Array]:
    """Return four values of each type, mostly with a null among them."""
    lists = [[1, 2], [], None, [3]]
    made = {
        "z": pa.array([1.5, None, -2.0, 3.0]),
        "text": pa.array(["a", "b" * 20, None, ""]),
        "small_index": pa.array(["a", "b", None, "a"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
        "ordered": pa.DictionaryArray.from_arrays(
            pa.array([0, 1, None, 1], pa.uint16()), pa.array(["x", "y"]), ordered=True
        ),
        "date32": pa.array([D.date(), None, D.date(), D.date()], pa.date32()),
        "fixed_size_binary": pa.array([b"abc", b"def", None, b"ghi"], pa.binary(3)),
        "decimal32": _decimals(pa.decimal32(7, 2)),
        "decimal64": _decimals(pa.decimal64(16, 3)),
        "decimal128": _decimals(pa.decimal128(30, 3)),
        "decimal256": _decimals(pa.decimal256(60, 5)),
        "null": pa.nulls(4),
        "string_view": pa.array(["a", "b" * 20, None, ""], pa.string_view()),
        "binary_view": pa.array([b"a", b"b" * 20, None, b""], pa.binary_view()),
        "large_string": pa.array(["a", "b", None, ""], pa.large_string()),
        "list": pa.array(lists, pa.list_(pa.field("element", pa.int16()))),
        "large_list": pa.array(lists, pa.large_list(pa.field("element", pa.int16()))),
        "list_view": pa.array(lists, pa.list_view(pa.field("element", pa.int16()))),
        "fixed_size_list": pa.array([[1, 2], [3, 4], None, [5, 6]], pa.list_(pa.field("element", pa.int8()), 2)),
        "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}, {"a": 3, "b": None}]),
        "uuid": pa.ExtensionArray.from_storage(
            pa.uuid(), pa.array([uuid.UUID(int=i).bytes for i in range(4)], pa.binary(16))
        ),
        "bool8": pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, None, 1], pa.int8())),
        "float16": pa.array([1, 2, None, 3], pa.float16()),
        "uint64": pa.array([1, 2**64 - 1, None, 3], pa.uint64()),
    }
    for unit in ("ms", "us", "ns"):
        made[f"timestamp_{unit}"] = pa.array([D, None, D, D], pa.timestamp(unit))
        made[f"zone_{unit}"] = pa.array([D, None, D, D], pa.timestamp(unit, "Europe/Berlin"))
        made[f"duration_{unit}"] = pa.array([1, 2, None, 3], pa.duration(unit))
    for kind in (pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.duration("s")):
        made[str(kind)] = pa.array([1, 2, None, 3], kind)
    return made


def only_in_arrow() -> dict[str, pa.Array]:
    """Return four values of each type that Parquet lacks, or holds as another."""
    children = [pa.array([1, 2, 3, 4]), pa.array(["a", "b", "c", "d"])]
    codes = pa.array([0, 1, 0, 1], pa.int8())
    return {
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2, 4], pa.int32()), pa.array([1.5, None])),
        "dense_union": pa.UnionArray.from_dense(codes, pa.array([0, 0, 1, 1], pa.int32()), children),
        "sparse_union": pa.UnionArray.from_sparse(codes, children),
        "interval": pa.array([pa.MonthDayNano([1, 2, 3]), None, pa.MonthDayNano([-1, 0, -5]), None]),
        "dictionary_of_numbers": pa.DictionaryArray.from_arrays(
            pa.array([0, 1, None, 1], pa.int8()), pa.array([10, 20])
        ),
        "dictionary_of_views": pa.DictionaryArray.from_arrays(
            pa.array([0, 1, None, 1], pa.int8()), pa.array(["a", "b"], pa.string_view())
        ),
        "date64": pa.array([86_400_000, 0, None, -86_400_000], pa.date64()),
        "timestamp_s": pa.array([1, 2, None, 3], pa.timestamp("s")),
        "time32_s": pa.array([1, 2, None, 3], pa.time32("s")),
        "map": pa.array([[("a", 1)], [], None, [("b", None)]], pa.map_(pa.string(), pa.int32())),
    }


def _decimals(kind: pa.DataType) -> pa.Array:
    return pa.array([Decimal("1.5"), Decimal(-2), None, Decimal(0)], kind)


def table(made: dict[str, pa.Array]) -> pa.Table:
    """Return a table of named columns, with metadata of its own and of each field."""
    fields = [pa.field(name, values.type, metadata={"of": name}) for name, values in made.items()]
    return pa.Table.from_arrays(list(made.values()), schema=pa.schema(fields, metadata={"own": "1"}))


def stored(table: pa.Table, how: str, rows: int = 3, **options: object) -> bytes:
    """Return a table as a Parquet file, Arrow file or Arrow stream, of so many rows at a time."""
    out = io.BytesIO()
    if how == "parquet":
        pyarrow.parquet.write_table(table, out, row_group_size=rows, **options)
    else:
        options = {"options": pa.ipc.IpcWriteOptions(**options)}
        with (pa.ipc.new_file if how == "arrow" else pa.ipc.new_stream)(out, table.schema, **options) as writer:
            writer.write_table(table, max_chunksize=rows)
    return out.getvalue()


def loaded(data: bytes, how: str) -> pa.Table:
    """Return the table of a file or stream."""
    if how == "parquet":
        return pyarrow.parquet.ParquetFile(io.BytesIO(data)).read()
    return (pa.ipc.open_file if how == "arrow" else pa.ipc.open_stream)(io.BytesIO(data)).read_all()


def evaluated(data: bytes, given: str, made: str, *words: str, function: str = "relu") -> bytes:
    """Return what the command makes of a table, through pipes."""
    status, out, error = run(function, "--from", given, "--to", made, *words, stdin=data)
    assert (status, error) == (0, b"")
    return out
