"""Parquet and Arrow IPC, through pyarrow."""
