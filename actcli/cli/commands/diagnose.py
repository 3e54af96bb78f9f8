"""``actcli diagnose``: dead and stuck neurons, and how a gradient's size changes through consecutive layers."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from actcli.activation import Activation
from actcli.cli import args, functions, inputs, messages, outputs, shards
from actcli.cli.command import Command, flag, option
from actcli.cli.literals import looks_like_array
from actcli.cli.many_files import ManyFiles
from actcli.cli.options import Options, accept_options
from actcli.cli.shards import Shards
from actcli.cli.views import sampling
from actcli.data.batch import Numbers, rows_of
from actcli.data.selection import list_names
from actcli.errors import ActcliError, require_choice
from actcli.formats import registry
from actcli.numerics import dtypes, text
from actcli.storage.paths import STANDARD

if TYPE_CHECKING:  # NumPy is loaded once there is something to measure
    from actcli.diagnosis.chain import Chain
    from actcli.diagnosis.measure import MeasuredColumns

FORMATS = ("table", "json", "csv", "tsv", "markdown")
_SHARED = (
    *("dtype", "dialect", "source_format", "output", "verbose"),
    *("columns", "tensor", "delimiter", "header", "no_header", "decimal", "na"),
    "files_from",
)

_HELP = """Find dead neurons and vanishing or exploding gradients in pre-activations.

One column shows how many slopes are 0 and how large they are. A column for each neuron (--neurons, or the columns of a
.npy array) shows dead and stuck neurons. Consecutive layers (several files in order, or --layer-of) show how the size
of a gradient changes from the last layer to the first. The rows of a layer may lie in many files: a folder, a quoted
glob, or --files-from counts as one layer, and figures add up over its files.

Example: actcli diagnose relu -3 -1 0 2

Example: printf 'n1,n2\\n-1,-2\\n3,-4\\n' | actcli diagnose relu --neurons

