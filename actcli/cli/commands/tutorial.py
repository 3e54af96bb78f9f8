"""``actcli tutorial``: the tutorial's examples in its order, each run by the command that does the same."""

import io
import shlex
from contextlib import redirect_stdout
from typing import NamedTuple

from actcli.cli.command import Command, make_command
from actcli.numerics import dtypes, text


class Example(NamedTuple):
    """One example of the tutorial: its call, our command, and the numbers that it prints."""

    place: str
    call: str
    command: str
    printed: str | None
    """The numbers as the tutorial or, where ``origin`` says so, TensorFlow 2.4.1 prints them; None: no example."""
    origin: str = "the tutorial prints"


_TENSORFLOW = "TensorFlow 2.4.1 returns (the tutorial's text lost this output)"
_EXACT = "--format array"
_BITS = "--format array --numerics tensorflow2"

EXAMPLES = (
    Example("In [2]", "tf.keras.activations.relu(foo).numpy()", f"relu -5 -8 0 3 9 {_EXACT}", "0 0 0 3 9", _TENSORFLOW),
    Example(
        "In [2]",
        "tf.keras.activations.relu(foo, alpha=0.7).numpy()",
        f"relu -5 -8 0 3 9 --alpha 0.7 {_EXACT}",
        "-3.5 -5.6 0 3 9",
        _TENSORFLOW,
    ),
    Example(
        "In [2]",
        "tf.keras.activations.relu(foo, max_value=3).numpy()",
        f"relu -5 -8 0 3 9 --max-value 3 {_EXACT}",
        "0 0 0 3 3",
        _TENSORFLOW,
    ),
    Example(
        "In [2]",
        "tf.keras.activations.relu(foo, threshold=7).numpy()",
        f"relu -5 -8 0 3 9 --threshold 7 {_EXACT}",
        "-0. -0. 0. 0. 9.",
    ),
    Example(
        "In [3]",
        "tf.keras.activations.sigmoid(a).numpy()",
        f"sigmoid -35 -5 0 6 25 {_BITS}",
        "6.3051174e-16 6.6929162e-03 5.0000000e-01 9.9752736e-01 1.0000000e+00",
    ),
    Example("In [4]", "tf.keras.activations.softmax(x)", f"softmax 1 2 3 {_EXACT}", None),
    Example(
        "In [5]",
        "tf.keras.activations.tanh(a).numpy()",
        f"tanh 5 -1 -5 6 3 {_BITS}",
        "0.99990916 -0.7615942 -0.99990916 0.9999876 0.9950547",
    ),
)

_HELP = """Walk through the examples of the Keras activation-layers tutorial and compare every bit.

Exit status 1 if a bit differs.
"""


def command() -> Command:
    """Return the command, made by Typer."""
    return make_command("tutorial", tutorial, "actcli tutorial", help=_HELP)


def tutorial() -> int:
    """Run the command."""
    print("Keras Activation Layers - Ultimate Guide for Beginners: its examples, In [2] to In [5]")
    print("foo = [-5, -8, 0, 3, 9]; a = [-35, -5, 0, 6, 25] in In [3], [5, -1, -5, 6, 3] in In [5]; all float32")
    missing = sum(not _show(example) for example in EXAMPLES)
    marked = sum(example.printed is not None for example in EXAMPLES)
    print(f"\n{marked - missing} of {marked} examples equal in every bit.")
    return 1 if missing else 0


def _show(example: Example) -> bool:
    """Print one example with its mark; return whether it holds."""
    from actcli.cli import app

    with redirect_stdout(io.StringIO()) as out:
        app.run(shlex.split(example.command))
    print(f"\n{example.place}: {example.call}\n  $ actcli {example.command}")
    print("".join(f"  {line}\n" for line in out.getvalue().splitlines()), end="")
    if example.printed is None:
        print("  (no mark: the tutorial has no example of softmax left, this one is ours)")
        return True
    same = _bits(out.getvalue()) == _bits(example.printed)
    print(f"  {'[ok] every bit as' if same else '[DIFFERENT] not what'} {example.origin}")
    if not same:
        print(f"  {example.printed}")
    return same


def _bits(numbers: str) -> bytes:
    """Return the bits of the float32 numbers in a text, be it NumPy's or words."""
    inner = numbers.partition("[")[2].partition("]")[0] or numbers
    return text.parse(inner.replace(",", " ").split(), dtypes.FORMATS["float32"]).tobytes()
