"""Drawings of functions, and what can be read from their lines."""

import io
import re

import numpy as np
from rich.console import Console

from actcli import parameters
from actcli.activation import AlongAxis, Elementwise, Packed
from actcli.api import prepare
from actcli.cli.views import plot_terminal, sampling
from actcli.registry import registered

ELEMENTWISE = [activation for activation in registered() if issubclass(activation, Elementwise)]
ALONG_AXIS = [
    activation
    for activation in registered()
    if issubclass(activation, AlongAxis) and not issubclass(activation, Packed)
]
DOT_ROWS = (0x01 | 0x08, 0x02 | 0x10, 0x04 | 0x20, 0x40 | 0x80)
"""The dots of a Braille character from the top down, as Unicode numbers them."""


def required(activation: type[Elementwise]) -> dict[str, object]:
    """Return a value for each parameter that has to be given."""
    return {name: 1 for name, parameter in activation.parameters.items() if parameter.default is parameters.REQUIRED}


def drawn(
    name: str, *, derivative: bool = False, window: tuple[float, float] = (-6, 6), **parameters: object
) -> list[sampling.Curve]:
    """Return the curves of a function in a window."""
    activation = prepare(name, parameters, "float32")
    return sampling.curves([activation], np.linspace(*window, 241, dtype=np.float32), derivative=derivative)


def console(width: int = 80, *, encoding: str = "utf-8", colour: bool = False) -> Console:
    """Return a console as a command has it."""
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    return Console(file=out, width=width, force_terminal=colour, color_system="standard" if colour else None)


def shown(
    *names: str, width: int = 80, height: int = 16, encoding: str = "utf-8", derivative: bool = False
) -> list[str]:
    """Return the lines of a picture of functions from -2 to 2, without colour."""
    activations = [prepare(name, {}, "float32") for name in names]
    curves = sampling.curves(activations, np.linspace(-2, 2, 241, dtype=np.float32), derivative=derivative)
    return plot_terminal.shown(console(width, encoding=encoding), curves, height).splitlines()


def dots(lines: list[str]) -> np.ndarray:
    """Return where a picture has Braille dots: row by row of dots, column by column of characters."""
    width = max(map(len, lines))
    codes = np.array([[ord(character) - 0x2800 for character in line.ljust(width)] for line in lines])
    codes[(codes < 0) | (codes > 0xFF)] = 0
    return np.stack([codes & row for row in DOT_ROWS], axis=1).reshape(-1, width) != 0


def zero_row(lines: list[str]) -> int:
    """Return the line of the x axis, which is called 0."""
    (row,) = [i for i, line in enumerate(lines) if re.match(r" *0 [^ ]", line)]
    return row
