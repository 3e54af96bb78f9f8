"""Options that contradict each other, and what the others mean together."""

from actcli.activation import Activation, Packed
from actcli.cli.options import Options
from actcli.data import naming
from actcli.data.evaluated import Placement
from actcli.data.read_options import ON_ERROR, ReadOptions
from actcli.errors import ActcliError, require_choice
from actcli.formats import registry
from actcli.formats.file_format import AnyWriter
from actcli.formats.registry import FORMATS
from actcli.storage import paths
from actcli.storage.source import name_of


def of_results(asked: Options, block: Activation) -> tuple[str | None, Placement]:
    """Return the template of the results' names, if one is asked for, and where the results stand.

    Raises:
        ActcliError: if one of ``--as``, ``--replace`` and ``--only`` has no sense with another option.

    """
    given = None if asked.naming is None else naming.checked(asked.naming)
    if not asked.replace:
        return given, "only" if asked.only else "append"
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
    return "{column}", "replace"


def of_reading(asked: Options, path: str) -> ReadOptions:
    """Return how a file is to be read; raise ActcliError for a word that is not accepted."""
    if asked.header and asked.no_header:
        raise ActcliError("--header does not go with --no-header; give one of them, or none")
    if asked.decimal not in {".", ","}:
        raise ActcliError(f"--decimal takes '.' or ',', not {asked.decimal!r}")
    name = registry.of_input(path, asked.source_format)
    options = {"--delimiter": asked.delimiter, "--decimal": asked.decimal != ".", "--na": asked.na}
    for option, present in (options | {"--header": asked.header, "--no-header": asked.no_header}).items():
        if present and not FORMATS[name].separator:
            raise ActcliError(
                f"{option} is for separated values, which {name} is not; leave it out, or give --from csv"
            )
    return ReadOptions(
        separator=asked.delimiter or FORMATS[name].separator or ",",
        columns=tuple(asked.columns),
        dtype=asked.dtype,
        header=asked.header if asked.header or asked.no_header else None,
        decimal=asked.decimal,
        column_kinds=_is_json_lines(asked),
        na=tuple(text.strip() for word in asked.na for text in word.split(",")),
        on_error=require_choice("--on-error", asked.on_error, ON_ERROR),
    )


def _is_json_lines(asked: Options) -> bool:
    """Tell whether JSON lines are asked for, by name or by the output's ending."""
    if asked.format is None and asked.output is not None and not asked.in_place:
        return registry.names_format(asked.output, "jsonl")
    return asked.format == "jsonl"


def check_typed(asked: Options) -> None:
    """Raise ActcliError for options of files, where numbers were typed."""
    if asked.columns:
        raise ActcliError("--columns chooses from a file; typed numbers have only x")
    others = {"--decimal": asked.decimal != ".", "--na": asked.na, "--on-error": asked.on_error != "fail"}
    for option, present in (others | {"--in-place": asked.in_place}).items():
        if present:
            raise ActcliError(f"{option} is for a file or a pipe; leave it out, or the typed numbers")


def check_in_place(asked: Options, path: str | None) -> None:
    """Raise ActcliError if a file cannot be replaced by what is asked for."""
    if not asked.in_place:
        return
    if path is None or not paths.is_replaceable(path):
        raise ActcliError(
            f"--in-place replaces the file that is read; name a file, not {name_of(path or paths.STANDARD)}"
        )
    stays = registry.of_input(path, asked.source_format)
    if asked.format is not None and registry.named(asked.format) != stays:
        raise ActcliError(f"--in-place does not go with --format {asked.format}: {path} stays {stays}; try --output")


def check_format(asked: Options, format: str, writer: AnyWriter) -> None:
    """Raise ActcliError if names or places are asked for in a format that has no columns with names."""
    option = "--as" if asked.naming is not None else "--replace" if asked.replace else None
    if option and not writer.names_columns:
        raise ActcliError(
            f"{option} is for formats that name their columns; {format} does not: try csv, jsonl or markdown"
        )
