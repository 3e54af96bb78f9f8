"""The numbers that every framework is given."""

from __future__ import annotations

import numpy as np


def inputs() -> np.ndarray:
    """Return some 300 float32 numbers: edges of the format, kinks and their neighbours, everyday numbers, tails."""
    edges = [np.inf, -np.inf, np.nan, 0.0, -0.0]
    format = np.finfo(np.float32)
    small = [
        np.float32(2.0**-149),
        format.tiny,
        format.max,
        1e-30,
        1e-8,
        1e-4,
        1e-3,
        0.01,
        0.1,
        0.3,
        0.7,
        1.1,
        np.e,
        np.pi,
    ]
    everyday = [0.013, 0.027, 0.06, 0.15, 0.22, 0.35, 0.44, 0.57, 0.62, 0.83, 0.95, 1.3, 1.45, 1.7, 1.9, 2.2, 2.7, 3.3]
    everyday += [3.7, 4.4, 5.3, 6.7, 7.1, 8.3, 9.9]
    tails = [15, 18, 20.5, 25, 40, 88, 89, 100, 104, 1000, 1e4, 1e10]
    kinks = np.array([0.5, 1, 2, 2.5, 3, 6], np.float32)
    beside = [*np.nextafter(kinks, np.float32(0)), *np.nextafter(kinks, np.float32(np.inf))]
    positive = [*small, *kinks, *beside, *everyday, *tails]
    numbers = [*edges, *positive, *(-x for x in positive), *range(-20, 21), *np.linspace(-12, 12, 193)]
    bits = dict.fromkeys(np.array(numbers, np.float32).view(np.uint32).tolist())  # each once, in this order
    return np.array(list(bits), np.uint32).view(np.float32)


def rows() -> np.ndarray:
    """Return rows of six float32 numbers: everyday ones, ties, large ones, infinities, NaN."""
    inf, nan, largest = np.inf, np.nan, np.finfo(np.float32).max
    numbers = [
        [0.3, -2, 1, 0.5, -0.7, 2.2],
        [1, 2, 3, 4, 5, 6],
        [0.1, 1.1, 0.2, 1.1, -0.4, 0.9],
        [1, 1, 1, 1, 1, 1],
        [0.0, -0.0, 0.0, 0.0, -0.0, -0.0],
        [3, -1, 3, 2.5, 3, -8],
        [1000, 1000, -1000, 0, 999, 500],
        [-1e4, -88, -89, -100, -104, -87],
        [1e8, 99999992, 0, 20, -1e10, 1e8],
        [largest, -largest, 1e30, 1, -1, largest],
        [1e-8, -1e-30, 2.0**-149, 2.0**-126, -1e-4, 0.01],
        [-inf, 1, 2, -3, -inf, 0.5],
        [inf, 1, 2, -3, 0, 0.5],
        [inf, inf, -inf, 1, -2, 3],
        [-inf, -inf, -inf, -inf, -inf, -inf],
        [1, nan, 5, 2, -1, 0],
    ]
    return np.array(numbers, np.float32)
