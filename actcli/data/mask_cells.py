"""The cells of a mask: which numbers of a table are kept."""

from collections.abc import Sequence

import numpy as np

from actcli.data.batch import Mask, Table
from actcli.data.selection import select_masks
from actcli.errors import ActcliError

_KEPT, _MASKED = ("1", "true", "1.0"), ("0", "false", "0.0")


def read_mask(table: Table, selectors: Sequence[str]) -> Mask:
    """Return which numbers the columns of a mask keep, an array (columns, rows).

    Raises:
        ActcliError: for a column that there is not, and for a cell that is no truth value.

    """
    import polars

    positions = select_masks(table.column_names, selectors, "the input")
    cells = table.cells().get_columns()
    kept = []
    for position in positions:
        words = cells[position].cast(polars.String).str.strip_chars().str.to_lowercase()
        known = words.is_in([*_KEPT, *_MASKED]).fill_null(False)
        if not known.all():
            wrong = cells[position].filter(~known)[0]
            raise ActcliError(
                f"column {table.column_names[position]!r} is a mask: expected 1 or true for what is kept, 0 or false "
                f"for the others, got {'an empty cell' if wrong is None else repr(wrong)}"
            )
        kept.append(words.is_in(list(_KEPT)).to_numpy())
    return np.stack(kept)
