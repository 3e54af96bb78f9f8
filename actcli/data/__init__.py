"""Batches of rows: numbers beside the cells they came from; which columns are converted, what results are called."""
