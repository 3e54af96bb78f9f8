"""What options and arguments declare that a shell may complete them with."""

from collections.abc import Sequence
from pathlib import Path

import typer

from actcli import registry
from actcli.storage.paths import is_file


def function_names() -> list[str]:
    """Return the names of the activations."""
    return [activation.name for activation in registry.registered()]


def complete_list(names: Sequence[str], incomplete: str) -> list[str]:
    """Return lists with commas that may follow: all names so far, and one more."""
    begun, comma, _ = incomplete.rpartition(",")
    return [begun + comma + name for name in names if name not in begun.split(",")]


def tensor_names(ctx: typer.Context) -> list[str]:
    """Return the names of the tensors of the first file that is named."""
    from actcli.data.read_options import ReadOptions
    from actcli.formats import registry as formats
    from actcli.storage.source import Source

    for path in ctx.args:
        format = formats.FORMATS[formats.input_format(path)]
        if is_file(path) and format.holds_tensors and format.open_reader:
            return list(format.open_reader(Source(path), ReadOptions()).tensor_names)
    return []


def column_names(ctx: typer.Context) -> list[str]:
    """Return the names of the columns of the first file that is named."""
    import csv

    for path in ctx.args:
        if is_file(path):
            separator = "\t" if path.endswith(".tsv") else ","
            with Path(path).open(newline="", encoding="utf-8-sig", errors="replace") as file:
                return next(csv.reader(file, delimiter=separator), [])
    return []
