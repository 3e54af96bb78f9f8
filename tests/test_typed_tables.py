"""Parquet and Arrow come out as they went in; pyarrow is the referee."""

import datetime
import io
import itertools
import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import actcli as library
from tests import typed_tables
from tests.command import complaint, output, run
from tests.typed_tables import HOW, evaluated, loaded, stored


@pytest.mark.parametrize(("given", "made"), list(itertools.product(HOW, HOW)))
def test_columns_that_are_not_converted_pass_untouched(given, made):
    """With their types, values, nullability and metadata, in batches or row groups, and twice the name."""
    columns = typed_tables.columns()
    if "parquet" not in (given, made):
        columns |= typed_tables.only_in_arrow()
    table = typed_tables.table(columns)
    table = table.append_column(pa.field("never_null", pa.int8(), nullable=False), pa.array([1, 2, 3, 4], pa.int8()))
    for kind in (pa.int8(), pa.string()):
        table = table.append_column(pa.field("twice", kind), pa.array([1, 2, 3, 4]).cast(kind))
    found = loaded(evaluated(stored(table, given), given, made, "-c", "z"), made)
    assert found.schema.names == [*table.schema.names, "z_relu"]
    for field, kept in zip(table.schema, found.schema, strict=False):
        assert kept.equals(field, check_metadata=True), (field, kept)
    assert found.schema.metadata == {b"own": b"1"}
    for i, column in enumerate(table.columns):
        assert found.column(i).to_pylist() == column.to_pylist(), table.schema.names[i]
    assert found.column("z_relu").type == pa.float32()
    assert found.column("z_relu").to_pylist() == [1.5, None, 0, 3]


def test_runs_become_plain_in_parquet_and_what_it_lacks_is_named():
    """Dates and units of time come out of Parquet as the table had them that was stored."""
    columns = {"z": pa.array([1.5, None, -2, 3]), **typed_tables.only_in_arrow()}
    for name in ("dense_union", "sparse_union", "interval"):
        data = stored(typed_tables.table({"z": columns["z"], name: columns.pop(name)}), "arrow")
        words = ["relu", "-c", "z", "--from", "arrow", "--to", "parquet"]
        assert f"Parquet has no type for column '{name}'" in complaint(*words, stdin=data)
    table = typed_tables.table(columns)
    parquet = evaluated(stored(table, "arrow"), "arrow", "parquet", "-c", "z")
    found = loaded(evaluated(parquet, "parquet", "arrow", "-c", "z", "--as", "again"), "arrow")
    for name in ("date64", "timestamp_s", "time32_s"):
        assert found.schema.field(name).type == columns[name].type
    for name, column in columns.items():
        assert found.column(name).to_pylist() == column.to_pylist()
    assert loaded(evaluated(parquet, "parquet", "parquet", "-c", "z", "--as", "again"), "parquet").num_rows == 4


def test_row_groups_and_settings_stay():
    """Codec, dictionaries, encodings, order; results are stored as the columns that they are made from."""
    table = pa.table({"k": list(range(9)), "z": np.linspace(-1, 1, 9), "s": ["a", "b", "c"] * 3})
    order = [pq.SortingColumn(0)]
    options = {"compression": {"k": "gzip", "z": "snappy", "s": "none"}, "use_dictionary": ["s"]}
    options |= {"column_encoding": {"k": "DELTA_BINARY_PACKED", "z": "BYTE_STREAM_SPLIT"}, "sorting_columns": order}
    data = stored(table, "parquet", 4, **options)
    made = pq.ParquetFile(io.BytesIO(evaluated(data, "parquet", "parquet", "-c", "z"))).metadata
    assert [made.row_group(i).num_rows for i in range(made.num_row_groups)] == [4, 4, 1]
    group = made.row_group(0)
    assert list(group.sorting_columns) == order
    chunks = [group.column(i) for i in range(4)]
    assert [chunk.compression for chunk in chunks] == ["GZIP", "SNAPPY", "UNCOMPRESSED", "SNAPPY"]
    assert [chunk.has_dictionary_page for chunk in chunks] == [False, False, True, False]
    assert "DELTA_BINARY_PACKED" in chunks[0].encodings
    assert "BYTE_STREAM_SPLIT" in chunks[1].encodings


