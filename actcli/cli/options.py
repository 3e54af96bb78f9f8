"""The options that all activations share, as one object."""

from typing import Any, NamedTuple, get_args

import typer
from typer.models import OptionInfo

from actcli.cli.command import Declaration, option
from actcli.cli.completers import column_names
from actcli.compute import NUMERICS
from actcli.data.read_options import ON_ERROR
from actcli.dialects import ALIASES, FRAMEWORKS
from actcli.errors import ActcliError, require_choice
from actcli.formats.registry import FORMATS, delimiter, expand_alias
from actcli.numerics import dtypes
from actcli.storage.paths import STANDARD


class Options(NamedTuple):
    """The options that all activations share; the parameters of an activation are its own."""

    derivative: bool = False
    dtype: str = "float32"
    numerics: str = "exact"
    dialect: str | None = None
    format: str | None = None
    source_format: str | None = None
    output: str | None = None
    columns: tuple[str, ...] = ()
    delimiter: str | None = None
    header: bool = False
    no_header: bool = False
    decimal: str = "."
    na: tuple[str, ...] = ()
    on_error: str = "fail"
    in_place: bool = False
    naming: str | None = None
    replace: bool = False
    only: bool = False
    linspace: tuple[str, str, str] | None = None
    no_tutorial_column: bool = False
    verbose: bool = False


def accept_options(**values: Any) -> Options:
    """Check the values of options that no command accepts otherwise; raise ActcliError for a wrong one."""
    options = Options(**values)
    if options.output == "":
        raise ActcliError("--output requires the name of a file, or - for standard output")
    if options.in_place and options.output is not None:  # standard output too, which None stands for from here on
        raise ActcliError("--in-place cannot be combined with --output: it writes to the file that is read")
    if options.output == STANDARD:
        options = options._replace(output=None)
    options = options._replace(dtype=dtypes.find(options.dtype).name, numerics=options.numerics.lower())
    if options.format is not None:
        options = options._replace(format=expand_alias(options.format))
    if options.dialect is not None:
        options = options._replace(dialect=require_choice("dialect", options.dialect, FRAMEWORKS, ALIASES))
    return options if options.delimiter is None else options._replace(delimiter=delimiter(options.delimiter))


def declare_options() -> dict[str, Declaration]:
    """Return annotation and declaration of each option, as Typer reads them from a signature."""
    formats = f"How to write: {', '.join(FORMATS)} (default: table; csv for a file or pipe that is piped on)"
    sources = f"How to read: {', '.join(_readable_formats())} (default: by the file's ending, else csv)"
    columns = (
        "Columns of a file: names, globs, positions (2; -1 is the last) or ranges (a:d, 3:), separated by "
        "commas; !NAME leaves out (default: all columns of numbers)"
    )
    return {
        "derivative": (bool, typer.Option(False, "--derivative", help="Add the derivative.")),
        "dtype": (
            str,
            option(
                "DTYPE",
                f"Float format: {', '.join(dtypes.FORMATS)} (default: float32)",
                completer=lambda: list(dtypes.FORMATS),
            ),
        ),
        "numerics": (
            str,
            option("NAME", f"Which bits: {' or '.join(NUMERICS)} (default: exact)", completer=lambda: list(NUMERICS)),
        ),
        "dialect": (
            str,
            option(
                "NAME",
                f"Whose defaults and kinks: {', '.join(FRAMEWORKS)} (default: keras)",
                completer=lambda: list(FRAMEWORKS),
            ),
        ),
        "format": (str, option("NAME", formats, "--format", "-f", "--to", completer=lambda: list(FORMATS))),
        "source_format": (str, option("NAME", sources, "--from", completer=_readable_formats)),
        "output": (str, option("FILE", "Write to a file, by its ending; whole or not at all.", "--output", "-o")),
        "columns": (list[str], option("NAMES", columns, "--columns", "-c", completer=column_names)),
        **_declare_file_options(),
        "naming": (str, option("TEMPLATE", "Name the results (default: {column}_{function}).", "--as")),
        "replace": (
            bool,
            typer.Option(False, "--replace", help="Put the results in place of the columns they are made from."),
        ),
        "only": (bool, typer.Option(False, "--only", help="Write the results alone.")),
        "linspace": (tuple[str, str, str], option("START STOP COUNT", "Evaluate COUNT evenly spaced numbers.")),
        "no_tutorial_column": (
            bool,
            typer.Option(False, "--no-tutorial-column", help="Leave TensorFlow 2's numbers out of the table."),
        ),
        "verbose": (
            bool,
            typer.Option(False, "--verbose", "-v", help="Say at the end how much was done, and how fast."),
        ),
    }


def count_values() -> dict[str, int]:
    """Return how many values each option takes, by the words that name it."""
    counts = {}
    for name, (annotation, declaration) in declare_options().items():
        assert isinstance(declaration, OptionInfo)
        for flag in declaration.param_decls or (f"--{name.replace('_', '-')}",):
            counts[flag] = 0 if annotation is bool else len(get_args(annotation) or (str,))
    return counts


def _readable_formats() -> list[str]:
    return [name for name, format in FORMATS.items() if format.open_reader]


def _declare_file_options() -> dict[str, Declaration]:
    """Return the options that tell how a file is read, or that it is replaced."""
    delimiter = "Character between the cells, or tab, space (default: comma, or tab by the file's ending)"
    header = "The first row is a header (default: unless all its filled cells are numbers)."
    no_header = "The first row is none, and none is written."
    na = "Texts that count as an empty cell, separated by commas."
    on_error = "A cell that is no number: fail, null for an empty result, keep to repeat it (default: fail)"
    in_place = "Replace the file by the output, whole or not at all."
    return {
        "delimiter": (str, option("CHARACTER", delimiter, "--delimiter", "-d")),
        "header": (bool, typer.Option(False, "--header", help=header)),
        "no_header": (bool, typer.Option(False, "--no-header", help=no_header)),
        "decimal": (str, option("SIGN", "Decimal sign of the file's numbers, and of the results: . or ,")),
        "na": (list[str], option("TEXTS", na)),
        "on_error": (str, option("|".join(ON_ERROR), on_error, completer=lambda: list(ON_ERROR))),
        "in_place": (bool, typer.Option(False, "--in-place", help=in_place)),
    }
