"""What pandas and Spark keep in the metadata of a schema, made to fit the columns that are written."""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from actcli.formats.arrow.pyarrow_extra import Field

_Object: TypeAlias = dict[str, Any]  # of JSON, as others have written it

_TYPES = {"halffloat": "float16", "float": "float32", "double": "float64"}


def index_columns(metadata: Mapping[bytes, bytes] | None) -> set[str]:
    """Return the names of the columns that are the index of a frame of pandas."""
    index = _load_object((metadata or {}).get(b"pandas")).get("index_columns")
    return {name for name in index if isinstance(name, str)} if isinstance(index, list) else set()


def adapt_metadata(
    metadata: Mapping[bytes, bytes] | None, fields: Sequence[Field], untouched: Sequence[bool]
) -> dict[bytes, bytes]:
    """Return the metadata of a schema that has lost and gained columns.

    Args:
        metadata: that of the schema that was read, or None.
        fields: what is written.
        untouched: whether each was read; the others are results, which are floats.

    """
    result = dict(metadata or {})
    for key, adapted in _ADAPTED.items():
        with contextlib.suppress(AttributeError, KeyError, TypeError):  # what only looks like theirs stays
            if key in result and (described := _load_object(result[key])):
                result[key] = json.dumps(adapted(described, fields, untouched)).encode()
    return result


def _load_object(text: bytes | None) -> _Object:
    """Return an object of JSON, an empty one for anything else."""
    try:
        described = json.loads(text or b"{}")
    except ValueError:
        return {}
    return described if isinstance(described, dict) else {}


def _adapt_pandas(described: _Object, fields: Sequence[Field], untouched: Sequence[bool]) -> _Object:
    """Return the metadata of pandas; the labels of columns become one level of text where a result has a new name.

    pandas makes labels out of the names again, numbers or tuples for instance, and fails at one that is none.
    """
    columns_by_name = {column.get("field_name", column["name"]): column for column in described["columns"]}
    names = [field.name for field in fields]
    columns = [
        columns_by_name.get(field.name) if kept else _pandas_column(field)
        for field, kept in zip(fields, untouched, strict=True)
    ]
    index = [name for name in described["index_columns"] if not isinstance(name, str) or name in names]
    described = described | {"columns": list(filter(None, columns)), "index_columns": index}
    levels = described.get("column_indexes", [])
    if set(names) - set(columns_by_name) and [level["pandas_type"] for level in levels] not in (
        [],
        ["unicode"],
        ["string"],
    ):
        name = levels[0]["name"] if len(levels) == 1 else None
        level = {"pandas_type": "unicode", "numpy_type": "object", "metadata": {"encoding": "UTF-8"}}
        described["column_indexes"] = [{"name": name, "field_name": name} | level]
    return described


def _pandas_column(field: Field) -> _Object:
    kind = _TYPES[str(field.type)]
    return {"name": field.name, "field_name": field.name, "pandas_type": kind, "numpy_type": kind, "metadata": None}


def _adapt_spark(described: _Object, fields: Sequence[Field], untouched: Sequence[bool]) -> _Object:
    """Return the schema of Spark, which reads no column that is not in it; it has no type for float16."""
    columns_by_name = {field["name"]: field for field in described["fields"]}
    columns = [
        columns_by_name.get(field.name) if kept else _spark_column(field)
        for field, kept in zip(fields, untouched, strict=True)
    ]
    return described | {"fields": list(filter(None, columns))}


def _spark_column(field: Field) -> _Object | None:
    kind = str(field.type)
    return {"name": field.name, "type": kind, "nullable": True, "metadata": {}} if kind != "halffloat" else None


_ADAPTED: dict[bytes, Callable[[_Object, Sequence[Field], Sequence[bool]], _Object]] = {
    b"pandas": _adapt_pandas,
    b"org.apache.spark.sql.parquet.row.metadata": _adapt_spark,
}
