"""The options that all activations share, as one object."""

from typing import Any, NamedTuple, get_args

from typer.models import OptionInfo

from actcli.cli.command import Declaration, flag, option
from actcli.cli.completers import column_names, tensor_names
from actcli.compute import NUMERICS
from actcli.data.read_options import ON_ERROR
from actcli.dialects import ALIASES, FRAMEWORKS
from actcli.errors import ActcliError, require_choice
from actcli.formats.registry import FORMATS, delimiter, expand_alias
from actcli.numerics import dtypes, held
from actcli.numerics.quantized import DTYPES, ROUNDINGS
from actcli.storage.paths import STANDARD


class Options(NamedTuple):
    """The options that all activations share; the parameters of an activation are its own."""

    derivative: bool = False
    dtype: str = "float32"
    numerics: str = "exact"
    saturate: bool = False
    dialect: str | None = None
    format: str | None = None
    source_format: str | None = None
    output: str | None = None
    columns: tuple[str, ...] = ()
    mask_columns: tuple[str, ...] = ()
    tensor: tuple[str, ...] = ()
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
    all: bool = False
    bits: bool = False
    quantize: str | None = None
    input_scale: str | None = None
    input_zero_point: str = "0"
    output_scale: str | None = None
    output_zero_point: str = "0"
    rounding: str = ROUNDINGS[0]
    no_tutorial_column: bool = False
    digits: str | None = None
    verbose: bool = False

    @property
    def number_format(self) -> dtypes.Format:
        """The float format of numbers that are read."""
        return held.saturating(dtypes.FORMATS[self.dtype], self.saturate)


def accept_options(**values: Any) -> Options:
    """Check the values of options that no command accepts otherwise; raise ActcliError for a wrong one."""
    options = Options(**values)
    if options.output == "":
        raise ActcliError("--output requires the name of a file, or - for standard output")
    if options.in_place and options.output is not None:  # standard output too, which None stands for from here on
        raise ActcliError("--in-place cannot be combined with --output: it writes to the file that is read")
    if options.output == STANDARD:
        options = options._replace(output=None)
    options = options._replace(dtype=dtypes.find_usable(options.dtype).name, numerics=options.numerics.lower())
    if options.format is not None:
        options = options._replace(format=expand_alias(options.format))
    if options.dialect is not None:
        options = options._replace(dialect=require_choice("dialect", options.dialect, FRAMEWORKS, ALIASES))
    return options if options.delimiter is None else options._replace(delimiter=delimiter(options.delimiter))


_NUMBERS, _READING, _WRITING = "Numbers", "Reading files", "Writing results"


def declare_options() -> dict[str, Declaration]:
    """Return annotation and declaration of each option, as Typer reads them from a signature, in the order of help."""
    return {
        **_declare_number_options(),
        **_declare_reading_options(),
        **_declare_writing_options(),
        **_declare_quantization_options(),
    }


def _declare_number_options() -> dict[str, Declaration]:
    """Return the options that say which numbers are evaluated, and how."""
    dtype = f"Float format: {', '.join(dtypes.FORMATS)} (default: float32)"
    saturate = "Clamp inputs and results at the largest number of the dtype, instead of infinity or NaN."
    numerics = f"Rounding: {' or '.join(NUMERICS)} (default: exact)"
    bits = "Read 0x3f80 as the bits of a number; show bits beside numbers where columns have names."
    dialect = f"Framework whose defaults and kinks apply: {', '.join(FRAMEWORKS)} (default: keras)"
    return {
        "linspace": (
            tuple[str, str, str],
            option("START STOP COUNT", "Evaluate COUNT evenly spaced numbers.", panel=_NUMBERS),
        ),
        "all": (bool, flag("--all", "Evaluate all numbers of the dtype, in the order of their bits.", panel=_NUMBERS)),
        "bits": (bool, flag("--bits", bits, panel=_NUMBERS)),
        "derivative": (bool, flag("--derivative", "Add the derivative.", panel=_NUMBERS)),
        "dtype": (str, option("DTYPE", dtype, completer=lambda: list(dtypes.FORMATS), panel=_NUMBERS)),
        "dialect": (str, option("NAME", dialect, completer=lambda: list(FRAMEWORKS), panel=_NUMBERS)),
        "saturate": (bool, flag("--saturate", saturate, panel=_NUMBERS)),
        "numerics": (str, option("NAME", numerics, completer=lambda: list(NUMERICS), panel=_NUMBERS)),
    }


