"""What an activation gives for a batch: column by column, across columns, or several activations side by side."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from actcli.activation import Activation, AlongAxis, Packed
from actcli.compute import compute_derivatives, compute_quantized, compute_values
from actcli.data import naming
from actcli.data.batch import ArraySlice, Batch, Column, Mask, Numbers, Rows, Table, TypedNumbers, VectorHalves
from actcli.data.evaluated import Evaluated, EvaluatedRows, EvaluatedSlice, Job, sources_of
from actcli.errors import ActcliError
from actcli.numerics import dtypes
from actcli.parameter_lists import split_columns
from actcli.pipeline.masked import fill_masked_cells, read_kept

if TYPE_CHECKING:
    from actcli.numerics.dtypes import Codes
    from actcli.numerics.quantized import Quantization

_LONG_ROW_NUMBERS = 2**20  # from which on a row is not evaluated as a whole
_ALONG_AXIS_NUMBERS = 2**16  # of whole rows at a time: along an axis, each takes a hundred times its own memory
_Compute: TypeAlias = Callable[..., Numbers]
"""What it gives for numbers; along an axis perhaps with one more argument, which of these are kept."""


def evaluate_batch(job: Job, batch: Batch) -> Evaluated:
    """Evaluate a batch; raise ActcliError if the activation cannot take what is in it."""
    if job.quantization is not None:
        batch = _convert_to_codes(job.quantization, batch)
    if isinstance(batch, ArraySlice):
        return _evaluate_slice(job, batch)
    return _evaluate_rows(job, batch)


def _convert_to_codes(quantization: "Quantization", batch: Batch) -> Batch:
    """Return a batch with the numbers to evaluate as integer codes; raise ActcliError if one is none, or is missing."""
    if isinstance(batch, ArraySlice):
        return batch._replace(values=cast("Numbers", quantization.convert(batch.values, batch.name)))
    columns = []
    for column in batch.columns:
        if column.missing is not None and column.missing.any():
            raise ActcliError(f"column {column.name!r} has an empty cell, for which {quantization.dtype} has no code")
        codes = quantization.convert(column.values, f"column {column.name!r}")
        columns.append(column._replace(values=cast("Numbers", codes)))
    return batch._replace(columns=columns) if isinstance(batch, Table) else TypedNumbers(columns[0].values)


def _evaluate_rows(job: Job, rows: Rows) -> EvaluatedRows:
    if job.compared:
        return _compare(job, rows)
    if isinstance(job.activation, Packed):
        return _evaluate_packed(job, job.activation, rows)
    kept = read_kept(job, rows)
    results = _evaluate_columns(_values(job), job, fill_masked_cells(rows, kept), kept=kept)
    derivatives = _evaluate_columns(_derivatives(job), job, rows, "_derivative") if job.derivative else []
    return EvaluatedRows(job, rows, results, derivatives)


def _evaluate_slice(job: Job, batch: ArraySlice) -> EvaluatedSlice:
    activation, x = job.activation, batch.values
    if isinstance(activation, AlongAxis):
        split = len(batch.shape)
        axes = activation.normalize_axes(split + x.ndim - 1)
        activation = activation.replace(axis=tuple(axis - split + 1 for axis in axes))
        if x.ndim == 1:  # a single number, which has no axis beside that of the slice
            return EvaluatedSlice(batch, _values(job)(activation, x[:, None])[:, 0], None)
        if activation.reduction and x.ndim == 2 and x.shape[1] > _LONG_ROW_NUMBERS and not job.derivative:
            return EvaluatedSlice(batch, _evaluate_long_rows(activation, x, saturate=job.saturate), None)
    elif activation.lists:
        activation = activation.replace(channel_axis=1)
    derivatives = _derivatives(job)(activation, x) if job.derivative else None
    return EvaluatedSlice(batch, _values(job)(activation, x), derivatives)


def _values(job: Job) -> _Compute:
    if (quantization := job.quantization) is not None:
        return lambda activation, x: cast("Numbers", compute_quantized(activation, cast("Codes", x), quantization))
    return lambda activation, x, kept=None: compute_values(activation, x, job.numerics, job.saturate, kept)


def _derivatives(job: Job) -> _Compute:
    return lambda activation, x, kept=None: compute_derivatives(activation, x, job.numerics, job.saturate)


def _evaluate_long_rows(activation: AlongAxis, x: Numbers, *, saturate: bool) -> Numbers:
    """Return the results of each row, evaluated in parts."""
    from actcli.pipeline import reductions

    rows = Table([Column("x", row) for row in x], [])
    reduction = reductions.reduce_columns(activation, iter([lambda: rows]), saturate=saturate)
    assert reduction is not None
    return np.stack(reductions.results(activation, rows.columns, reduction, saturate=saturate))


def _compare(job: Job, rows: Rows) -> EvaluatedRows:
    """Evaluate every converted column with each activation; the distance of several dialects follows them."""
    results: list[Column] = []
    derivatives: list[Column] = []
    for start in range(0, len(job.compared), job.dialects):
        same = job.compared[start : start + job.dialects]
        evaluated = [_evaluate_rows(_job_of(job, activation), rows) for activation in same]
        results += _interleave(job, [side.results for side in evaluated], "")
        derivatives += _interleave(job, [side.derivatives for side in evaluated], "_derivative")
    return EvaluatedRows(job, rows, results, derivatives)


def _job_of(job: Job, activation: Activation) -> Job:
    """Return the job of one of the compared activations."""
    template = (job.naming or naming.DEFAULT) + (f"_{activation.dialect}" if job.dialects > 1 else "")
    return job._replace(activation=activation, naming=template, compared=(), dialects=1)


def _interleave(job: Job, sides: list[list[Column]], ending: str) -> Iterator[Column]:
    """Yield each column's results; after those of several dialects, how many ulp the widest two are apart."""
    from actcli.numerics import distance

    for columns in zip(*sides, strict=True):
        yield from columns
        if job.dialects > 1:
            name = columns[0].name.removesuffix(ending).removesuffix(f"_{job.compared[0].dialect}")
            ulps = distance.widest([column.values for column in columns])
            if columns[0].missing is not None:
                ulps[columns[0].missing] = float("nan")
            yield columns[0]._replace(name=f"{name}{ending}_ulps", values=ulps, content="ulps")


