"""What pandas and Spark keep in the metadata of a table stays valid beside results; pandas is the referee."""

import io
import json
import warnings

import pandas
import pyarrow as pa
import pytest

from tests.typed_tables import evaluated, loaded, stored

FRAMES = {
    "a range": {"index": pandas.RangeIndex(10, 16, 2, name="r")},
    "a named index": {"index": pandas.Index([7.0, 8.0, 9.0], name="id")},
    "an index without a name": {"index": [7.5, 8.5, 9.5]},
    "several levels": {"index": pandas.MultiIndex.from_tuples([(1, "x"), (2, "y"), (3, "z")], names=["p", None])},
    "numbers as labels": {"columns": pandas.Index([3, 4], name="level")},
    "dates as labels": {"columns": pandas.to_datetime(["2020-01-01", "2021-01-01"])},
    "labels of several levels": {"columns": pandas.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["p", "q"])},
    "labels of several kinds": {"columns": ["a", 3]},
}


@pytest.mark.parametrize("how", ["parquet", "arrow"])
@pytest.mark.parametrize("options", FRAMES.values(), ids=FRAMES)
def test_a_frame_of_pandas_keeps_its_index(options, how):
    """And no column of the index is converted unasked; labels that are no text become text beside a result's."""
    frame = pandas.DataFrame([[1.5, -2.0], [3.0, -4.0], [5.0, 6.0]], **{"columns": ["a", "b"], **options})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about labels of several kinds
        data = stored(pa.Table.from_pandas(frame), how)
    again = loaded(data, how).to_pandas()
    found = loaded(evaluated(data, how, how), how).to_pandas()
    assert found.index.equals(again.index)
    assert found.index.names == again.index.names
    names = [str(label) for label in pa.Table.from_pandas(again).schema.names[:2]]
    assert list(found.columns) == [*names, *(f"{name}_relu" for name in names)]
    assert found.to_numpy().tolist() == [[1.5, -2, 1.5, 0], [3, -4, 3, 0], [5, 6, 5, 6]]
    replaced = loaded(evaluated(data, how, how, "--replace"), how).to_pandas()
    assert replaced.columns.equals(again.columns)
    assert replaced.index.equals(again.index)
    assert replaced.to_numpy().tolist() == [[1.5, 0], [3, 0], [5, 6]]
    assert len(loaded(evaluated(data, how, how, "--only"), how).to_pandas()) == 3


def test_pandas_reads_a_replaced_column_as_what_it_is():
    """Also where it was of a type of pandas' own."""
    frame = pandas.DataFrame({"a": pandas.array([1, None, -3], "Int64"), "c": pandas.Categorical(["x", "y", "x"])})
    data = evaluated(stored(pa.Table.from_pandas(frame), "parquet"), "parquet", "parquet", "--replace")
    found = pandas.read_parquet(io.BytesIO(data))
    assert found["a"].tolist()[::2] == [1, 0]
    assert (str(found["a"].dtype), found["c"].equals(frame["c"])) == ("float32", True)


def test_the_schema_of_spark_names_the_results():
    """Spark reads no others."""
    key = b"org.apache.spark.sql.parquet.row.metadata"
    known = [{"name": name, "type": "double", "nullable": True, "metadata": {"k": 1}} for name in ("a", "b")]
    schema = json.dumps({"type": "struct", "fields": known})
    table = pa.table({"a": [1.5], "b": [2.5]}).replace_schema_metadata({key: schema})

    def fields(*words):
        made = loaded(evaluated(stored(table, "parquet"), "parquet", "parquet", "-c", "b", *words), "parquet")
        return json.loads(made.schema.metadata[key])["fields"]

    result = {"name": "b_relu", "type": "float", "nullable": True, "metadata": {}}
    assert fields() == [*known, result]
    assert fields("--replace") == [known[0], result | {"name": "b"}]
    assert fields("--only", "--dtype", "float64") == [result | {"type": "double"}]
    assert fields("--dtype", "float16") == known


@pytest.mark.parametrize(
    "written", [b"", b"{", b"[]", b'{"columns": 3}', b'{"columns": [1], "index_columns": [{}]}', b"\xff"]
)
def test_metadata_that_only_looks_like_that_of_pandas_stays(written):
    """Byte for byte."""
    table = pa.table({"z": [1.5]}).replace_schema_metadata({b"pandas": written})
    found = loaded(evaluated(stored(table, "arrow"), "arrow", "parquet"), "parquet")
    assert found.schema.metadata == {b"pandas": written}
