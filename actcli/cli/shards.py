"""The rows of a layer, which may lie in one file or in several: a folder, a glob, or a list of files."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from actcli.activation import Activation
from actcli.cli import inputs, many_files
from actcli.cli.options import Options
from actcli.cli.progress import show_count
from actcli.data.batch import Batches, require_rows
from actcli.errors import ActcliError
from actcli.formats import registry
from actcli.pipeline.many_files import find
from actcli.storage import search
from actcli.storage.paths import STANDARD
from actcli.storage.source import name_of

if TYPE_CHECKING:  # NumPy is loaded once there is something to measure
    from actcli.diagnosis.measure import MeasuredColumns


class Shards(NamedTuple):
    """The files of one layer, whose rows follow each other."""

    word: str
    """What was typed for them, as messages call them."""
    name: str
    """What reports call the layer."""
    files: Sequence[str]


def find_shards(words: Sequence[str], options: Options) -> list[Shards]:
    """Return the files of each word, a layer each.

    Raises:
        ActcliError: if a word names no file.

    """
    names = [_name_layer(word) for word in words]
    if len(set(names)) < len(names):
        names = list(words)
    return [Shards(name_of(word), name, _find_files(word, options)) for word, name in zip(words, names, strict=True)]


def find_listed(path: str, options: Options) -> Shards:
    """Return the files that a list names, as those of one layer; raise ActcliError if there are none."""
    found = many_files.find_files(many_files.read_list(path), options)
    files = list(dict.fromkeys(file for each in found for file in each.files))
    return Shards(name_of(path), _name_layer(path), files)


def _name_layer(word: str) -> str:
    """Return the name of a file or folder without its endings; a pattern is its own name."""
    if word == STANDARD:
        return name_of(word)
    return word if search.is_pattern(word) else Path(word).name.split(".")[0] or word


def _find_files(word: str, options: Options) -> Sequence[str]:
    if word == STANDARD or not find.names_several(word):
        return [str(inputs.resolve_inputs("diagnose", [word], options)[1])]
    registry.input_format(word)  # some formats are folders, and refused with what to do
    return many_files.find_files([word], options)[0].files


def measure_shards(activation: Activation, files: Sequence[str], options: Options) -> "MeasuredColumns":
    """Measure the columns of files, the rows of one after those of the other.

    Raises:
        ActcliError: if they do not have the same columns.

    """
    from actcli.diagnosis.measure import measure_part

    measured: MeasuredColumns | None = None
    with _show_progress(len(files)) as on_file:
        for file in files:
            with inputs.open_input(file, options, beside=len(files) == 1) as (reader, on_progress):
                if reader.shape is not None:
                    _check_shape(reader.shape, name_of(file))
                batches: Batches = reader.batches()
                if measured is not None:
                    batches = _require_columns(batches, measured.names, file, files[0])
                measured = measure_part(activation, batches, on_progress, measured)
            on_file()
    assert measured is not None, "there is a file"
    return measured.finish()


@contextlib.contextmanager
def _show_progress(count: int) -> Iterator[Callable[[], None]]:
    """Yield what counts a file as done."""
    if count == 1:
        yield lambda: None  # it shows its own progress
        return
    done = itertools.count(1)
    with show_count("files") as on_progress:
        yield lambda: on_progress(next(done), count)


def _check_shape(shape: Sequence[int], name: str) -> None:
    """Raise ActcliError unless an array is one column, or has a column for each neuron."""
    if len(shape) not in (1, 2):
        raise ActcliError(
            f"diagnose takes an array with one axis, or with two (rows, neurons), but {name} has the shape {shape}: "
            f"save it with a column for each neuron, such as array.reshape(-1, {[1, *shape][-1]})"
        )


def _require_columns(batches: Batches, expected: Sequence[str], file: str, first_file: str) -> Batches:
    """Return the batches; raise ActcliError unless their columns are those of the first file."""
    remaining = iter(batches)
    first = next(remaining)()
    names = [column.name for column in require_rows(first).columns]
    if names != expected:
        difference = f"has its columns in another order than {first_file}"
        if missing := [name for name in expected if name not in names]:
            difference = f"has no column {missing[0]!r}, and {first_file} has"
        elif others := [name for name in names if name not in expected]:
            difference = f"has a column {others[0]!r}, and {first_file} has none"
        raise ActcliError(f"{file} {difference}; the files of one layer need the same columns")
    return itertools.chain([lambda: first], remaining)