def _declare_reading_options() -> dict[str, Declaration]:
    """Return the options that say how a file is read."""
    columns = (
        "Names, globs, positions (2; -1 is the last) or ranges (a:d, 3:), separated by commas; !NAME leaves out "
        "(default: all numeric columns)"
    )
    masks = "Columns with 1 or true where a number is kept, 0 or false where it is masked: one for each, or one for all"
    tensor = "Names or globs of tensors in a safetensors or npz file, separated by commas (default: all float tensors)"
    delimiter = "Character between cells, or tab, space (default: comma; tab for .tsv)"
    on_error = "Non-numeric cell: fail, null for an empty result, keep to repeat it (default: fail)"
    sources = f"Input format: {', '.join(_readable_formats())} (default: by the file's ending, else csv)"
    header = "The first row is a header (default: unless all its non-empty cells are numbers)."
    return {
        "columns": (
            list[str],
            option("NAMES", columns, "--columns", "-c", completer=column_names, panel=_READING),
        ),
        "mask_columns": (
            list[str],
            option("NAMES", masks, completer=column_names, panel=_READING),
        ),
        "tensor": (
            list[str],
            option("NAMES", tensor, "--tensor", completer=tensor_names, panel=_READING),
        ),
        "delimiter": (str, option("CHARACTER", delimiter, "--delimiter", "-d", panel=_READING)),
        "header": (bool, flag("--header", header, panel=_READING)),
        "no_header": (bool, flag("--no-header", "The input has no header row; write none.", panel=_READING)),
        "decimal": (str, option("SIGN", "Decimal sign, also of results: . or , (default: .)", panel=_READING)),
        "na": (list[str], option("TEXTS", "Values treated as empty, separated by commas.", panel=_READING)),
        "on_error": (str, option("|".join(ON_ERROR), on_error, completer=lambda: list(ON_ERROR), panel=_READING)),
        "source_format": (str, option("NAME", sources, "--from", completer=_readable_formats, panel=_READING)),
    }


def _declare_writing_options() -> dict[str, Declaration]:
    """Return the options that say what is written, and where."""
    formats = f"Output format: {', '.join(FORMATS)} (default: table on a terminal and for numbers, else as the input)"
    tutorial = "Hide the column with the digits of the tutorial's TensorFlow."
    return {
        "format": (
            str,
            option("NAME", formats, "--format", "-f", "--to", completer=lambda: list(FORMATS), panel=_WRITING),
        ),
        "output": (
            str,
            option(
                "FILE", "Write to a file, atomically, in the format of its ending.", "--output", "-o", panel=_WRITING
            ),
        ),
        "in_place": (bool, flag("--in-place", "Replace the input file by the output, atomically.", panel=_WRITING)),
        "naming": (str, option("TEMPLATE", "Name results (default: {column}_{function}).", "--as", panel=_WRITING)),
        "replace": (bool, flag("--replace", "Put results in place of their columns.", panel=_WRITING)),
        "only": (bool, flag("--only", "Write only the results.", panel=_WRITING)),
        "digits": (str, option("N", "Significant digits of a table; other formats keep all.", panel=_WRITING)),
        "no_tutorial_column": (bool, flag("--no-tutorial-column", tutorial, panel=_WRITING)),
        "verbose": (bool, flag("--verbose", "Print a summary when finished.", "-v", panel=_WRITING)),
    }


def _declare_quantization_options() -> dict[str, Declaration]:
    """Return the options that say what integer codes stand for."""
    panel = "Quantized models"
    codes = f"Evaluate integer codes: {', '.join(DTYPES)}; all of them unless some are given."
    rounding = "Result halfway between two codes: half-even as ONNX, half-away as TFLite (default: half-even)"
    return {
        "quantize": (str, option("DTYPE", codes, completer=lambda: list(DTYPES), panel=panel)),
        "input_scale": (str, option("NUMBER", "x = scale * (code - zero point)", panel=panel)),
        "input_zero_point": (str, option("CODE", "Code of the input 0 (default: 0)", panel=panel)),
        "output_scale": (str, option("NUMBER", "code = f(x) / scale + zero point, rounded", panel=panel)),
        "output_zero_point": (str, option("CODE", "Code of the result 0 (default: 0)", panel=panel)),
        "rounding": (str, option("|".join(ROUNDINGS), rounding, completer=lambda: list(ROUNDINGS), panel=panel)),
    }


def count_values() -> dict[str, int]:
    """Return how many values each option takes, by the words that name it."""
    counts = {}
    for name, (annotation, declaration) in declare_options().items():
        assert isinstance(declaration, OptionInfo)
        for word in declaration.param_decls or (f"--{name.replace('_', '-')}",):
            counts[word] = 0 if annotation is bool else len(get_args(annotation) or (str,))
    return counts


def _readable_formats() -> list[str]:
    return [name for name, format in FORMATS.items() if format.open_reader]
