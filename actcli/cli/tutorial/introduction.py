"""The first lesson: what an activation function is, and what makes a good one."""

from collections.abc import Iterable, Iterator

from actcli.cli.tutorial import arithmetic
from actcli.cli.tutorial.blocks import Block, Heading, Paragraph
from actcli.cli.tutorial.examples import Shell


def introduce(shell: Shell) -> Iterator[Block]:
    """Yield the blocks of the lesson."""
    yield Paragraph(
        "A neuron multiplies each of its inputs by a weight, adds up the products and a bias, and passes the sum "
        "through its activation function. The idea comes from the brain, where a cell fires only if its inputs drive "
        "it far enough: the function decides what the neuron sends on."
    )
    (x, y), (v, w), bias = (2, 1), (0.5, -3), 1
    z = x * v + y * w + bias
    yield Paragraph(
        f"With the inputs {x} and {y}, the weights {v} and {w} and the bias {bias}, the sum is "
        f"`{x} * {v} + {y} * {w} + {bias} = {z:g}`. What is sent on depends on the function:"
    )
    yield shell.run(f"actcli compare relu sigmoid tanh {z:g}")
    yield Paragraph("Two characteristics make a good activation function: it is non-linear, and it is differentiable.")
    yield Heading("Non-linear: more than a straight line")
    yield from _bend_lines(shell)
    yield Heading("Differentiable: it has a slope")
    yield from _follow_slope(shell)


def _bend_lines(shell: Shell) -> Iterator[Block]:
    (a, b), (c, d) = (3, 1), (2, 4)
    x = range(4)
    yield Paragraph(f"Without activation functions, layers add nothing to each other. One computes `{a} * x + {b}`:")
    yield shell.run(f"actcli affine {join_numbers(x)} --alpha {a} --beta {b} --format array")
    yield Paragraph(f"The next takes these results, and computes `{c} * x + {d}`:")
    yield shell.run(f"actcli affine {join_numbers(a * each + b for each in x)} --alpha {c} --beta {d} --format array")
    yield Paragraph(
        f"A single layer that computes `{c * a} * x + {c * b + d}` gives the same numbers. However many such layers "
        "are stacked, a single one can replace them all:"
    )
    yield shell.run(f"actcli affine {join_numbers(x)} --alpha {c * a} --beta {c * b + d} --format array")
    x = range(-2, 3)
    mirrored = [-each for each in x]
    valley = (arithmetic.value("relu", each) + arithmetic.value("relu", -each) for each in x)
    yield Paragraph("relu bends the line. Of two neurons, let one see `x` and the other `-x`:")
    yield shell.run(f"actcli relu {join_numbers(x)} --format array")
    yield shell.run(f"actcli relu {join_numbers(mirrored)} --format array")
    yield Paragraph(
        f"Their sum is {enumerate_numbers(valley)}: it falls and then rises, as no straight line does. Enough "
        "neurons of this kind can follow any curve."
    )


def _follow_slope(shell: Shell) -> Iterator[Block]:
    start, stop = 0.5, 0.51
    slopes = [arithmetic.slope("tanh", x) for x in (start, stop)]
    climb = (arithmetic.value("tanh", stop) - arithmetic.value("tanh", start)) / (stop - start)
    yield Paragraph(
        "Training moves each weight a little, in the direction that makes the error smaller. Slopes give the "
        "direction: back-propagation multiplies them, layer by layer, from the output back to the first layer. "
        "`--derivative` shows the slope beside the value:"
    )
    yield shell.run(f"actcli tanh {start:g} {stop:g} --derivative")
    yield Paragraph(
        f"Between {start:g} and {stop:g} the curve climbs at a rate of {climb:.3f}, which lies between its slopes "
        f"there, {slopes[0]:.3f} and {slopes[1]:.3f}."
    )
    step = arithmetic.train_once("tanh", weight=0.5, target=0.8, rate=0.1)
    yield Paragraph(
        f"Here is one step of training. A neuron computes `tanh(w * 1)` with `w = {step.weight:g}` and should send "
        f"{step.target:g}, but sends {step.value:.3f}: its squared error is {step.error:.4f}. The slope of the error "
        f"is `2 * ({step.value:.3f} - {step.target:g}) * {step.slope:.3f} = {step.gradient:.3f}`. Subtracting "
        f"{step.rate:g} times that from `w` gives {step.new_weight:.3f}, and the error falls to {step.new_error:.4f}."
    )
    yield Paragraph("Where the slope of the activation is 0, `w` would stay as it is: nothing is learned there.")


def join_numbers(numbers: Iterable[float]) -> str:
    """Return numbers as a command takes them."""
    return " ".join(f"{number:g}" for number in numbers)


def enumerate_numbers(numbers: Iterable[float]) -> str:
    """Return numbers as a sentence lists them."""
    *first, last = (f"{number:g}" for number in numbers)
    return f"{', '.join(first)} and {last}"
