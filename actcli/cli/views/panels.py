"""How the columns of a table are spread over several tables, where one does not fit the terminal."""

from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size

from actcli.numerics import text

_TEXT_WIDTH = 20
"""What a text keeps when it is cut; a heading goes on in the next line."""
_MOST_TABLES = 50
"""As many as a person may want to scroll through."""


class ShownColumn(NamedTuple):
    """A column of a table, as text."""

    heading: str
    cells: list[str]
    group: int | None = None
    """Which converted column it is, or belongs to; None for one that is not converted."""
    is_input: bool = False
    style: str = ""

    @property
    def width(self) -> int:
        """How much of the terminal it takes, with its rule and blanks."""
        return max(map(cell_len, [*self.heading.split("\n"), *self.cells])) + 3

    @property
    def is_text(self) -> bool:
        """Whether it says what the rows are, as numbers do not."""
        return self.group is None and not all(text.is_number(cell.strip()) for cell in self.cells if cell)


class _Spread(NamedTuple):
    """How wide the columns and the terminal are."""

    widths: list[int]
    are_inputs: list[bool]
    width: int

    def fits(self, *places: int) -> bool:
        """Tell whether the columns at these places fit beside each other."""
        return sum(self.widths[i] for i in set(places)) < self.width

    def inputs(self, unit: list[int]) -> list[int]:
        """Return those of the columns that were read or typed."""
        return [i for i in unit if self.are_inputs[i]]

    def widest_result(self, unit: list[int]) -> int:
        """Return the widest of the others."""
        return max(set(unit) - set(self.inputs(unit)), key=self.widths.__getitem__)

    def tables(self, lead: list[int], unit: list[int]) -> list[list[int]]:
        """Return columns as tables that begin with the lead, and with the inputs among the columns if there is room."""
        result = self.widest_result(unit)
        lead = lead if self.fits(*lead, result) else []
        inputs = self.inputs(unit)
        lead = [*lead, *inputs] if self.fits(*lead, *inputs, result) else lead
        tables: list[list[int]] = []
        for i in unit:
            if i in lead:
                continue
            if tables and self.fits(*tables[-1], i):
                tables[-1].append(i)
            else:
                tables.append([*lead, i])
        return tables


def spread_columns(columns: list[ShownColumn], width: int) -> tuple[list[list[ShownColumn]], list[ShownColumn]]:
    """Return tables that fit the width, and the columns that are in none of them.

    Each table begins with the columns that identify the rows: the first one, and those of text. Results stay beside
    their inputs. Texts are cut, then left out; numbers that are not converted take the room that is left.
    """
    if sum(column.width for column in columns) < width:
        return [columns], []
    columns = list(map(_narrow, columns))
    spread = _Spread([column.width for column in columns], [column.is_input for column in columns], width)
    lead = [i for i, column in enumerate(columns) if column.is_input and (i == 0 or column.is_text)]
    units = _units(columns)
    needed = [(*spread.inputs(unit), spread.widest_result(unit)) for unit in units]
    while len(lead) > 1 and not all(spread.fits(*lead, *places) for places in needed):
        lead.pop()
    tables: list[list[int]] = []
    for unit in units:
        if tables and spread.fits(*tables[-1], *unit):
            tables[-1] += unit
        else:
            tables += spread.tables(lead, unit)
    del tables[_MOST_TABLES:]
    for i, column in enumerate(columns):
        if column.group is None and i not in lead and spread.fits(*tables[-1], i):
            tables[-1].append(i)
    shown = {i for table in tables for i in table}
    left_out = [column for i, column in enumerate(columns) if i not in shown]
    return [[columns[i] for i in sorted(set(table))] for table in tables], left_out


def _units(columns: list[ShownColumn]) -> list[list[int]]:
    """Return the columns that belong together: each converted one with its results."""
    groups = dict.fromkeys(column.group for column in columns if column.group is not None)
    return [[i for i, column in enumerate(columns) if column.group == group] for group in groups]


def _narrow(column: ShownColumn) -> ShownColumn:
    """Return a column with its texts cut, and its heading on several lines if it is long."""
    cells = list(map(_cut, column.cells)) if column.is_text else column.cells
    return column._replace(heading="\n".join(chop_cells(column.heading, _TEXT_WIDTH)), cells=cells)


def _cut(cell: str) -> str:
    return cell if cell_len(cell) <= _TEXT_WIDTH else set_cell_size(cell, _TEXT_WIDTH - 3) + "..."
