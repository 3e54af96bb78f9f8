"""The program on one page: read rows, evaluate them, write what came out."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from actcli.activation import AlongAxis
from actcli.data.table import Answer, Job, Table, joined_tables
from actcli.errors import ActcliError
from actcli.formats.text import Binary, Whole, Writer
from actcli.pipeline.evaluate_batch import answer
from actcli.pipeline.threads import in_order


def run(
    job: Job,
    batches: Iterable[Callable[[], Table]],
    writer: Writer | Whole | Binary,
    out: IO[str],
    done: Callable[[Table], None] = lambda table: None,
) -> None:
    """Evaluate batch after batch of rows and write the answers.

    Args:
        job: what to do with every row.
        batches: give the tables, one after the other; they may be called on several threads. What can be iterated
            again is read twice rather than held in memory, where results depend on all rows.
        writer: makes text of the answers.
        out: where the text goes; its ``buffer`` takes bytes.
        done: is told of each table that is through.

    Raises what reading, evaluating and writing raise.

    """
    remaining = iter(batches)
    first = next(remaining)()
    given: Iterator[Callable[[], Table]] = itertools.chain([lambda: first], remaining)
    if _takes_all_rows(job, first):
        if isinstance(job.block, AlongAxis) and job.block.reduction and not job.compared:
            answer(job, first.head)  # says what is wrong before everything is read
            again = None if remaining is batches else batches
            job, given = _reduced(job, job.block, given, again)
        else:
            everything = joined_tables([batch() for batch in given])
            given = iter([lambda: everything])
    if isinstance(writer, Whole):
        for ours in in_order(lambda batch: answer(job, batch()), given):
            writer.add(ours)
            done(ours.table)
        writer.write(out)
        return

    if isinstance(writer, Binary):

        def answers() -> Iterator[Answer]:
            for ours in in_order(lambda batch: answer(job, batch()), given):
                yield ours
                done(ours.table)

        writer.write(answers(), out.buffer)  # type: ignore[attr-defined]
        return

    def written(numbered: tuple[int, Callable[[], Table]]) -> tuple[list[bytes], Table]:
        i, batch = numbered
        ours = answer(job, batch())
        rows = writer.rows(ours)
        return [writer.header(ours).encode(), *rows] if not i else rows, ours.table

    for rows, table in in_order(written, enumerate(given)):
        out.buffer.writelines(rows)  # type: ignore[attr-defined]
        out.buffer.flush()  # type: ignore[attr-defined]
        done(table)


def _takes_all_rows(job: Job, table: Table) -> bool:
    """Tell whether each result depends on the rows before and after it; a single column is one vector."""
    return not table.piece and any(
        isinstance(block, AlongAxis) and (len(table.columns) == 1 or block.axis in (0, -2))
        for block in job.compared or (job.block,)
    )


_HELD = 2**30  # bytes of rows that are held in memory where they cannot be read again


def _reduced(
    job: Job, block: AlongAxis, batches: Iterator[Callable[[], Table]], again: Iterable[Callable[[], Table]] | None
) -> tuple[Job, Iterator[Callable[[], Table]]]:
    """Return the job with the reduction of all rows, and the rows once more."""
    from actcli.pipeline import reductions

    if again is None:
        again = [_constant(table) for table in _held(block, batches)]
        batches = iter(again)
    reduction = reductions.of_columns(block, batches)
    return job._replace(reduction=reduction), iter(again)


def _held(block: AlongAxis, batches: Iterator[Callable[[], Table]]) -> Iterator[Table]:
    size = 0
    for batch in batches:
        table = batch()
        size += table.size
        if size > _HELD:
            raise ActcliError(
                f"{block.name} down a column needs all numbers twice, and these rows take more than "
                f"{_HELD >> 30} GB of memory: save them, and name the file"
            )
        yield table


def _constant(table: Table) -> Callable[[], Table]:
    return lambda: table
