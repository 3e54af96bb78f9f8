"""The program on one page: read rows, evaluate them, write what came out."""

from collections.abc import Callable
from typing import Any

from actcli.activation import AlongAxis
from actcli.evaluate import derivatives_of, values_of
from actcli.files.table import Answer, Column, Job, Table


def run(job: Job, read: Callable[[], Table], write: Callable[[Answer], None]) -> None:
    """Read the rows, answer them, write the answer; raises what reading, evaluating and writing raise."""
    write(answer(job, read()))


def answer(job: Job, table: Table) -> Answer:
    """Evaluate every converted column."""
    results = _evaluated(values_of, job, table, f"_{job.block.name}")
    derivatives = _evaluated(derivatives_of, job, table, f"_{job.block.name}_derivative") if job.derivative else []
    return Answer(job, table, results, derivatives)


def _evaluated(function: Callable[..., Any], job: Job, table: Table, ending: str) -> list[Column]:
    """Return the converted columns with function's results; along an axis, several of them are rows of a matrix."""
    if isinstance(job.block, AlongAxis) and len(table.columns) > 1:
        import numpy as np

        rows = np.stack([column.values for column in table.columns], axis=1)
        values = list(function(job.block, rows, job.numerics).T)
    else:
        values = [function(job.block, column.values, job.numerics) for column in table.columns]
    return [
        column._replace(name=column.name + ending, values=array)
        for column, array in zip(table.columns, values, strict=True)
    ]
