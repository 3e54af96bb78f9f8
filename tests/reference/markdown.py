"""Markdown, as the pages have it."""

from collections.abc import Iterable


def table(heading: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; columns of numbers, whose heading ends in a colon, are aligned to the right."""
    columns = heading.split(" | ")
    rule = ["---:" if column.endswith(":") else "---" for column in columns]
    return "\n".join(f"| {' | '.join(row)} |" for row in [[column.rstrip(":") for column in columns], rule, *rows])
