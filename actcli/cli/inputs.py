"""Where the numbers of a command come from: its words, an evenly spaced range, a file or standard input."""

import contextlib
import gc
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence

from actcli import signals
from actcli.cli import args, conflicts
from actcli.cli.options import Options
from actcli.data.batch import Batch, Numbers
from actcli.errors import ActcliError
from actcli.formats.file_format import Reader
from actcli.numerics import dtypes, text


def resolve_inputs(
    command: str, inputs: Sequence[str], options: Options, usage: str = ""
) -> tuple[Numbers | None, str | None]:
    """Return the numbers of the command line or of ``--linspace``; or None, and the file if one is named.

    Args:
        command: how messages call the command.
        inputs: the words: numbers, or a file.
        options: those of the command line.
        usage: the command with all that precedes its numbers, for messages.

    Raises:
        ActcliError: for words that are neither, numbers from several places, or no numbers at all.

    """
    format = dtypes.FORMATS[options.dtype]
    typed, file = args.classify_args(inputs, command)
    if options.linspace and (typed or file):
        raise ActcliError("--linspace makes the numbers; leave out the typed numbers and the file")
    if options.linspace or typed:
        conflicts.check_from_arguments(options)
        return evenly_spaced(*options.linspace, format) if options.linspace else text.parse(typed, format), None
    if file is None and (sys.stdin is None or sys.stdin.isatty()):
        raise ActcliError(
            f"{command} needs numbers: type some (actcli {usage or command} -5 0 3), name a CSV file, or pipe one in"
        )
    return None, file


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
        if as_text:
            importlib.import_module("polars")
        signals.clean_up_at_end()  # once more: polars has put a handler of its own in between
        # Once a large array was freed, the C library keeps memory of up to that size for what comes next, instead of
        # getting every temporary anew from the system.
        np.empty(2**21)
        if not gc.isenabled():
            gc.freeze()  # what was imported is no garbage, and need not be looked through
            gc.enable()
        assert format.open_reader is not None
        yield format.open_reader(arriving, read_options), progress.on_batch


def evenly_spaced(start: str, stop: str, count: str, format: dtypes.Format) -> Numbers:
    """Return COUNT numbers from START to STOP (1-D, of the format); raise ActcliError for words that are none."""
    import numpy as np

    from actcli.numerics import rounding

    for name, word in (("START", start), ("STOP", stop), ("COUNT", count)):
        if not text.is_number(text.normalize(word)) or not np.isfinite(float(text.normalize(word))):
            raise ActcliError(f"--linspace: {name} is a finite number, not {word!r}")
    if not float(count).is_integer() or float(count) < 1:
        raise ActcliError(f"--linspace: COUNT is a whole number from 1 up, not {count!r}")
    first, last = (float(text.normalize(word)) for word in (start, stop))
    try:
        return rounding.nearest(np.linspace(first, last, int(float(count))), format)
    except (MemoryError, ValueError):
        raise ActcliError(f"--linspace: {count} numbers do not fit into memory") from None
