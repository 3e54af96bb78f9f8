"""The inputs on which a kernel is tried: those that a word asks for, or the numbers of a file."""

from typing import TYPE_CHECKING

from actcli.cli import inputs
from actcli.cli.options import Options
from actcli.errors import ActcliError

if TYPE_CHECKING:  # NumPy is loaded once there is something to check
    from actcli.numerics.dtypes import FloatArray
    from actcli.referee.inputs import Inputs
    from actcli.referee.truth import Truth


def choose_inputs(word: str | None, seed: int, truth: "Truth", options: Options) -> "Inputs":
    """Return the inputs of a file of that name, if there is one, or else those that the word asks for."""
    from actcli.referee.inputs import choose_inputs, use_numbers
    from actcli.storage.paths import exists
    from actcli.storage.source import name_of

    if word is None or not exists(word):
        return choose_inputs(word, truth, seed, otherwise="a file")
    return use_numbers(_read_numbers(word, truth, options), truth, f"the inputs of {name_of(word)}")


def _read_numbers(path: str, truth: "Truth", options: Options) -> "FloatArray":
    """Return the numbers of all columns of a file, or its rows for a function along an axis."""
    import numpy as np

    parts: list[FloatArray] = []
    with inputs.open_input(path, options, beside=True) as (reader, _):
        for rows in reader.batches():
            columns = [column.values for column in rows().columns]
            parts.append(np.concatenate(columns) if truth.is_elementwise else np.stack(columns, axis=1))
    if not sum(part.size for part in parts):
        raise ActcliError(f"{path} holds no numbers")
    return np.concatenate(parts)
