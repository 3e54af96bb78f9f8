"""The writer of JSON lines."""

from actcli.data import naming
from actcli.data.batch import Table
from actcli.data.evaluated import EvaluatedRows
from actcli.formats.file_format import StreamWriter
from actcli.formats.json_text import json_object, json_values
from actcli.formats.number_text import number_columns


class JsonLinesWriter(StreamWriter):
    """One object a row: the input columns, then one entry per result."""

    names_columns = True

    def header(self, evaluated: EvaluatedRows) -> str:
        """Return the byte-order mark of objects that were read."""
        table = evaluated.rows
        layout = table.text.layout if isinstance(table, Table) and table.text else None
        return "\ufeff" if layout and layout.separator is None and layout.byte_order_mark else ""

    def number_rows(self, evaluated: EvaluatedRows) -> str:
        """Return an object for each number."""
        naming.check_distinct(evaluated.names)
        rows = zip(*map(json_values, number_columns(evaluated)), strict=True)
        return "".join(json_object(dict(zip(evaluated.names, row, strict=True))) + "\n" for row in rows)

    def table_rows(self, evaluated: EvaluatedRows, table: Table) -> list[bytes]:
        """Return the rows of a table; objects that were read keep their text."""
        from actcli.formats.json_lines import rows

        return rows.table_rows(evaluated, table)