def _evaluate_columns(
    compute: _Compute, job: Job, rows: Rows, ending: str = "", kept: Mask | None = None
) -> list[Column]:
    """Return the converted columns' results; along an axis, several columns are rows of a matrix."""
    activation = job.activation
    values: Sequence[Numbers]
    if isinstance(activation, AlongAxis):
        _require_cells(activation, rows.columns)
        if job.reduction is None:
            values = _along_axis(compute, activation, rows, kept)
        else:
            from actcli.pipeline import reductions

            values = reductions.results(activation, rows.columns, job.reduction, saturate=job.saturate, where=kept)
    else:
        values = _each_column(compute, job, rows)
    columns = [column.name for column in rows.columns]
    names = naming.names(job.naming or naming.DEFAULT, columns, activation.name, ending)
    return [
        column._replace(name=name, values=array)
        for column, name, array in zip(rows.columns, names, values, strict=True)
    ]


def _require_cells(activation: AlongAxis, columns: list[Column]) -> None:
    """Raise ActcliError for an empty cell that would be NaN among the numbers that a result depends on."""
    for column in columns:
        format = dtypes.find(column.values.dtype)
        if column.missing is not None and column.missing.any() and not dtypes.has_nan(format):
            problem = f"column {column.name!r} has no number in some row, which makes {activation.name} NaN"
            raise ActcliError(f"{problem}; {format.name} has no NaN: use another dtype")


