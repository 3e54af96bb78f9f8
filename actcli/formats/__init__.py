"""Formats of files whose columns have types: Parquet and Arrow IPC."""
