"""Results that depend on all rows: what these reduce to is found first."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from actcli.activation import AlongAxis
from actcli.data.batch import ArraySlice, Batch, Batches, Rows, Table, concatenate, head, require_rows
from actcli.data.evaluated import Job
from actcli.errors import ActcliError
from actcli.pipeline.evaluate_batch import evaluate_batch
from actcli.pipeline.masked import read_kept

_HELD_BYTES = 2**30  # of rows that are held in memory where they cannot be read again


def with_all_rows(job: Job, batches: Batches) -> tuple[Job, Batches]:
    """Return the job with what all rows reduce to, and the batches to evaluate with it.

    Raises:
        ActcliError: if the rows have to be held in memory and are too many.

    """
    remaining = iter(batches)
    first = next(remaining)()
    following: Iterator[Callable[[], Batch]] = itertools.chain([lambda: first], remaining)
    if isinstance(first, ArraySlice) or not _takes_all_rows(job, first):
        return job, following
    if not isinstance(job.activation, AlongAxis) or not job.activation.reduction or job.compared:
        everything = concatenate([require_rows(batch()) for batch in following])
        return job, [lambda: everything]
    from actcli.pipeline import reductions

    evaluate_batch(job._replace(mask_columns=()), head(first))  # says what is wrong before all is read; it has no cells
    again: Batches = batches if remaining is not batches else [_constant(rows) for rows in _hold(job, following)]
    unread = following if again is batches else iter(again)
    reduction = reductions.reduce_columns(
        job.activation, unread, saturate=job.saturate, find_kept=partial(read_kept, job)
    )
    return job._replace(reduction=reduction), again


def _takes_all_rows(job: Job, rows: Rows) -> bool:
    """Tell whether each result depends on the rows before and after it; a single column is one vector."""
    return any(
        isinstance(activation, AlongAxis) and (len(rows.columns) == 1 or activation.goes_down_columns)
        for activation in job.compared or (job.activation,)
    )


def _hold(job: Job, batches: Iterable[Callable[[], Batch]]) -> Iterator[Rows]:
    nbytes = 0
    for batch in batches:
        rows = require_rows(batch())
        nbytes += rows.nbytes if isinstance(rows, Table) else 0
        if nbytes > _HELD_BYTES:
            raise ActcliError(
                f"{job.activation.name} down a column reads the numbers twice, and these rows take more than "
                f"{_HELD_BYTES >> 30} GB of memory: save them to a file, and name it"
            )
        yield rows


def _constant(rows: Rows) -> Callable[[], Rows]:
    return lambda: rows
