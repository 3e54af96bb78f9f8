"""Options that contradict each other, and what the others mean together."""

from collections.abc import Sequence

from actcli.activation import Activation, Elementwise, Packed
from actcli.cli.options import Options
from actcli.data import naming
from actcli.data.evaluated import Placement
from actcli.data.read_options import ON_ERROR, ReadOptions
from actcli.data.selection import list_names
from actcli.errors import ActcliError, ArgumentError, require_choice
from actcli.formats import registry
from actcli.formats.file_format import AnyWriter
from actcli.formats.registry import FORMATS
from actcli.numerics.quantized import DTYPES, Quantization
from actcli.storage import paths
from actcli.storage.source import name_of


def resolve_placement(options: Options, activation: Activation) -> tuple[str | None, Placement]:
    """Return the template of the results' names, None for the default, and where the results are placed.

    Raises:
        ActcliError: if one of ``--as``, ``--replace`` and ``--only`` has no sense with another option.

    """
    template = None if options.naming is None else naming.check_template(options.naming)
    if not options.replace:
        return template, "only" if options.only else "append"
    others = {
        "--as": options.naming is not None,
        "--only": options.only,
        "--derivative": options.derivative,
        "--bits": options.bits,
    }
    why = {
        "--as": "the results take the names of the columns they replace",
        "--only": "the other columns stay; --only --as '{column}' keeps the results alone, under these names",
        "--derivative": "each column has one place for two results; try --only",
        "--bits": "each column has one place for its number and the bits; try --only",
    }
    for option, present in others.items():
        if present:
            raise ActcliError(f"--replace cannot be combined with {option}: {why[option]}")
    if isinstance(activation, Packed):
        raise ActcliError(
            f"--replace cannot be combined with {activation.name}, which makes one column of two; try --only or --as"
        )
    return "{column}", "replace"


def resolve_quantization(options: Options, activation: Activation) -> Quantization | None:
    """Return what integer codes stand for, None where numbers are evaluated.

    Raises:
        ActcliError: for an option that is not accepted, or has no sense with another one.

    """
    names = ("input_scale", "output_scale", "input_zero_point", "output_zero_point", "rounding")
    if options.quantize is None:
        for name in names:
            if getattr(options, name) != Options._field_defaults[name]:
                raise ArgumentError(name, "is for codes: give --quantize int8 too")
        return None
    others = {
        "--dtype": options.dtype != "float32",
        "--numerics": options.numerics != "exact",
        "--saturate": options.saturate,
        "--derivative": options.derivative,
        "--bits": options.bits,
    }
    for option, present in others.items():
        if present:
            remedy = "; --format hex writes codes as bits" if option == "--bits" else ""
            raise ActcliError(f"--quantize cannot be combined with {option}, which is for floats{remedy}")
    if not isinstance(activation, Elementwise):
        raise ActcliError(f"--quantize is for functions of one number; {activation.name} works on vectors")
    dtype = require_choice("quantize", options.quantize, DTYPES)
    return Quantization.create(dtype=dtype, **{name: getattr(options, name) for name in names})


def read_options(options: Options, path: str) -> ReadOptions:
    """Return how a file is to be read; raise ActcliError for a word that is not accepted."""
    if options.header and options.no_header:
        raise ActcliError("--header cannot be combined with --no-header; give one of them, or none")
    if options.decimal not in {".", ","}:
        raise ActcliError(f"--decimal must be '.' or ',', got {options.decimal!r}")
    name = registry.input_format(path, options.source_format)
    text_options = {"--delimiter": options.delimiter, "--decimal": options.decimal != ".", "--na": options.na}
    for option, present in (text_options | {"--header": options.header, "--no-header": options.no_header}).items():
        if present and not FORMATS[name].separator:
            raise ActcliError(f"{option} is for delimited text, not {name}; omit it, or give --from csv")
    if options.tensor and not FORMATS[name].holds_tensors:
        raise ActcliError(f"--tensor is for {_tensor_formats()}, not {name}; omit it")
    return ReadOptions(
        separator=options.delimiter or FORMATS[name].separator or ",",
        columns=tuple(options.columns),
        masks=tuple(options.mask_columns),
        tensors=tuple(options.tensor),
        dtype=options.dtype,
        saturate=options.saturate,
        bits=options.bits,
        header=options.header if options.header or options.no_header else None,
        decimal=options.decimal,
        column_kinds=_is_json_lines(options),
        na=tuple(text.strip() for word in options.na for text in word.split(",")),
        on_error=require_choice("on_error", options.on_error, ON_ERROR),
    )


