"""Arrow arrays of any type as polars series that can be written as text."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from actcli.errors import ActcliError
from actcli.formats.arrow import numpy_arrays
from actcli.formats.arrow.pyarrow_extra import Array, DataType, MonthDayNano, pa, pc

if TYPE_CHECKING:
    import polars

_MAX_DIGITS = 38  # of a decimal of polars, at most
_MAX_DAYS = 95_000_000  # from 1970, some 260,000 years: polars knows no dates beyond these
_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SHOWN_CHARACTERS = 60  # characters of the name of a type in a message


def is_text(kind: DataType) -> bool:
    """Tell whether a type is one of text."""
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view))


def shorten_name(kind: DataType) -> str:
    """Return the name of a type for a message."""
    name = str(kind)
    return name if len(name) <= _SHOWN_CHARACTERS else f"{name[: _SHOWN_CHARACTERS - 3]}..."


def decode_dictionary(cells: Array) -> Array:
    """Return an array with each value in its row that was stored once, or by runs."""
    while pa.types.is_dictionary(cells.type) or pa.types.is_run_end_encoded(cells.type):
        if pa.types.is_run_end_encoded(cells.type):
            cells = pc.run_end_decode(cells)
        elif pa.types.is_string_view(cells.type.value_type):  # which pyarrow cannot decode
            cells = cells.dictionary.cast(pa.large_string()).take(cells.indices)
        else:
            cells = cells.dictionary_decode()
    return cells


def series(cells: Array) -> "polars.Series":
    """Return an array of a type that polars knows as a series."""
    import polars

    # An array carries the name of its column, and a zero byte in it would make polars abort.
    return polars.from_arrow(cells).alias("")  # type: ignore[union-attr]


def to_readable_series(cells: Array) -> "polars.Series":
    """Return an array of any type as a series that can be written as text.

    Raises:
        ActcliError: for a type that polars and this module know no text for.

    """
    try:
        return series(_replace_unknown(cells))
    except pa.ArrowNotImplementedError:
        raise ActcliError(f"a column of {shorten_name(cells.type)} cannot be written as text; leave it out") from None


def _replace_unknown(cells: Array) -> Array:
    """Return an array, with text in place of what polars does not know, or knows less of."""
    cells = decode_dictionary(cells)
    kind = cells.type
    if _is_plain(kind):
        return cells
    for applies, converted in _CONVERTED:
        if applies(kind):
            return converted(cells)
    raise pa.ArrowNotImplementedError(str(kind))


def _is_plain(kind: DataType) -> bool:
    types = pa.types
    if types.is_decimal(kind):
        return bool(kind.precision <= _MAX_DIGITS and kind.scale >= 0)
    plain = (types.is_null, types.is_boolean, types.is_integer, types.is_floating, is_text)
    return any(test(kind) for test in plain)


def _write_with_polars(cells: Array) -> Array:
    """Return what polars writes for an array, as text."""
    from actcli.formats.polars_text import as_text

    return as_text(series(cells)).to_arrow()


def _text_array(texts: Sequence[str | None]) -> Array:
    import polars

    return polars.Series(texts, dtype=polars.String).to_arrow()


def _convert_decimals(cells: Array) -> Array:
    return _text_array([None if value is None else f"{value:f}" for value in cells.to_pylist()])


def _convert_binary(cells: Array) -> Array:
    return _write_with_polars(cells.cast(pa.large_binary()))


def _convert_times(cells: Array) -> Array:
    """Return dates, times and durations in ISO 8601; those that no calendar holds as the number that is stored."""
    kind = cells.type
    stored = cells.view(pa.int32() if kind.bit_width == 32 else pa.int64()).cast(pa.int64())
    least, most = _value_range(kind)
    numbers = numpy_arrays.to_numpy(stored).astype(np.int64, copy=False)
    strange = (numbers < least) | (numbers > most)
    if strange.any():
        whole = numpy_arrays.to_arrow(numbers, strange | numpy_arrays.are_null(cells))
        cells = (whole.cast(pa.int32()) if kind.bit_width == 32 else whole).view(kind)
    if pa.types.is_date64(kind):
        cells = cells.cast(pa.date32())
    elif pa.types.is_timestamp(kind) and kind.tz is not None and not _is_zone(kind.tz):
        cells = cells.cast(pa.timestamp(kind.unit, "UTC"))
    texts = _write_with_polars(cells)
    if not strange.any():
        return texts
    rows = zip(numbers, strange, texts.to_pylist(), strict=True)
    return _text_array([str(number) if odd else text for number, odd, text in rows])


def _value_range(kind: DataType) -> tuple[int, int]:
    """Return the least and the greatest number that stands for a time of that type."""
    if pa.types.is_time(kind):
        return 0, 86400 * _SECOND[kind.unit] - 1
    if pa.types.is_duration(kind):
        most = 2**63 - 1 if kind.unit != "s" else 2**63 // 10**3 - 1  # polars counts in milliseconds at least
    elif pa.types.is_timestamp(kind):
        most = _MAX_DAYS * 86400 * _SECOND[kind.unit]
    else:
        most = _MAX_DAYS if kind.bit_width == 32 else _MAX_DAYS * 86400 * 1000
    return -most, most


def _is_zone(name: str) -> bool:
    import polars

    try:
        polars.Series([], dtype=polars.Datetime("us", name))
    except polars.exceptions.PolarsError:
        return False
    return True


def _convert_intervals(cells: Array) -> Array:
    """Return months, days and nanoseconds as durations of ISO 8601."""

    def format_interval(value: MonthDayNano | None) -> str | None:
        if value is None:
            return None
        seconds, rest = divmod(abs(value.nanoseconds), 10**9)
        fraction = f".{rest:09}".rstrip("0") if rest else ""
        return f"P{value.months}M{value.days}DT{'-' * (value.nanoseconds < 0)}{seconds}{fraction}S"

    return _text_array(list(map(format_interval, cells.to_pylist())))


def _convert_lists(cells: Array) -> Array:
    """Return lists of any layout with known values."""
    lengths = numpy_arrays.to_numpy(pc.list_value_length(cells))
    offsets = numpy_arrays.to_arrow(np.concatenate([[0], np.cumsum(lengths)], dtype=np.int64))
    return pa.LargeListArray.from_arrays(offsets, _convert_nested(cells.flatten()), mask=cells.is_null())


def _convert_maps(cells: Array) -> Array:
    entry = pa.struct([pa.field("key", cells.type.key_type), pa.field("value", cells.type.item_type)])
    return _convert_lists(cells.cast(pa.list_(entry)))


def _convert_structures(cells: Array) -> Array:
    names = [cells.type.field(i).name for i in range(cells.type.num_fields)]
    distinct = [name if name not in names[:i] else f"{name}_{i + 1}" for i, name in enumerate(names)]
    if not names:
        return _text_array([None if missing else "{}" for missing in cells.is_null().to_pylist()])
    return pa.StructArray.from_arrays(list(map(_convert_nested, cells.flatten())), distinct, mask=cells.is_null())


def _convert_nested(cells: Array) -> Array:
    """Return values of a list or structure, without the types that polars cannot write as JSON."""
    values = _replace_unknown(cells)
    return values.cast(pa.float32()) if pa.types.is_float16(values.type) else values


def _convert_unions(cells: Array) -> Array:
    """Return the text of each value, whatever its type."""
    kind, codes = cells.type, numpy_arrays.to_numpy(cells.type_codes)
    texts = np.full(len(cells), None, object)
    for i, code in enumerate(kind.type_codes):
        rows = np.flatnonzero(codes == code)
        places = rows if kind.mode == "sparse" else numpy_arrays.to_numpy(cells.offsets)[rows]
        chosen = cells.field(i).take(numpy_arrays.to_arrow(places))
        texts[rows] = _write_with_polars(_replace_unknown(chosen)).to_pylist()
    return _text_array(list(texts))


def _convert_extensions(cells: Array) -> Array:
    kind = cells.type
    if kind.extension_name == "arrow.uuid":
        return _text_array([None if value is None else str(value) for value in cells.to_pylist()])
    if kind.extension_name == "arrow.bool8":
        return cells.storage.cast(pa.bool_())
    return _replace_unknown(cells.storage)


def _is_binary(kind: DataType) -> bool:
    types = pa.types
    tests = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _is_list(kind: DataType) -> bool:
    types = pa.types
    tests = (types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_list_view, types.is_large_list_view)
    return any(test(kind) for test in tests)


_CONVERTED: list[tuple[Callable[[DataType], bool], Callable[[Array], Array]]] = [
    (lambda kind: isinstance(kind, pa.BaseExtensionType), _convert_extensions),
    (pa.types.is_decimal, _convert_decimals),
    (_is_binary, _convert_binary),
    (pa.types.is_interval, _convert_intervals),
    (pa.types.is_temporal, _convert_times),
    (pa.types.is_map, _convert_maps),
    (_is_list, _convert_lists),
    (pa.types.is_struct, _convert_structures),
    (pa.types.is_union, _convert_unions),
]