Example: actcli diagnose relu FILE.csv --layer-of 'layer(\\d+)_.*'
"""


def command() -> Command:
    """Return the command, made by Typer."""
    own_options = {
        "neurons": (bool, flag("--neurons", "The columns are the neurons of one layer.")),
        "layer_of": (
            str,
            option("REGEX", "Group columns into layers by the part of their names in parentheses: 'layer(\\d+)_.*'"),
        ),
        "fail_over": (
            str,
            option("SHARE", "Exit 1 if a larger share of a layer's neurons, from 0 to 1, is dead or stuck."),
        ),
        "format": (
            str,
            option(
                "NAME",
                f"Output format: {', '.join(FORMATS)} (default: table)",
                "--format",
                "-f",
                completer=lambda: list(FORMATS),
            ),
        ),
    }
    return functions.command(
        "diagnose",
        diagnose,
        _HELP,
        own_options,
        *_SHARED,
        metavar="FUNCTION [NUMBER | FILE... | -]...",
        words="Name of a function, then pre-activations: numbers, or for each layer in order a file, folder or glob.",
    )


def diagnose(
    words: Sequence[str],
    parameters: Mapping[str, object],
    neurons: bool = False,
    layer_of: str | None = None,
    fail_over: str | None = None,
    **option_values: object,
) -> int:
    """Run the command."""
    many = ManyFiles.take(option_values)
    options = accept_options(**option_values)
    limit = None if fail_over is None else _parse_share(fail_over)
    pattern = None if layer_of is None else _parse_pattern(layer_of)
    kind = require_choice("format", options.format, FORMATS) if options.format else _output_format(options.output)
    activation, rest = _parse_function(words, parameters, options)
    numbers, layers = _resolve_inputs(rest, many.files_from, options, usage=f"diagnose {activation.name}")
    files = [file for layer in layers for file in layer.files]
    if pattern and len(layers) != 1:
        raise ActcliError("--layer-of groups the columns of one file; name one file, or leave it out")
    if neurons and not files:
        raise ActcliError("--neurons is for files with a column for each neuron; leave it out, or name a file")
    place = outputs.resolve_output(options.output, options.output if options.output in files else [*files, None][0])
    from actcli.diagnosis.chain import Chain
    from actcli.diagnosis.measure import measure

    if numbers is None:
        report = _measure_layers(activation, layers, options, pattern, neurons=neurons)
    else:
        report = measure(activation, [lambda: rows_of(numbers)])

    if limit is not None and not isinstance(report, Chain):
        raise ActcliError("--fail-over needs neurons: add --neurons, or name the files of consecutive layers")
    from actcli.cli.views import diagnosis_data, diagnosis_text

    title = sampling.label(activation, options.dtype)
    with outputs.open_output(place) as out:
        if kind == "table":
            diagnosis_text.write(out, title, report)
        else:
            diagnosis_data.write(out, kind, title, report)
    return _check_limit(report, limit) if limit is not None and isinstance(report, Chain) else 0


def _parse_share(word: str) -> float:
    value = text.to_float(text.normalize(word)) if text.is_number(text.normalize(word)) else math.nan
    if not 0 <= value <= 1:
        raise ActcliError(f"--fail-over must be a number from 0 to 1, got {word!r}")
    return value


def _parse_pattern(word: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(word)
    except re.error as error:
        raise ActcliError(f"--layer-of {word!r} is not a regular expression: {error}") from None
    if not pattern.groups:
        raise ActcliError(
            f"--layer-of {word!r} has no group; put parentheses around what names the layer: 'layer(\\d+)_.*'"
        )
    return pattern


def _output_format(path: str | None) -> str:
    if path is None:
        return "table"
    name = registry.output_format(path)
    return "table" if name == "plain" else require_choice("format", name, FORMATS)


def _parse_function(
    words: Sequence[str], parameters: Mapping[str, object], options: Options
) -> tuple[Activation, list[str]]:
    """Return the function, and the words after it."""
    names, rest = functions.split_args("diagnose", words)
    if len(names) > 1:
        raise ActcliError(f"diagnose takes one function, not {' and '.join(names)}")
    activations = functions.prepare_all(names, parameters, dtypes.FORMATS[options.dtype].name, options.dialect)
    functions.require_elementwise("diagnose", activations)
    return activations[0], rest


def _resolve_inputs(
    words: Sequence[str], files_from: str | None, options: Options, usage: str
) -> tuple[Numbers | None, list[Shards]]:
    """Return the typed numbers, or the files of each layer."""
    if files_from is not None:
        if words:
            raise ActcliError(f"--files-from names the files of one layer; leave out {words[0]}, or add it to the list")
        return None, [shards.find_listed(files_from, options)]
    is_array = bool(words) and looks_like_array(words[0].strip())
    files = [] if is_array else [word for word in words if args.split_numbers(word) is None]
    if files and len(files) < len(words):
        typed = next(word for word in words if word not in files)
        raise ActcliError(f"diagnose takes numbers or files, got {files[0]} and {typed}")
    if files.count(STANDARD) > 1:
        raise ActcliError("standard input (-) can be read only once; name it once")
    if files:
        return None, shards.find_shards(files, options)
    numbers, _ = inputs.resolve_inputs("diagnose", words, options, usage=usage)
    return numbers, [] if numbers is not None else shards.find_shards([STANDARD], options)


def _measure_layers(
    activation: Activation,
    layers: Sequence[Shards],
    options: Options,
    pattern: re.Pattern[str] | None,
    *,
    neurons: bool,
) -> "MeasuredColumns | Chain":
    """Return separate columns, or layers of neurons."""
    from actcli.diagnosis.chain import Chain

    chain = Chain()
    for layer in layers:
        columns = shards.measure_shards(activation, layer.files, options)
        is_array = registry.FORMATS[registry.input_format(layer.files[0], options.source_format)].preserves_arrays
        is_layer = neurons or len(layers) > 1 or (is_array and len(columns.names) > 1)
        if not (is_layer or pattern):
            return columns
        _add_layers(chain, columns, layer.word, layer.name, pattern)
    return chain


def _add_layers(
    chain: "Chain", columns: "MeasuredColumns", file: str, name: str, pattern: re.Pattern[str] | None
) -> None:
    """Add the file's layer, or its layers by the pattern."""
    from actcli.diagnosis.layer import Layer

    if chain.layers and columns.rows != chain.layers[0].rows:
        raise ActcliError(
            f"{file} has {columns.rows:,} rows, and {chain.layers[0].name} has {chain.layers[0].rows:,}: consecutive "
            "layers need the same rows, in the same order"
        )
    groups = _group_columns(columns.names, pattern) if pattern else {name: list(range(len(columns.names)))}
    if not groups:
        raise ActcliError(f"--layer-of finds no layer in the columns of {file}: {list_names(columns.names)}")
    for layer, positions in groups.items():
        chain.add(Layer(layer, columns, positions))


def _group_columns(names: Sequence[str], pattern: re.Pattern[str]) -> dict[str, list[int]]:
    """Return the positions of the columns of each layer, by what the pattern's first group finds in their names.

    Layers that are numbered go by their numbers, others by their columns. Columns without a match are in no layer.
    """
    groups: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if (found := pattern.search(name)) and found[1]:
            groups.setdefault(found[1], []).append(position)
    if all(key.isdecimal() for key in groups):
        return {f"layer {key}": groups[key] for key in sorted(groups, key=int)}
    return groups


def _check_limit(chain: "Chain", limit: float) -> int:
    """Return the exit status, after a line that names the layers over the limit."""
    from actcli.diagnosis.failures import describe_failures

    if failures := describe_failures(chain.layers, limit):
        messages.say(f"{failures}; --fail-over allows {limit:.4g} ({limit:.1%})")
        return 1
    return 0
