"""Tables of numbers in and out; the only importer of polars."""