def format_like(path: str, options: Options) -> str:
    """Return the format of the results that is like the one of a file."""
    return "csv" if options.delimiter else registry.input_format(path, options.source_format)


def _tensor_formats() -> str:
    return " and ".join(name for name, format in FORMATS.items() if format.holds_tensors)


def _is_json_lines(options: Options) -> bool:
    """Tell whether the output is JSON lines, by ``--format`` or by the ending of its name."""
    if options.format is None and options.output is not None and not options.in_place:
        return registry.names_format(options.output, "jsonl")
    return options.format == "jsonl"


def parse_digits(options: Options) -> int | None:
    """Return how many digits a table shows, None for all; raise ActcliError for a word that is no such number."""
    word = options.digits
    if word is not None and not (word.strip().isdecimal() and 1 <= int(word) <= 17):
        raise ActcliError(f"--digits must be an integer from 1 to 17, got {word!r}")
    return None if word is None else int(word)


def check_made_numbers(options: Options, *, has_others: bool) -> None:
    """Raise ActcliError if ``--linspace`` or ``--all`` is not the only source of numbers."""
    option = "--linspace" if options.linspace else "--all"
    if has_others:
        raise ActcliError(f"{option} cannot be combined with other numbers or a file")
    if options.linspace and options.all:
        raise ActcliError("--linspace cannot be combined with --all; give one of them")


def check_from_arguments(options: Options) -> None:
    """Raise ActcliError for options of files, where numbers were typed."""
    if options.columns:
        raise ActcliError("--columns selects columns of a file; numbers as arguments have only x")
    if options.mask_columns:
        raise ActcliError("--mask-columns names columns of a file; numbers as arguments are masked by --fill-value")
    if options.tensor:
        raise ActcliError(f"--tensor selects tensors of {_tensor_formats()} files; numbers as arguments have no name")
    others = {"--decimal": options.decimal != ".", "--na": options.na, "--on-error": options.on_error != "fail"}
    for option, present in (others | {"--in-place": options.in_place}).items():
        if present:
            raise ActcliError(f"{option} is for a file or a pipe; it cannot be combined with numbers as arguments")


def check_in_place(options: Options, path: str | None) -> None:
    """Raise ActcliError if ``--in-place`` cannot replace the input by the output."""
    if not options.in_place:
        return
    if path is None or not paths.is_replaceable(path):
        raise ActcliError(
            f"--in-place replaces the file that is read; name a file, not {name_of(path or paths.STANDARD)}"
        )
    stays = registry.input_format(path, options.source_format)
    if options.format is not None and registry.check_format_name(options.format) != stays:
        raise ActcliError(
            f"--in-place cannot be combined with --format {options.format}: {path} stays {stays}; try --output"
        )


def check_nothing_lost(options: Options, left_out: Sequence[str]) -> None:
    """Raise ActcliError if ``--in-place`` would drop arrays of the input that are not evaluated."""
    if options.in_place and left_out:
        raise ActcliError(
            f"--in-place would drop what is not evaluated ({list_names(left_out)}); write to another file with --output"
        )


def check_format(options: Options, format: str, writer: AnyWriter) -> None:
    """Raise ActcliError for ``--as`` or ``--replace`` with a format whose columns have no names."""
    option = "--as" if options.naming is not None else "--replace" if options.replace else None
    if option and not writer.names_columns:
        raise ActcliError(f"{option} needs a format with column names, not {format}: try csv, jsonl or markdown")
