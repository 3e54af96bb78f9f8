"""Rows of a table of which columns of truth values mask some numbers."""

import numpy as np

from actcli.activation import AlongAxis
from actcli.data.batch import Column, Mask, Rows, Table
from actcli.data.evaluated import Job
from actcli.data.mask_cells import read_mask
from actcli.data.selection import list_names
from actcli.errors import ActcliError


def leave_out(job: Job, rows: Rows) -> tuple[Rows, Mask | None]:
    """Return rows with the infinity that has no share in place of masked numbers; and which are kept, if some are not.

    Raises:
        ActcliError: for a mask of another width than the numbers have, and for cells that are no truth values.

    """
    if not job.mask_columns or not isinstance(rows, Table) or not isinstance(job.activation, AlongAxis):
        return rows, None
    kept = read_mask(rows, job.mask_columns)
    if len(kept) not in {1, len(rows.columns)}:
        raise ActcliError(
            f"{job.activation.name}: --mask-columns selects {len(kept)} columns for {len(rows.columns)} of numbers "
            f"({list_names([column.name for column in rows.columns])}); expected one for each, in their order, or one "
            "for all"
        )
    kept = np.broadcast_to(kept, (len(rows.columns), kept.shape[1]))
    columns = [
        column._replace(values=np.where(place, column.values, column.values.dtype.type(job.activation.absent)))
        for column, place in zip(rows.columns, kept, strict=True)
    ]
    return rows._replace(columns=columns), kept


def put_back(job: Job, results: list[Column], kept: Mask | None) -> list[Column]:
    """Return results with what is due for masked numbers."""
    if kept is None or not isinstance(job.activation, AlongAxis):
        return results
    due = job.activation.at_absent
    return [
        column._replace(values=np.where(place, column.values, column.values.dtype.type(due)))
        for column, place in zip(results, kept, strict=True)
    ]
