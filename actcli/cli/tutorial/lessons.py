"""What the tutorial says, section by section; every number in it is computed when it is shown."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from actcli.cli.tutorial import arithmetic, examples
from actcli.cli.tutorial.blocks import Bars, Block, Code, Formula, Heading, Paragraph, Plot, Points, Section, Terms
from actcli.cli.tutorial.examples import EXAMPLES, INPUTS, Shell
from actcli.cli.tutorial.introduction import enumerate_numbers, introduce, join_numbers

Lesson = Callable[[Shell], Iterator[Block]]


def _teach_relu(shell: Shell) -> Iterator[Block]:
    yield Formula((("relu(x)", "max(x, 0)"), ("relu'(x)", "1 if x > 0 else 0")))
    yield Plot(arithmetic.sample("relu", 4))
    yield Points(
        (
            "Cheap: one comparison and no exponential, so training is fast.",
            "Non-linear, and differentiable except at the corner at 0, where Keras takes the slope to be 0.",
            "The slope is 1 for every positive input, so gradients do not vanish on their way through many layers: "
            "good for hidden layers.",
        ),
        (
            "Neurons can die (dying ReLU): the slope is 0 for negative inputs, and a neuron that sees no others stops "
            "learning.",
        ),
    )
    yield from _show_examples(shell, "relu")
    yield Paragraph(
        "`alpha` is the slope below 0, `max_value` the upper limit, and only values above `threshold` pass through."
    )
    yield from _watch_a_neuron_die(shell)
    yield Paragraph("Try it: how far may `b` fall before all three slopes are 0?")


def _watch_a_neuron_die(shell: Shell) -> Iterator[Block]:
    neuron = arithmetic.Neuron(inputs=(0.5, 1, 2), wanted=-0.5)
    start, rate, steps = 0.0, 3.0, 40
    gradient = neuron.gradient("relu", start)
    bias = start - rate * gradient
    seen = [x + bias for x in neuron.inputs]
    yield Heading("Watch a neuron die")
    yield Paragraph(
        f"A neuron computes `relu(x + b)`. For the inputs {enumerate_numbers(neuron.inputs)} it should send "
        f"{enumerate_numbers(neuron.targets)}, which it would with `b = {neuron.wanted:g}`. Training begins at "
        f"`b = {start:g}`, so relu sees the inputs as they are:"
    )
    yield shell.run(f"actcli relu {join_numbers(x + start for x in neuron.inputs)} --derivative")
    yield Paragraph(
        f"All slopes are 1. The slope of the mean squared error is {gradient:g}, so `b` has to go down, but a step at "
        f"the rate {rate:g} is far too large: it takes `b` to {bias:g}. Now relu sees:"
    )
    yield shell.run(f"actcli relu {join_numbers(seen)} --derivative")
    yield Paragraph(
        f"All slopes are 0, so the slope of the error is {abs(neuron.gradient('relu', bias)):g} as well: whatever the "
        f"rate, `b` stays at {bias:g}. The neuron is dead. leaky_relu keeps a slope below 0:"
    )
    yield shell.run(f"actcli leaky_relu {join_numbers(seen)} --derivative")
    yield Paragraph(
        f"After {steps} more steps at the rate 0.5, relu has `b = {neuron.train('relu', bias, 0.5, steps):.2f}`, and "
        f"leaky_relu `b = {neuron.train('leaky_relu', bias, 0.5, steps):.2f}`."
    )


def _teach_sigmoid(shell: Shell) -> Iterator[Block]:
    yield Formula((("sigmoid(x)", "1 / (1 + exp(-x))"), ("sigmoid'(x)", "sigmoid(x) * (1 - sigmoid(x))")))
    yield Plot(arithmetic.sample("sigmoid", 8))
    yield Points(
        (
            "Results lie between 0 and 1 and can be read as probabilities: good for the output layer of a binary "
            "classification.",
            "Non-linear, and differentiable everywhere.",
        ),
        (
            "Gradients vanish: the slope is small everywhere and close to 0 for large inputs of either sign, where "
            "learning stops. So keep it out of hidden layers.",
            "It needs an exponential, which is slow, and training may converge slowly.",
        ),
    )
    yield from _show_examples(shell, "sigmoid")
    yield Paragraph(
        "`--numerics tensorflow2` repeats the arithmetic of the tutorial's TensorFlow, whose last digits can be off. "
        "Without it, results are the true values, correctly rounded:"
    )
    yield shell.run("actcli sigmoid -35 -5 0 6 25 --format array")
    yield Heading("Watch a gradient vanish")
    yield Paragraph("Far from 0 the slope is gone. (The tutorial's TensorFlow has a column where its digits differ.)")
    yield shell.run("actcli sigmoid 0 5 10 --derivative")
    chain = arithmetic.chain("sigmoid", "0", 5)
    best = arithmetic.slope("sigmoid", 0)
    yield Paragraph(
        f"Even at 0 the slope is only {best:g}, and layers multiply slopes. Here each row is a layer with the weight "
        "1: what it sends is the `x` of the next row."
    )
    yield shell.run(f"actcli sigmoid {' '.join(chain)} --derivative")
    yield Paragraph(
        f"The {len(chain)} slopes multiplied are {arithmetic.multiply_slopes('sigmoid', chain):.2g}: so little of a "
        f"gradient of 1 reaches the first layer. Ten layers leave at most `{best:g} ** 10 = {best**10:.2g}`; ten of "
        f"relu leave {arithmetic.slope('relu', 1) ** 10:g}, if their inputs are positive."
    )
    yield Paragraph("Try it: at which `x` does the slope fall below a hundredth?")


def _teach_softmax(shell: Shell) -> Iterator[Block]:
    scores = (1, 2, 3)
    shares = arithmetic.evaluate_texts("softmax", scores)
    yield Formula((("softmax(x)[i]", "exp(x[i]) / (exp(x[0]) + exp(x[1]) + ...)"),))
    yield Paragraph(
        "The other functions take one number at a time. softmax takes all numbers of a row together and gives each "
        f"its share of 1, so there is no curve to draw. The scores {enumerate_numbers(scores)} become:"
    )
    yield Bars([(f"{score}", share) for score, share in zip(scores, shares, strict=True)])
    yield Points(
        (
            "Results are a probability distribution, between 0 and 1 and with the sum 1: good for the output layer of "
            "a multiclass classification.",
        ),
        (
            "Scores compete: no share can rise unless others fall. So it is neither for hidden layers nor for labels "
            "that do not exclude each other.",
        ),
    )
    yield from _show_examples(shell, "softmax")
    yield Paragraph(
        "There is no mark: the tutorial's text has lost this example, and the numbers are ours. The sum of the "
        f"shares is {sum(map(float, shares)):.7f}."
    )
    yield Heading("Only differences count")
    yield Paragraph("Add 100 to each score, and the shares stay the same:")
    yield shell.run(f"actcli softmax {join_numbers(score + 100 for score in scores)} --format array")
    yield Paragraph("Multiply each by 10, and the largest takes nearly everything:")
    yield shell.run(f"actcli softmax {join_numbers(score * 10 for score in scores)} --format array")
    first = arithmetic.evaluate_texts("softmax", (2, 0))[0]
    yield Paragraph(
        f"Of two scores it is the sigmoid of their difference: softmax of 2 and 0 begins with {first}, and sigmoid(2) "
        f"is {arithmetic.evaluate_texts('sigmoid', [2])[0]}."
    )
    yield Paragraph("Try it: which scores give the shares 0.25 and 0.75?")


def _teach_tanh(shell: Shell) -> Iterator[Block]:
    yield Formula((("tanh(x)", "(exp(x) - exp(-x)) / (exp(x) + exp(-x))"), ("tanh'(x)", "1 - tanh(x) ** 2")))
    yield Plot(arithmetic.sample("tanh", 4))
    yield Points(
        (
            "Results lie between -1 and 1: good where a neuron should send negative numbers too.",
            "Non-linear, and differentiable everywhere.",
        ),
        ("Gradients vanish for large inputs of either sign, as with sigmoid, to which it is closely related.",),
    )
    yield from _show_examples(shell, "tanh")
    yield Heading("Steeper than sigmoid, and as flat far from 0")
    yield Paragraph(
        f"At 0 the slope is {arithmetic.slope('tanh', 0):g}, where that of sigmoid is "
        f"{arithmetic.slope('sigmoid', 0):g}; far from 0 it vanishes:"
    )
    yield shell.run("actcli tanh 0 1 5 10 --derivative")
    chains = {name: arithmetic.chain(name, "1", 5) for name in ("tanh", "sigmoid")}
    left = {name: arithmetic.multiply_slopes(name, chain) for name, chain in chains.items()}
    yield Paragraph("So gradients last longer. Again each row is a layer:")
    yield shell.run(f"actcli tanh {' '.join(chains['tanh'])} --derivative")
    x = 0.7
    yield Paragraph(
        f"The {len(chains['tanh'])} slopes multiplied are {left['tanh']:.2g}; with sigmoid they would be "
        f"{left['sigmoid']:.2g}. And yet it is only a stretched sigmoid, `tanh(x) = 2 * sigmoid(2 * x) - 1`: at {x:g}, "
        f"one side is {arithmetic.value('tanh', x):.4f} and the other {2 * arithmetic.value('sigmoid', 2 * x) - 1:.4f}."
    )
    yield Paragraph("Try it: from which `x` on is the result 1 with `--dtype float16`?")


def _help_to_choose(shell: Shell) -> Iterator[Block]:
    yield Terms(
        (
            ("hidden layers", "relu: gradients do not vanish, and it is fast. Avoid sigmoid and tanh there."),
            ("output, two classes", "sigmoid: one probability"),
            ("output, many classes", "softmax: a probability for each class, with the sum 1"),
            ("output, any number", "linear, which changes nothing (the tutorial leaves this case out)"),
        )
    )
    x, layers = 2, 10
    slopes = {name: arithmetic.slope(name, x) for name in ("relu", "tanh", "sigmoid")}
    yield Paragraph(f"What {layers} layers leave of a gradient of 1, if all their inputs are {x}:")
    yield Terms(
        [
            (f"`actcli {name} {x} --derivative`", f"slope {slope:.3g}, and `{slope:.3g} ** {layers} = {result:.2g}`")
            for name, slope in slopes.items()
            for result in [float(f"{slope:.3g}") ** layers]
        ]
    )
    yield Paragraph(
        "Since the tutorial was written, gelu and silu have replaced relu in many networks, and swiglu in language "
        "models."
    )
    yield Heading("What to try next")
    yield Terms(
        (
            ("`actcli choose --layer hidden`", "which function, why, and what is used today"),
            ("`actcli plot gelu silu relu`", "three curves in one picture"),
            ("`actcli info gelu`", "what a function is for, and how each framework calls it"),
            ("`actcli compare gelu --dialects all 3`", "frameworks that disagree"),
            ("`printf '1,2\\n3,4\\n' | actcli softmax`", "a table from a pipe, or from a file"),
            ("`actcli tutorial --output guide.html`", "this tutorial as a web page"),
            ("`actcli list`", "all functions"),
        )
    )


def _show_examples(shell: Shell, function: str) -> Iterator[Block]:
    """Yield the tutorial's examples of a function, as Keras writes them and as commands."""
    yield Heading("In Keras, and here")
    yield Code(INPUTS[function])
    for example in EXAMPLES:
        if example.function == function:
            yield Code(example.call)
            yield shell.compare(example)


LESSONS: Mapping[str, tuple[str, Lesson]] = {
    "intro": ("What an activation function is", introduce),
    "relu": ("relu, the rectified linear unit", _teach_relu),
    "sigmoid": ("sigmoid, the logistic function", _teach_sigmoid),
    "softmax": ("softmax, from scores to probabilities", _teach_softmax),
    "tanh": ("tanh, the hyperbolic tangent", _teach_tanh),
    "choose": ("Which function to use", _help_to_choose),
}
"""The sections in order, by the names under which they are called, each with its title."""


TITLE = "Activation functions, step by step"
PREFACE = (
    Paragraph(f'After "{examples.TITLE}", called the tutorial below: its order and its examples, in other words.'),
    Paragraph(
        "Lines that begin with $ are commands: run them, change a number, run them again. Every number is computed "
        "when it is shown. [ok] marks an output that was compared, bit for bit, with what the tutorial prints, or what "
        "TensorFlow 2.4.1 returns where the tutorial shows no output."
    ),
)


def sections(names: Iterable[str], shell: Shell) -> Iterator[Section]:
    """Yield sections, each made when it is asked for."""
    for name in names:
        title, lesson = LESSONS[name]
        yield Section(name, title, list(lesson(shell)))
