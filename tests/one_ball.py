"""Balls of one number, for tests."""

import numpy as np
from hypothesis import strategies as st

from actcli.numerics.balls import Ball

SIGNS = st.sampled_from([1, -1])


def parts(x: Ball) -> tuple[float, float, float, int]:
    """Return the parts of a ball of one number."""
    high, low, radius, exponent = (part.reshape(-1)[0].item() for part in x.parts)
    return high, low, radius, exponent


def ball(high: float, low: float, radius: float, exponent: int) -> Ball:
    """Return a ball of one number from its parts."""
    return Ball(*(np.array([part]) for part in (high, low, radius)), np.array([exponent], np.int64))
