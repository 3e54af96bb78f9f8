"""The program on one page: read batches of rows, evaluate them, write the results."""

from collections.abc import Callable, Iterator
from typing import IO

from actcli.data.batch import Batch, Batches
from actcli.data.evaluated import Job
from actcli.formats.file_format import Rendered, Writer
from actcli.pipeline.all_rows import with_all_rows
from actcli.pipeline.evaluate_batch import evaluate_batch
from actcli.pipeline.threads import in_order


def run(
    job: Job,
    batches: Batches,
    writer: Writer[Rendered],
    out: IO[str],
    on_progress: Callable[[Batch], None] = lambda batch: None,
) -> None:
    """Evaluate batch after batch and write the results.

    Args:
        job: what to do with every batch.
        batches: the input. What can be iterated over again is read twice rather than held in memory, where results
            depend on all rows.
        writer: renders the results.
        out: where they go; its ``buffer`` takes bytes.
        on_progress: called with each batch once it is written.

    Raises what reading, evaluating and writing raise.

    """
    job, batches = with_all_rows(job, batches)

    def render(numbered: tuple[int, Callable[[], Batch]]) -> tuple[Rendered, Batch]:
        number, read = numbered
        batch = read()
        return writer.render(evaluate_batch(job, batch), first=not number), batch

    def rendered() -> Iterator[Rendered]:
        for result, batch in in_order(render, enumerate(batches)):
            yield result
            on_progress(batch)

    writer.write(rendered(), out)
