"""Quotes around the cells of separated values."""

import re

QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'
"""The pattern of what stands between quotes; a quote within is doubled."""


def quote(cell: str, separator: str) -> str:
    """Return a cell of separated values, between quotes if it needs them."""
    if any(special in cell for special in (separator, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def unquote(cell: bytes) -> bytes:
    """Return the text of a cell; what follows a closing quote belongs to it."""
    if not (quoted := re.match(QUOTED, cell)):
        return cell
    return quoted[0][1:-1].replace(b'""', b'"') + cell[quoted.end() :]