def _along_axis(compute: _Compute, activation: AlongAxis, rows: Rows, kept: Mask | None) -> Sequence[Numbers]:
    """Return each column's results, some rows at a time if they do not depend on each other; a column is one vector."""
    if len(rows.columns) == len(activation.listed_axes) == 1:
        return [compute(activation, rows.columns[0].values, None if kept is None else kept[0])]
    matrix, kept = _matrix(rows), None if kept is None else kept.T
    step = max(1, _ALONG_AXIS_NUMBERS // matrix.shape[1])
    if activation.goes_down_columns or len(matrix) <= step:
        return list(compute(activation, matrix, kept).T)
    parts = (slice(start, start + step) for start in range(0, len(matrix), step))
    return list(np.concatenate([compute(activation, matrix[i], None if kept is None else kept[i]) for i in parts]).T)


def _each_column(compute: _Compute, job: Job, rows: Rows) -> list[Numbers]:
    """Return each column's results; a list of parameters goes along the columns of a table, or typed numbers."""
    activation, values = job.activation, [column.values for column in rows.columns]
    count, names = len(values), ", ".join(column.name for column in rows.columns)
    described = f"{count} column{'s' * (count != 1)} ({names})"
    if isinstance(rows, Table) and (by_column := split_columns(activation, count, described)):
        return [compute(one, array) for one, array in zip(by_column, values, strict=True)]
    if count == 1:
        return [compute(activation, values[0])]
    return list(compute(activation, np.stack(values)))  # at once: a table may have thousands of columns


def _matrix(rows: Rows) -> Numbers:
    """Return the converted columns as a matrix (rows, columns)."""
    return np.stack([column.values for column in rows.columns], axis=1)


def _evaluate_packed(job: Job, activation: Packed, rows: Rows) -> EvaluatedRows:
    """Evaluate the two halves of each row; a column with no other beside it is one vector, as typed numbers are."""
    compute = _derivatives(job) if job.derivative else _values(job)
    if isinstance(rows, TypedNumbers) or len(rows.columns) == len(rows.column_names) == 1:
        vector = rows.columns[0]
        values = [compute(activation, vector.values)]
        rows = _halves(activation, vector)
        names = naming.names(job.naming or "{function}", [vector.name], activation.name)
    else:
        _check_halves(activation, [column.name for column in rows.columns])
        values = list(compute(activation, _matrix(rows)).T)
        _, value = activation.places(len(rows.columns))
        columns = [column.name for column in rows.columns[value]]
        names = naming.names(job.naming or naming.DEFAULT, columns, activation.name)
    results = [
        Column(name, array, _missing(source), 0, _replacements(source))
        for name, array, source in zip(names, values, sources_of(activation, rows.columns), strict=True)
    ]
    return EvaluatedRows(job, rows, results, [])


def _halves(activation: Packed, vector: Column) -> VectorHalves:
    """Return the halves of a column side by side, named by what they are."""
    places = dict(zip(("gate", "value"), activation.places(len(vector.values)), strict=True))
    replacements = vector.replacements or {}
    columns = []
    for position, name in enumerate(activation.halves):
        place = places[name]
        missing = None if vector.missing is None else vector.missing[place]
        rows = enumerate(range(len(vector.values))[place] if replacements else ())
        texts = {i: replacements[row] for i, row in rows if row in replacements}
        columns.append(Column(name, vector.values[place], missing, position, texts))
    return VectorHalves(vector, columns)


def _check_halves(activation: Packed, columns: list[str]) -> None:
    """Raise ActcliError unless the columns of a row fall into two halves."""
    names = ", ".join(columns)
    if len(columns) % 2:
        raise ActcliError(
            f"{activation.name} splits the columns into {' and '.join(activation.halves)}; expected an even number of "
            f"them, got {len(columns)} ({names}): choose with --columns"
        )
    if activation.goes_down_columns:
        raise ActcliError(
            f"{activation.name} splits each row of a table in two ({names}); with --axis {activation.axis} half of the "
            "rows would have no result: leave it out, or give a file of one column"
        )


def _missing(columns: list[Column]) -> Mask | None:
    """Tell where one of the columns is missing."""
    masks = [column.missing for column in columns if column.missing is not None]
    return np.logical_or.reduce(masks) if masks else None


def _replacements(columns: list[Column]) -> dict[int, str] | None:
    """Return what takes the results' place: in each row, the replacement in the first of the columns that has one."""
    return {row: text for column in reversed(columns) for row, text in (column.replacements or {}).items()} or None
