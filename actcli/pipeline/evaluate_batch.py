"""What an activation gives for the rows of a table: column by column, across columns, or several side by side."""

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

from actcli.activation import Activation, AlongAxis, Packed
from actcli.compute import compute_derivatives, compute_values
from actcli.data import naming
from actcli.data.table import Answer, Column, Job, Table
from actcli.errors import ActcliError


def answer(job: Job, table: Table) -> Answer:
    """Evaluate every converted column."""
    if job.compared:
        return _compared(job, table)
    if table.piece:
        return _array(job, table)
    if isinstance(job.block, Packed):
        return _packed(job, job.block, table)
    results = _evaluated(compute_values, job, table)
    derivatives = _evaluated(compute_derivatives, job, table, "_derivative") if job.derivative else []
    return Answer(job, table, results, derivatives)


def _array(job: Job, table: Table) -> Answer:
    """Evaluate a piece of an array; the axis that a block goes along is the piece's second."""
    block = job.block
    if isinstance(block, AlongAxis):
        block = copy(block)
        block.axis = 1
        x = table.columns[0].values
        if block.reduction and x.ndim == 2 and x.shape[1] > _LONG and not job.derivative:
            return Answer(job, table, [table.columns[0]._replace(values=_long_rows(block, x))], [])
    functions = (compute_values, compute_derivatives) if job.derivative else (compute_values,)
    results = [table.columns[0]._replace(values=f(block, table.columns[0].values, job.numerics)) for f in functions]
    return Answer(job, table, results[:1], results[1:])


_LONG = 2**20  # numbers of a row from which on it is not worked on as a whole


def _long_rows(block: Any, x: Any) -> Any:
    """Return the results of each row, worked on in parts."""
    import numpy as np

    from actcli.pipeline import reductions

    rows = Table([Column("x", row) for row in x])
    reduction = reductions.of_columns(block, iter([lambda: rows]))
    return np.stack(reductions.results(block, rows.columns, reduction))


def _compared(job: Job, table: Table) -> Answer:
    """Evaluate every converted column with each function; those of several dialects are followed by their distance."""
    results: list[Column] = []
    derivatives: list[Column] = []
    for start in range(0, len(job.compared), job.dialects):
        same = job.compared[start : start + job.dialects]
        answers = [answer(_alone(job, block), table) for block in same]
        results += _side_by_side(job, [ours.results for ours in answers], "")
        derivatives += _side_by_side(job, [ours.derivatives for ours in answers], "_derivative")
    return Answer(job, table, results, derivatives)


def _alone(job: Job, block: Activation) -> Job:
    """Return the job of one of the compared functions."""
    template = (job.naming or naming.DEFAULT) + (f"_{block.dialect}" if job.dialects > 1 else "")
    return job._replace(block=block, naming=template, compared=(), dialects=1)


def _side_by_side(job: Job, sides: list[list[Column]], ending: str) -> Iterator[Column]:
    """Yield each column's results; after those of several dialects, how many ulp the widest two are apart."""
    from actcli.numerics import distance

    for columns in zip(*sides, strict=True):
        yield from columns
        if job.dialects > 1:
            name = columns[0].name.removesuffix(ending).removesuffix(f"_{job.compared[0].dialect}")
            far = distance.widest([column.values for column in columns])
            if columns[0].missing is not None:
                far[columns[0].missing] = float("nan")
            yield columns[0]._replace(name=f"{name}{ending}_ulps", values=far)


def _evaluated(function: Callable[..., Any], job: Job, table: Table, ending: str = "") -> list[Column]:
    """Return the converted columns with function's results; along an axis, several of them are rows of a matrix."""
    if job.reduction is not None:
        from actcli.pipeline import reductions

        values = reductions.results(job.block, table.columns, job.reduction)
    elif isinstance(job.block, AlongAxis) and len(table.columns) > 1:
        values = list(_along(function, job.block, job.numerics, _matrix(table)).T)
    else:
        values = _each(function, job, table)
    columns = [column.name for column in table.columns]
    names = naming.names(job.naming or naming.DEFAULT, columns, job.block.name, ending)
    return [
        column._replace(name=name, values=array)
        for column, name, array in zip(table.columns, names, values, strict=True)
    ]


