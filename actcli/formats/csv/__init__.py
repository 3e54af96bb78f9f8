"""Separated values: a comma, a tab or another character between the cells."""
