"""Rows of a table of which columns of truth values mask some numbers."""

import numpy as np

from actcli.activation import AlongAxis
from actcli.data.batch import Mask, Rows, Table
from actcli.data.evaluated import Job
from actcli.data.mask_cells import read_mask
from actcli.data.selection import list_names
from actcli.errors import ActcliError


def read_kept(job: Job, rows: Rows) -> Mask | None:
    """Tell which of the converted numbers are kept, an array (columns, rows); None if there are no columns of a mask.

    Raises:
        ActcliError: for a mask of another width than the numbers have, and for cells that are no truth values.

    """
    if not job.mask_columns or not isinstance(rows, Table) or not isinstance(job.activation, AlongAxis):
        return None
    kept = read_mask(rows, job.mask_columns)
    if len(kept) not in {1, len(rows.columns)}:
        raise ActcliError(
            f"{job.activation.name}: --mask-columns selects {len(kept)} columns for {len(rows.columns)} of numbers "
            f"({list_names([column.name for column in rows.columns])}); expected one for each, in their order, or one "
            "for all"
        )
    return np.broadcast_to(kept, (len(rows.columns), kept.shape[1]))


def fill_masked_cells(rows: Rows, kept: Mask | None) -> Rows:
    """Return rows of which no masked cell counts as empty: it has a result like other masked ones."""
    if kept is None or not isinstance(rows, Table):
        return rows
    pairs = zip(rows.columns, kept, strict=True)
    return rows._replace(
        columns=[
            column if column.missing is None else column._replace(missing=column.missing & place)
            for column, place in pairs
        ]
    )
