"""The keyword arguments of ``evaluate`` and its like; made by tests/reference/write_docs.py."""

from collections.abc import Sequence
from typing import Any, Literal, SupportsFloat, TypedDict

from numpy.typing import NDArray

Number = SupportsFloat | str
Numbers = Number | Sequence[Number] | NDArray[Any]
Switch = bool | Literal["true", "false", "tanh", "none"]


class Keywords(TypedDict, total=False):
    """Every parameter of every activation, under each of its spellings."""

    alpha: Number
    alpha_n: Number
    alpha_p: Number
    approximate: Switch
    axis: Number
    b: Number
    beta: Number
    bias: Number
    gate: Literal["first", "second"]
    lambd: Number
    lower: Number
    max: Number
    max_val: Number
    max_value: Number | None
    min: Number
    min_val: Number
    min_value: Number
    mu: Number
    negative_slope: Number
    offset: Number
    sigma: Number
    slope: Number | Numbers
    theta: Number
    threshold: Number | None
    upper: Number
    value: Number
    value_below: Number
