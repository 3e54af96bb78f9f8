"""Results of earlier runs whose place is no longer a target, as after a change of format or root."""

import contextlib
import os
from collections.abc import Iterator, Sequence

from actcli.pipeline.many_files.find import is_below
from actcli.pipeline.many_files.plan import Step
from actcli.pipeline.many_files.record import Entry, Record, hash_file


class Superseded:
    """The earlier results of a plan's sources, which would stand beside the new ones.

    Args:
        record: what was done before.
        steps: the plan.
        output: the output folder, outside of which nothing is removed.

    """

    def __init__(self, record: Record, steps: Sequence[Step], output: str) -> None:
        self._entries: dict[str, dict[str, Entry]] = {step.source: {} for step in steps}
        old = [entry for entry in record.entries.values() if entry.source in self._entries]
        targets = {step.target for step in steps}
        if all(entry.target in targets for entry in old):
            return
        stays = {os.path.realpath(path) for step in steps for path in step}
        folder = os.path.realpath(output)
        for entry in old:
            path = os.path.realpath(entry.target)
            if path not in stays and is_below(path, folder):
                self._entries[entry.source][path] = entry

    def remove(self, step: Step) -> Iterator[str]:
        """Remove those of a file that was done, and yield a line about each that is left, as it was changed."""
        for entry in self._entries[step.source].values():
            with contextlib.suppress(FileNotFoundError):
                problem = "changed since it was written"
                try:
                    if _is_unchanged(entry):
                        os.unlink(entry.target)
                        continue
                except PermissionError as error:
                    problem = f"it cannot be removed: {error.strerror}"
                yield f"left {entry.target}, an earlier result of {entry.source}: {problem}"


def _is_unchanged(entry: Entry) -> bool:
    return os.path.getsize(entry.target) == entry.target_size and hash_file(entry.target) == entry.sha256