def test_batches_of_an_arrow_file_keep_their_metadata():
    """And the file its own."""
    out = io.BytesIO()
    batches = pa.table({"z": [1.0, 2, 3]}).to_batches(max_chunksize=2)
    with pa.ipc.new_file(out, batches[0].schema, metadata={"footer": "f"}) as writer:
        for i, batch in enumerate(batches):
            writer.write_batch(batch, custom_metadata={"batch": str(i)})
    made = pa.ipc.open_file(evaluated(out.getvalue(), "arrow", "arrow"))
    assert made.metadata == {b"footer": b"f"}
    found = [made.get_batch_with_custom_metadata(i) for i in range(made.num_record_batches)]
    assert [(batch.num_rows, dict(metadata)) for batch, metadata in found] == [
        (2, {b"batch": b"0"}),
        (1, {b"batch": b"1"}),
    ]


@pytest.mark.parametrize("given", ["parquet", "arrows"])
def test_dictionaries_that_change_are_joined_in_a_file(given, tmp_path):
    """Which may hold no other; of a stream they may change, and what outgrows its indices is an error."""

    def table(values):
        kind = pa.dictionary(pa.int8(), pa.string())
        chunks = [pa.array([f"v{i * 5 + j}" for j in range(values)]).dictionary_encode().cast(kind) for i in range(20)]
        return pa.table({"z": np.arange(20.0 * values), "d": pa.chunked_array(chunks)})

    data = stored(table(9), given, 9)
    for made in HOW:
        found = loaded(evaluated(data, given, made), made)
        assert found.column("d").to_pylist() == table(9).column("d").to_pylist()
    data = stored(table(60), given, 60)
    message = complaint("relu", "--from", given, "-o", "x.arrow", stdin=data, cwd=tmp_path)
    assert message.startswith("an Arrow file cannot hold the dictionaries of column 'd', which change between batches")
    found = pa.ipc.open_stream(evaluated(data, given, "arrows"))
    assert [value for batch in found for value in batch.column("d").to_pylist()] == table(60).column("d").to_pylist()


def test_numbers_are_rounded_once_and_what_stands_under_a_null_is_none():
    """Integers of 64 bits and decimals with all their digits, whether stored once, by runs or in each row."""
    beside = [2**60 + 2**36 + 1, 2**60 + 2**36, 2**60 + 3 * 2**36 - 1]  # about midpoints of float32
    expected = [float(2**60 + 2**37), float(2**60), float(2**60 + 2**37)]
    valid = pa.py_buffer(b"\x07")  # the fourth is a null
    hidden = pa.array([*beside, 2**60 + 2**36 + 1])
    integers = pa.Array.from_buffers(pa.int64(), 4, [valid, hidden.buffers()[1]])
    kind = pa.decimal128(30, 2)
    columns = {
        "integers": integers,
        "unsigned": integers.cast(pa.uint64()),
        "decimals": pa.array([*map(Decimal, beside), None], kind),
        "wide_decimals": pa.array([*map(Decimal, beside), None], pa.decimal256(60, 20)),
        "text": pa.array([*map(str, beside), None]),
        "once": integers.dictionary_encode(),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([1, 2, 3, 4]), integers),
        "nothing": pa.nulls(4),
    }
    data = stored(typed_tables.table(columns), "arrows", 4)
    found = loaded(evaluated(data, "arrows", "arrow", "-c", "1:", "--only", function="linear"), "arrow")
    for name in columns:
        wanted = [None] * 4 if name == "nothing" else [*expected, None]
        assert found.column(f"{name}_linear").to_pylist() == wanted, name
    assert loaded(evaluated(data, "arrows", "arrow", "--only"), "arrow").schema.names == [
        f"{name}_relu" for name in columns if name not in ("text", "nothing")
    ]


