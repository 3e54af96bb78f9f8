"""The examples of the Keras tutorial: each beside the command that does the same, and compared bit for bit."""

import io
import shlex
import sys
from contextlib import redirect_stdout
from typing import NamedTuple, Self

from actcli.cli.tutorial.blocks import Mark, Run, summary
from actcli.numerics import dtypes, text

TITLE = "Keras Activation Layers - Ultimate Guide for Beginners"


class Example(NamedTuple):
    """One example of the tutorial: its call, our command, and the numbers that it prints."""

    place: str
    call: str
    command: str
    printed: str | None
    """The numbers as the tutorial or, where ``origin`` says so, TensorFlow 2.4.1 prints them; None: no example."""
    origin: str = "the tutorial"

    @property
    def function(self) -> str:
        """The function that it is about."""
        return self.command.split()[1]


INPUTS = {
    "relu": "foo = tf.constant([-5, -8, 0.0, 3, 9], dtype=tf.float32)",
    "sigmoid": "a = tf.constant([-35, -5.0, 0.0, 6.0, 25], dtype=tf.float32)",
    "softmax": "x = tf.constant([[1.0, 2.0, 3.0]])",
    "tanh": "a = tf.constant([5.0, -1.0, -5.0, 6.0, 3.0], dtype=tf.float32)",
}
"""The numbers of each function's examples, as Keras is given them."""

_TENSORFLOW = "TensorFlow 2.4.1 (the tutorial shows no output here)"
_EXACT = "--format array"
_BITS = "--format array --numerics tensorflow2"

EXAMPLES = (
    Example(
        "In [2]",
        "tf.keras.activations.relu(foo).numpy()",
        f"actcli relu -5 -8 0 3 9 {_EXACT}",
        "0 0 0 3 9",
        _TENSORFLOW,
    ),
    Example(
        "In [2]",
        "tf.keras.activations.relu(foo, alpha=0.7).numpy()",
        f"actcli relu -5 -8 0 3 9 --alpha 0.7 {_EXACT}",
        "-3.5 -5.6 0 3 9",
        _TENSORFLOW,
    ),
    Example(
        "In [2]",
        "tf.keras.activations.relu(foo, max_value=3).numpy()",
        f"actcli relu -5 -8 0 3 9 --max-value 3 {_EXACT}",
        "0 0 0 3 3",
        _TENSORFLOW,
    ),
    Example(
        "In [2]",
        "tf.keras.activations.relu(foo, threshold=7).numpy()",
        f"actcli relu -5 -8 0 3 9 --threshold 7 {_EXACT}",
        "-0. -0. 0. 0. 9.",
    ),
    Example(
        "In [3]",
        "tf.keras.activations.sigmoid(a).numpy()",
        f"actcli sigmoid -35 -5 0 6 25 {_BITS}",
        "6.3051174e-16 6.6929162e-03 5.0000000e-01 9.9752736e-01 1.0000000e+00",
    ),
    Example("In [4]", "tf.keras.activations.softmax(x).numpy()", f"actcli softmax 1 2 3 {_EXACT}", None),
    Example(
        "In [5]",
        "tf.keras.activations.tanh(a).numpy()",
        f"actcli tanh 5 -1 -5 6 3 {_BITS}",
        "0.99990916 -0.7615942 -0.99990916 0.9999876 0.9950547",
    ),
)


class _Captured(io.TextIOWrapper):
    """What a command takes for standard output; all of it is kept."""

    def __init__(self, encoding: str, *, is_terminal: bool) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding=encoding, newline="\n")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """Tell whether the command is to write as to a terminal."""
        return self._is_terminal


class Shell(NamedTuple):
    """Runs the commands that are shown, so that they print what they would print in the same place by themselves."""

    encoding: str = "utf-8"
    is_terminal: bool = False

    @classmethod
    def of_standard_output(cls) -> Self:
        """Return the shell whose commands write as to standard output."""
        return cls(sys.stdout.encoding, sys.stdout.isatty())

    def run(self, command: str) -> Run:
        """Run a command line that begins with ``actcli``."""
        from actcli.cli import app

        with redirect_stdout(_Captured(self.encoding, is_terminal=self.is_terminal)) as out:
            app.run(shlex.split(command)[1:])
        return Run(command, out.kept.getvalue().decode(self.encoding))

    def compare(self, example: Example) -> Run:
        """Run an example's command, and mark the output."""
        run = self.run(example.command)
        if example.printed is None:
            return run
        holds = _bits(run.output) == _bits(example.printed)
        same = f"[ok] bit-identical to {example.origin}"
        other = f"[DIFFERENT] expected from {example.origin}: {example.printed}"
        return run._replace(mark=Mark(holds, same if holds else other))


def _bits(numbers: str) -> bytes:
    """Return the bits of the float32 numbers in a text, be it NumPy's or words."""
    inner = numbers.partition("[")[2].partition("]")[0] or numbers
    return text.parse(inner.replace(",", " ").split(), dtypes.FORMATS["float32"]).tobytes()


def check() -> int:
    """Print every example with its mark, and how many hold; return 1 unless all do."""
    print(f"{TITLE}:\nits examples, In [2] to In [5]")
    found = []
    for example in EXAMPLES:
        run = Shell().compare(example)
        print(f"\n{example.place}: {INPUTS[example.function]}")
        print(f"        {example.call}\n  $ {example.command}")
        print("".join(f"  {line}\n" for line in run.output.splitlines()), end="")
        if run.mark is None:
            print("  (no mark: the tutorial's example of softmax is lost; this one is ours)")
            continue
        print(f"  {run.mark.text}")
        found.append(run.mark)
    print(f"\n{summary(found)}")
    return 0 if all(mark.holds for mark in found) else 1
