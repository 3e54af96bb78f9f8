"""Which activation for which layer: the tutorial's conclusion, and where practice has moved on since.

What a function is good and bad for stands in the catalogue; this is why one of them comes before the others.
"""

from typing import NamedTuple

LAYERS = ("hidden", "output")
_PROBABILITY = "unbounded above, so its output is not a probability"


class Advice(NamedTuple):
    """What to use in one kind of layer; each function is named as in the catalogue, which says the rest."""

    use: str
    why: str
    source: str
    """Whose advice it is."""
    avoid: dict[str, str]
    alternatives: dict[str, str]
    """What is used instead today, and where."""


_TUTORIAL = "the tutorial's advice"
_COMMON = "Goodfellow, Bengio & Courville 2016, section 6.2.2; not covered by the tutorial"
HIDDEN = Advice(
    "relu",
    "its gradient does not vanish for positive inputs, and it is cheap to compute",
    _TUTORIAL,
    {
        "sigmoid": "gradients vanish: its slope is 1/4 at most, so ten layers leave a millionth at best",
        "tanh": "saturates, so gradients vanish; tanh and sigmoid remain standard inside LSTM and GRU cells",
        "linear": "adds no non-linearity: a stack of linear layers is a single linear layer",
        "softmax": "couples the neurons of a layer: they compete for a sum of 1",
    },
    {
        "gelu": "transformers such as BERT and GPT",
        "swiglu": "feed-forward layers of language models such as PaLM and LLaMA; a gated unit, silu(gate) times value",
        "silu": "deep convolutional networks",
        "leaky_relu": "where relu neurons die",
    },
)
OUTPUT = {
    "binary": Advice(
        "sigmoid",
        "one output between 0 and 1, the probability of the positive class",
        _TUTORIAL,
        {
            "relu": _PROBABILITY,
            "tanh": "its outputs range from -1 to 1, so they are not probabilities",
            "softmax": "always 1 for a single output (for two, it is the sigmoid of their difference)",
        },
        {
            "linear": "in training, with a loss that takes logits (BCEWithLogitsLoss, from_logits=True): it uses "
            "log_sigmoid, so that confident answers are not rounded to 0 or 1"
        },
    ),
    "multiclass": Advice(
        "softmax",
        "one output per class: probabilities that sum to 1",
        _TUTORIAL,
        {
            "sigmoid": "its outputs do not sum to 1, so they are no distribution over mutually exclusive classes",
            "relu": _PROBABILITY,
            "hardmax": "its gradient is 0, so nothing is learned through it",
        },
        {
            "linear": "in training, with a loss that takes logits (CrossEntropyLoss, from_logits=True): it uses "
            "log_softmax, so that small probabilities are not rounded to 0",
            "sparsemax": "where most classes should get a probability of exactly 0",
        },
    ),
    "multilabel": Advice(
        "sigmoid",
        "one output per label, each with its own probability",
        _COMMON,
        {
            "softmax": "its outputs sum to 1, so one label could be likely only if the others are not",
            "relu": _PROBABILITY,
        },
        {"linear": "in training, with a loss that takes logits (BCEWithLogitsLoss, from_logits=True)"},
    ),
    "regression": Advice(
        "linear",
        "its output can be any real number",
        _COMMON,
        {
            "sigmoid": "cannot output a target outside (0, 1)",
            "tanh": "cannot output a target outside (-1, 1)",
            "relu": "cannot output a negative target, and an output neuron that dies stops learning",
            "softmax": "forces the outputs to sum to 1",
        },
        {
            "softplus": "for positive targets, such as a scale",
            "exponential": "for positive targets that span orders of magnitude, such as a rate",
        },
    ),
}