def test_every_type_becomes_text():
    """Of one kind for all rows: ISO 8601, JSON, hexadecimal digits; a time that no calendar holds is its number."""
    made = typed_tables.columns() | typed_tables.only_in_arrow()
    made["far"] = pa.array([2**63 - 1, None, 0, -(2**63)], pa.timestamp("us", "+05:30"))
    made["nested"] = pa.array(
        [{"t": [datetime.time(1, 2, 3, 4)], "b": b"\xff"}, None, {"t": None, "b": None}, {"t": [], "b": b""}]
    )
    table = typed_tables.table(made)
    rows = [json.loads(line) for line in evaluated(stored(table, "arrow"), "arrow", "jsonl", "-c", "z").splitlines()]
    expected = {
        "small_index": "a",
        "date32": "2024-02-29",
        "fixed_size_binary": "616263",
        "decimal32": 1.5,
        "decimal256": "1.50000",
        "null": None,
        "string_view": "a",
        "list_view": [1, 2],
        "fixed_size_list": [1, 2],
        "struct": {"a": 1, "b": "x"},
        "uuid": "00000000-0000-0000-0000-000000000000",
        "bool8": True,
        "float16": 1.0,
        "timestamp_ns": "2024-02-29T12:30:15.250000000",
        "zone_ms": "2024-02-29T13:30:15.250+01:00",
        "duration_ms": "PT0.001S",
        "time64[us]": "00:00:00.000001",
        "runs": 1.5,
        "dense_union": "1",
        "sparse_union": "1",
        "interval": "P1M2DT0.000000003S",
        "dictionary_of_numbers": 10,
        "dictionary_of_views": "a",
        "date64": "1970-01-02",
        "map": [{"key": "a", "value": 1}],
        "far": "9223372036854775807",
        "nested": {"t": ["01:02:03.000004"], "b": "ff"},
    }
    assert {name: rows[0][name] for name in expected} == expected
    assert [row["dense_union"] for row in rows] == ["1", "a", "2", "b"]
    assert [row["sparse_union"] for row in rows] == ["1", "b", "3", "d"]
    assert [row["far"] for row in rows[1:]] == [None, "1970-01-01T00:00:00.000000+00:00", "-9223372036854775808"]
    assert rows[2]["interval"] == "P-1M0DT-0.000000005S"
    assert [row["nested"] for row in rows[1:]] == [None, {"t": None, "b": None}, {"t": [], "b": ""}]
    for made in ("csv", "markdown"):
        assert b"P-1M0DT-0.000000005S" in evaluated(stored(table, "arrow"), "arrow", made, "-c", "z")


def test_a_column_may_have_any_name(tmp_path):
    """Zero bytes included, at which polars ends."""
    table = pa.table({"z": [1.5], "a\0b": pa.array([0], pa.timestamp("ns", "UTC"))})
    (tmp_path / "x.arrow").write_bytes(stored(table, "arrow"))
    found = output("relu", "x.arrow", "-c", "z", "--to", "csv", cwd=tmp_path)
    assert found == "z,a\0b,z_relu\n1.5,1970-01-01T00:00:00.000000000+00:00,1.5\n"


def test_old_times_of_parquet_neither_overflow_nor_become_others():
    """INT96, as Spark and Hive write it: pyarrow by itself takes the year 9999 for 1816."""
    times = [datetime.datetime(9999, 12, 31), datetime.datetime(2020, 1, 1, 0, 0, 0, 123456), None]
    table = pa.table({"z": [1.0, -2, 3], "t": pa.array(times, pa.timestamp("us"))})
    data = stored(table, "parquet", use_deprecated_int96_timestamps=True, store_schema=False)
    made = evaluated(data, "parquet", "parquet")
    assert pq.ParquetFile(io.BytesIO(made)).schema.column(1).physical_type == "INT96"
    again = pq.ParquetFile(io.BytesIO(made), coerce_int96_timestamp_unit="us").read()
    assert again.column("t").to_pylist() == times
    fine = pa.table({"z": [1.0], "t": pa.array([1_577_836_800_123_456_789], pa.timestamp("ns"))})
    data = stored(fine, "parquet", use_deprecated_int96_timestamps=True, store_schema=False)
    assert loaded(evaluated(data, "parquet", "parquet"), "parquet").column("t").equals(fine.column("t"))


