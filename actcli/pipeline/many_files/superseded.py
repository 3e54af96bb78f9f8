"""Results of earlier runs whose place is no longer a target, as after a change of format or root."""

import contextlib
from collections.abc import Iterator, Sequence

from actcli.errors import StorageError
from actcli.pipeline.many_files.find import is_below
from actcli.pipeline.many_files.plan import Step
from actcli.pipeline.many_files.record import Entry, Record, has_its_result
from actcli.storage import tree


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
        stays = {tree.real_path(path) for step in steps for path in step}
        folder = tree.real_path(output)
        for entry in old:
            path = tree.real_path(entry.target)
            if path not in stays and is_below(path, folder):
                self._entries[entry.source][path] = entry

    def remove(self, step: Step) -> Iterator[str]:
        """Remove those of a file that was done, and yield a line about each that is left, as it was changed."""
        for entry in self._entries[step.source].values():
            with contextlib.suppress(FileNotFoundError):
                problem = "changed since it was written"
                try:
                    if has_its_result(entry, verify=True):
                        tree.remove(entry.target)
                        continue
                except PermissionError as error:
                    problem = f"it cannot be removed: {error.strerror}"
                except StorageError as error:
                    problem = str(error)
                yield f"left {entry.target}, an earlier result of {entry.source}: {problem}"
