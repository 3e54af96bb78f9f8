"""Options that contradict each other, and what the others mean together."""

from typing import Any

from actcli.activation import Activation, Packed
from actcli.cli.options import Options
from actcli.errors import ActcliError
from actcli.files import naming


def of_results(asked: Options, block: Activation) -> tuple[str | None, str]:
    """Return the template of the results' names, if one is asked for, and where the results stand.

    Raises:
        ActcliError: if one of ``--as``, ``--replace`` and ``--only`` has no sense with another option.

    """
    given = None if asked.naming is None else naming.checked(asked.naming)
    if not asked.replace:
        return given, "alone" if asked.only else "beside"
    others = {"--as": asked.naming is not None, "--only": asked.only, "--derivative": asked.derivative}
    why = {
        "--as": "the results take the names of the columns they replace",
        "--only": "the other columns stay; --only --as '{column}' keeps the results alone, under these names",
        "--derivative": "each column has one place for two results; try --only",
    }
    for option, present in others.items():
        if present:
            raise ActcliError(f"--replace does not go with {option}: {why[option]}")
    if isinstance(block, Packed):
        raise ActcliError(f"--replace does not go with {block.name}, which makes one column of two; try --only or --as")
    return "{column}", "instead"


def check_format(asked: Options, format: str, writer: Any) -> None:
    """Raise ActcliError if names or places are asked for in a format that has no columns with names."""
    option = "--as" if asked.naming is not None else "--replace" if asked.replace else None
    if option and not writer.named:
        raise ActcliError(
            f"{option} is for formats that name their columns; {format} does not: try csv, jsonl or markdown"
        )
