"""The writer of separated values."""

from actcli.data.batch import Layout, Table, layout_of
from actcli.data.evaluated import EvaluatedRows
from actcli.formats.csv.quoting import quote, unquote
from actcli.formats.file_format import StreamWriter, WriteOptions
from actcli.formats.number_text import number_columns, shortest_texts


class CsvWriter(StreamWriter):
    """The input columns, then one column per result, with a comma or another character between them."""

    names_columns = True

    def __init__(self, options: WriteOptions) -> None:
        self._separator, self._header = options.separator, options.header

    def header(self, evaluated: EvaluatedRows) -> str:
        """Return the names of the columns; a header that was read keeps its text."""
        layout = layout_of(evaluated.rows) or Layout(self._separator)
        mark = "\ufeff" if layout.byte_order_mark else ""
        if not self._header:
            return mark
        names = [quote(name, self._separator) for name in evaluated.names]
        if layout.header_cells and evaluated.job.placement != "only":
            names[: len(layout.header_cells)] = _preserve_header(layout, self._separator)
        return mark + ('""' if names == [""] else self._separator.join(names)) + layout.line_ending

    def number_rows(self, evaluated: EvaluatedRows) -> str:
        """Return a row for each number."""
        rows = zip(*map(shortest_texts, number_columns(evaluated)), strict=True)
        return "".join(self._separator.join(row) + "\n" for row in rows)

    def table_rows(self, evaluated: EvaluatedRows, table: Table) -> list[bytes]:
        """Return the rows of a table, which keep the text that was read."""
        from actcli.formats.csv import rows

        return rows.table_rows(evaluated, table, self._separator)


def _preserve_header(layout: Layout, separator: str) -> list[str]:
    """Return the cells of a header that was read, which keep their text, blanks included."""
    if layout.separator == separator:
        return list(layout.header_cells)
    return [quote(unquote(cell.encode()).decode(), separator) for cell in layout.header_cells]
