"""JSON lines: one object a row."""
