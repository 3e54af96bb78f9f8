"""Where the numbers of a command come from: its words, an evenly spaced range, a file or standard input."""

import contextlib
import gc
import importlib
import math
import sys
from collections.abc import Callable, Iterator, Sequence

from actcli import signals
from actcli.cli import args, conflicts, literals
from actcli.cli.options import Options
from actcli.data.batch import Batch, Numbers
from actcli.errors import ActcliError
from actcli.formats.file_format import Reader
from actcli.numerics import dtypes, hexadecimal, text

_MOST_BITS = 16  # of the dtypes whose numbers are listed


def resolve_codes(
    command: str, inputs: Sequence[str], options: Options, codes: Numbers
) -> tuple[Numbers | None, str | None]:
    """Return the integer codes of the command line, or all of them; or None, and the file; as ``resolve_inputs``."""
    if inputs or options.linspace:
        return resolve_inputs(command, inputs, options)
    conflicts.check_from_arguments(options)
    return codes, None


def resolve_inputs(
    command: str, inputs: Sequence[str], options: Options, usage: str = "", *, in_rows: bool = False
) -> tuple[Numbers | None, str | None]:
    """Return the numbers of the command line, ``--linspace`` or ``--all``, 1-D or a matrix; or None, and the file.

    Args:
        command: how messages call the command.
        inputs: the words: numbers, or a file.
        options: those of the command line.
        usage: the command with all that precedes its numbers, for messages.
        in_rows: whether words like ``1,2,3 4,5,6`` are the rows of a matrix.

    Raises:
        ActcliError: for words that are neither, numbers from several places, or no numbers at all.

    """
    format = options.number_format
    if options.linspace or options.all:
        conflicts.check_made_numbers(options, has_others=bool(inputs))
        conflicts.check_from_arguments(options)
        made = evenly_spaced(*options.linspace, format) if options.linspace else _list_all(format, command, in_rows)
        return made, None
    numbers, file = _find_numbers(command, inputs, in_rows)
    if numbers:
        conflicts.check_from_arguments(options)
        return _round(numbers, format, options.bits), None
    if file is None and (sys.stdin is None or sys.stdin.isatty()):
        raise ActcliError(
            f"{command} needs numbers: type some (actcli {usage or command} -5 0 3), name a CSV file, or pipe one in"
        )
    return None, file


def _find_numbers(command: str, words: Sequence[str], in_rows: bool) -> tuple[list[str] | list[list[str]], str | None]:
    """Return the numbers of a vector or of the rows of a matrix, as text; or none, and the file if one is named."""
    if words and literals.looks_like_array(words[0].strip()):
        return literals.parse_array(" ".join(words)), None
    numbers, file = args.classify_args(words, command)
    rows = [args.split_numbers(word) or [] for word in words]
    if in_rows and numbers and len(rows) > 1 and max(map(len, rows)) > 1:
        return literals.require_same_length(rows), None
    return numbers, file


def _list_all(format: dtypes.Format, command: str, in_rows: bool) -> Numbers:
    """Return all numbers of a format; raise ActcliError where they are too many, or make no rows."""
    if in_rows:
        raise ActcliError(f"--all is for functions of one number; {command} works on vectors")
    if (width := dtypes.width(format)) > _MOST_BITS:
        narrow = ", ".join(name for name, each in dtypes.FORMATS.items() if dtypes.width(each) <= _MOST_BITS)
        raise ActcliError(
            f"--all: {format.name} has 2**{width} numbers; choose a --dtype of {_MOST_BITS} bits or fewer ({narrow}), "
            "or some of them with --linspace"
        )
    return hexadecimal.list_patterns(format)


def _round(array: list[str] | list[list[str]], format: dtypes.Format, bits: bool) -> Numbers:
    """Return the numbers of a vector or a matrix, each rounded once."""
    numbers = [number for part in array for number in ([part] if isinstance(part, str) else part)]
    return text.parse(numbers, format, bits=bits).reshape((len(array), -1) if isinstance(array[0], list) else -1)


@contextlib.contextmanager
def open_input(
    path: str, options: Options, *, beside: bool, as_text: bool = True
) -> Iterator[tuple[Reader, Callable[[Batch], None]]]:
    """Open a file, or standard input for ``-``, as a reader of tables; and give what counts the progress.

    Args:
        path: the file.
        options: those of the command line, which tell how it is read.
        beside: whether the results leave the terminal free.
        as_text: whether cells or results pass through text, which polars reads and writes.

    """
    import numpy as np

    from actcli.cli.progress import Progress

    read_options = conflicts.read_options(options, path)
    with Progress(path, beside=beside, verbose=options.verbose).running() as progress:
        from actcli.formats import registry as formats
        from actcli.storage import source

        arriving = source.Source(path, progress.read)
        format = formats.FORMATS[formats.input_format(path, options.source_format)]
        signals.clean_up_at_end()
        if as_text and "polars" not in sys.modules:
            importlib.import_module("polars")
            signals.clean_up_at_end()  # once more: polars has put a handler of its own in between
        # Once a large array was freed, the C library keeps memory of up to that size for what comes next, instead of
        # getting every temporary anew from the system.
        np.empty(2**21)
        collect_garbage()
        assert format.open_reader is not None
        yield format.open_reader(arriving, read_options), progress.on_batch


def collect_garbage() -> None:
    """Collect garbage from now on, in a run that is no longer over as soon as it has begun."""
    if not gc.isenabled():
        gc.freeze()  # what was imported is no garbage, and need not be looked through
        gc.enable()


def parse_finite(label: str, word: str) -> float:
    """Return the number of a word; raise ActcliError, with the label of the option, unless it is a finite one."""
    number = text.to_float(text.normalize(word)) if text.is_number(text.normalize(word)) else math.nan
    if not math.isfinite(number):
        raise ActcliError(f"{label} must be a finite number, got {word!r}")
    return number


def evenly_spaced(start: str, stop: str, count: str, format: dtypes.Format) -> Numbers:
    """Return COUNT numbers from START to STOP (1-D, of the format); raise ActcliError for words that are none."""
    from actcli.numerics import spacing

    words = (("START", start), ("STOP", stop), ("COUNT", count))
    _, _, number = (parse_finite(f"--linspace: {name}", word) for name, word in words)
    if not number.is_integer() or number < 1:
        raise ActcliError(f"--linspace: COUNT must be an integer >= 1, got {count!r}")
    first, last = (text.to_fraction(text.normalize(word)) for word in (start, stop))
    try:
        return spacing.evenly_spaced(first, last, int(number), format)
    except (MemoryError, ValueError):
        raise ActcliError(f"--linspace: {count} numbers do not fit into memory") from None
