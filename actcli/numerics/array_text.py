"""Arrays as NumPy writes them, in time that grows with their size: NumPy's own grows with its square."""

from collections.abc import Iterator

import numpy as np

from actcli.numerics import dtypes, text
from actcli.numerics.dtypes import FloatArray

_CHUNK_NUMBERS = 1000  # at a time, in NumPy's hands
_LINE_WIDTH = 75  # NumPy's default


def write_array(values: FloatArray) -> str:
    """Return NumPy's own text of an array (any shape), all its numbers with all their digits."""
    is_long = values.size > 2 * _CHUNK_NUMBERS and values.ndim <= 2 and values.dtype.kind not in "iu"
    if is_long and not dtypes.find(values.dtype).is_ml_dtype:
        lines = _write_vector(values) if values.ndim == 1 else _write_matrix(values)
        if lines:
            return "".join(lines)
    with np.printoptions(floatmode="unique", threshold=max(values.size, 1) + 1):
        return repr(values)


def write_column(values: FloatArray) -> list[str]:
    """Return the numbers (1-D) as NumPy writes that array: one notation, aligned, all digits."""
    if values.dtype.kind in "iu":
        return text.shortest(values)
    if dtypes.find(values.dtype).is_ml_dtype:
        # NumPy prints a foreign dtype number by number; the same decimals as float64 get its usual notation.
        values = np.array([float(number) for number in text.shortest(values)])
    return _write_words(values) if values.size else []


def _write_words(values: FloatArray) -> list[str]:
    """Return the text of each number (1-D) as it stands in NumPy's text of the array, all of one width."""
    if len(values) <= 2 * _CHUNK_NUMBERS:
        return _split(values)
    widest = _representatives(values)
    return [
        word
        for start in range(0, len(values), _CHUNK_NUMBERS)
        for word in _split(np.concatenate([widest, values[start : start + _CHUNK_NUMBERS]]))[len(widest) :]
    ]


def _split(values: FloatArray) -> list[str]:
    written = np.array2string(
        values, floatmode="unique", separator="\n", threshold=values.size + 1, max_line_width=2**31
    )
    return written[1:-1].split("\n")


def _representatives(values: FloatArray) -> FloatArray:
    """Return numbers of an array that alone decide how NumPy writes all of it: the extremes and the longest."""
    finite = values[np.isfinite(values)]
    chosen = [values[np.isnan(values)][:1], values[values == np.inf][:1], values[values == -np.inf][:1]]
    if finite.size:
        size = np.abs(finite)
        size[size == 0] = np.inf
        positional = [np.format_float_positional(number, unique=True, trim=".") for number in finite]
        scientific = [np.format_float_scientific(number, unique=True, trim=".") for number in finite]
        lengths = (
            [len(written.partition(".")[0]) for written in positional],
            [len(written.partition(".")[2]) for written in positional],
            [len(written.partition("e")[0]) for written in scientific],
            [len(written.partition("e")[2]) for written in scientific],
        )
        places = [*map(np.argmax, lengths), np.argmin(finite), np.argmax(finite), np.argmin(size)]
        chosen.append(finite[places])
    return np.concatenate(chosen)


def _write_vector(values: FloatArray) -> Iterator[str]:
    """Yield the lines of a vector: NumPy breaks them at the same count of numbers, as all have one width."""
    words = _write_words(values)
    indent = " " * len("array([")
    per_line = (_LINE_WIDTH - len(indent) - 1) // (len(words[0]) + len(", "))
    per_line += len(indent) + (per_line + 1) * len(words[0]) + per_line * len(", ") <= _LINE_WIDTH - 1
    end = (len(values) - 1) // per_line * per_line
    for start in range(0, end, per_line):
        yield f"{indent if start else 'array(['}{', '.join(words[start : start + per_line])},\n"
    widest = _representatives(values)
    lead = np.resize(widest, -(-len(widest) // per_line) * per_line)
    tail = write_array(np.concatenate([lead, values[end:]]))  # few numbers, whose last lines end as these do
    yield "\n".join(tail.split("\n")[len(lead) // per_line :])


def _write_matrix(values: FloatArray) -> Iterator[str] | None:
    """Yield the lines of a matrix whose rows fit into a line each; return None for a wider one."""
    words = _write_words(values.reshape(-1))
    width = values.shape[1]
    rows = [", ".join(words[start : start + width]) for start in range(0, len(words), width)]
    indent = " " * len("array([")
    if len(indent) + len(f"[{rows[0]}]]") > _LINE_WIDTH:
        return None
    widest = _representatives(values.reshape(-1))
    lead = np.resize(widest, (-(-len(widest) // width), width))
    tail = write_array(np.concatenate([lead, values[-1:]])).split("\n")[len(lead) :]
    return iter([f"array([[{rows[0]}],\n", *(f"{indent}[{row}],\n" for row in rows[1:-1]), "\n".join(tail)])
