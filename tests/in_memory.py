"""The pipeline without files: bytes that arrive in chunks, and what is written for them."""

import io
from collections.abc import Iterable
from typing import Any

from actcli.data.batch import Batches
from actcli.data.evaluated import Job
from actcli.formats.file_format import Writer
from actcli.pipeline import stream


class Chunks:
    """Bytes that arrive in chunks, in place of a file; again and again if they are no iterator."""

    def __init__(self, chunks: Iterable[bytes], name: str = "x") -> None:
        self.name, self._chunks = name, chunks

    def chunks(self, size: int | None = None) -> Iterable[bytes]:
        """Return the chunks as they are."""
        return self._chunks

    def file(self, *_: Any) -> Any:
        """Do nothing: no format of text asks for a file."""
        raise NotImplementedError


def cut(data: bytes, size: int) -> Chunks:
    """Return data that arrive once, in chunks of a size."""
    return Chunks(data[start : start + size] for start in range(0, len(data), size))


def written(job: Job, batches: Batches, writer: Writer[Any]) -> bytes:
    """Return what the pipeline writes."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    stream.run(job, batches, writer, out)
    out.flush()
    return out.buffer.getvalue()  # type: ignore[attr-defined]
