"""What the writers of arrays share: results as numbers that follow each other."""

from typing import IO

import numpy as np

from actcli.data.batch import Numbers
from actcli.data.evaluated import Evaluated, EvaluatedSlice


def to_array(evaluated: Evaluated) -> Numbers:
    """Return the results, beside the derivatives along a last axis if there are any."""
    if isinstance(evaluated, EvaluatedSlice):
        kinds = [evaluated.results, *([] if evaluated.derivatives is None else [evaluated.derivatives])]
    else:
        columns = [[column.values for column in kind] for kind in (evaluated.results, evaluated.derivatives) if kind]
        kinds = [np.stack(values, axis=1) if len(values) > 1 else values[0] for values in columns]
    return kinds[0] if len(kinds) == 1 else np.stack(kinds, axis=-1)


def to_numpy_dtype(values: Numbers) -> Numbers:
    """Return numbers of a dtype that NumPy stores; float32 holds exactly what bfloat16 and narrower ones give."""
    is_stored = values.dtype.kind in "iu" or values.dtype.name in {"float16", "float32", "float64"}
    return values if is_stored else values.astype(np.float32)


def write_numbers(out: IO[bytes], values: Numbers) -> None:
    """Write numbers in the order of C."""
    if values.size:
        out.write(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