def test_streams_have_an_ending_of_their_own(tmp_path):
    """And files and streams are told apart by their first bytes."""
    table = pa.table({"z": [1.5, -2]})
    for how in HOW:
        (tmp_path / "x.arrow").write_bytes(stored(table, how))
        output("relu", "x.arrow", "-o", "y.arrows", cwd=tmp_path)
        assert pa.ipc.open_stream((tmp_path / "y.arrows").read_bytes()).read_all().column("z_relu").to_pylist() == [
            1.5,
            0,
        ]
    output("relu", "y.arrows", "--in-place", "-c", "z", "--replace", cwd=tmp_path)
    assert pa.ipc.open_stream((tmp_path / "y.arrows").read_bytes()).read_all().to_pydict()["z"] == [1.5, 0]
    assert output("relu", "y.arrows", "--to", "csv", "--only", "-c", "z", cwd=tmp_path) == "z_relu\n1.5\n0.0\n"


def test_results_may_be_of_any_width():
    """As elsewhere, those narrower than float16 are float32."""
    data = stored(pa.table({"z": [0.3, None]}), "parquet")
    for dtype, kind in {"float16": pa.float16(), "float64": pa.float64(), "bfloat16": pa.float32()}.items():
        found = loaded(evaluated(data, "parquet", "arrows", "--dtype", dtype, function="tanh"), "arrows").column(
            "z_tanh"
        )
        expected = library.evaluate("tanh", np.array([0.3]), dtype=dtype).astype(np.float64)
        assert found.type == kind
        assert found.cast(pa.float64()).to_pylist() == [*expected.tolist(), None]


def test_streams_behind_each_other_are_refused(tmp_path):
    """Their rows would be lost without a word."""
    table = pa.table({"z": pa.array([1.0, -2.0], pa.float32())})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    (tmp_path / "two.arrows").write_bytes(2 * sink.getvalue().to_pybytes())
    status, _, error = run("relu", "two.arrows", "-o", "out.csv", cwd=tmp_path)
    assert (status, error.count(b"\n")) == (2, 1)
    assert b"data follow the end of the stream" in error
    assert not (tmp_path / "out.csv").exists()


def test_a_page_that_does_not_fit_its_checksum_is_refused(tmp_path):
    """A flipped bit would be another number."""
    path = tmp_path / "t.parquet"
    numbers = pa.table({"z": pa.array(range(1000), pa.int32())})
    pq.write_table(numbers, path, compression="none", use_dictionary=False, write_page_checksum=True)
    data = bytearray(path.read_bytes())
    data[data.index((500).to_bytes(4, "little") + (501).to_bytes(4, "little"))] ^= 1
    path.write_bytes(data)
    status, _, error = run("relu", "t.parquet", "--to", "csv", cwd=tmp_path)
    assert (status, error.count(b"\n")) == (2, 1)
    assert b"is damaged" in error


def test_views_take_no_more_room_than_they_had(tmp_path):
    """Each slice of a batch with views would be written with the data of all."""
    words = pa.array([f"a text of some length, number {i}" for i in range(200_000)], pa.string_view())
    table = pa.table({"z": pa.array(np.zeros(200_000, np.float32)), "s": words})
    with pa.ipc.new_file(tmp_path / "in.arrow", table.schema) as writer:
        writer.write_table(table)
    assert run("relu", "in.arrow", "-c", "z", "-o", "out.arrow", cwd=tmp_path)[0] == 0
    assert (tmp_path / "out.arrow").stat().st_size < 1.3 * (tmp_path / "in.arrow").stat().st_size


@pytest.mark.parametrize("kind", ["bare", "list", "struct"])
def test_times_of_96_bits_in_any_year_stay(kind, tmp_path):
    """In nanoseconds, the year 9999 would become 1816."""
    days = pa.array([datetime.datetime(9999, 12, 31), datetime.datetime(1, 1, 1)], pa.timestamp("us"))
    made = {
        "bare": days,
        "list": pa.ListArray.from_arrays([0, 1, 2], days),
        "struct": pa.StructArray.from_arrays([days], ["d"]),
    }
    table = pa.table({"z": pa.array([1.0, -2.0], pa.float32()), "t": made[kind]})
    pq.write_table(table, tmp_path / "in.parquet", use_deprecated_int96_timestamps=True)
    assert run("relu", "in.parquet", "-o", "out.arrow", cwd=tmp_path)[0] == 0
    with pa.ipc.open_file(tmp_path / "out.arrow") as reader:
        assert reader.read_all().column("t").to_pylist() == table.column("t").to_pylist()
