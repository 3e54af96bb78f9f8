"""Where the names of curves stand: beside their own curve, away from all others."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_REACH = 2
"""Columns beside a name in which its curve counts as near, and rows from the curve at which a name stands at most."""
_CLEAR = 4
"""Rows from another curve that are as good as more."""
_APART = 0.7
"""Rows by which other curves have to be farther from a name than its own, on the average of its letters."""


def place(
    lengths: Sequence[int | None], drawn: "NDArray[np.bool]", taken: "NDArray[np.bool]"
) -> dict[int, tuple[int, int]]:
    """Return the row and the column at which each name begins; a name for which there is no room is left out.

    Args:
        lengths: those of the curves' names, in columns; None for a curve that is not to be named.
        drawn: where each curve is (curves, rows, columns).
        taken: where no name may stand (rows, columns).

    """
    import numpy as np

    taken = taken | drawn.any(axis=0)
    distances = [_rows_away(curve) for curve in drawn]
    scores = {
        i: _scores(i, length, distances) for i, length in enumerate(lengths) if length and length < taken.shape[1] - 1
    }
    found: dict[int, tuple[int, int]] = {}
    for i in sorted(scores, key=lambda i: np.isfinite(scores[i]).sum()):  # whoever has least choice comes first
        length = lengths[i] or 0
        blocked = _windows(np.pad(taken, ((0, 0), (1, 1))), length + 2).any(axis=-1)
        score = np.where(blocked, -np.inf, scores[i])
        row, column = (int(k) for k in np.unravel_index(np.argmax(score), score.shape))
        if np.isfinite(score[row, column]):
            found[i] = row, column
            taken[row, column : column + length] = True
    return found


def own_cell(i: int, drawn: "NDArray[np.bool]", taken: "NDArray[np.bool]") -> tuple[int, int] | None:
    """Return the cell of a curve that is farthest from other curves, for a mark; None if all of its cells are taken."""
    import numpy as np

    others = [_rows_away(curve) for k, curve in enumerate(drawn) if k != i]
    nearest = np.min(others, axis=0, initial=_CLEAR)
    score = np.where(drawn[i] & ~taken, nearest, -np.inf)
    row, column = (int(k) for k in np.unravel_index(np.argmax(score), score.shape))
    return (row, column) if np.isfinite(score[row, column]) else None


def _rows_away(curve: "NDArray[np.bool]") -> "NDArray[np.float64]":
    """Return how many rows each cell is above or below a curve: 0 on it, infinite where a column has none of it."""
    import numpy as np

    rows = np.arange(len(curve))[:, None]
    top, bottom = curve.argmax(axis=0), len(curve) - 1 - curve[::-1].argmax(axis=0)
    return np.where(curve.any(axis=0), np.maximum(np.maximum(top - rows, rows - bottom), 0), np.inf)


def _scores(i: int, length: int, distances: Sequence["NDArray[np.float64]"]) -> "NDArray[np.float64]":
    """Return how good each place for a name is: near its curve, far from others, to the right; -inf for a bad one."""
    import numpy as np

    padded = [np.pad(each, ((0, 0), (_REACH, _REACH)), constant_values=np.inf) for each in distances]
    least = [np.maximum(_windows(each, length + 2 * _REACH).min(axis=-1), 1) for each in padded]
    mean = [_mean_rows_away(each, length) for each in distances]
    nowhere = np.full(mean[i].shape, _CLEAR + _APART)
    nearest = np.min([nowhere, *least[:i], *least[i + 1 :]], axis=0)
    apart = np.min([nowhere, *mean[:i], *mean[i + 1 :]], axis=0) - mean[i]
    right = np.arange(nearest.shape[1]) / nearest.shape[1]
    good = (least[i] <= _REACH) & (least[i] <= nearest) & (apart >= _APART)
    return np.where(good, apart - 2 * least[i] + right, -np.inf)


def _mean_rows_away(distance: "NDArray[np.float64]", length: int) -> "NDArray[np.float64]":
    """Return how far a curve is from each place for a name, on the average of the columns that have some of it."""
    import numpy as np

    there = np.isfinite(distance)
    total = _windows(np.where(there, np.minimum(distance, _CLEAR), 0.0), length).sum(axis=-1)
    count = _windows(there, length).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), _CLEAR)


def _windows(cells: "NDArray[np.generic]", length: int) -> "NDArray[np.generic]":
    from numpy.lib.stride_tricks import sliding_window_view

    return sliding_window_view(cells, length, axis=1)
