"""The writer of JSON lines."""

from actcli.data import naming
from actcli.data.batch import Table, layout_of
from actcli.data.evaluated import EvaluatedRows
from actcli.formats.file_format import StreamWriter
from actcli.formats.json_text import json_object, json_values
from actcli.formats.number_text import number_columns


class JsonLinesWriter(StreamWriter):
    """One object a row: the input columns, then one entry per result."""

    names_columns = True

    def header(self, evaluated: EvaluatedRows) -> str:
        """Return the byte-order mark of objects that were read."""
        layout = layout_of(evaluated.rows)
        return "\ufeff" if layout and layout.separator is None and layout.byte_order_mark else ""

    def number_rows(self, evaluated: EvaluatedRows) -> str:
        """Return an object for each number."""
        names = evaluated.names
        naming.check_distinct(names)
        rows = zip(*map(json_values, number_columns(evaluated)), strict=True)
        return "".join(json_object(dict(zip(names, row, strict=True))) + "\n" for row in rows)

    def table_rows(self, evaluated: EvaluatedRows, table: Table) -> list[bytes]:
        """Return the rows of a table; objects that were read keep their text."""
        from actcli.formats.json_lines import rows

        return rows.table_rows(evaluated, table)