_TOGETHER = 2**16  # numbers of whole rows: along an axis, each takes a hundred times its own memory


def _along(function: Callable[..., Any], block: AlongAxis, numerics: str, matrix: Any) -> Any:
    """Return the results of a matrix, some rows at a time if they do not depend on each other."""
    import numpy as np

    rows = max(1, _TOGETHER // matrix.shape[1])
    if block.axis in (0, -2) or len(matrix) <= rows:
        return function(block, matrix, numerics)
    parts = (matrix[start : start + rows] for start in range(0, len(matrix), rows))
    return np.concatenate([function(block, part, numerics) for part in parts])


def _each(function: Callable[..., Any], job: Job, table: Table) -> list[Any]:
    """Return each column's results; a list of parameters goes along the columns of a table, or typed numbers."""
    import numpy as np

    block, values = job.block, [column.values for column in table.columns]
    count, names = len(values), ", ".join(column.name for column in table.columns)
    if table.headings and (several := block.for_columns(count, f"{count} column{'s' * (count != 1)} ({names})")):
        return [function(own, array, job.numerics) for own, array in zip(several, values, strict=True)]
    if count == 1:
        return [function(block, values[0], job.numerics)]
    return list(function(block, np.stack(values), job.numerics))  # at once: a table may have thousands of columns


def _matrix(table: Table) -> Any:
    import numpy as np

    return np.stack([column.values for column in table.columns], axis=1)


def _packed(job: Job, block: Packed, table: Table) -> Answer:
    """Evaluate the two halves of each row; a column with no other beside it is one vector, as typed numbers are."""
    function = compute_derivatives if job.derivative else compute_values
    vector = None
    if len(table.columns) == len(table.headings or [""]) == 1:
        vector = table.columns[0]
        values = [function(block, vector.values, job.numerics)]
        table = Table(_halves(block, vector))
        names = naming.names(job.naming or "{function}", [vector.name], block.name)
    else:
        _check_row(block, [column.name for column in table.columns])
        values = list(function(block, _matrix(table), job.numerics).T)
        start = block.halves.index("value") * len(values)
        columns = [column.name for column in table.columns[start : start + len(values)]]
        names = naming.names(job.naming or naming.DEFAULT, columns, block.name)
    sources = [table.columns[i :: len(values)] for i in range(len(values))]
    results = [
        Column(name, array, _missing(source), 0, _unread(source))
        for name, array, source in zip(names, values, sources, strict=True)
    ]
    return Answer(job, table, results, [], vector)


def _halves(block: Packed, vector: Column) -> list[Column]:
    """Return the halves of a column side by side, named by what they are."""
    import numpy as np

    masks = [None, None] if vector.missing is None else np.split(vector.missing, 2)
    middle = len(vector.values) // 2
    unread = [
        {row - start: given for row, given in (vector.unread or {}).items() if start <= row < start + middle} or None
        for start in (0, middle)
    ]
    parts = zip(block.halves, np.split(vector.values, 2), masks, (0, 1), unread, strict=True)
    return [Column(*part) for part in parts]


def _check_row(block: Packed, columns: list[str]) -> None:
    """Raise ActcliError unless the columns of a row fall into two halves."""
    names = ", ".join(columns)
    if len(columns) % 2:
        raise ActcliError(
            f"{block.name} takes {' and '.join(block.halves)} as the two halves of the columns; accepted is an even "
            f"number of them, not {len(columns)} ({names}); choose with --columns"
        )
    if block.axis in (0, -2):
        raise ActcliError(
            f"{block.name} takes the halves of each row of a table ({names}): with axis {block.axis} half of the "
            "rows would have no result; a file of one column may be halved"
        )


def _missing(columns: list[Column]) -> Any:
    """Tell where one of the columns is missing."""
    import numpy as np

    masks = [column.missing for column in columns if column.missing is not None]
    return np.logical_or.reduce(masks) if masks else None


def _unread(columns: list[Column]) -> Any:
    """Return what stands in the results' place: of each row, what the first of the columns has there."""
    merged = {row: given for column in reversed(columns) for row, given in (column.unread or {}).items()}
    return merged or None
