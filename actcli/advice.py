"""Which activation for which place in a network: as the tutorial ends, and where practice has moved on since.

What a function is, and is good and bad for, stands in the catalogue; this is why one of them comes before the others.
"""

from typing import NamedTuple

LAYERS = ("hidden", "output")
_PROBABILITY = "has no bound above, so its result is no probability"


class Advice(NamedTuple):
    """What to take for one place in a network; each function is named as in the catalogue, which says the rest."""

    use: str
    why: str
    source: str
    """Whose advice it is."""
    avoid: dict[str, str]
    alternatives: dict[str, str]
    """What is taken instead today, and where."""


_TUTORIAL = "the tutorial's advice"
_COMMON = "Goodfellow, Bengio & Courville 2016, section 6.2.2; the tutorial does not speak of it"
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
        {"linear": "in training, with a loss that takes logits (BCEWithLogitsLoss, from_logits=True)"},
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
