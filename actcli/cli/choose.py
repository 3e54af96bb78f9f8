"""``actcli choose``: which activation for which layer, as the tutorial ends, and where practice has moved on."""

import sys
from typing import Any, NamedTuple

import typer

from actcli import activation
from actcli.cli import commands, styles
from actcli.errors import ActcliError, choose

LAYERS = ("hidden", "output")
_PROBABILITY = "has no bound above, so its result is no probability"


class Advice(NamedTuple):
    """What to take for one place in a network; each function is the name of a block, which says the rest."""

    take: str
    why: str
    by: str
    """Whose advice it is."""
    avoid: dict[str, str]
    since: dict[str, str]
    """What is taken instead today, and where."""


_TUTORIAL = "the tutorial's advice"
_COMMON = "common practice; the tutorial does not speak of it"
HIDDEN = Advice(
    "relu",
    "its gradient does not vanish for positive inputs, and it is cheap",
    _TUTORIAL,
    {
        "sigmoid": "its slope is 1/4 at most and vanishes far from 0: ten layers leave a millionth of a gradient",
        "tanh": "its slope vanishes far from 0; in recurrent cells, LSTM and GRU, both are at home",
        "linear": "adds no non-linearity: all such layers together are one",
        "softmax": "makes the units of a layer compete for a sum of 1",
    },
    {
        "gelu": "transformers such as BERT and GPT",
        "swiglu": "feed-forward layers of language models such as PaLM and LLaMA, silu of one half times the other",
        "silu": "deep convolutional networks",
        "leaky_relu": "where relu leaves dead units",
    },
)
OUTPUT = {
    "binary": Advice(
        "sigmoid",
        "one unit, whose result between 0 and 1 is the probability of the class",
        _TUTORIAL,
        {
            "relu": _PROBABILITY,
            "tanh": "half of its results are negative: no probabilities",
            "softmax": "of a single unit it is always 1 (of two units it is the sigmoid of their difference)",
        },
        {
            "linear": "in training, with a loss that takes logits (BCEWithLogitsLoss, from_logits=True): it works with "
            "log_sigmoid, and does not round a sure answer to 0 or 1"
        },
    ),
    "multiclass": Advice(
        "softmax",
        "one unit for each class; the results are probabilities that sum to 1",
        _TUTORIAL,
        {
            "sigmoid": "its results do not sum to 1: for classes that exclude each other they are no distribution",
            "relu": _PROBABILITY,
            "hardmax": "its gradient is 0, so nothing is learned through it",
        },
        {
            "linear": "in training, with a loss that takes logits (CrossEntropyLoss, from_logits=True): it works with "
            "log_softmax, and does not round a small probability to 0",
            "sparsemax": "where most classes should get exactly 0",
        },
    ),
    "multilabel": Advice(
        "sigmoid",
        "one unit for each label, each with a probability of its own",
        _COMMON,
        {
            "softmax": "its results sum to 1, so that one label could only be likely if the others are not",
            "relu": _PROBABILITY,
        },
        {"linear": "in training, with a loss that takes logits, as for a binary choice"},
    ),
    "regression": Advice(
        "linear",
        "any real number can come out",
        _COMMON,
        {
            "sigmoid": "no target outside 0 to 1 can come out",
            "tanh": "no target outside -1 to 1 can come out",
            "relu": "no negative target can come out, and an output unit that dies learns nothing more",
            "softmax": "ties the outputs together by their sum",
        },
        {
            "softplus": "for positive targets, such as a scale",
            "exponential": "for positive targets of very different sizes, such as a rate",
        },
    ),
}


def command() -> Any:
    """Return the command, made by Typer."""
    return commands.made(
        "choose", choice, "actcli choose --layer hidden", "actcli choose --layer output --task multiclass"
    )


def choice(
    layer: str = typer.Option(None, "--layer", metavar="NAME", help=f"Which layer: {' or '.join(LAYERS)}."),
    task: str = typer.Option(None, "--task", metavar="NAME", help=f"What the output tells: {', '.join(OUTPUT)}."),
) -> None:
    """Recommend an activation for a layer: which, why, and what to avoid.

    Without options it asks, on a terminal.
    """
    layer = choose("--layer", layer or ("output" if task else _asked("layer", LAYERS)), LAYERS)
    if task is not None:
        choose("--task", task, OUTPUT)
    if layer == "hidden":
        _show("hidden layers", HIDDEN)
        return
    task = choose("--task", task or _asked("task", OUTPUT), OUTPUT)
    _show(f"output layer, {task}", OUTPUT[task])


def _asked(what: str, words: Any) -> str:
    """Return the user's answer; raise ActcliError where nobody can be asked."""
    given = "--layer output " if what == "task" else ""
    needed = ActcliError(
        f"choose needs --{what} {'|'.join(words)}; try actcli choose {given}--{what} {next(iter(words))}"
    )
    if sys.stdin is None or not sys.stdin.isatty():
        raise needed
    print(f"Which {what}? {', '.join(words)}: ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip().lower()
    if not answer:
        raise needed
    near = [word for word in words if word.startswith(answer)]
    return near[0] if len(near) == 1 else answer


def _show(place: str, advice: Advice) -> None:
    """Print the advice, with what the blocks say of themselves."""
    from rich.table import Table
    from rich.text import Text

    block = activation.find(advice.take)
    title = Text.assemble((place, styles.TITLE), ": take ", (advice.take, styles.GOOD), f" ({advice.by})")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=styles.HEADING, no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    rows = [("why", "", advice.why), ("but", "", block.disadvantages[0])]
    rows += [("avoid", name, why) for name, why in advice.avoid.items()]
    rows += [("today also", name, f"{where}{_source(name)}") for name, where in advice.since.items()]
    numbers = "1 2 3" if advice.take == "softmax" else "-2 0 2 --derivative"
    rows += [("try it", "", f"actcli {advice.take} {numbers}"), ("more", "", f"actcli info {advice.take}")]
    before = ""
    for heading, name, phrase in rows:
        shown = "" if heading in {"", before} else heading
        style = styles.BAD if heading == "avoid" else styles.NAME
        grid.add_row(shown, Text(name, style), Text(phrase))
        before = heading or before
    styles.show(styles.console(), title, grid)


def _source(name: str) -> str:
    source = activation.find(name).source
    return "" if source.startswith("no paper") else f" ({source})"
